// SPDX-License-Identifier: Apache-2.0
import { U32Buffer } from './buffer.js';
import type { Core } from './core.js';
import { check, KernelError, Status } from './status.js';

/** Names a node. Goes stale when the node is evicted or trimmed. */
export interface NodeHandle {
  readonly node: number;
  readonly gen: number;
}

export interface RadixMatch extends NodeHandle {
  /** Tokens matched, a multiple of the page. */
  readonly length: number;
}

/** One node as `dump` shows it. */
export interface RadixNode {
  readonly node: number;
  readonly gen: number;
  readonly parent: number;
  readonly start: number;
  readonly tokens: Uint32Array;
  readonly values: Uint32Array;
  /** Locks on the node itself; SGLang's `lock_ref` is the sum of these over the subtree. */
  readonly locks: number;
  readonly hits: number;
  readonly priority: number;
  readonly space: number;
  readonly stamp: number;
}

export interface RadixTreeOptions {
  /** Tokens a page, 1 to 256 (default 1). */
  page?: number;
  /** Whether tokens carry values (KV slots); default true. */
  values?: boolean;
  /** Nodes to make room for at first; the tables grow. */
  nodes?: number;
}

/**
 * Byte offsets in the header of a tree (assembly/kv/radix/layout.ts), for callers of the raw
 * exports: where the last walk, insert or extend ended.
 */
export const RADIX_HEADER = { clock: 64, endNode: 72, endGen: 76, endDepth: 80 } as const;

/**
 * Radix tree over pages of tokens, least recently used leaves evicted first.
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
  readonly #valued: boolean;
  readonly #keys: U32Buffer;
  readonly #values: U32Buffer;

  constructor(
    private readonly core: Core,
    options: RadixTreeOptions = {},
  ) {
    const { page = 1, values = true, nodes = 64 } = options;
    if (!Number.isInteger(page) || page < 1 || page > 256) {
      throw new RangeError(`page: must be an integer from 1 to 256, got ${page}`);
    }
    if (!Number.isInteger(nodes) || nodes < 1 || nodes > 0x3fffff) {
      throw new RangeError(`nodes: must be an integer from 1 to 4194303, got ${nodes}`);
    }
    core.reserve(nodes * 512 + 65536);
    this.handle = core.exports.radix_create(page, values ? 1 : 0, nodes) >>> 0;
    if (this.handle === 0) throw new KernelError('radix_create', Status.badArgument);
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

  /** Frees up to `n` tokens from leaf ends, deepest first; returns their values. */
  trim(n: number): Uint32Array {
    this.#values.ensure(n);
    const freed = check(
      'radix_trim',
      this.core.exports.radix_trim(this.handle, n, this.#values.at),
    );
    return this.#valued ? this.#values.slice(freed) : new Uint32Array(freed);
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
    const { exports, u32, i32, f64 } = this.core;
    const base = (exports.radix_node_base(this.handle) >>> 0) >>> 2;
    const high = check('radix_node_high', exports.radix_node_high(this.handle));
    const nodes: RadixNode[] = [];
    for (let node = 1; node < high; node++) {
      const at = base + node * 16;
      const segment = u32[at] >>> 2;
      if (segment === 0) continue;
      const tokens = segment + 4 + u32[at + 1];
      const values = tokens + u32[segment + 1];
      nodes.push({
        node,
        gen: u32[at + 11],
        parent: u32[at + 3],
        start: u32[at + 4],
        tokens: u32.slice(tokens, tokens + u32[at + 2]),
        values: this.#valued ? u32.slice(values, values + u32[at + 2]) : new Uint32Array(0),
        locks: u32[at + 6],
        hits: u32[at + 12],
        priority: i32[at + 13],
        space: u32[at + 14],
        stamp: f64[(at + 8) >>> 1],
      });
    }
    return nodes;
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
