// SPDX-License-Identifier: Apache-2.0
/** Columnar records of a run -> percentiles, critical paths, loads, objectives. */
export { addCriticalPath, GAP_KINDS, PATH_PARTS, type PathPart } from './critical-path.js';
export {
  distributionOf,
  percentileMethod,
  type Distribution,
  type DurationOf,
  type PercentileMethod,
} from './distribution.js';
export { IntegerSum } from './integer-sum.js';
export {
  decodeNs,
  tpotNs,
  ttftNs,
  turnNs,
  type ColdWarm,
  type RequestLatency,
} from './latency.js';
export { HISTOGRAM_RELATIVE_ERROR, LogHistogram } from './log-histogram.js';
export { nearestRank, PERCENTS, percentilesOf, type Percentiles } from './percentiles.js';
export type { ReplicaRecords, RequestRecords, RunRecords, SessionRecords } from './records.js';
export type { PoolLoad, ReplicaLoad } from './replica-load.js';
export type { RequestCounts, SessionCounts } from './request-counts.js';
export type { RequestTime } from './request-time.js';
export type { PartValues, SessionPath, SessionTime } from './session-time.js';
export {
  evaluateSlo,
  type SloMetric,
  type SloResult,
  type SloStatistic,
  type SloUnit,
} from './slo.js';
export type { StepPart, StepTime, TimeShare, TokenClass } from './step-time.js';
export { summarize, type RoleSummary, type RunSummary, type SummaryOptions } from './summary.js';
export { makespanNs, type Rates, type Throughput } from './throughput.js';
export { countTokens, type CacheUse, type TokenCounts } from './tokens.js';
export { NS_PER_MIN, NS_PER_MS, NS_PER_S } from './units.js';
