// SPDX-License-Identifier: Apache-2.0
import { U32Buffer } from './buffer.js';
import type { Core } from './core.js';
import { check, KernelError, Status } from './status.js';

/** What happened to the content of the pool, in order. Keys are u64. */
export type PoolEvent =
  | { kind: 'stored'; keys: bigint[]; parent: bigint | null; group: number }
  | { kind: 'removed'; key: bigint; group: number }
  | { kind: 'cleared' };

export interface BlockPoolOptions {
  /** Blocks including the null block 0, at least 2. */
  blocks: number;
  /** Keep freed hashed blocks findable (default true). */
  caching?: boolean;
  /** Capacity of the event log between two calls of `takeEvents` (default 0: no log). */
  events?: number;
}

/** Takes a key apart without making further bigints. */
const wide = new BigUint64Array(1);
const halves = new Uint32Array(wide.buffer);

/**
 * Paged KV block pool with the block order of vLLM v1. See assembly/kv/pool.ts for the layout.
 *
 * @example
 * const pool = new BlockPool(core, { blocks: 100 });
 * const ids = pool.alloc(4);          // Uint32Array [1, 2, 3, 4], or null when full
 * pool.cache(ids, [11n, 12n, 13n, 14n]);
 * pool.free(ids.reverse());           // tail first, so that the prefix is evicted last
 * pool.lookup(11n);                   // 1
 */
export class BlockPool {
  readonly handle: number;
  readonly blocks: number;
  readonly #ids: U32Buffer;
  readonly #keys: U32Buffer;

  constructor(
    private readonly core: Core,
    options: BlockPoolOptions,
  ) {
    const { blocks, caching = true, events = 0 } = options;
    if (!Number.isInteger(blocks) || blocks < 2 || blocks > 0x3ffffff) {
      throw new RangeError(`blocks: must be an integer from 2 to 67108863, got ${blocks}`);
    }
    const bytes = core.exports.pool_bytes(blocks, caching ? 1 : 0, events) >>> 0;
    core.reserve(bytes + 4096);
    this.handle = core.exports.pool_create(blocks, caching ? 1 : 0, events) >>> 0;
    if (this.handle === 0) throw new KernelError('pool_create', Status.badArgument);
    this.blocks = blocks;
    this.#ids = new U32Buffer(core, 256);
    this.#keys = new U32Buffer(core, 512);
  }

  /** Blocks that can be allocated now, cached ones that would be evicted included. */
  get freeBlocks(): number {
    return check('pool_free_count', this.core.exports.pool_free_count(this.handle));
  }

  /** Blocks that carry a hash. */
  get hashedBlocks(): number {
    return check('pool_hashed_count', this.core.exports.pool_hashed_count(this.handle));
  }

