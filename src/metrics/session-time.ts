// SPDX-License-Identifier: Apache-2.0
import { addCriticalPath, PATH_PARTS, type PathPart } from './critical-path.js';
import { nearestRank, PERCENTS } from './percentiles.js';
import type { RunRecords } from './records.js';
import { NS_PER_MIN, NS_PER_S } from './units.js';

export type PartValues = Readonly<Record<PathPart, number>>;

/** The critical path of one session. */
export interface SessionPath {
  /** Row of the session, and its id in the trace. */
  readonly session: number;
  readonly id: string;
  readonly durationMin: number;
  /** Requests of the session, and how many of them are on its critical path. */
  readonly requests: number;
  readonly requestsOnPath: number;
  readonly seconds: PartValues;
  /** Shares of the duration; null for a session that took no time. */
  readonly shares: PartValues | null;
}

/** Critical paths of all completed sessions, added up, and three of them by duration. */
export interface SessionTime {
  readonly sessions: number;
  readonly seconds: PartValues;
  readonly shares: PartValues | null;
  readonly median: SessionPath | null;
  readonly p99: SessionPath | null;
  readonly worst: SessionPath | null;
}

function named(value: (part: number) => number): PartValues {
  return Object.fromEntries(PATH_PARTS.map((name, part) => [name, value(part)])) as PartValues;
}

function split(partsNs: Float64Array): { seconds: PartValues; shares: PartValues | null } {
  let sum = 0;
  for (const ns of partsNs) sum += ns;
  return {
    seconds: named((part) => partsNs[part] / NS_PER_S),
    shares: sum > 0 ? named((part) => partsNs[part] / sum) : null,
  };
}

/** Completed sessions, shortest first; sessions of equal length in workload order. */
function byDuration({ sessions }: RunRecords): Uint32Array {
  const { count, startNs, doneNs } = sessions;
  const done = new Uint32Array(count);
  let n = 0;
  for (let session = 0; session < count; session++) if (doneNs[session] >= 0) done[n++] = session;
  const length = (session: number): number => doneNs[session] - startNs[session];
  return done.subarray(0, n).sort((a, b) => length(a) - length(b) || a - b);
}

function sessionPath(records: RunRecords, session: number): SessionPath {
  const { id, startNs, doneNs, requestStart } = records.sessions;
  const partsNs = new Float64Array(PATH_PARTS.length);
  const requestsOnPath = addCriticalPath(records, session, partsNs);
  return {
    session,
    id: id[session],
    durationMin: (doneNs[session] - startNs[session]) / NS_PER_MIN,
    requests: requestStart[session + 1] - requestStart[session],
    requestsOnPath,
    ...split(partsNs),
  };
}

/** Where the sessions' time went. */
export function sessionTime(records: RunRecords): SessionTime {
  const order = byDuration(records);
  const partsNs = new Float64Array(PATH_PARTS.length);
  for (const session of order) addCriticalPath(records, session, partsNs);
  const at = (percent: number): SessionPath | null => {
    if (order.length === 0) return null;
    return sessionPath(records, order[nearestRank(order.length, percent) - 1]);
  };
  return {
    sessions: order.length,
    ...split(partsNs),
    median: at(PERCENTS.p50),
    p99: at(PERCENTS.p99),
    worst: at(100),
  };
}
