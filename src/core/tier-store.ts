// SPDX-License-Identifier: Apache-2.0
import type { Core } from './core.js';
import { check, KernelError, Status } from './status.js';

/** A tier, from the device downwards, and how blocks get into the one below. */
export interface TierOptions {
  /** Blocks. */
  readonly capacity: number;
  /**
   * 'through': copied when `hits` inserts have passed (1 is write-through, 2 is
   * write-through-selective); 'back': copied when evicted; 'none' (default): evicted blocks are
   * gone.
   */
  readonly down?: 'none' | 'through' | 'back';
  readonly hits?: number;
  /** 'back': blocks of a lower priority are not worth a copy. TensorRT-LLM: 30. Default 0. */
  readonly minPriority?: number;
  /** Fewest consecutive blocks that are loaded from here. Default 1. */
  readonly shortestLoad?: number;
}

export interface TierStoreOptions {
  /** One to four, the device first. */
  readonly tiers: readonly TierOptions[];
  /** Bytes of a block, for the sizes of commands. */
  readonly blockBytes?: number;
  /** Most copies under way, 1 to 1048576. Default 1024. */
  readonly transfers?: number;
  /** Capacity of the event log. Default 0: no events. */
  readonly events?: number;
}

/** A block by number; refused once the block is gone, though the number may be another's. */
export interface TierBlock {
  readonly index: number;
  readonly generation: number;
}

export interface TierInsert {
  /** Blocks placed; fewer than given when a hash stands elsewhere; 0: room is being made. */
  readonly placed: number;
  /** Leading blocks that the device held before. */
  readonly prefix: number;
  /** The last block placed. */
  readonly end: TierBlock | null;
}

export interface TierMatch {
  /** Leading blocks that are in some tier. */
  readonly found: number;
  /** Leading blocks that are in tier t or above. */
  readonly reach: readonly number[];
  /** The last block found, and the last one on the device. */
  readonly end: TierBlock | null;
  readonly device: TierBlock | null;
}

/** A copy that the host is asked for. Report its end with `done(id)`. */
export interface TierCommand {
  readonly id: number;
  readonly source: number;
  readonly target: number;
  readonly blocks: number;
  /** The last block of the path that is copied. */
  readonly end: TierBlock;
  readonly bytes: number;
}

export interface TierOccupancy {
  readonly capacity: number;
  /** Slots taken: blocks there and on their way. */
  readonly used: number;
  /** Blocks that are in no tier above. */
  readonly best: number;
  /** Blocks that go once their copy has landed. */
  readonly leaving: number;
}

/** Where a block is and where it is on its way to: tiers, ascending. */
export interface Residency {
  readonly resident: readonly number[];
  readonly incoming: readonly number[];
  readonly leaving: boolean;
  readonly priority: number;
  readonly hits: number;
  readonly locks: number;
}

export interface TierEvent {
  readonly kind: 'stored' | 'removed' | 'moved' | 'cleared';
  readonly hash: bigint;
  readonly parent: bigint | null;
  /** Best tier before and after; null: none. */
  readonly from: number | null;
  readonly to: number | null;
}

const NIL = 0xffffffff;
const MODES = { none: 0, through: 1, back: 2 } as const;
const KINDS = ['', 'stored', 'removed', 'moved', 'cleared'] as const;
const WORDS_A_COMMAND = 8;
/** Offsets in the header, a tier's record and a block's: see assembly/kv/tiers/layout.ts. */
const BLOCKS_AT = 16;
const TIERS_AT = 112;
const TIER_BYTES = 40;
const BLOCK_BYTES = 88;
const B = {
  key: 8, locks: 44, hits: 56, generation: 60, resident: 76, incoming: 77, leaving: 79,
} as const;

const tiersOf = (set: number): number[] => [0, 1, 2, 3].filter((t) => (set >> t) & 1);

/**
 * Blocks of prefixes over device, host, disk and remote memory; copies between them are commands.
 * See assembly/kv/tiers.ts for layout, invariants and the engines it follows.
 *
 * @example
 * const store = new TierStore(core, {
 *   tiers: [{ capacity: 4, down: 'through', hits: 1 }, { capacity: 16 }],
 * });
 * store.insert([1n, 2n]);            // { placed: 2, prefix: 0, end }
 * for (const { id } of store.commands()) store.done(id);   // both are in host memory too
 * store.evict(0, 2);
 * store.match([1n, 2n]).reach;       // [0, 2, 2, 2]
 */
export class TierStore {
  readonly handle: number;
  readonly tiers: number;
  #at: number;
  #bytes = 4096;
  readonly #transfers: number;

