// SPDX-License-Identifier: Apache-2.0
/** The KV manager (kv-manager) against its twin: random mixes of groups, sizes and policies. */
import { BlockPool } from '../core/block-pool.js';
import type { Core } from '../core/core.js';
import { KvManager } from '../core/kv-manager.js';
import type {
  AllocOptions, KvGroup, KvHit, KvManagerOptions, KvRequest,
} from '../core/kv-manager.js';
import { ReferenceBlockPool } from '../core/reference/block-pool.js';
import { ReferenceKvManager } from '../core/reference/kv-manager.js';
import type { ReferenceRequest } from '../core/reference/kv-manager.js';
import { expectSame, outcomeOf } from './compare.js';
import type { Outcome, Value } from './compare.js';
import type { FuzzTarget, RunOptions } from './target.js';
import { runOperations } from './target.js';

/** What the fuzzer needs of a manager; a test plants bugs by handing in another one. */
export type ManagerUnderTest = Omit<KvManager, 'handle'>;
export type MakeManager = (
  core: Core,
  pool: BlockPool,
  options: KvManagerOptions,
) => ManagerUnderTest;

const MIXES: readonly (readonly KvGroup[])[] = [
  ['full'], ['full', 8], [7], ['full', 'state'], ['full', 'full'], ['full', 8, 13], [5, 'full', 5],
  ['state', 'full', 9], ['state'], [1, 'full'], ['full', 4, 'state', 4], [12, 6], ['full'],
  ['full'],
];
/** Blocks of one token are many: one program in eight has them. */
const BLOCK_SIZES = [4, 1, 2, 6, 4, 3, 2, 6];
const MOST_REQUESTS = 10;

/** One way to go on from a beginning: its key, and the ways from there. */
interface Step {
  readonly key: bigint;
  readonly next: Step[];
}

/** A request on both sides, with what its keys are made of. */
interface Pair {
  readonly kernel: KvRequest;
  readonly twin: ReferenceRequest;
  /** A step for each hash block: equal beginnings give equal keys. */
  readonly path: Step[];
}

type Twin = ReferenceKvManager;

class ManagerRun {
  readonly #pool: BlockPool;
  readonly #twinPool: ReferenceBlockPool;
  readonly #kernel: ManagerUnderTest;
  readonly #twin: Twin;
  readonly #grain: number;
  readonly #alive: Pair[] = [];
  readonly #first: Step[] = [];
  #keys = 0;
  #gone: Pair | null = null;

  constructor(core: Core, make: MakeManager, setup: Uint8Array) {
    const blocks = 3 + (setup[0] % 60);
    const caching = setup[1] % 10 !== 0;
    const blockSize = BLOCK_SIZES[(setup[1] >> 4) % BLOCK_SIZES.length];
    this.#grain = setup[3] % 3 === 0 && blockSize % 2 === 0 ? blockSize / 2 : blockSize;
    const options = {
      blockSize,
      hashBlockSize: this.#grain,
      groups: MIXES[setup[2] % MIXES.length],
      maxModelLength: setup[3] % 5 === 0 ? 50 : 300,
      eagle: setup[3] % 4 === 1,
      watermark: setup[3] % 7 === 0 ? 0.13 : 0,
      maxInFlight: setup[0] % 9,
    };
    this.#pool = new BlockPool(core, { blocks, caching });
    this.#twinPool = new ReferenceBlockPool({ blocks, caching });
    this.#kernel = make(core, this.#pool, options);
    this.#twin = new ReferenceKvManager(this.#twinPool, caching, options);
  }

