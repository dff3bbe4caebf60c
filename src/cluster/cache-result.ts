// SPDX-License-Identifier: Apache-2.0
import type { Workload } from '../workload/types.js';

/** Requests as a cache of unlimited speed serves them: one at a time. */
export interface CacheTrace {
  readonly workload: Workload;
  /** Turns in the order served. */
  readonly order: Uint32Array;
  /** Start of each turn (by turn, not by order), in the unit in which a TTL is given. */
  readonly starts: Float64Array;
}

export type CachePolicy = 'infinite' | 'lru' | 'ttl' | 'belady';

export interface CacheResult {
  readonly policy: CachePolicy;
  /** Blocks that the cache holds between requests, or the TTL; null for the infinite cache. */
  readonly limit: number | null;
  readonly requests: number;
  /** Blocks of all prompts, and how they split. */
  readonly blocks: number;
  readonly hitBlocks: number;
  readonly missBlocks: number;
  /** Blocks dropped; null for a TTL, where no capacity forces them out. */
  readonly evictedBlocks: number | null;
  /** Requests of at least one block that hit in full. */
  readonly fullHits: number;
  /** hitBlocks / blocks. */
  readonly hitRate: number;
  /** Blocks read from the cache for one written to it: h / (1 - h) of the hit rate h. */
  readonly readsPerWrite: number;
  readonly inputTokens: number;
  readonly hitTokens: number;
  /** Hit blocks of each request, in the order served. */
  readonly hits: Uint32Array;
}

/** Sums up the hits of each request. */
export function cacheResult(
  policy: CachePolicy,
  limit: number | null,
  { workload, order }: CacheTrace,
  hits: Uint32Array,
  evictedBlocks: number | null,
): CacheResult {
  const { blocks: count, inputTokens: tokens } = workload.turns;
  let [blocks, hitBlocks, fullHits, inputTokens, hitTokens] = [0, 0, 0, 0, 0];
  for (let r = 0; r < order.length; r++) {
    const turn = order[r];
    blocks += count[turn];
    hitBlocks += hits[r];
    if (hits[r] === count[turn] && hits[r] > 0) fullHits++;
    inputTokens += tokens[turn];
    // The last block of a prompt may be partial and still carry an id.
    hitTokens += Math.min(hits[r] * workload.blockSize, tokens[turn]);
  }
  const missBlocks = blocks - hitBlocks;
  return {
    policy,
    limit,
    requests: order.length,
    blocks,
    hitBlocks,
    missBlocks,
    evictedBlocks,
    fullHits,
    hitRate: blocks === 0 ? 0 : hitBlocks / blocks,
    readsPerWrite: missBlocks === 0 ? Infinity : hitBlocks / missBlocks,
    inputTokens,
    hitTokens,
    hits,
  };
}
