// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { benchCost, costRows } from '../../src/bench/index.js';

it('measures a warm call of each kind, well below 1 us, and one row a kind', () => {
  const results = benchCost(() => performance.now(), 3);
  const table = costRows(results);
  expect(table).toHaveLength(results.length + 1);
  for (const { id, warm, checksum } of results) {
    // The bar is 1000 ns; tests share the machine with others.
    expect(warm.min, id).toBeLessThan(1000);
    expect(checksum, id).toBeGreaterThan(0);
  }
});
