// SPDX-License-Identifier: Apache-2.0
/** docs/mutation.md lists the mutants that there are, and they are what docs/invariants.md says. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { tableRows } from './markdown.js';

interface Mutant {
  readonly number: number;
  readonly kernel: string;
  readonly what: string;
  readonly reference: string;
}

const script = fileURLToPath(new URL('../../scripts/mutate.mjs', import.meta.url));
const run = (...args: string[]): string =>
  execFileSync(process.execPath, [script, ...args], { encoding: 'utf8' });
const mutants = JSON.parse(run('--list', '--json')) as Mutant[];

it('every bug finds its place in the kernels', () => {
  expect(run('--check')).toBe(`${mutants.length} bugs find their place\n`);
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
