// SPDX-License-Identifier: Apache-2.0
import type { BlockPool } from './block-pool.js';
import { U32Buffer } from './buffer.js';
import type { Core } from './core.js';
import { check, KernelError, Status } from './status.js';

/** What a group of layers sees: everything, so many tokens back, or a state carried along. */
export type KvGroup = 'full' | 'state' | number;

export interface KvManagerOptions {
  /** Tokens of a block. */
  blockSize: number;
  /** One entry a group, in the order in which they share the pool. */
  groups: readonly KvGroup[];
  /** Most tokens a request may hold blocks for. */
  maxModelLength: number;
  /** Tokens of a key (default: a block). Smaller ones allow hits that end inside a block. */
  hashBlockSize?: number;
  /** The drafter reads the last block of a hit again: drop it (default false). */
  eagle?: boolean;
  /** Fraction of the pool that an admission leaves free (default 0). */
  watermark?: number;
  /** Most tokens of a step: what a window group may hold beyond its window (default 0). */
  maxInFlight?: number;
}

/** A request: where its record stands, and which of its lives is meant. */
export interface KvRequest {
  readonly at: number;
  readonly generation: number;
}

export interface KvHit {
  /** Tokens. */
  readonly hit: number;
  /** Blocks of each group, 0 where it needs none. */
  readonly blocks: number[][];
  /** Longest hit of a single group, if longer than the common one, else 0. */
  readonly boundary: number;
}

export interface AllocOptions {
  /** Tokens that the lookup just before has found (default 0). */
  hit?: number;
  /** Draft slots behind the new tokens (default 0). */
  lookahead?: number;
  /** Refuse unless the whole request would fit (default false). */
  mustFit?: boolean;
  /** Another request is scheduled in this step: the watermark counts (default false). */
  scheduled?: boolean;
  /** Free blocks that must be left (default 0). */
  reserved?: number;
}

const MOST_TOKENS = 0x40000000;
const STATE = 0xffffffff;

/** Takes a key apart without making further bigints. */
const wide = new BigUint64Array(1);
const halves = new Uint32Array(wide.buffer);

/**
 * Block tables of requests over a block pool, with the rules of vLLM v1. See assembly/kv/manager.ts
 * for the layout. The pool belongs to the manager: change it through the manager only.
 *
 * @example
 * const pool = new BlockPool(core, { blocks: 100 });
 * const options = { blockSize: 16, groups: ['full'], maxModelLength: 4096 } as const;
 * const manager = new KvManager(core, pool, options);
 * const request = manager.request(40, [11n, 12n]); // two whole blocks and a bit
 * const { hit } = manager.lookup(request);
 * manager.alloc(request, 40 - hit, { hit });       // [[1, 2, 3]], or null when full
 * manager.free(request);
 */
export class KvManager {
  readonly handle: number;
  readonly groups: number;
  readonly #size: number;
  readonly #words: U32Buffer;

  constructor(
    private readonly core: Core,
    pool: BlockPool,
    options: KvManagerOptions,
  ) {
    const { blockSize, groups, maxModelLength, hashBlockSize = blockSize } = options;
    const { eagle = false, watermark = 0, maxInFlight = 0 } = options;
    whole('blockSize', blockSize, 1, 0xffff);
    whole('hashBlockSize', hashBlockSize, 1, blockSize);
    whole('maxModelLength', maxModelLength, 1, MOST_TOKENS);
    whole('maxInFlight', maxInFlight, 0, MOST_TOKENS);
    whole('groups', groups.length, 1, 32);
    if (!(watermark >= 0 && watermark <= 1)) {
      throw new RangeError(`watermark: must be from 0 to 1, got ${watermark}`);
    }
    this.groups = groups.length;
    this.#size = blockSize;
    this.#words = new U32Buffer(core, 256);
    this.#words.set(groups.map(windowOf));
    core.reserve(4096);
    const handle = core.exports.mgr_create(
      pool.handle,
      blockSize,
      blockSize % hashBlockSize === 0 ? blockSize / hashBlockSize : 0,
      this.#words.at,
      groups.length,
      maxModelLength,
      eagle ? 1 : 0,
      Math.floor(watermark * pool.blocks),
      maxInFlight,
    );
    this.handle = handle >>> 0;
    if (this.handle === 0) throw new KernelError('mgr_create', Status.badArgument);
  }

