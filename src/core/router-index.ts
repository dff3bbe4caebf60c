// SPDX-License-Identifier: Apache-2.0
import type { Core } from './core.js';
import { check, KernelError, Status } from './status.js';

/** How queries find blocks: by local hashes from the root, or by chained hash with jumps. */
export type RouterForm = 'radix' | 'positional';

export interface RouterIndexOptions {
  /** Workers, 1 to 4096. */
  workers: number;
  form?: RouterForm;
  /** Blocks to make room for at first; the tables grow. */
  blocks?: number;
  /** Most blocks of the index, 64 to 16777216 (default 2^20). */
  maxBlocks?: number;
  /** Approximate mode: seconds that a routed block is remembered. Default: events, no expiry. */
  ttlSeconds?: number;
}

/** What became of an event. */
export type EventAnswer = 'applied' | 'duplicate' | 'waits' | 'applied after loss';

/** Consecutive blocks: the hash of each block's tokens alone, and of its whole prefix. */
export interface BlockRun {
  readonly local: BigUint64Array;
  readonly seq: BigUint64Array;
}

export interface WorkerState {
  /** Id of the event awaited. */
  readonly next: number;
  /** Distinct blocks held. */
  readonly blocks: number;
  /** Blocks held whose parent is not; null when they were too many to count. */
  readonly holes: number | null;
  readonly duplicates: number;
  /** Events that never came. */
  readonly lost: number;
  /** Stored behind a parent that nobody had named. */
  readonly unknownParents: number;
  /** Removed without having been there. */
  readonly absent: number;
  /** Events that wait for an earlier one. */
  readonly pending: number;
  /** True after a loss, until the next resync or clear. */
  readonly diverged: boolean;
}

/** Blocks of a worker for a resync: parents are indices into the list, -1 for none. */
export interface Residents extends BlockRun {
  readonly parents: ArrayLike<number>;
  readonly copies: ArrayLike<number>;
}

const ANSWERS: readonly EventAnswer[] = ['applied', 'duplicate', 'waits', 'applied after loss'];
const FORMS = { radix: 0, positional: 1 } as const;
/** Takes a hash apart without making further bigints. */
const wide = new BigUint64Array(1);
const halves = new Uint32Array(wide.buffer);

/** Below this a loop is quicker than a call of the engine's own. */
const SHORT = 16;
const UNCOUNTED = 0x80000000;
/** Words of a worker's record. */
const W = {
  next: 0, blocks: 2, holes: 3, duplicates: 4, lost: 5, unknown: 6, absent: 7, pendingCount: 9,
  diverged: 10,
} as const;

/**
 * Which worker holds how many leading blocks of a request, from the KV events of all workers.
 * See assembly/kv/router.ts for layout, invariants and the router it follows.
 *
 * @example
 * const index = new RouterIndex(core, { workers: 2 });
 * const run = new BlockHasher(core, 1337n).chain(prompt, 64);
 * index.stored(0, 1, null, run);     // worker 0, its event 1: 'applied'
 * index.query(run);                  // Uint32Array [run.seq.length, 0]
 */
export class RouterIndex {
  readonly handle: number;
  readonly workers: number;
  readonly form: RouterForm;
  #at: number;
  #bytes = 4096;
  #u64: BigUint64Array = new BigUint64Array(0);

  constructor(
    private readonly core: Core,
    options: RouterIndexOptions,
  ) {
    const { workers, form = 'radix', blocks = 0, maxBlocks = 1 << 20, ttlSeconds = 0 } = options;
    const { exports } = core;
    const kind = FORMS[form];
    core.reserve(exports.router_bytes(kind, workers, blocks));
    this.handle = exports.router_create(kind, workers, blocks, maxBlocks, ttlSeconds * 1e9) >>> 0;
    if (this.handle === 0) throw new KernelError('router_create', Status.badArgument);
    this.workers = workers;
    this.form = form;
    this.#at = core.take(this.#bytes);
  }

