// SPDX-License-Identifier: Apache-2.0
import type { StateRegistry } from '../engine/index.js';
import type { ReplicaSite } from './batch.js';
import type { ReplicaState } from './replica-state.js';
import type { RequestMemory } from './request-memory.js';

/** Brings a replica up to date before its cache and load are looked at. */
export type Sync = (site: ReplicaSite) => void;

/**
 * Finds a replica for each request of one pool.
 *
 * - round-robin: one after the other.
 * - prefix-aware: the lowest cost, as Dynamo's KV-aware router computes it: overlapWeight times
 *   the blocks still to be prefilled on the replica with this request (its cached prefix there
 *   counted off) plus the blocks that running requests hold. Ties go to the replica listed first.
 */
export class Router {
  readonly #turn: Uint32Array;

  constructor(
    private readonly sites: readonly ReplicaSite[],
    private readonly replicas: ReplicaState,
    private readonly memory: RequestMemory,
    private readonly inputTokens: Uint32Array,
    state: StateRegistry,
    poolName: string,
    private readonly sync: Sync,
  ) {
    this.#turn = state.u32(`router.${poolName}.turn`, 1);
  }

  /** Replica for `turn`, in the pool's own state of this moment. */
  route(turn: number): ReplicaSite {
    const { sites } = this;
    if (sites.length === 1 || sites[0].plan.router === 'round-robin') {
      const site = sites[this.#turn[0]];
      this.#turn[0] = (this.#turn[0] + 1) % sites.length;
      return site;
    }
    let best = sites[0];
    let bestCost = Infinity;
    for (const site of sites) {
      this.sync(site);
      const cost = this.#cost(site, turn);
      if (cost < bestCost) {
        best = site;
        bestCost = cost;
      }
    }
    return best;
  }

  #cost(site: ReplicaSite, turn: number): number {
    const { blockSize, prefixCaching, overlapWeight } = site.plan;
    const tokens = this.inputTokens[turn];
    const limit = Math.floor((tokens - 1) / blockSize);
    const hit = prefixCaching
      ? this.memory.cachedBlocks(turn, site.index, site.kv, site.keys, limit)
      : 0;
    const prefill = this.replicas.pendingPrefill[site.index] + tokens - hit * blockSize;
    return (overlapWeight * prefill) / blockSize + site.kv.active;
  }
}
