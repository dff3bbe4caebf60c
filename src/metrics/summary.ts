// SPDX-License-Identifier: Apache-2.0
/** What a run amounts to: plain data, JSON-able, the unit at the end of each field's name. */
import { percentileMethod, type Distribution, type PercentileMethod } from './distribution.js';
import {
  coldWarm,
  requestLatency,
  sessionLatencyMin,
  type ColdWarm,
  type RequestLatency,
} from './latency.js';
import type { RunRecords } from './records.js';
import { poolLoads, replicaLoads, type PoolLoad, type ReplicaLoad } from './replica-load.js';
import {
  countRequests,
  countSessions,
  type RequestCounts,
  type SessionCounts,
} from './request-counts.js';
import { requestTime, type RequestTime } from './request-time.js';
import { sessionTime, type SessionTime } from './session-time.js';
import { stepTime, type StepTime } from './step-time.js';
import { makespanNs, throughput, type Throughput } from './throughput.js';
import { cacheUse, countTokens, type CacheUse, type TokenCounts } from './tokens.js';
import { NS_PER_S, ratio } from './units.js';

/** Requests of main agents, or of sub-agents. */
export interface RoleSummary {
  readonly tokens: TokenCounts;
  /** Cached / input tokens at first admissions. */
  readonly hitRate: number | null;
  readonly latency: RequestLatency;
}

export interface RunSummary {
  readonly requests: RequestCounts;
  readonly sessions: SessionCounts;
  /** First request ready to last token. */
  readonly makespanS: number;
  readonly tokens: TokenCounts;
  readonly cache: CacheUse;
  /** Of all distributions below. */
  readonly percentiles: PercentileMethod;
  readonly latency: RequestLatency & ColdWarm & { readonly sessionMin: Distribution };
  readonly roles: { readonly main: RoleSummary; readonly sub: RoleSummary };
  readonly throughput: Throughput;
  /** Critical paths of sessions, tools and users included. */
  readonly sessionTime: SessionTime;
  /** Time of requests in the cluster. */
  readonly requestTime: RequestTime;
  readonly steps: StepTime;
  readonly pools: readonly PoolLoad[];
  readonly replicas: readonly ReplicaLoad[];
}

export interface SummaryOptions {
  /** Percentiles are exact up to this many requests, and from log-bucket histograms beyond. */
  readonly exactRequests: number;
  /** Tokens a KV block, one entry a pool: adds capacities in tokens. */
  readonly blockSizeTokens?: readonly number[];
}

function roleSummary({ requests }: RunRecords, isSub: 0 | 1, method: PercentileMethod) {
  const among = (row: number): boolean => requests.isSub[row] === isSub;
  const tokens = countTokens(requests, among);
  return {
    tokens,
    hitRate: ratio(tokens.cached, tokens.input),
    latency: requestLatency(requests, method, among),
  };
}

export function summarize(records: RunRecords, options: SummaryOptions): RunSummary {
  const { requests, sessions, replicas } = records;
  const method = percentileMethod(requests.count, options.exactRequests);
  const counts = countRequests(records);
  const tokens = countTokens(requests);
  const span = makespanNs(records);
  const loads = replicaLoads(records, span);
  return {
    requests: counts,
    sessions: countSessions(records),
    makespanS: span / NS_PER_S,
    tokens,
    cache: cacheUse(tokens, replicas),
    percentiles: method,
    latency: {
      ...requestLatency(requests, method),
      sessionMin: sessionLatencyMin(sessions, method),
      ...coldWarm(requests, method),
    },
    roles: { main: roleSummary(records, 0, method), sub: roleSummary(records, 1, method) },
    throughput: throughput(span, replicas.count, counts.completed, tokens),
    sessionTime: sessionTime(records),
    requestTime: requestTime(requests),
    steps: stepTime(records),
    pools: poolLoads(records, loads, options.blockSizeTokens),
    replicas: loads,
  };
}