  /** Event `id` of a worker: blocks stored, each behind the one before, the first behind parent. */
  stored(worker: number, id: number, parent: bigint | null, run: BlockRun): EventAnswer {
    const n = run.seq.length;
    const local = this.#room(16 * n);
    const seq = local + 8 * n;
    this.#copy(run.local, local);
    this.#copy(run.seq, seq);
    wide[0] = parent ?? 0n;
    const [lo, hi] = halves;
    const { exports } = this.core;
    return this.#answer('router_stored', () =>
      exports.router_stored(
        this.handle, worker, id, parent === null ? 0 : 1, lo, hi, local, seq, n,
      ),
    );
  }

  /** Event `id` of a worker: one copy of each block removed. */
  removed(worker: number, id: number, seq: BigUint64Array): EventAnswer {
    const at = this.#room(8 * seq.length);
    this.#copy(seq, at);
    const { exports } = this.core;
    return this.#answer('router_removed', () =>
      exports.router_removed(this.handle, worker, id, at, seq.length),
    );
  }

  /** Event `id` of a worker: everything dropped. */
  cleared(worker: number, id: number): EventAnswer {
    const { exports } = this.core;
    return this.#answer('router_cleared', () => exports.router_cleared(this.handle, worker, id));
  }

  /** Replaces what a worker holds; `next` is the id of its next event. */
  resync(worker: number, next: number, { local, seq, parents, copies }: Residents): void {
    const up = Uint32Array.from(parents);
    const [l, s, p, c] = this.#place([local, seq, up, Uint32Array.from(copies)]);
    const { exports } = this.core;
    this.#answer('router_resync', () =>
      exports.router_resync(this.handle, worker, next, l, s, p, c, seq.length),
    );
  }

  /** A worker is gone or began anew: it holds nothing, its next event may have any id. */
  forget(worker: number): void {
    check('router_forget', this.core.exports.router_forget(this.handle, worker));
  }

  /** Leading blocks that each worker holds. */
  query(run: BlockRun): Uint32Array {
    const n = run.seq.length;
    const local = this.#room(16 * n + 4 * this.workers);
    const seq = local + 8 * n;
    const scores = seq + 8 * n;
    this.#copy(run.local, local);
    this.#copy(run.seq, seq);
    const { exports, u32 } = this.core;
    check('router_query', exports.router_query(this.handle, local, seq, n, scores));
    return u32.slice(scores >>> 2, (scores >>> 2) + this.workers);
  }

  /** Approximate mode: a request goes to a worker at `now`, seconds, never decreasing. */
  route(worker: number, run: BlockRun, now: number): void {
    const [local, seq] = this.#place([run.local, run.seq]);
    const { exports } = this.core;
    const n = run.seq.length;
    this.#answer('router_route', () =>
      exports.router_route(this.handle, worker, local, seq, n, now * 1e9),
    );
  }

  /** Approximate mode: forgets what is too old at `now`, seconds. */
  expire(now: number): void {
    check('router_expire', this.core.exports.router_expire(this.handle, now * 1e9));
  }

  /** Blocks of the index. */
  get blocks(): number {
    return check('router_blocks', this.core.exports.router_blocks(this.handle));
  }

  worker(worker: number): WorkerState {
    const at = (this.core.exports.router_worker(this.handle, worker) >>> 0) >>> 2;
    if (at === 0) throw new KernelError('router_worker', Status.badArgument);
    const { u32 } = this.core;
    return {
      next: u32[at + W.next],
      blocks: u32[at + W.blocks],
      holes: u32[at + W.holes] >= UNCOUNTED ? null : u32[at + W.holes],
      duplicates: u32[at + W.duplicates],
      lost: u32[at + W.lost],
      unknownParents: u32[at + W.unknown],
      absent: u32[at + W.absent],
      pending: u32[at + W.pendingCount],
      diverged: u32[at + W.diverged] !== 0,
    };
  }

  /** Blocks that a worker holds, with the number of copies, by hash. */
  residents(worker: number): Map<bigint, number> {
    const n = this.worker(worker).blocks;
    const [hashes, copies] = this.#place([n * 8, n * 4]);
    const { exports } = this.core;
    const got = exports.router_dump(this.handle, worker, hashes, copies, n);
    check('router_dump', got);
    const { u32 } = this.core;
    const u64 = this.#hashes();
    const held = new Map<bigint, number>();
    for (let i = 0; i < got; i++) held.set(u64[(hashes >>> 3) + i], u32[(copies >>> 2) + i]);
    return held;
  }

  /** Number of the first ROUTER invariant that does not hold, 0 when all do. */
  check(): number {
    return check('router_check', this.core.exports.router_check(this.handle));
  }

  dispose(): void {
    check('router_destroy', this.core.exports.router_destroy(this.handle));
    this.core.give(this.#at, this.#bytes);
  }

  /** Copies arrays (or leaves room of so many bytes) one behind another; returns their offsets. */
  #place(items: readonly (BigUint64Array | Uint32Array | number)[]): number[] {
    const sizes = items.map((each) => (typeof each === 'number' ? each : each.byteLength));
    let at = this.#room(sizes.reduce((sum, bytes) => sum + bytes + 8, 0));
    return items.map((each, i) => {
      const here = at;
      if (each instanceof BigUint64Array) this.#copy(each, here);
      else if (typeof each !== 'number') this.core.u32.set(each, here >>> 2);
      at = (at + sizes[i] + 7) & ~7;
      return here;
    });
  }

  /** Where so many bytes may be written, for one call. */
  #room(bytes: number): number {
    if (bytes + 8 > this.#bytes) {
      this.core.give(this.#at, this.#bytes);
      this.#bytes = Math.max(bytes + 8, this.#bytes * 2);
      this.#at = this.core.take(this.#bytes);
    }
    return (this.#at + 7) & ~7;
  }

  /** The memory as hashes see it; a new view when it has grown. */
  #hashes(): BigUint64Array {
    const { buffer } = this.core.u32;
    if (this.#u64.buffer !== buffer) this.#u64 = new BigUint64Array(buffer);
    return this.#u64;
  }

  #copy(from: BigUint64Array, at: number): void {
    const u64 = this.#hashes();
    const to = at >>> 3;
    const { length } = from;
    if (length > SHORT) u64.set(from, to);
    else for (let i = 0; i < length; i++) u64[to + i] = from[i];
  }

  #answer(operation: string, call: () => number): EventAnswer {
    for (let bytes = 1 << 20; ; bytes *= 2) {
      const result = call();
      if (result !== Status.noMemory) return ANSWERS[check(operation, result)];
      // Also when the index is at its bound, where more memory does not help.
      if (bytes > 1 << 29) throw new KernelError(operation, Status.noMemory);
      this.core.reserve(bytes);
    }
  }
}
