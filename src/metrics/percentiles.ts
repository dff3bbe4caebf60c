// SPDX-License-Identifier: Apache-2.0
/**
 * Percentiles by nearest rank: the p-th percentile of n values is the ceil(p n / 100)-th smallest,
 * which is always a value that occurred. Of 1, 2, 3, 4: p50 = 2, p95 = 4.
 */
import { IntegerSum } from './integer-sum.js';

/** Statistic -> percent. */
export const PERCENTS = { p50: 50, p90: 90, p95: 95, p99: 99 } as const;

export interface Percentiles {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Rank (1 = smallest) of a percentile among `count` > 0 values. */
export function nearestRank(count: number, percent: number): number {
  // percent * count is an integer and division rounds correctly: no rank is off by one.
  return Math.max(1, Math.ceil((percent * count) / 100));
}

/** The column's percentiles and mean; null when it is empty. Sorts the column in place. */
export function percentilesOf(column: Float64Array): Percentiles | null {
  const count = column.length;
  if (count === 0) return null;
  column.sort();
  const sum = new IntegerSum();
  for (const value of column) sum.add(value);
  const at = (percent: number): number => column[nearestRank(count, percent) - 1];
  return {
    count,
    mean: sum.value / count,
    p50: at(PERCENTS.p50),
    p90: at(PERCENTS.p90),
    p95: at(PERCENTS.p95),
    p99: at(PERCENTS.p99),
    max: column[count - 1],
  };
}
