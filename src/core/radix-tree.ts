// SPDX-License-Identifier: Apache-2.0
import { U32Buffer } from './buffer.js';
import type { Core } from './core.js';
import { dumpRadix, RADIX_HEADER } from './radix-dump.js';
import type { RadixNode } from './radix-dump.js';
import { parseRadixEvents, RADIX_POLICIES } from './radix-policy.js';
import type { RadixEvent, RadixPolicy } from './radix-policy.js';
import { check, KernelError, Status } from './status.js';

export { RADIX_HEADER } from './radix-dump.js';
export type { RadixNode } from './radix-dump.js';

/** Names a node. Goes stale when the node is evicted or trimmed. */
export interface NodeHandle {
  readonly node: number;
  readonly gen: number;
}

export interface RadixMatch extends NodeHandle {
  /** Tokens matched, a multiple of the page. */
  readonly length: number;
}

export interface RadixTreeOptions {
  /** Tokens a page, 1 to 256 (default 1). */
  page?: number;
  /** Whether tokens carry values (KV slots); default true. */
  values?: boolean;
  /** Nodes to make room for at first; the tables grow. */
  nodes?: number;
  /** What goes first when room is needed (default lru). */
  policy?: RadixPolicy;
  /** slru: hits from which a node is protected (default 2). */
  threshold?: number;
  /** session: ns after its expected return when it counts as finished (default never). */
  grace?: number;
  /** ttl: tokens that hints above the default retention may hold (default none). */
  budget?: number;
  /**
   * Words of the page event log between two calls of `takeEvents` (default 0: no log): a run of
   * stored pages takes 5 and one a token, a run of removed ones 2 and one a page.
   */
  events?: number;
}

/**
 * Radix tree over pages of tokens; `policy` says which leaves are evicted first.
 * See assembly/kv/radix.ts for layout, invariants and the engine it follows.
 *
 * @example
 * const tree = new RadixTree(core);
 * tree.insert([1, 2, 3, 4], [10, 11, 12, 13]); // 0: nothing was there
 * const hit = tree.match([1, 2, 3, 9]);        // length 3
 * tree.lock(hit);                              // protects tokens 1 2 3
 * tree.evict(4);                               // Uint32Array [13]
 */
export class RadixTree {
  readonly handle: number;
  readonly page: number;
  readonly policy: RadixPolicy;
  readonly #valued: boolean;
  readonly #keys: U32Buffer;
  readonly #values: U32Buffer;

  constructor(
    private readonly core: Core,
    options: RadixTreeOptions = {},
  ) {
    const { page = 1, values = true, nodes = 64, policy = 'lru', events = 0 } = options;
    if (!Number.isInteger(page) || page < 1 || page > 256) {
      throw new RangeError(`page: must be an integer from 1 to 256, got ${page}`);
    }
    if (!Number.isInteger(nodes) || nodes < 1 || nodes > 0x3fffff) {
      throw new RangeError(`nodes: must be an integer from 1 to 4194303, got ${nodes}`);
    }
    if (!Number.isInteger(events) || events < 0 || events > 0xffffff) {
      throw new RangeError(`events: must be an integer from 0 to 16777215, got ${events}`);
    }
    const code = RADIX_POLICIES.indexOf(policy);
    if (code < 0) {
      throw new RangeError(`policy: must be one of ${RADIX_POLICIES.join(', ')}, got ${policy}`);
    }
    const valued = values ? 1 : 0;
    const { radix_bytes, radix_create_policy } = core.exports;
    core.reserve((radix_bytes(page, valued, nodes, code, events) >>> 0) * 2 + 65536);
    const parameter = policyParameter(options);
    this.handle = radix_create_policy(page, valued, nodes, code, parameter, events) >>> 0;
    if (this.handle === 0) throw new KernelError('radix_create_policy', Status.badArgument);
    this.policy = policy;
    this.page = page;
    this.#valued = values;
    this.#keys = new U32Buffer(core, 1024);
    this.#values = new U32Buffer(core, 1024);
  }

