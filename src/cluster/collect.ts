// SPDX-License-Identifier: Apache-2.0
import { BOUNDS } from '../cost/index.js';
import type { Monitor } from '../engine/index.js';
import type {
  ReplicaRecords,
  RequestRecords,
  RunRecords,
  SessionRecords,
} from '../metrics/records.js';
import type { Simulation } from './simulation.js';

/** The records of a finished simulation. Columns are the simulation's own: use it no further. */
export function collectRecords(simulation: Simulation): RunRecords {
  return {
    pools: simulation.plan.pools.map((pool) => pool.name),
    bounds: BOUNDS,
    requests: requestRecords(simulation),
    sessions: sessionRecords(simulation),
    replicas: replicaRecords(simulation),
  };
}

function requestRecords(simulation: Simulation): RequestRecords {
  const { workload } = simulation.plan;
  const rows = workload.turns;
  const { turns } = simulation;
  const { count, agent } = rows;
  const session = new Uint32Array(count);
  const isSub = new Uint8Array(count);
  const pool = new Uint8Array(count);
  for (let t = 0; t < count; t++) {
    session[t] = workload.agents.session[agent[t]];
    isSub[t] = workload.agents.parent[agent[t]] < 0 ? 0 : 1;
    pool[t] = turns.replica[t] < 0 ? 0 : simulation.poolOfReplica[turns.replica[t]];
  }
  return {
    count,
    session,
    agent,
    isSub,
    pool,
    replica: turns.replica,
    inputTokens: rows.inputTokens,
    // A request samples at least one token, also where a trace says it returned none.
    outputTokens: turns.generated,
    cachedTokens: turns.cachedTokens,
    preemptions: turns.preemptions,
    readyNs: turns.readyNs,
    admittedNs: turns.admittedNs,
    firstTokenNs: turns.firstTokenNs,
    finishNs: turns.finishNs,
    queueNs: turns.queueNs,
    prefillNs: turns.prefillNs,
    gapNs: turns.gapNs,
    gapKind: rows.gapKind,
    after: turns.triggeredBy,
  };
}

function sessionRecords(simulation: Simulation): SessionRecords {
  const { sessions } = simulation.plan.workload;
  return {
    count: sessions.count,
    id: sessions.id,
    startNs: simulation.clock.sessionStart,
    doneNs: simulation.clock.sessionDone,
    requestStart: sessions.turnStart,
  };
}

function replicaRecords(simulation: Simulation): ReplicaRecords {
  const { replicas, sites } = simulation;
  const each = (value: (r: number) => number): Float64Array =>
    Float64Array.from(sites, (site) => value(site.index));
  const peak = (monitor: Monitor): Float64Array => each((r) => monitor.peak(r));
  const mean = (monitor: Monitor): Float64Array => each((r) => monitor.mean(r));
  return {
    count: sites.length,
    pool: Uint8Array.from(simulation.poolOfReplica),
    steps: replicas.steps,
    prefillSteps: replicas.prefillSteps,
    prefillTokens: replicas.prefillTokens,
    decodeTokens: replicas.decodeTokens,
    busyNs: replicas.busyNs,
    uncachedInputNs: replicas.uncachedInputNs,
    cachedInputNs: replicas.cachedInputNs,
    attentionNs: replicas.attentionNs,
    gemmNs: replicas.gemmNs,
    communicationNs: replicas.communicationNs,
    overheadNs: replicas.overheadNs,
    boundNs: replicas.boundNs,
    evictedBlocks: replicas.evictedBlocks,
    lookupTokens: replicas.lookupTokens,
    hitTokens: replicas.hitTokens,
    queuePeak: peak(replicas.queueMonitor),
    queueMean: mean(replicas.queueMonitor),
    batchPeak: peak(replicas.batchMonitor),
    batchMean: mean(replicas.batchMonitor),
    kvPeak: peak(replicas.kvMonitor),
    kvMean: mean(replicas.kvMonitor),
    kvBlocks: each((r) => sites[r].plan.numGpuBlocks - 1),
  };
}
