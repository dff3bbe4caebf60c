// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { nearestRank, percentilesOf } from '../../src/metrics/index.js';

test('ranks are nearest ranks', () => {
  expect([1, 2, 3, 4, 100, 101].map((n) => nearestRank(n, 50))).toEqual([1, 1, 2, 2, 50, 51]);
  expect([1, 19, 20, 21, 100, 1000].map((n) => nearestRank(n, 95))).toEqual([
    1, 19, 19, 20, 95, 950,
  ]);
});

test('ranks are never off by one through rounding', () => {
  for (let count = 1; count < 1000; count++) {
    for (const percent of [50, 90, 95, 99]) {
      const rank = nearestRank(count, percent);
      expect(rank * 100).toBeGreaterThanOrEqual(percent * count);
      expect((rank - 1) * 100).toBeLessThan(percent * count);
    }
  }
});

test('percentiles of 1 .. 200 in any order', () => {
  const column = Float64Array.from({ length: 200 }, (_, i) => ((i * 77) % 200) + 1);
  expect(percentilesOf(column)).toEqual({
    ...{ count: 200, mean: 100.5, p50: 100, p90: 180, p95: 190, p99: 198, max: 200 },
  });
});

test('an empty column has none', () => {
  expect(percentilesOf(new Float64Array(0))).toBeNull();
});
