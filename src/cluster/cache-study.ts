// SPDX-License-Identifier: Apache-2.0
import type { Core } from '../core/core.js';
import { timeOrder } from '../workload/order.js';
import type { Workload } from '../workload/types.js';
import { replayBelady } from './cache-belady.js';
import { replayLru } from './cache-replay.js';
import type { CacheResult, CacheTrace } from './cache-result.js';
import { findReuse, replayTtl } from './cache-reuse.js';

const NS_PER_S = 1e9;

export interface CacheStudyOptions {
  /** Capacities in blocks. */
  readonly lru?: readonly number[];
  /** Seconds. */
  readonly ttl?: readonly number[];
  /** The optimum at each capacity of `lru`. */
  readonly belady?: boolean;
}

/**
 * The requests of a workload in recorded order; session i starts `staggerS` * i seconds after its
 * recorded arrival. Starts are in ns.
 */
export function cacheTrace(workload: Workload, staggerS = 0): CacheTrace {
  const { sessions, turns } = workload;
  const arrivalNs = sessions.arrivalNs.map((arrival, i) => arrival + i * staggerS * NS_PER_S);
  const starts = new Float64Array(turns.count);
  for (let session = 0; session < sessions.count; session++) {
    const end = sessions.turnStart[session + 1];
    for (let turn = sessions.turnStart[session]; turn < end; turn++) {
      starts[turn] = arrivalNs[session] + turns.startNs[turn];
    }
  }
  return { workload, order: timeOrder(workload, arrivalNs), starts };
}

/** What caches of several kinds and sizes hit on a trace; the infinite one comes first. */
export function studyCache(
  core: Core,
  trace: CacheTrace,
  { lru = [], ttl = [], belady = false }: CacheStudyOptions,
): CacheResult[] {
  const reuse = findReuse(trace);
  const results: CacheResult[] = [replayLru(core, trace, Infinity).result];
  for (const capacity of lru) {
    results.push(replayLru(core, trace, capacity).result);
    if (belady) results.push(replayBelady(trace, capacity, reuse));
  }
  for (const seconds of ttl) {
    results.push({ ...replayTtl(trace, seconds * NS_PER_S, reuse), limit: seconds });
  }
  return results;
}