  /** `n` blocks with one reference each, or null when fewer are free. */
  alloc(n: number): Uint32Array | null {
    if (!Number.isInteger(n) || n < 0) {
      throw new RangeError(`n: must be a number of blocks, got ${n}`);
    }
    if (n >= this.blocks) return null;
    this.#ids.ensure(n);
    const status = this.core.exports.pool_alloc(this.handle, n, this.#ids.at);
    if (status === Status.full) return null;
    check('pool_alloc', status);
    return this.#ids.slice(n);
  }

  /** Takes one reference off each block, given in eviction order. */
  free(ids: ArrayLike<number>): void {
    this.#ids.set(ids);
    check('pool_free', this.core.exports.pool_free(this.handle, this.#ids.at, ids.length));
  }

  /** The same from the end of a block table, so that a prefix outlives what follows it. */
  freeTable(table: ArrayLike<number>): void {
    this.#ids.set(table);
    const { exports } = this.core;
    check('pool_free_table', exports.pool_free_table(this.handle, this.#ids.at, table.length));
  }

  /** One more reference on each block; cached free blocks leave the free queue. */
  touch(ids: ArrayLike<number>): void {
    this.#ids.set(ids);
    check('pool_touch', this.core.exports.pool_touch(this.handle, this.#ids.at, ids.length));
  }

  /** Registers each block under its key. `parent` is the key of the block before the first one. */
  cache(
    ids: ArrayLike<number>,
    keys: ArrayLike<bigint | number>,
    group = 0,
    parent: bigint | null = null,
  ): void {
    if (keys.length !== ids.length) {
      throw new RangeError(`keys: must be as many as the blocks (${ids.length})`);
    }
    this.#ids.set(ids);
    this.#setKeys(keys);
    wide[0] = parent ?? 0n;
    const status = this.core.exports.pool_cache(
      this.handle,
      this.#ids.at,
      this.#keys.at,
      ids.length,
      group,
      halves[0],
      halves[1],
      parent === null ? 0 : 1,
    );
    check('pool_cache', status);
  }

  /** Oldest surviving block under the key, or null. */
  lookup(key: bigint | number, group = 0): number | null {
    wide[0] = typeof key === 'bigint' ? key : BigInt(key);
    const id = this.core.exports.pool_lookup(this.handle, halves[0], halves[1], group);
    return id === Status.none ? null : check('pool_lookup', id);
  }

  /** Blocks of the longest run of keys, from the left, that are all cached. */
  lookupRun(keys: ArrayLike<bigint | number>, group = 0): Uint32Array {
    this.#setKeys(keys);
    this.#ids.ensure(keys.length);
    const { exports } = this.core;
    const ids = this.#ids.at;
    const hits = exports.pool_lookup_run(this.handle, this.#keys.at, keys.length, group, ids);
    return this.#ids.slice(check('pool_lookup_run', hits));
  }

  /** Drops hashes only; references and queue positions stay. */
  evict(ids: ArrayLike<number>): void {
    this.#ids.set(ids);
    check('pool_evict', this.core.exports.pool_evict(this.handle, this.#ids.at, ids.length));
  }

  /** Drops all hashes. False while any block but the null block is in use. */
  reset(): boolean {
    const status = this.core.exports.pool_reset(this.handle);
    if (status === Status.busy) return false;
    check('pool_reset', status);
    return true;
  }

  /** References on a block. */
  references(id: number): number {
    return check('pool_ref', this.core.exports.pool_ref(this.handle, id));
  }

  /** The free queue, next block to be handed out first. */
  queue(): Uint32Array {
    this.#ids.ensure(this.blocks);
    const { at, capacity } = this.#ids;
    return this.#ids.slice(
      check('pool_queue', this.core.exports.pool_queue(this.handle, at, capacity)),
    );
  }

  /** Events since the last call. Throws when the log overflowed. */
  takeEvents(): PoolEvent[] {
    const n = this.core.exports.pool_events_take(this.handle);
    if (n < 0) throw new KernelError('pool_events_take', Status.full);
    const base = (this.core.exports.pool_events(this.handle) >>> 0) >>> 2;
    const { u32 } = this.core;
    const wide = (at: number): bigint => (BigInt(u32[at + 1]) << 32n) | BigInt(u32[at]);
    const events: PoolEvent[] = [];
    let run: bigint[] = [];
    for (let i = 0; i < n; i++) {
      const at = base + i * 8;
      const group = u32[at + 1];
      if (u32[at] === 3) events.push({ kind: 'cleared' });
      else if (u32[at] === 2) events.push({ kind: 'removed', key: wide(at + 2), group });
      else if (u32[at + 7] === 1) run.push(wide(at + 2));
      else {
        run = [wide(at + 2)];
        const parent = u32[at + 6] === 1 ? wide(at + 4) : null;
        events.push({ kind: 'stored', keys: run, parent, group });
      }
    }
    return events;
  }

  /** Number of the first KV invariant that does not hold, 0 when all do. */
  check(): number {
    return check('pool_check', this.core.exports.pool_check(this.handle));
  }

  dispose(): void {
    check('pool_destroy', this.core.exports.pool_destroy(this.handle));
    this.#ids.dispose();
    this.#keys.dispose();
  }

  #setKeys(keys: ArrayLike<bigint | number>): void {
    this.#keys.ensure(keys.length * 2);
    const { u32 } = this.core;
    const at = this.#keys.at >>> 2;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      wide[0] = typeof key === 'bigint' ? key : BigInt(key);
      u32[at + 2 * i] = halves[0];
      u32[at + 2 * i + 1] = halves[1];
    }
  }
}
