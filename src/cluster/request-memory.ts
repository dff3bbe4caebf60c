// SPDX-License-Identifier: Apache-2.0
import type { Core } from '../core/index.js';
import type { StateRegistry } from '../engine/index.js';
import type { KeySpace } from './key-space.js';
import type { KvCache, KvScratch } from './kv-cache.js';
import type { TurnState } from './turn-state.js';

/** First look at a prefix asks for this many blocks; each further look doubles it. */
const FIRST_LOOK = 64;
/** Above this many handles, an agent keeps one for its last replica only. */
const MAX_HANDLES = 1 << 22;

/** Where each agent's cached prefix ends, by replica: what makes a turn O(new blocks). */
class AgentHandles {
  readonly node: Uint32Array;
  readonly gen: Uint32Array;
  readonly depth: Uint32Array;
  /** Turn + 1 whose blocks the prefix holds, 0 for none; replica of the slot. */
  readonly turn: Uint32Array;
  readonly replica: Uint32Array;
  readonly #stride: number;

  constructor(state: StateRegistry, agents: number, replicas: number) {
    this.#stride = agents * replicas <= MAX_HANDLES ? replicas : 1;
    const slots = agents * this.#stride;
    this.node = state.u32('handle.node', slots);
    this.gen = state.u32('handle.gen', slots);
    this.depth = state.u32('handle.depth', slots);
    this.turn = state.u32('handle.turn', slots);
    this.replica = state.u32('handle.replica', slots);
  }

  slot(agent: number, replica: number): number {
    return this.#stride === 1 ? agent : agent * this.#stride + replica;
  }
}

/**
 * KV blocks of requests: which part of a prompt is cached, which blocks a running request holds,
 * what becomes of them. One instance serves all replicas of a simulation.
 *
 * A running request's blocks are a cached part (in the radix tree, protected by one lock at its
 * end) followed by blocks of its own. Prompt blocks join the tree when their chunk is scheduled,
 * generated ones when the request leaves the batch; a trailing run of private blocks shorter than
 * a trace block is not kept, for nobody could find it.
 */
export class RequestMemory {
  readonly #handles: AgentHandles;
  readonly #agents: Uint32Array;

  constructor(
    private readonly core: Core,
    private readonly scratch: KvScratch,
    state: StateRegistry,
    private readonly turns: TurnState,
    agentOfTurn: Uint32Array,
    agents: number,
    replicas: number,
    /** Private blocks fewer than this, at the end of a finished request, are freed. */
    private readonly traceBlockSize: number,
  ) {
    this.#agents = agentOfTurn;
    this.#handles = new AgentHandles(state, agents, replicas);
  }

  /**
   * Blocks of the longest cached prefix of `turn` on a replica, at most `limit`. Leaves no mark;
   * the end is in `kv.endNode`.
   */
  cachedBlocks(turn: number, replica: number, kv: KvCache, keys: KeySpace, limit: number): number {
    const handles = this.#handles;
    const slot = handles.slot(this.#agents[turn], replica);
    const holder = handles.turn[slot] - 1;
    const most = this.turns.preemptions[turn] > 0 ? limit : Math.min(limit, keys.known[turn]);
    let depth = 0;
    if (holder >= 0 && handles.replica[slot] === replica) {
      depth = Math.min(handles.depth[slot], keys.common(holder, turn), most);
    }
    if (depth > 0) {
      const { node, gen } = handles;
      const end = this.#walk(turn, kv, keys, node[slot], gen[slot], depth, most);
      if (end >= 0) return end;
    }
    return this.#walk(turn, kv, keys, 0, 0, 0, most);
  }

  #walk(
    turn: number,
    kv: KvCache,
    keys: KeySpace,
    node: number,
    gen: number,
    from: number,
    limit: number,
  ): number {
    let depth = from;
    let look = FIRST_LOOK;
    kv.endNode = node;
    kv.endGen = gen;
    do {
      const n = Math.min(look, limit - depth);
      this.#writeKeys(turn, keys, depth, n);
      const found = kv.find(kv.endNode, kv.endGen, depth, n);
      if (found < 0) return -1;
      depth += found;
      if (found < n) break;
      look *= 2;
    } while (depth < limit);
    return depth;
  }

  /** Locks the prefix that `cachedBlocks` just found and makes it the request's cached part. */
  attach(turn: number, kv: KvCache, blocks: number): void {
    kv.use(kv.endNode, kv.endGen, blocks);
    kv.lock(kv.endNode, kv.endGen);
    this.turns.node[turn] = kv.endNode;
    this.turns.gen[turn] = kv.endGen;
    this.turns.treeBlocks[turn] = blocks;
  }