  /** Longest cached prefix. `use` false looks without stamping or splitting anything. */
  match(key: ArrayLike<number>, space = 0, use = true): RadixMatch {
    this.#keys.set(key);
    const { exports } = this.core;
    const length = this.#retry('radix_match', () =>
      exports.radix_match(this.handle, this.#keys.at, key.length, space, use ? 1 : 0),
    );
    return { ...this.#end(), length };
  }

  /** Continues a match behind absolute `depth` of a node; null when the handle is stale. */
  matchFrom(
    from: NodeHandle,
    depth: number,
    key: ArrayLike<number>,
    use = true,
  ): RadixMatch | null {
    this.#keys.set(key);
    const { exports } = this.core;
    const { node, gen } = from;
    const n = key.length;
    const at = this.#keys.at;
    const length = this.#retry('radix_match_from', () =>
      exports.radix_match_from(this.handle, node, gen, depth, at, n, use ? 1 : 0),
    );
    return length < 0 ? null : { ...this.#end(), length };
  }

  /** Values of the path from the root to the end of a node. */
  values(from: NodeHandle): Uint32Array {
    const { exports } = this.core;
    this.#values.ensure(this.tokens);
    const { at, capacity } = this.#values;
    const n = exports.radix_values(this.handle, from.node, from.gen, at, capacity);
    return this.#values.slice(check('radix_values', n));
  }

  /** Inserts whole pages; returns how many tokens were there already (their values are kept). */
  insert(
    key: ArrayLike<number>,
    values: ArrayLike<number> | null,
    options: { space?: number; priority?: number; chunked?: boolean } = {},
  ): number {
    const { space = 0, priority = 0, chunked = false } = options;
    this.#load(key, values);
    const { exports } = this.core;
    const n = key.length;
    return this.#retry('radix_insert', () => {
      const [k, v] = [this.#keys.at, this.#values.at];
      return exports.radix_insert(this.handle, k, v, n, space, priority, chunked ? 1 : 0);
    });
  }

