// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HISTOGRAM_RELATIVE_ERROR, LogHistogram, percentilesOf } from '../../src/metrics/index.js';

/** Integers of every magnitude, powers of two and their neighbours among them. */
const duration = fc.oneof(
  fc.integer({ min: 0, max: 600 }),
  fc.maxSafeNat(),
  fc.tuple(fc.integer({ min: 0, max: 52 }), fc.integer({ min: -1, max: 1 })).map(
    ([octave, by]) => 2 ** octave + by,
  ),
);

const histogramOf = (values: readonly number[]): LogHistogram => {
  const histogram = new LogHistogram();
  for (const value of values) histogram.add(value);
  return histogram;
};

test('percentiles are within 1/256, count, mean and maximum exact', () => {
  fc.assert(
    fc.property(fc.array(duration, { minLength: 1, maxLength: 200 }), (values) => {
      const rough = histogramOf(values).percentiles()!;
      const exact = percentilesOf(Float64Array.from(values))!;
      expect([rough.count, rough.mean, rough.max]).toEqual([exact.count, exact.mean, exact.max]);
      for (const name of ['p50', 'p90', 'p95', 'p99'] as const) {
        const error = Math.abs(rough[name] - exact[name]);
        expect(error).toBeLessThanOrEqual(exact[name] * HISTOGRAM_RELATIVE_ERROR);
      }
    }),
    { seed: 7, numRuns: 500 },
  );
});

test('every bucket edge is within the error on its own', () => {
  for (let octave = 0; octave < 53; octave++) {
    const base = 2 ** octave;
    for (const value of [base, Math.floor(base * 1.3), Math.floor(base * 1.9999), 2 * base - 1]) {
      // A larger maximum, so that it is not what saves the answer.
      const { p50 } = histogramOf([value, value, 2 ** 53 - 1]).percentiles()!;
      expect(Math.abs(p50 - value)).toBeLessThanOrEqual(value / 256);
    }
  }
});

test('values below 256 are exact', () => {
  for (let value = 0; value < 256; value++) {
    expect(histogramOf([value, value, 1000]).percentiles()!.p50).toBe(value);
  }
});

test('merging is the same as counting together, in either direction', () => {
  fc.assert(
    fc.property(fc.array(duration), fc.array(duration, { minLength: 1 }), (left, right) => {
      const merged = histogramOf(left);
      merged.merge(histogramOf(right));
      const other = histogramOf(right);
      other.merge(histogramOf(left));
      const together = histogramOf([...left, ...right]).percentiles();
      expect(merged.percentiles()).toEqual(together);
      expect(other.percentiles()).toEqual(together);
    }),
    { seed: 8, numRuns: 50 },
  );
});

test('an empty histogram has no percentiles', () => {
  expect(new LogHistogram().percentiles()).toBeNull();
});

test('what is no duration is refused', () => {
  const histogram = new LogHistogram();
  for (const value of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    expect(() => histogram.add(value)).toThrow('must be an integer >= 0');
  }
});
