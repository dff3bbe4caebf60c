// SPDX-License-Identifier: Apache-2.0
/**
 * A trace through the radix tree kernel: what a prefix cache of a given capacity would hit.
 *
 * A request hits the leading run of cached blocks of its prompt. Then all blocks of the prompt are
 * in the cache and most recently used, deeper ones older, and the least recently used are dropped
 * until `capacity` remain. A cache smaller than one prompt is legal. Generated tokens are not
 * inserted and nothing is pinned: requests do not overlap.
 *
 * Tokens of the tree are dense trace-block ids, page 1, no values. Where a prompt extends one that
 * was served before, the walk starts from the handle where that one ended, so that a turn costs
 * O(new blocks); if what the handle names was evicted in the meantime, from an earlier one or the
 * root.
 */
import { U32Buffer } from '../core/buffer.js';
import type { Core } from '../core/core.js';
import { RADIX_HEADER, RadixTree } from '../core/radix-tree.js';
import type { RadixNode } from '../core/radix-tree.js';
import { check, Status } from '../core/status.js';
import { copyChain } from '../workload/identity.js';
import type { Workload } from '../workload/types.js';
import { cacheResult } from './cache-result.js';
import type { CacheResult, CacheTrace } from './cache-result.js';

/** u32 fields of a node record (assembly/kv/radix/layout.ts). */
const NODE_WORDS = 16;
const SEGMENT = 0;
const GENERATION = 11;
/** Fields of the tree header: where the last walk ended. */
const END_NODE = RADIX_HEADER.endNode >>> 2;
const END_GENERATION = RADIX_HEADER.endGen >>> 2;

/** How many earlier prompts to try before the walk starts at the root. */
const HANDLE_TRIES = 8;

export interface LruReplay {
  readonly result: CacheResult;
  /** Ids of the blocks in the cache at the end, least recently used first. */
  readonly resident: Uint32Array;
}

/** LRU with room for `capacity` blocks; Infinity never evicts. */
export function replayLru(core: Core, trace: CacheTrace, capacity: number): LruReplay {
  const { order, workload } = trace;
  const cache = new LruCache(core, workload, capacity);
  const hits = new Uint32Array(order.length);
  for (let r = 0; r < order.length; r++) hits[r] = cache.serve(order[r]);
  const policy = capacity === Infinity ? 'infinite' : 'lru';
  const limit = capacity === Infinity ? null : capacity;
  const resident = cache.resident();
  cache.dispose();
  return { result: cacheResult(policy, limit, trace, hits, cache.evicted), resident };
}

/** The cache while a trace is served, turn by turn. */
export class LruCache {
  evicted = 0;
  #held = 0;
  readonly #tree: RadixTree;
  readonly #keys: U32Buffer;
  /** Where the prompt of each turn ended; generation -1 while it was not served. */
  readonly #node: Uint32Array;
  readonly #generation: Float64Array;

  constructor(
    private readonly core: Core,
    private readonly workload: Workload,
    private readonly capacity: number,
  ) {
    this.#tree = new RadixTree(core, { page: 1, values: false, nodes: 64 });
    this.#keys = new U32Buffer(core, 1024);
    this.#node = new Uint32Array(workload.turns.count);
    this.#generation = new Float64Array(workload.turns.count).fill(-1);
  }

  /** Serves a turn; returns the number of its blocks that hit. */
  serve(turn: number): number {
    const n = this.workload.turns.blocks[turn];
    if (n === 0) return 0;
    const from = this.#startOf(turn);
    this.#keys.ensure(n);
    copyChain(this.workload, turn, from.depth, n, this.core.u32, this.#keys.at >>> 2);
    const hit = from.depth + this.#insert(from, n - from.depth);
    const header = this.#tree.handle >>> 2;
    this.#node[turn] = this.core.u32[header + END_NODE];
    this.#generation[turn] = this.core.u32[header + END_GENERATION];
    this.#held += n - hit;
    this.#shrink();
    return hit;
  }

  /** Blocks in the cache, least recently used first. */
  resident(): Uint32Array {
    return leastRecentFirst(this.#tree.dump());
  }

  /** Drops all blocks; `evicted` does not count them. */
  clear(): void {
    this.#tree.reset();
    this.#held = 0;
  }

  dispose(): void {
    this.#tree.dispose();
    this.#keys.dispose();
  }

  /** The deepest position that the turn shares with an earlier one and that still has a handle. */
  #startOf(turn: number): { node: number; generation: number; depth: number } {
    const { prefixTurn, prefixBlocks } = this.workload.turns;
    const { u32, exports } = this.core;
    const base = (exports.radix_node_base(this.#tree.handle) >>> 0) >>> 2;
    let source = prefixTurn[turn];
    let depth = prefixBlocks[turn];
    for (let tries = 0; tries < HANDLE_TRIES && source >= 0; tries++) {
      const node = this.#node[source];
      const generation = this.#generation[source];
      const at = base + node * NODE_WORDS;
      if (generation >= 0 && u32[at + GENERATION] === generation && u32[at + SEGMENT] !== 0) {
        return { node, generation, depth };
      }
      depth = Math.min(depth, prefixBlocks[source]);
      source = prefixTurn[source];
    }
    return { node: 0, generation: 0, depth: 0 };
  }

  /** Uses the path that the keys follow and adds the rest; returns how many were there. */
  #insert(from: { node: number; generation: number; depth: number }, n: number): number {
    const { exports } = this.core;
    const { handle } = this.#tree;
    const { node, generation, depth } = from;
    const { at } = this.#keys;
    for (let bytes = 1 << 20; ; bytes *= 2) {
      const present = exports.radix_extend(handle, node, generation, depth, at, at, n);
      if (present !== Status.noMemory) return check('radix_extend', present);
      this.core.reserve(bytes);
    }
  }

  #shrink(): void {
    if (this.#held <= this.capacity) return;
    const { handle } = this.#tree;
    const excess = this.#held - this.capacity;
    // Without values nothing is written to the buffer, it only has to be one.
    const freed = this.core.exports.radix_trim(handle, excess, this.#keys.at);
    this.#held -= check('radix_trim', freed);
    this.evicted += freed;
  }
}

/** A node is as old as the youngest node below it; within one age deeper blocks are older. */
function leastRecentFirst(nodes: readonly RadixNode[]): Uint32Array {
  const deepestFirst = [...nodes].sort((a, b) => b.start - a.start);
  const age = new Map<number, number>();
  for (const { node, parent, stamp } of deepestFirst) {
    const own = Math.max(stamp, age.get(node) ?? 0);
    age.set(node, own);
    age.set(parent, Math.max(own, age.get(parent) ?? 0));
  }
  deepestFirst.sort((a, b) => age.get(a.node)! - age.get(b.node)! || b.start - a.start);
  const ids = new Uint32Array(nodes.reduce((sum, { tokens }) => sum + tokens.length, 0));
  let at = 0;
  for (const { tokens } of deepestFirst) {
    ids.set(tokens.slice().reverse(), at);
    at += tokens.length;
  }
  return ids;
}
