// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import type { Assumption } from '../../src/cost/index.js';
import { assumptionLines } from '../../src/report/assumption-lines.js';
import { styleOf } from '../../src/report/style.js';

const input = (what: string, influence: number): Assumption => ({
  what, value: 1, unit: 'us', source: '', status: 'assumed', influence, influenceOn: 'time',
});

it('says what 10 % more of an input does, with a sign where there is something to sign', () => {
  const list = [input('a', 0.053), input('b', -0.0004), input('c', -0.021)];
  const text = assumptionLines(list, styleOf(false)).join('\n');
  expect(text).toContain('+5.3 % time: a 1 us');
  expect(text).toContain(' 0.0 % time: b 1 us');
  expect(text).toContain('-2.1 % time: c 1 us');
  expect(text).not.toContain('-0.0');
});
