// SPDX-License-Identifier: Apache-2.0
import type { RunRecords } from './records.js';
import { total } from './tokens.js';
import { NS_PER_S, ratio } from './units.js';

/** Load of one replica. Means are over time, between its first and last request. */
export interface ReplicaLoad {
  readonly pool: string;
  readonly requests: number;
  readonly busyS: number;
  /** Busy time / makespan of the run. */
  readonly utilization: number | null;
  readonly steps: number;
  /** Requests that wait, and requests in the batch. */
  readonly queueMean: number;
  readonly queuePeak: number;
  readonly batchMean: number;
  readonly batchPeak: number;
  /** KV blocks of the replica, and those that running requests hold. */
  readonly kvBlocks: number;
  readonly kvMeanBlocks: number;
  readonly kvPeakBlocks: number;
  readonly kvMeanShare: number | null;
  readonly kvPeakShare: number | null;
  /** Cached blocks that made room for others. */
  readonly evictedBlocks: number;
  readonly prefillTokens: number;
  readonly decodeTokens: number;
  /** Found / looked up tokens, over all admissions. */
  readonly lookupHitRate: number | null;
}

/** Load of the replicas of a pool: means over replicas, peaks of the worst, counts added up. */
export interface PoolLoad {
  readonly pool: string;
  readonly replicas: number;
  readonly requests: number;
  readonly busyS: number;
  readonly utilization: number | null;
  /** Utilisation of its busiest replica / mean: 1 is a perfect balance. */
  readonly imbalance: number | null;
  readonly queueMean: number | null;
  readonly queuePeak: number;
  readonly batchMean: number | null;
  readonly batchPeak: number;
  readonly kvBlocks: number;
  /** `kvBlocks` in tokens; null when the block size was not given. */
  readonly kvCapacityTokens: number | null;
  readonly kvMeanShare: number | null;
  readonly kvPeakShare: number | null;
  readonly evictedBlocks: number;
}

function requestsOfReplicas({ requests, replicas }: RunRecords): Uint32Array {
  const counts = new Uint32Array(replicas.count);
  for (const replica of requests.replica) if (replica >= 0) counts[replica]++;
  return counts;
}

/** One entry a replica. */
export function replicaLoads(records: RunRecords, makespanNs: number): ReplicaLoad[] {
  const { replicas, pools } = records;
  const requests = requestsOfReplicas(records);
  return Array.from(requests, (count, r) => ({
    pool: pools[replicas.pool[r]],
    requests: count,
    busyS: replicas.busyNs[r] / NS_PER_S,
    utilization: ratio(replicas.busyNs[r], makespanNs),
    steps: replicas.steps[r],
    queueMean: replicas.queueMean[r],
    queuePeak: replicas.queuePeak[r],
    batchMean: replicas.batchMean[r],
    batchPeak: replicas.batchPeak[r],
    kvBlocks: replicas.kvBlocks[r],
    kvMeanBlocks: replicas.kvMean[r],
    kvPeakBlocks: replicas.kvPeak[r],
    kvMeanShare: ratio(replicas.kvMean[r], replicas.kvBlocks[r]),
    kvPeakShare: ratio(replicas.kvPeak[r], replicas.kvBlocks[r]),
    evictedBlocks: replicas.evictedBlocks[r],
    prefillTokens: replicas.prefillTokens[r],
    decodeTokens: replicas.decodeTokens[r],
    lookupHitRate: ratio(replicas.hitTokens[r], replicas.lookupTokens[r]),
  }));
}

/** One entry a pool; `blockSizeTokens` has the block size of each. */
export function poolLoads(
  { pools, replicas }: RunRecords,
  loads: readonly ReplicaLoad[],
  blockSizeTokens: readonly number[] = [],
): PoolLoad[] {
  return pools.map((pool, p) => {
    const own = loads.filter((_, r) => replicas.pool[r] === p);
    const sum = (of: (load: ReplicaLoad) => number): number =>
      own.reduce((all, load) => all + of(load), 0);
    const mean = (of: (load: ReplicaLoad) => number): number | null => ratio(sum(of), own.length);
    const peak = (of: (load: ReplicaLoad) => number): number =>
      own.reduce((most, load) => Math.max(most, of(load)), 0);
    // In ns, since sums of whole numbers are exact.
    const busyNs = replicas.busyNs.filter((_, r) => replicas.pool[r] === p);
    const allNs = total(busyNs);
    const kvBlocks = sum((load) => load.kvBlocks);
    const kvMeanBlocks = sum((load) => load.kvMeanBlocks);
    const known = own.length > 0 && own.every((load) => load.utilization !== null);
    return {
      pool,
      replicas: own.length,
      requests: sum((load) => load.requests),
      busyS: allNs / NS_PER_S,
      utilization: known ? mean((load) => load.utilization ?? 0) : null,
      imbalance: ratio(Math.max(0, ...busyNs) * own.length, allNs),
      queueMean: mean((load) => load.queueMean),
      queuePeak: peak((load) => load.queuePeak),
      batchMean: mean((load) => load.batchMean),
      batchPeak: peak((load) => load.batchPeak),
      kvBlocks,
      kvCapacityTokens: blockSizeTokens[p] === undefined ? null : kvBlocks * blockSizeTokens[p],
      kvMeanShare: ratio(kvMeanBlocks, kvBlocks),
      kvPeakShare: own.length === 0 ? null : peak((load) => load.kvPeakShare ?? 0),
      evictedBlocks: sum((load) => load.evictedBlocks),
    };
  });
}