  constructor(
    private readonly core: Core,
    options: TierStoreOptions,
  ) {
    const { tiers, blockBytes = 0, transfers = 1024, events = 0 } = options;
    this.#at = core.take(this.#bytes);
    const settings = tiers.flatMap(({ capacity, down = 'none', ...rest }) => {
      const { hits = 1, minPriority = 0, shortestLoad = 1 } = rest;
      return [capacity, MODES[down], hits, minPriority, shortestLoad];
    });
    const wrong = settings.findIndex((x) => !Number.isInteger(x) || x < 0 || x > 0xffffffff);
    if (wrong >= 0 || tiers.length > 4) throw new KernelError('tier_create', Status.badArgument);
    core.u32.set(settings, this.#at >>> 2);
    const { exports } = core;
    core.reserve(exports.tier_bytes(64, transfers, events));
    this.handle = exports.tier_create(
      tiers.length, this.#at, blockBytes, transfers, events,
    ) >>> 0;
    if (this.handle === 0) throw new KernelError('tier_create', Status.badArgument);
    this.tiers = tiers.length;
    this.#transfers = transfers;
  }

  /** The device holds these blocks of a path, behind `from`. null: they do not fit. */
  insert(keys: ArrayLike<bigint>, from: TierBlock | null = null): TierInsert | null {
    const status = this.#path('tier_insert', keys, from);
    if (status === Status.full) return null;
    const out = this.#out >>> 2;
    check('tier_insert', status);
    const [index, generation, prefix] = this.core.u32.subarray(out, out + 3);
    if (status === 0) return { placed: 0, prefix: 0, end: null };
    return { placed: status, prefix, end: { index, generation } };
  }

  /** What of a path is where. It counts as used. */
  match(keys: ArrayLike<bigint>, from: TierBlock | null = null): TierMatch {
    const found = check('tier_match', this.#path('tier_match', keys, from));
    const out = this.#out >>> 2;
    const words = this.core.u32.slice(out, out + 8);
    const block = (at: number): TierBlock | null =>
      words[at] === NIL ? null : { index: words[at], generation: words[at + 1] };
    return { found, reach: [...words.subarray(0, 4)], end: block(4), device: block(6) };
  }

  /** Keeps a block of the device, and what leads to it, there. False: it is not there. */
  lock({ index, generation }: TierBlock): boolean {
    const status = this.core.exports.tier_lock(this.handle, index, generation);
    return status !== Status.none && check('tier_lock', status) === 0;
  }

  unlock({ index, generation }: TierBlock): void {
    check('tier_unlock', this.core.exports.tier_unlock(this.handle, index, generation));
  }

  /** Evicts up to n blocks; how many have left, or leave once copied down. */
  evict(tier: number, n: number): number {
    return check('tier_evict', this.core.exports.tier_evict(this.handle, tier, n));
  }

  /**
   * Loads a path onto the device while at most `quota` blocks are under way. Returns the blocks
   * asked for, 0 while room is being made, or why nothing is loaded: nothing to load (or too
   * little), no room or quota, too many copies under way.
   */
  load({ index, generation }: TierBlock, quota = NIL): number | 'none' | 'full' | 'busy' {
    const status = this.core.exports.tier_load(this.handle, index, generation, quota);
    if (status === Status.none) return 'none';
    if (status === Status.full) return 'full';
    if (status === Status.busy) return 'busy';
    return check('tier_load', status);
  }

  /** Copies that are to be made, in order. */
  commands(max = this.#transfers): TierCommand[] {
    const at = this.#room(max * WORDS_A_COMMAND * 4);
    const n = check('tier_commands', this.core.exports.tier_commands(this.handle, at, max));
    const from = at >>> 2;
    return Array.from({ length: n }, (_, i) => {
      const word = (j: number): number => this.core.u32[from + i * WORDS_A_COMMAND + j];
      const end = { index: word(4), generation: word(5) };
      const bytes = word(6) + word(7) * 2 ** 32;
      return { id: word(0), source: word(1), target: word(2), blocks: word(3), end, bytes };
    });
  }

  /** A copy has landed or failed. 'busy': report first what its blocks hang from. */
  done(id: number, success = true): 'landed' | 'dropped' | 'busy' {
    const status = this.core.exports.tier_done(this.handle, id, success ? 1 : 0);
    if (status === Status.busy) return 'busy';
    return check('tier_done', status) === 0 ? 'landed' : 'dropped';
  }

  /** Gives the last n blocks of a path a priority, 0 to 100, until a time (0: for ever). */
  retain({ index, generation }: TierBlock, n: number, priority: number, due = 0): void {
    const { exports } = this.core;
    const status = exports.tier_retain(this.handle, index, generation, n, priority, due);
    check('tier_retain', status);
  }

  /** Ends the priorities that are due; how many. */
  refresh(now: number): number {
    return check('tier_refresh', this.core.exports.tier_refresh(this.handle, now));
  }

  /** Drops everything. False: blocks are locked or copies under way. */
  clear(): boolean {
    const status = this.core.exports.tier_clear(this.handle);
    return status !== Status.busy && check('tier_clear', status) === 0;
  }

  occupancy(): TierOccupancy[] {
    return Array.from({ length: this.tiers }, (_, t) => {
      const at = (this.handle + TIERS_AT + t * TIER_BYTES) >>> 2;
      const { u32 } = this.core;
      return { capacity: u32[at], used: u32[at + 5], best: u32[at + 6], leaving: u32[at + 7] };
    });
  }

  /** The block of a hash; null: no tier has it. */
  block(key: bigint): TierBlock | null {
    const { exports } = this.core;
    const lo = Number(key & 0xffffffffn);
    const index = exports.tier_lookup(this.handle, lo, Number((key >> 32n) & 0xffffffffn));
    if (index === Status.none) return null;
    check('tier_lookup', index);
    const { u32 } = this.core;
    return { index, generation: u32[(this.#record(index) + B.generation) >>> 2] };
  }

  /** null: no tier has the block. */
  residency(key: bigint): Residency | null {
    const block = this.block(key);
    if (block === null) return null;
    const { u8, u32 } = this.core;
    const at = this.#record(block.index);
    return {
      resident: tiersOf(u8[at + B.resident]),
      incoming: tiersOf(u8[at + B.incoming]),
      leaving: u8[at + B.leaving] === 1,
      priority: u8[at + B.key + 7],
      hits: u32[(at + B.hits) >>> 2],
      locks: u32[(at + B.locks) >>> 2],
    };
  }

  /** Takes the event log. Throws when it overflowed. */
  events(): TierEvent[] {
    const { exports, u32 } = this.core;
    const at = exports.tier_events(this.handle) >>> 2;
    const n = exports.tier_events_take(this.handle);
    if (n < 0) throw new Error(`tier event log overflowed, ${-n - 1} events lost`);
    const long = (i: number): bigint => BigInt(u32[i]) + (BigInt(u32[i + 1]) << 32n);
    return Array.from({ length: n }, (_, i) => {
      const e = at + i * 8;
      const tier = (t: number): number | null => (t > 3 ? null : t);
      return {
        kind: KINDS[u32[e]] as TierEvent['kind'],
        from: tier(u32[e + 1]),
        to: tier(u32[e + 2]),
        hash: long(e + 4),
        parent: u32[e + 3] === 1 ? long(e + 6) : null,
      };
    });
  }

  /** 0, or the number of the first TIER invariant that does not hold. */
  check(): number {
    let broken = this.core.exports.tier_check(this.handle);
    for (let room = 1 << 12; broken === Status.noMemory; room *= 4) {
      this.core.reserve(room);
      broken = this.core.exports.tier_check(this.handle);
    }
    return check('tier_check', broken);
  }

  dispose(): void {
    check('tier_destroy', this.core.exports.tier_destroy(this.handle));
    this.core.give(this.#at, this.#bytes);
  }

  #record(index: number): number {
    return this.core.u32[(this.handle + BLOCKS_AT) >>> 2] + index * BLOCK_BYTES;
  }

  get #out(): number {
    return this.#at + this.#bytes - 32;
  }

  #room(bytes: number): number {
    if (bytes + 32 > this.#bytes) {
      const size = Math.max(this.#bytes * 2, (bytes + 63) & ~31);
      const at = this.core.take(size);
      this.core.give(this.#at, this.#bytes);
      this.#at = at;
      this.#bytes = size;
    }
    return this.#at;
  }

  /** Calls insert or match, reserving and repeating when the arena has no room. */
  #path(
    call: 'tier_insert' | 'tier_match',
    keys: ArrayLike<bigint>,
    from: TierBlock | null,
  ): number {
    const at = this.#room(keys.length * 8);
    const to = at >>> 2;
    for (let i = 0; i < keys.length; i++) {
      this.core.u32[to + 2 * i] = Number(keys[i] & 0xffffffffn);
      this.core.u32[to + 2 * i + 1] = Number((keys[i] >> 32n) & 0xffffffffn);
    }
    const { index, generation } = from ?? { index: NIL, generation: 0 };
    const go = (): number =>
      this.core.exports[call](this.handle, index, generation, at, keys.length, this.#out);
    let status = go();
    if (status === Status.noMemory) {
      const blocks = this.core.u32[(this.handle + BLOCKS_AT + 4) >>> 2];
      const { exports } = this.core;
      this.core.reserve(exports.tier_bytes((blocks + keys.length) * 2, 0, 0));
      status = go();
    }
    return status;
  }
}