  apply(op: Uint8Array): void {
    const kind = op[0] % 32;
    const pair = this.#alive[op[1] % Math.max(1, this.#alive.length)];
    if (kind < 5 || pair === undefined) this.#start(op);
    else if (kind < 11) this.#admit(pair, op);
    else if (kind < 19) this.#step(pair, op);
    else if (kind < 21) this.#lookup(pair);
    else if (kind < 24) this.#end(pair);
    else if (kind === 24) this.#fork(pair);
    else if (kind === 25) this.#both('preempt', pair, (m, r) => m.preempt(r as never));
    else if (kind === 26) this.#copied(op[2] % 4);
    else if (kind === 27) this.#evict([op[2] % this.#pool.blocks, op[3] % this.#pool.blocks]);
    else if (kind === 28) this.#both('reset', pair, (m) => m.reset());
    else if (kind === 29) this.#both('common', pair, (m, r) => m.common(r as never));
    else if (kind === 30) this.#computed(pair, op[2]);
    else this.#refused(pair, op);
  }

  compareSizes(): void {
    expectSame('free blocks', this.#twinPool.freeBlocks, this.#pool.freeBlocks);
  }

  compareAll(): void {
    expectSame('invariant', 0, this.#kernel.check());
    expectSame('hashed blocks', this.#twinPool.hashedBlocks, this.#pool.hashedBlocks);
    expectSame('queue', this.#twinPool.queue(), this.#pool.queue());
    expectSame('copies', this.#twin.copies(), this.#kernel.copies());
    for (const { kernel, twin } of this.#alive) {
      expectSame('blocks', this.#twin.blocks(twin), this.#kernel.blocks(kernel));
    }
    for (let id = 0; id < this.#pool.blocks; id++) {
      const [expected, got] = [this.#twinPool.references(id), this.#pool.references(id)];
      if (expected !== got) expectSame(`references of ${id}`, expected, got);
    }
  }

  dispose(): void {}

  #both(
    what: string,
    pair: Pair,
    call: (manager: Twin | ManagerUnderTest, request: KvRequest | ReferenceRequest) => Value | void,
  ): Outcome {
    const expected = outcomeOf(() => call(this.#twin, pair.twin) ?? null);
    expectSame(what, expected, outcomeOf(() => call(this.#kernel, pair.kernel) ?? null));
    return expected;
  }

  /** Lengthens a path to `n` steps, all to the same side, and returns the keys of the new ones. */
  #goOn(path: Step[], n: number, side: number): bigint[] {
    const keys: bigint[] = [];
    while (path.length < n) {
      const ways = path.at(-1)?.next ?? this.#first;
      const step = (ways[side] ??= { key: BigInt(++this.#keys) << 27n, next: [] });
      path.push(step);
      keys.push(step.key);
    }
    return keys;
  }

  #start(op: Uint8Array): void {
    const tokens = 1 + (op[2] % 70);
    const other = this.#alive[op[4] % Math.max(1, this.#alive.length)]?.path ?? [];
    const n = Math.floor(tokens / this.#grain);
    const path = other.slice(0, Math.min(n, op[5] % 20));
    const keys = path.map(({ key }) => key).concat(this.#goOn(path, n, op[3] % 3));
    const kernel = this.#kernel.request(tokens, keys);
    this.#alive.push({ kernel, twin: this.#twin.request(tokens, keys), path });
    if (this.#alive.length > MOST_REQUESTS) this.#end(this.#alive[0]);
  }

  #lookup(pair: Pair): number {
    const found = this.#both('lookup', pair, (m, r) => hitValue(m.lookup(r as never)));
    return typeof found === 'object' && found !== null ? Number(found[0]) : 0;
  }

  #admit(pair: Pair, op: Uint8Array): void {
    if (pair.twin.running) return this.#step(pair, op);
    const hit = op[2] % 8 === 0 ? 0 : this.#lookup(pair);
    const left = pair.twin.tokens - hit;
    const tokens = op[3] % 3 === 0 ? Math.min(left, 1 + (op[4] % 16)) : left;
    this.#alloc(pair, tokens, { ...optionsOf(op), hit });
  }

  /** Appends what is sampled, allocates with drafts, sometimes rejects them; or a prompt chunk. */
  #step(pair: Pair, op: Uint8Array): void {
    if (!pair.twin.running) return this.#admit(pair, op);
    const { twin } = pair;
    const behind = twin.tokens - twin.computed;
    if (behind <= 0 || op[2] % 6 === 0) this.#append(pair, 1 + (op[2] % 11), op[3] % 3);
    const known = Math.min(twin.tokens - twin.computed, 1 + (op[4] % 24));
    if (known < 1) return;
    const step = known + (op[5] % 4 === 0 ? 2 : 0);
    if (!this.#alloc(pair, step, optionsOf(op))) return;
    const done = twin.computed + known;
    this.#both('computed', pair, (m, r) => m.computed(r as never, done));
  }

  #append(pair: Pair, tokens: number, side: number): void {
    const n = Math.floor((pair.twin.tokens + tokens) / this.#grain);
    const keys = this.#goOn(pair.path, n, side);
    this.#both('append', pair, (m, r) => m.append(r as never, tokens, keys));
  }

  #alloc(pair: Pair, tokens: number, options: AllocOptions): boolean {
    const done = this.#both('alloc', pair, (m, r) => m.alloc(r as never, tokens, options));
    return typeof done === 'object' && done !== null;
  }

  #computed(pair: Pair, n: number): void {
    const least = Math.max(0, pair.twin.computed - (n % 3));
    this.#both('computed', pair, (m, r) => m.computed(r as never, least));
  }

  #end(pair: Pair): void {
    this.#both('free', pair, (m, r) => m.free(r as never));
    this.#alive.splice(this.#alive.indexOf(pair), 1);
    this.#gone = pair;
  }

  #fork(pair: Pair): void {
    if (!pair.twin.running || this.#alive.length >= MOST_REQUESTS) return;
    const kernel = this.#kernel.fork(pair.kernel);
    this.#alive.push({ kernel, twin: this.#twin.fork(pair.twin), path: pair.path.slice() });
  }

  #copied(n: number): void {
    const most = Math.min(n, this.#twin.copies().length);
    this.#kernel.copied(most);
    this.#twin.copied(most);
  }

  #evict(ids: readonly number[]): void {
    this.#kernel.evict(ids);
    this.#twin.evict(ids);
  }

  /** Calls that must be refused. */
  #refused(pair: Pair, op: Uint8Array): void {
    const gone = this.#gone ?? pair;
    const calls = [
      () => this.#both('free of a freed one', gone, (m, r) =>
        (gone === pair ? 0 : m.free(r as never))),
      () => this.#both('preempt of a freed one', gone, (m, r) =>
        (gone === pair ? 0 : m.preempt(r as never))),
      () => this.#both('a hit of no lookup', pair, (m, r) =>
        m.alloc(r as never, 1, { hit: 100000 })),
      () => this.#both('too many keys', pair, (m, r) =>
        m.append(r as never, 0, Array<bigint>(100).fill(1n))),
      () => this.#both('more computed than known', pair, (m, r) =>
        m.computed(r as never, 100000)),
      () => this.#both('more copies than pending', pair, (m) => m.copied(1000)),
    ];
    calls[op[2] % calls.length]();
  }
}

function optionsOf(op: Uint8Array): AllocOptions {
  return {
    lookahead: op[5] % 5 === 0 ? op[6] % 6 : 0,
    mustFit: op[6] % 4 === 0,
    scheduled: op[6] % 3 === 0,
    reserved: op[7] % 8 === 0 ? op[7] >> 4 : 0,
  };
}

function hitValue({ hit, blocks, boundary }: KvHit): Value {
  return [hit, boundary, blocks];
}

/** Fuzzes a manager, by default the wasm kernel's, against its twin. */
export function managerTarget(
  core: Core,
  make: MakeManager = (c, pool, options) => new KvManager(c, pool, options),
): FuzzTarget {
  const empty = core.snapshot();
  return {
    kind: 'manager',
    run(body: Uint8Array, options: RunOptions): void {
      core.restore(empty);
      runOperations(body, options, (setup) => new ManagerRun(core, make, setup));
    },
  };
}