  /** A new request with a prompt of so many tokens and the keys of its whole hash blocks. */
  request(tokens: number, keys: ArrayLike<bigint>): KvRequest {
    this.core.reserve(4096);
    const at = this.core.exports.mgr_request(this.handle) >>> 0;
    if (at === 0) throw new KernelError('mgr_request', Status.badHandle);
    const request = this.#named(at);
    try {
      this.append(request, tokens, keys);
    } catch (error) {
      this.free(request);
      throw error;
    }
    return request;
  }

  /** More tokens, and the keys of the hash blocks they complete. */
  append({ at, generation }: KvRequest, tokens: number, keys: ArrayLike<bigint>): void {
    whole('tokens', tokens, 0, MOST_TOKENS);
    this.#words.ensure(keys.length * 2);
    const { u32, exports } = this.core;
    const to = this.#words.at >>> 2;
    for (let i = 0; i < keys.length; i++) {
      wide[0] = keys[i];
      u32[to + 2 * i] = halves[0];
      u32[to + 2 * i + 1] = halves[1];
    }
    const words = this.#words;
    this.#call('mgr_append', () =>
      exports.mgr_append(this.handle, at, generation, tokens, words.at, keys.length));
  }

  /** The longest cached prefix; the next `alloc` of this request may use it. */
  lookup({ at, generation }: KvRequest): KvHit {
    const { exports } = this.core;
    const hit = this.#call('mgr_lookup', () => exports.mgr_lookup(this.handle, at, generation));
    const n = Math.ceil(hit / this.#size);
    const rows = this.#each((g) => this.#ids(exports.mgr_hits(this.handle, g) >>> 0, n));
    return { hit, blocks: rows, boundary: exports.mgr_boundary(this.handle) };
  }

  /** New blocks of each group (null entries of a state as 0), or null when refused. */
  alloc(request: KvRequest, tokens: number, options: AllocOptions = {}): number[][] | null {
    const { hit = 0, lookahead = 0, reserved = 0 } = options;
    whole('tokens', tokens, 1, MOST_TOKENS);
    whole('hit', hit, 0, MOST_TOKENS);
    whole('lookahead', lookahead, 0, MOST_TOKENS);
    whole('reserved', reserved, 0, 0x7fffffff);
    const flags = (options.mustFit === true ? 1 : 0) | (options.scheduled === true ? 2 : 0);
    const { at, generation } = request;
    const { exports } = this.core;
    const taken = this.#attempt(() =>
      exports.mgr_alloc(this.handle, at, generation, tokens, hit, lookahead, flags, reserved));
    if (taken === Status.full) return null;
    check('mgr_alloc', taken);
    return this.#each((g) => {
      const table = this.#table(request, g);
      return this.#ids(table.ids + (table.length - table.took) * 4, table.took);
    });
  }

  /** Tokens that count as computed from now on; rejected drafts are behind them. */
  computed({ at, generation }: KvRequest, n: number): void {
    whole('n', n, 0, MOST_TOKENS);
    const { exports } = this.core;
    check('mgr_computed', exports.mgr_computed(this.handle, at, generation, n));
  }

  /** Takes the blocks of a running request; its tokens and keys stay. */
  preempt({ at, generation }: KvRequest): void {
    check('mgr_preempt', this.core.exports.mgr_preempt(this.handle, at, generation));
  }

  /** Ends a request. Its handle is refused from now on. */
  free({ at, generation }: KvRequest): void {
    check('mgr_free', this.core.exports.mgr_free(this.handle, at, generation));
  }

  /** A request that goes on from where a running one is, on the same blocks. */
  fork({ at, generation }: KvRequest): KvRequest {
    const { exports } = this.core;
    const table = exports.mgr_blocks(this.handle, at, generation, 0) >>> 0;
    if (table === 0) throw new KernelError('mgr_fork', Status.stale);
    // Word 9 of the record counts its keys; the others bound what the tables need.
    let bytes = 4096 + 16 * this.core.u32[(at >>> 2) + 9];
    for (let g = 0; g < this.groups; g++) {
      bytes += 128 + 8 * this.#table({ at, generation }, g).length;
    }
    this.core.reserve(bytes);
    const child = exports.mgr_fork(this.handle, at, generation) >>> 0;
    if (child === 0) throw new KernelError('mgr_fork', Status.badArgument);
    return this.#named(child);
  }

  /** Copies of blocks that the host has to do, [from, to], oldest first. */
  copies(): [number, number][] {
    const { exports } = this.core;
    const n = check('mgr_copy_count', exports.mgr_copy_count(this.handle));
    const words = this.#ids(exports.mgr_copies(this.handle) >>> 0, 2 * n);
    return Array.from({ length: n }, (_, i) => [words[2 * i], words[2 * i + 1]]);
  }

  /** The first `n` copies are done: their blocks are kept for them no longer. */
  copied(n: number): void {
    check('mgr_copied', this.core.exports.mgr_copied(this.handle, n));
  }

  /** Drops the hashes of blocks. */
  evict(ids: ArrayLike<number>): void {
    this.#words.set(ids);
    const { at } = this.#words;
    check('mgr_evict', this.core.exports.mgr_evict(this.handle, at, ids.length));
  }

  /** Drops all hashes. False while a block is in use. */
  reset(): boolean {
    const status = this.core.exports.mgr_reset(this.handle);
    if (status === Status.busy) return false;
    check('mgr_reset', status);
    return true;
  }

  /** Leading blocks of each group that all requests with blocks share. */
  common({ at, generation }: KvRequest): number[] {
    const { exports } = this.core;
    return this.#each((g) =>
      check('mgr_common', exports.mgr_common(this.handle, at, generation, g)));
  }

  /** The block table of each group, 0 where there is no block. */
  blocks(request: KvRequest): number[][] {
    return this.#each((g) => {
      const { ids, length } = this.#table(request, g);
      return this.#ids(ids, length);
    });
  }

  /** Number of the first KM invariant that does not hold, 0 when all do. */
  check(): number {
    return check('mgr_check', this.core.exports.mgr_check(this.handle));
  }

  dispose(): void {
    check('mgr_destroy', this.core.exports.mgr_destroy(this.handle));
    this.#words.dispose();
  }

  #named(at: number): KvRequest {
    return { at, generation: this.core.u32[(at >>> 2) + 2] };
  }

  #each<T>(of: (group: number) => T): T[] {
    return Array.from({ length: this.groups }, (_, g) => of(g));
  }

  #ids(at: number, n: number): number[] {
    const { u32 } = this.core;
    const ids: number[] = [];
    for (let i = 0; i < n; i++) ids.push(u32[(at >>> 2) + i]);
    return ids;
  }

  #table(
    { at, generation }: KvRequest,
    group: number,
  ): { ids: number; length: number; took: number } {
    const { exports, u32 } = this.core;
    const table = exports.mgr_blocks(this.handle, at, generation, group) >>> 2;
    if (table === 0) throw new KernelError('mgr_blocks', Status.stale);
    return { ids: u32[table], length: u32[table + 2], took: u32[table + 5] };
  }

  /** Calls until the arena has room. */
  #attempt(call: () => number): number {
    for (let bytes = 1 << 14; ; bytes *= 2) {
      const status = call();
      if (status !== Status.noMemory) return status;
      this.core.reserve(bytes);
    }
  }

  #call(name: string, call: () => number): number {
    return check(name, this.#attempt(call));
  }
}

function windowOf(group: KvGroup): number {
  if (group === 'full') return 0;
  if (group === 'state') return STATE;
  whole('window', group, 1, MOST_TOKENS);
  return group;
}

function whole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${name}: must be an integer from ${least} to ${most}, got ${value}`);
}