  /** Undoes `attach`. */
  detach(turn: number, kv: KvCache): void {
    kv.unlock(this.turns.node[turn], this.turns.gen[turn]);
    this.turns.treeBlocks[turn] = 0;
  }

  /** Makes room for the ids of up to `blocks` blocks of the request's own. */
  open(turn: number, blocks: number): void {
    const { turns } = this;
    turns.ownCapacity[turn] = Math.max(1, blocks);
    turns.ownAt[turn] = this.core.take(turns.ownCapacity[turn] * 4);
    turns.ownFirst[turn] = 0;
    turns.ownCount[turn] = 0;
  }

  /** Blocks that the request holds, cached part included. */
  held(turn: number): number {
    return this.turns.treeBlocks[turn] + this.turns.ownCount[turn];
  }

  /** Takes `n` blocks, for which there must be room. */
  grow(turn: number, kv: KvCache, n: number): void {
    const { ownAt, ownFirst, ownCount } = this.turns;
    kv.alloc(n, ownAt[turn] + (ownFirst[turn] + ownCount[turn]) * 4);
    ownCount[turn] += n;
  }

  /** Moves blocks up to position `to` from the request to the tree; false when all are there. */
  share(turn: number, kv: KvCache, keys: KeySpace, to: number): boolean {
    const { turns } = this;
    const from = turns.treeBlocks[turn];
    const n = to - from;
    if (n <= 0) return false;
    this.#writeKeys(turn, keys, from, n);
    const ids = turns.ownAt[turn] + turns.ownFirst[turn] * 4;
    const node = turns.node[turn];
    const gen = turns.gen[turn];
    const present = kv.extend(node, gen, from, ids, n);
    // Somebody else computed these at the same time: the tree keeps its blocks, ours go back.
    kv.release(ids, present);
    turns.ownFirst[turn] += n;
    turns.ownCount[turn] -= n;
    turns.treeBlocks[turn] = to;
    if (kv.endNode === node && kv.endGen === gen) return true;
    kv.lock(kv.endNode, kv.endGen);
    kv.unlock(node, gen);
    turns.node[turn] = kv.endNode;
    turns.gen[turn] = kv.endGen;
    return true;
  }

  /**
   * The request leaves the batch: its full blocks stay cached (all of them when `preempted`, so
   * that it finds them again), the rest is freed.
   */
  close(turn: number, replica: number, kv: KvCache, keys: KeySpace, preempted: boolean): void {
    const { turns } = this;
    const full = Math.floor(turns.computed[turn] / keys.blockSize);
    const known = Math.min(full, keys.known[turn]);
    if (known > turns.treeBlocks[turn]) this.share(turn, kv, keys, known);
    if (preempted) this.share(turn, kv, keys, full);
    // Blocks age from their release on, as in vLLM's free queue, not from the last prompt chunk.
    kv.use(turns.node[turn], turns.gen[turn], turns.treeBlocks[turn]);
    this.#remember(turn, replica);
    const rest = (full - known) * keys.blockSize;
    if (!preempted && rest >= this.traceBlockSize) this.share(turn, kv, keys, full);
    this.#discard(turn, kv);
    this.detach(turn, kv);
  }

  /** As `close`, for a replica without prefix caching: everything is freed. */
  drop(turn: number, kv: KvCache): void {
    this.#discard(turn, kv);
    this.detach(turn, kv);
  }

  #remember(turn: number, replica: number): void {
    const handles = this.#handles;
    const slot = handles.slot(this.#agents[turn], replica);
    handles.node[slot] = this.turns.node[turn];
    handles.gen[slot] = this.turns.gen[turn];
    handles.depth[slot] = this.turns.treeBlocks[turn];
    handles.turn[slot] = turn + 1;
    handles.replica[slot] = replica;
  }

  #discard(turn: number, kv: KvCache): void {
    const { ownAt, ownFirst, ownCount, ownCapacity } = this.turns;
    kv.release(ownAt[turn] + ownFirst[turn] * 4, ownCount[turn]);
    this.core.give(ownAt[turn], ownCapacity[turn] * 4);
    ownCount[turn] = 0;
    ownFirst[turn] = 0;
    ownAt[turn] = 0;
  }

  #writeKeys(turn: number, keys: KeySpace, from: number, n: number): void {
    keys.write(turn, from, from + n, this.core.u32, this.scratch.keys.at >>> 2);
  }
}
