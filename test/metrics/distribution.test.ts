// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { distributionOf, percentileMethod } from '../../src/metrics/index.js';

const NS_PER_MS = 1e6;
/** 1 ms .. 100 ms; every fifth row has no duration. */
const durationNs = (row: number): number => (row % 5 === 4 ? -1 : (row + 1) * NS_PER_MS);

test('exact up to the stated number of requests, a histogram beyond', () => {
  expect(percentileMethod(100, 100)).toEqual({ method: 'exact', relativeError: 0 });
  expect(percentileMethod(101, 100)).toEqual({ method: 'histogram', relativeError: 1 / 256 });
});

test('an exact distribution leaves out rows without a duration and converts units', () => {
  const found = distributionOf(100, durationNs, NS_PER_MS, percentileMethod(100, 100));
  expect(found).toEqual({
    ...{ count: 80, mean: 50, p50: 49, p90: 89, p95: 94, p99: 99, max: 99 },
    relativeError: 0,
  });
});

test('a histogram says how far it may be off, and is not further off', () => {
  const found = distributionOf(100, durationNs, NS_PER_MS, percentileMethod(100, 10));
  expect(found).toMatchObject({ count: 80, mean: 50, max: 99, relativeError: 1 / 256 });
  expect(Math.abs(found.p50! - 49)).toBeLessThan(49 / 256);
  expect(Math.abs(found.p95! - 94)).toBeLessThan(94 / 256);
});

test('nothing measured is null, not zero', () => {
  for (const exact of [0, 10]) {
    const found = distributionOf(5, () => -1, NS_PER_MS, percentileMethod(5, exact));
    expect(found).toMatchObject({ count: 0, mean: null, p50: null, p99: null, max: null });
  }
});
