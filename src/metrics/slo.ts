// SPDX-License-Identifier: Apache-2.0
import type { Distribution } from './distribution.js';
import type { RunSummary } from './summary.js';
import { NS_PER_MIN, NS_PER_MS, NS_PER_S } from './units.js';

export type SloMetric = 'ttft' | 'tpot' | 'queue' | 'turn' | 'session';
export type SloUnit = 'ms' | 's' | 'min';
export type SloStatistic = 'mean' | 'p50' | 'p90' | 'p95' | 'p99' | 'max';

/** How a run stands against one objective. */
export interface SloResult {
  /** The key as configured, for example `ttft_ms` or `session_min_p99`. */
  readonly name: string;
  readonly metric: SloMetric;
  /** Unit of `limit` and `value`. */
  readonly unit: SloUnit;
  readonly percentile: SloStatistic;
  readonly limit: number;
  /** Null when the run has nothing to measure it on. */
  readonly value: number | null;
  /** value < limit; an objective that nothing was measured against is not met. */
  readonly ok: boolean;
}

const UNIT_NS: Readonly<Record<SloUnit, number>> = {
  ms: NS_PER_MS,
  s: NS_PER_S,
  min: NS_PER_MIN,
};

/** Where the summary has each metric, and in which unit. */
const SOURCES: Readonly<
  Record<SloMetric, { unit: SloUnit; of: (summary: RunSummary) => Distribution }>
> = {
  ttft: { unit: 'ms', of: ({ latency }) => latency.ttftMs },
  tpot: { unit: 'ms', of: ({ latency }) => latency.tpotMs },
  queue: { unit: 'ms', of: ({ latency }) => latency.queueMs },
  turn: { unit: 's', of: ({ latency }) => latency.turnS },
  session: { unit: 'min', of: ({ latency }) => latency.sessionMin },
};

const STATISTICS: readonly string[] = ['mean', 'p50', 'p90', 'p95', 'p99', 'max'];

function evaluate(name: string, limit: number, summary: RunSummary): SloResult {
  const [metricName = '', unitName = '', statistic = 'p95', ...more] = name.split('_');
  const known = Object.hasOwn(SOURCES, metricName) && Object.hasOwn(UNIT_NS, unitName);
  if (!known || !STATISTICS.includes(statistic) || more.length > 0) {
    throw new RangeError(`unknown SLO ${name}`);
  }
  const metric = metricName as SloMetric;
  const unit = unitName as SloUnit;
  const percentile = statistic as SloStatistic;
  const source = SOURCES[metric];
  const found = source.of(summary)[percentile];
  // The summary's own unit needs no arithmetic, so that the comparison is exact.
  const same = found === null || unit === source.unit;
  const value = same ? found : (found * UNIT_NS[source.unit]) / UNIT_NS[unit];
  return { name, metric, unit, percentile, limit, value, ok: value !== null && value < limit };
}

/**
 * Holds a summary against `{ ttft_ms: 2000, session_min_p99: 40 }`: metric, unit and statistic
 * (p95 unless named) must stay below the value.
 * @throws RangeError for a key that the config would have refused.
 */
export function evaluateSlo(
  slo: Readonly<Record<string, number>>,
  summary: RunSummary,
): SloResult[] {
  return Object.entries(slo).map(([name, limit]) => evaluate(name, limit, summary));
}
