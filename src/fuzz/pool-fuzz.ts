// SPDX-License-Identifier: Apache-2.0
import { BlockPool } from '../core/block-pool.js';
import type { BlockPoolOptions, PoolEvent } from '../core/block-pool.js';
import type { Core } from '../core/core.js';
import { ReferenceBlockPool } from '../core/reference/block-pool.js';
import { expectSame, outcomeOf } from './compare.js';
import type { Outcome, Value } from './compare.js';
import type { FuzzTarget, RunOptions } from './target.js';
import { runOperations } from './target.js';

/** What the fuzzer needs of a pool; a test plants bugs by handing in another one. */
export type PoolUnderTest = Omit<BlockPool, 'handle' | 'takeEvents'> & {
  takeEvents(): PoolEvent[];
};
export type MakePool = (core: Core, options: BlockPoolOptions) => PoolUnderTest;

/** Few keys, so that blocks share them; the high words differ, so that hashing matters. */
const KEYS = Array.from({ length: 24 }, (_, i) => (BigInt(i % 5) << 61n) | BigInt(i * 0x10001));
const MOST_TABLES = 24;
/** Events of one operation and more. */
const EVENT_ROOM = 512;

type PoolCall = (pool: PoolUnderTest | ReferenceBlockPool) => Value | void;

/** Kernel and twin of the block pool under one program. */
class PoolRun {
  readonly kernel: PoolUnderTest;
  readonly twin: ReferenceBlockPool;
  readonly #groups: number;
  readonly #logged: boolean;
  /** Block tables of imaginary requests: each entry holds one reference. */
  readonly #tables: number[][] = [];

  constructor(core: Core, make: MakePool, setup: Uint8Array) {
    const blocks = 2 + (setup[0] % 40);
    const caching = setup[1] % 8 !== 0;
    this.#logged = setup[2] % 4 === 0;
    this.#groups = 1 + (setup[3] % 2);
    const options = { blocks, caching, events: this.#logged ? EVENT_ROOM : 0 };
    this.kernel = make(core, options);
    this.twin = new ReferenceBlockPool(options);
  }

  apply(op: Uint8Array): void {
    const kind = op[0] % 32;
    if (kind < 8) this.#alloc(1 + (op[1] % 5));
    else if (kind < 14) this.#freeTable(op[1], op[2]);
    else if (kind < 17) this.#freeTail(op[1], op[2]);
    else if (kind < 20) this.#share(op[1]);
    else if (kind < 25) this.#cache(op);
    else if (kind < 28) this.#hit(op[1], op[2]);
    else if (kind === 28) this.#lookupRun(op);
    else if (kind === 29) this.#evict(op[1] % (this.twin.blocks + 1), op[2] % 16);
    else if (kind === 30) this.#both('reset', (pool) => pool.reset());
    else if (op[7] % 4 === 0) this.#refused(op);
  }

  compareSizes(): void {
    expectSame('free blocks', this.twin.freeBlocks, this.kernel.freeBlocks);
    if (!this.#logged) return;
    const [expected, got] = [this.twin.takeEvents(), this.kernel.takeEvents()];
    if (expected.length + got.length === 0) return;
    expectSame('events', expected.map(eventValue), got.map(eventValue));
  }

  compareAll(): void {
    const { kernel, twin } = this;
    expectSame('invariant', 0, kernel.check());
    expectSame('hashed blocks', twin.hashedBlocks, kernel.hashedBlocks);
    expectSame('queue', twin.queue(), kernel.queue());
    for (let id = 0; id < twin.blocks; id++) {
      const [expected, got] = [twin.references(id), kernel.references(id)];
      if (expected !== got) expectSame(`references of block ${id}`, expected, got);
    }
    for (let group = 0; group < this.#groups; group++) {
      for (const key of KEYS) {
        const [expected, got] = [twin.lookup(key, group), kernel.lookup(key, group)];
        if (expected !== got) expectSame(`key ${key}`, expected, got);
      }
    }
  }

  dispose(): void {
    this.kernel.dispose();
  }

  /** Runs the call on both sides and compares; the result is the twin's. */
  #both(what: string, call: PoolCall): Outcome {
    const expected = outcomeOf(() => call(this.twin) ?? null);
    const got = outcomeOf(() => call(this.kernel) ?? null);
    expectSame(what, expected, got);
    return expected;
  }

  #alloc(n: number): void {
    const ids = this.#both('alloc', (pool) => pool.alloc(n));
    if (ids !== null && typeof ids === 'object') this.#hold(Array.from(ids as Uint32Array));
  }

