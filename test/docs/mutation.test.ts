// SPDX-License-Identifier: Apache-2.0
/** docs/mutation.md lists the mutants that there are, and they are what docs/invariants.md says. */
import { expect, it } from 'vitest';
import { tableRows } from './markdown.js';

interface Mutant {
  readonly number: number;
  readonly kernel: string;
  readonly what: string;
  readonly reference: string;
}

interface Mutants {
  readonly mutants: readonly Mutant[];
  readonly planted: (mutant: Mutant) => string;
}

const script = new URL('../../scripts/mutate/mutants.mjs', import.meta.url).href;
const { mutants, planted } = (await import(script)) as Mutants;

it('every bug finds its place in the kernels', () => {
  for (const mutant of mutants) expect(planted(mutant)).not.toBe('');
});

it('no two mutants of a kernel are called the same', () => {
  const names = mutants.map(({ kernel, what }) => `${kernel}: ${what}`);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

it('the table lists all mutants: npm run mutate -- --markdown', () => {
  const listed = tableRows('docs/mutation.md')
    .filter(({ cells }) => /^\d+$/.test(cells[0]))
    .map(({ cells }) => cells.slice(0, 4));
  const real = mutants.map(({ number, kernel, what, reference }) =>
    [String(number), kernel, what, reference]);
  expect(listed).toEqual(real);
});

it('a bug that is said to have mutants has some', () => {
  const planted = mutants.flatMap(({ reference }) =>
    [.../\bbugs? [\d, and]+/.exec(reference)?.[0].matchAll(/\d+/g) ?? []].map(String));
  const claimed = tableRows('docs/invariants.md')
    .filter(({ heading }) => heading.startsWith('Real bugs'))
    .filter(({ cells }) => /\bmutants?\b/.test(cells[3]))
    .map(({ cells }) => cells[0]);
  expect(claimed.length).toBeGreaterThan(5);
  expect(claimed.filter((number) => !planted.includes(number))).toEqual([]);
});
