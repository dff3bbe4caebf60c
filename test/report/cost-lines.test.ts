// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { costLines, usd } from '../../src/report/cost-lines.js';
import { styleOf } from '../../src/report/style.js';
import { cost } from './input.js';

const text = (facts = cost): string => costLines(facts, styleOf(false)).join('\n');

it('says what the GPUs cost, at which price, and what an API would have billed', () => {
  expect(text()).toContain('$16.00 = 16 GPUs x 30.0 min at $2.00 an hour (rental over');
  expect(text()).toContain('a Mtok of cached input $0.030 · of uncached input $1.10');
  expect(text()).toContain('$12.05 opus (283 requests): $5.25 cached + $4.00 uncached in + $2.80');
});

it('says which pool has no price, and what to set', () => {
  const none = text({ pools: [], unpriced: ['main'], api: [] });
  expect(none).toContain('no hourly price for pool main: set usdPerGpuHour');
});

it('says why there is no bill', () => {
  const api = [{ ...cost.api[0], missing: 'opus: a cache write is billed' }];
  expect(text({ ...cost, api })).toContain('by API       opus: a cache write is billed');
});

it('prints three digits or so', () => {
  expect([0.02514, 0.26, 42.7, 1204.4, 0, null].map(usd)).toEqual(
    ['$0.025', '$0.26', '$42.70', '$1,204', '$0.00', '-'],
  );
});