  /** Inserts behind absolute `depth` of a node in O(key); null when the handle is stale. */
  extend(
    from: NodeHandle,
    depth: number,
    key: ArrayLike<number>,
    values: ArrayLike<number> | null,
  ): number | null {
    this.#load(key, values);
    const { exports } = this.core;
    const { node, gen } = from;
    const n = key.length;
    const present = this.#retry('radix_extend', () => {
      const [k, v] = [this.#keys.at, this.#values.at];
      return exports.radix_extend(this.handle, node, gen, depth, k, v, n);
    });
    return present < 0 ? null : present;
  }

  /** Node where the last match, insert or extend ended. */
  get end(): NodeHandle & { depth: number } {
    return this.#end();
  }

  /** Protects the node and its ancestors; returns the tokens that stop being evictable. */
  lock(at: NodeHandle): number {
    return check('radix_lock', this.core.exports.radix_lock(this.handle, at.node, at.gen));
  }

  /** Undoes one lock; returns the tokens that become evictable. */
  unlock(at: NodeHandle): number {
    return check('radix_unlock', this.core.exports.radix_unlock(this.handle, at.node, at.gen));
  }

  /** Evicts whole leaves until at least `n` tokens are freed; returns their values in order. */
  evict(n: number): Uint32Array {
    this.#values.ensure(this.evictable);
    const { at, capacity } = this.#values;
    const freed = check(
      'radix_evict',
      this.core.exports.radix_evict(this.handle, n, at, capacity),
    );
    return this.#valued ? this.#values.slice(freed) : new Uint32Array(freed);
  }

  /** Frees up to `n` tokens from leaf ends in the same order, deepest first; returns values. */
  trim(n: number): Uint32Array {
    this.#values.ensure(n);
    const freed = check(
      'radix_trim',
      this.core.exports.radix_trim(this.handle, n, this.#values.at),
    );
    return this.#valued ? this.#values.slice(freed) : new Uint32Array(freed);
  }

  /**
   * What is left of the first `depth` tokens of a handle after trims of its node, and the handle
   * that names it now; null when the node is gone.
   */
  resume(from: NodeHandle, depth: number): (NodeHandle & { depth: number }) | null {
    const { node, gen } = from;
    const kept = this.core.exports.radix_resume(this.handle, node, gen, depth);
    if (kept === Status.stale) return null;
    check('radix_resume', kept);
    return this.#end();
  }

  /**
   * Says how long a node will be wanted (policies session and ttl): `RadixLevel.waiting` until
   * `time` ns, or a retention for the next `time` ns. False when the ttl budget is used up.
   */
  hint(at: NodeHandle, level: number, time = Infinity): boolean {
    if (!Number.isInteger(level) || level < 0) {
      throw new RangeError(`level: must be a whole number from 0 on, got ${level}`);
    }
    const status = this.core.exports.radix_hint(this.handle, at.node, at.gen, level, time);
    if (status === Status.full) return false;
    check('radix_hint', status);
    return true;
  }

  /** Simulated time is `now` ns: ends the hints that are due and returns how many those are. */
  tick(now: number): number {
    return check('radix_tick', this.core.exports.radix_tick(this.handle, now));
  }

  /** Tokens that hints hold, ancestors included. */
  get held(): number {
    return check('radix_held', this.core.exports.radix_held(this.handle));
  }

  /** Page events since the last call. Throws when the log overflowed. */
  takeEvents(): RadixEvent[] {
    const words = this.core.exports.radix_events_take(this.handle);
    if (words < 0) throw new KernelError('radix_events_take', Status.full);
    const at = (this.core.exports.radix_events(this.handle) >>> 0) >>> 2;
    return parseRadixEvents(this.core.u32.subarray(at, at + words), this.page);
  }

  /** Empties the tree. False while anything is locked. */
  reset(): boolean {
    const status = this.core.exports.radix_reset(this.handle);
    if (status === Status.busy) return false;
    check('radix_reset', status);
    return true;
  }

  get evictable(): number {
    return check('radix_evictable', this.core.exports.radix_evictable(this.handle));
  }

  get protected(): number {
    return check('radix_protected', this.core.exports.radix_protected(this.handle));
  }

  /** Tokens in the tree. */
  get tokens(): number {
    return this.evictable + this.protected;
  }

  get nodes(): number {
    return check('radix_nodes', this.core.exports.radix_nodes(this.handle));
  }

  get evictableLeaves(): number {
    return check('radix_leaves', this.core.exports.radix_leaves(this.handle));
  }

  /** All nodes but the root, in table order. */
  dump(): RadixNode[] {
    return dumpRadix(this.core, this.handle);
  }

  /** Number of the first RX invariant that does not hold, 0 when all do. */
  check(): number {
    this.core.reserve(this.nodes * 16 + 4096);
    return check('radix_check', this.core.exports.radix_check(this.handle));
  }

  dispose(): void {
    check('radix_destroy', this.core.exports.radix_destroy(this.handle));
    this.#keys.dispose();
    this.#values.dispose();
  }

  #load(key: ArrayLike<number>, values: ArrayLike<number> | null): void {
    if (this.#valued && values?.length !== key.length) {
      throw new RangeError(`values: must be as long as the key (${key.length})`);
    }
    this.#keys.set(key);
    if (values) this.#values.set(values);
  }

  #end(): NodeHandle & { depth: number } {
    const { u32 } = this.core;
    const at = this.handle >>> 2;
    return {
      node: u32[at + RADIX_HEADER.endNode / 4],
      gen: u32[at + RADIX_HEADER.endGen / 4],
      depth: u32[at + RADIX_HEADER.endDepth / 4],
    };
  }

  /** Runs a call, reserving more memory when the arena lacks room. Stale comes back negative. */
  #retry(operation: string, call: () => number): number {
    for (let bytes = 1 << 20; ; bytes *= 2) {
      const result = call();
      if (result === Status.noMemory) this.core.reserve(bytes);
      else return result === Status.stale ? result : check(operation, result);
    }
  }
}

/** The one number that a policy is made with. */
function policyParameter(options: RadixTreeOptions): number {
  const { policy, threshold = 2, grace = Infinity, budget = 0 } = options;
  for (const [name, value] of Object.entries({ threshold, grace, budget })) {
    if (!(value >= 0)) throw new RangeError(`${name}: must be 0 or more, got ${value}`);
  }
  return { slru: threshold, session: grace, ttl: budget }[policy as string] ?? 0;
}
