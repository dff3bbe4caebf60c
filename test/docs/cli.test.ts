// SPDX-License-Identifier: Apache-2.0
/** docs/cli.md names every verb with all of its options, and the exit codes. */
import { expect, test } from 'vitest';
import { benchCases, numericCases, simScenarios } from '../../src/bench/index.js';
import { Exit } from '../../src/cli/exit.js';
import { verbs } from '../../src/cli/verbs.js';
import { codeIn, tableRows } from './markdown.js';

const rows = tableRows('docs/cli.md');

test('every verb has its row and its section', () => {
  const listed = rows.filter(({ heading }) => heading === 'Command line');
  const names = listed.map(({ cells }) => codeIn(cells[0]));
  expect(names).toEqual(verbs.map(({ name }) => name));
});

test.each(verbs.map((verb) => [verb.name, verb] as const))('options of %s', async (name, verb) => {
  const { options } = (await verb.load()).command();
  const own = rows.filter(({ heading }) => heading === name);
  const listed = own.flatMap(({ cells }) => [...cells[0].matchAll(/(--[a-z-]+)/g)].map(([o]) => o));
  const real = options.filter(({ hidden }) => !hidden).map(({ long }) => long ?? '');
  expect(listed.sort()).toEqual(real.sort());
});

test('the exit codes', () => {
  const listed = rows.filter(({ heading }) => heading === 'Exit codes');
  const codes = listed.map(({ cells }) => Number(cells[0]));
  expect(codes).toEqual(Object.values(Exit));
});

test('the cases and scenarios of bench', () => {
  const listed = (heading: string): string[] =>
    rows
      .filter((row) => row.heading === heading)
      .flatMap(({ cells }) => [...cells[0].matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  expect(listed('Kernel cases')).toEqual(benchCases.map(({ id }) => id));
  expect(listed('Numeric cases')).toEqual(numericCases.map(({ id }) => id));
  expect(listed('Scenarios of sim')).toEqual(simScenarios.map(({ name }) => name));
});
