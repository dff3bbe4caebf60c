// SPDX-License-Identifier: Apache-2.0
import { HISTOGRAM_RELATIVE_ERROR, LogHistogram } from './log-histogram.js';
import { percentilesOf, type Percentiles } from './percentiles.js';

/** Statistics of one quantity, in the unit that the field holding it names; null when empty. */
export interface Distribution {
  readonly count: number;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  /** Bound on the relative error of the percentiles: 0 when they are exact. */
  readonly relativeError: number;
}

/** How the percentiles of a run were taken. */
export interface PercentileMethod {
  readonly method: 'exact' | 'histogram';
  readonly relativeError: number;
}

export const EXACT: PercentileMethod = { method: 'exact', relativeError: 0 };
export const HISTOGRAM: PercentileMethod = {
  method: 'histogram',
  relativeError: HISTOGRAM_RELATIVE_ERROR,
};

/** Exact up to `exactRequests` requests, a histogram beyond: one method for a whole run. */
export function percentileMethod(requests: number, exactRequests: number): PercentileMethod {
  return requests <= exactRequests ? EXACT : HISTOGRAM;
}

/** Duration of a row in whole ns, or a negative number for a row that has none. */
export type DurationOf = (row: number) => number;

function exactPercentiles(rows: number, durationNs: DurationOf): Percentiles | null {
  const column = new Float64Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const ns = durationNs(row);
    if (ns >= 0) column[count++] = ns;
  }
  return percentilesOf(column.subarray(0, count));
}

function roughPercentiles(rows: number, durationNs: DurationOf): Percentiles | null {
  const histogram = new LogHistogram();
  for (let row = 0; row < rows; row++) {
    const ns = durationNs(row);
    if (ns >= 0) histogram.add(ns);
  }
  return histogram.percentiles();
}

/** Distribution of the durations of `rows` rows, in units of `unitNs`. */
export function distributionOf(
  rows: number,
  durationNs: DurationOf,
  unitNs: number,
  { method, relativeError }: PercentileMethod,
): Distribution {
  const take = method === 'exact' ? exactPercentiles : roughPercentiles;
  const found = take(rows, durationNs);
  const scaled = (ns: number | undefined): number | null => (ns === undefined ? null : ns / unitNs);
  return {
    count: found?.count ?? 0,
    mean: scaled(found?.mean),
    p50: scaled(found?.p50),
    p90: scaled(found?.p90),
    p95: scaled(found?.p95),
    p99: scaled(found?.p99),
    max: scaled(found?.max),
    relativeError,
  };
}