  #evict(a: number, b: number): void {
    this.#both('evict', (pool) => pool.evict([a, b]));
  }

  #hold(table: number[]): void {
    this.#tables.push(table);
    if (this.#tables.length > MOST_TABLES) this.#freeTable(0, 0);
  }

  #pick(index: number): number[] | undefined {
    return this.#tables[index % Math.max(1, this.#tables.length)];
  }

  #drop(table: number[]): void {
    const last = this.#tables.pop()!;
    if (last !== table) this.#tables[this.#tables.indexOf(table)] = last;
  }

  /** A request ends: its table is freed, usually from its tail. */
  #freeTable(index: number, forward: number): void {
    const table = this.#pick(index);
    if (table === undefined) return;
    this.#drop(table);
    if (forward % 4 === 0) this.#both('free', (pool) => pool.free(table));
    else this.#both('free table', (pool) => pool.freeTable(table));
  }

  #freeTail(index: number, n: number): void {
    const table = this.#pick(index);
    if (table === undefined) return;
    const tail = table.splice(-1 - (n % 3)).reverse();
    if (table.length === 0) this.#drop(table);
    this.#both('free', (pool) => pool.free(tail));
  }

  #share(index: number): void {
    const table = this.#pick(index);
    if (table === undefined) return;
    this.#both('touch', (pool) => pool.touch(table));
    this.#hold(table.slice());
  }

  #cache(op: Uint8Array): void {
    const table = this.#pick(op[1]);
    if (table === undefined) return;
    const ids: number[] = [];
    const keys: bigint[] = [];
    for (const id of table) {
      if (this.twin.isHashed(id) || ids.includes(id) || ids.length > op[2] % 4) continue;
      keys.push(KEYS[(op[3] + ids.length) % KEYS.length]);
      ids.push(id);
    }
    const parent = op[4] % 2 === 0 ? null : KEYS[op[5] % KEYS.length];
    this.#both('cache', (pool) => pool.cache(ids, keys, op[6] % this.#groups, parent));
  }

  /** Looks a key up and uses the block, as a request with a prefix hit does. */
  #hit(key: number, group: number): void {
    const id = this.#both('lookup', (pool) =>
      pool.lookup(KEYS[key % KEYS.length], group % this.#groups));
    if (typeof id !== 'number') return;
    this.#both('touch', (pool) => pool.touch([id]));
    this.#hold([id]);
  }

  #lookupRun(op: Uint8Array): void {
    const keys = Array.from({ length: op[2] % 6 }, (_, i) => KEYS[(op[1] + i) % KEYS.length]);
    this.#both('lookupRun', (pool) => pool.lookupRun(keys, op[3] % this.#groups));
  }

  /** Calls that must be refused, or do nothing. */
  #refused(op: Uint8Array): void {
    const id = op[2] % (this.twin.blocks + 2);
    const table = this.#pick(op[3]) ?? [];
    const free = this.twin.queue()[0] ?? 0;
    const key = KEYS[op[4] % KEYS.length];
    const calls: readonly PoolCall[] = [
      (pool) => pool.free([free]),
      (pool) => pool.free([...table, ...table, free]),
      (pool) => pool.free([...table, 0]),
      (pool) => pool.free([...table, this.twin.blocks + (op[4] % 3)]),
      (pool) => pool.touch([...table, op[4] % 2 === 0 ? 0 : this.twin.blocks]),
      (pool) => pool.cache([...table, 0], [...table.map(() => key), key]),
      (pool) => pool.evict([id, this.twin.blocks]),
      (pool) => pool.alloc(this.twin.blocks),
    ];
    this.#both(`refusal ${op[1] % calls.length}`, calls[op[1] % calls.length]);
  }
}

function eventValue(event: PoolEvent): Value {
  if (event.kind === 'cleared') return [];
  if (event.kind === 'removed') return [event.key, event.group];
  return [event.group, event.parent, event.keys];
}

/** Fuzzes a pool, by default the wasm kernel's, against its twin. */
export function poolTarget(
  core: Core,
  make: MakePool = (c, options) => new BlockPool(c, options),
): FuzzTarget {
  const empty = core.snapshot();
  return {
    kind: 'pool',
    run(body: Uint8Array, options: RunOptions): void {
      core.restore(empty);
      runOperations(body, options, (setup) => new PoolRun(core, make, setup));
    },
  };
}
