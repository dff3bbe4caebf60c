// SPDX-License-Identifier: Apache-2.0
/**
 * Pool and tree under a stream of requests, as an engine drives them; the two drivers whose totals
 * other implementations recorded as well. At most `window` requests stay alive behind the last one,
 * and older ones end early when a new one does not fit.
 */
import { BlockPool, RADIX_HEADER, RadixTree, Status } from '../../core/index.js';
import type { Core } from '../../core/index.js';
import { crcOfWords } from '../checksum.js';
import { expectStatus } from '../case.js';
import type { BenchCase, BenchTask, StreamTotals } from '../case.js';
import type { RequestStream } from '../stream.js';

export interface Serving {
  /** Blocks; those of a pool include its null block. */
  readonly blocks: number;
  readonly window: number;
}

abstract class Server {
  /** Hits of each request. */
  protected readonly hitsOf: Uint32Array;
  protected hits = 0;
  protected evicted = 0;
  protected skipped = 0;

  constructor(
    readonly core: Core,
    readonly stream: RequestStream,
    readonly serving: Serving,
  ) {
    this.hitsOf = new Uint32Array(stream.start.length - 1);
  }

  abstract reset(): void;
  abstract run(): void;

  protected restart(): void {
    this.hits = 0;
    this.evicted = 0;
    this.skipped = 0;
  }

  totals(): StreamTotals {
    const { hits, evicted, skipped, hitsOf, stream } = this;
    const blocks = stream.ids.length;
    return { requests: hitsOf.length, blocks, hits, evicted, skipped, crc: crcOfWords(hitsOf) };
  }

  task(): BenchTask {
    return {
      units: this.stream.ids.length,
      setup: () => this.reset(),
      run: () => this.run(),
      check: () => crcOfWords(this.hitsOf),
      totals: () => this.totals(),
    };
  }
}

/** Look up, touch the hits, allocate the rest, cache it; freed from the end of the table. */
export class PoolServer extends Server {
  readonly #keys: number;
  readonly #tables: number;
  /** Blocks that a live request holds. */
  readonly #held: Uint32Array;
  #pool: BlockPool | null = null;
  #handle = 0;

  constructor(core: Core, stream: RequestStream, serving: Serving) {
    super(core, stream, serving);
    const { ids, longest } = stream;
    this.#held = new Uint32Array(serving.window + 1);
    this.#keys = core.take(ids.length * 8 + 8);
    this.#tables = core.take((serving.window + 1) * longest * 4 + 4);
    const { u32 } = core;
    ids.forEach((id, i) => (u32[(this.#keys >> 2) + 2 * i] = id));
  }

  reset(): void {
    this.restart();
    this.#pool?.dispose();
    this.#pool = new BlockPool(this.core, { blocks: this.serving.blocks });
    this.#handle = this.#pool.handle;
  }

  run(): void {
    const { pool_lookup_run, pool_touch, pool_alloc, pool_cache } = this.core.exports;
    const { pool_free_count, pool_hashed_count } = this.core.exports;
    const { start } = this.stream;
    const { window } = this.serving;
    const requests = start.length - 1;
    const pool = this.#handle;
    const { hitsOf } = this;
    const held = this.#held;
    let slot = 0;
    let oldest = 0;
    let cached = 0;
    let served = 0;
    for (let r = 0; r < requests; r++) {
      const n = start[r + 1] - start[r];
      const keys = this.#keys + start[r] * 8;
      const table = this.#table(slot);
      const hits = pool_lookup_run(pool, keys, n, 0, table);
      hitsOf[r] = hits;
      expectStatus('pool_touch', pool_touch(pool, table, hits));
      while (n - hits > pool_free_count(pool) && oldest < r) this.#release(oldest++);
      const rest = table + hits * 4;
      const status = pool_alloc(pool, n - hits, rest);
      if (status === Status.full) {
        held[slot] = hits;
        this.skipped++;
      } else {
        expectStatus('pool_alloc', status);
        const keysOfRest = keys + hits * 8;
        expectStatus('pool_cache', pool_cache(pool, rest, keysOfRest, n - hits, 0, 0, 0, 0));
        held[slot] = n;
        served += hits;
        cached += n - hits;
      }
      if (++slot > window) slot = 0;
      if (r + 1 - oldest > window) this.#release(oldest++);
    }
    while (oldest < requests) this.#release(oldest++);
    this.hits = served;
    this.evicted = cached - pool_hashed_count(pool);
  }

  #table(slot: number): number {
    return this.#tables + slot * this.stream.longest * 4;
  }

  /** Tail first, so that a prefix outlives what follows it. */
  #release(r: number): void {
    const slot = r % (this.serving.window + 1);
    const { pool_free_table } = this.core.exports;
    const status = pool_free_table(this.#handle, this.#table(slot), this.#held[slot]);
    expectStatus('pool_free_table', status);
  }
}

/** Match, lock, evict what is missing, insert, lock the end: page 1, a token is a block. */
export class TreeServer extends Server {
  readonly #keys: number;
  readonly #values: number;
  readonly #out: number;
  readonly #tree: RadixTree;
  /** End nodes of live requests with their generations, as a ring. */
  readonly #held: Uint32Array;
  #from = 0;
  #to = 0;

  constructor(core: Core, stream: RequestStream, serving: Serving) {
    super(core, stream, serving);
    const { longest, ids } = stream;
    this.#held = new Uint32Array(2 * (serving.window + 1));
    this.#keys = core.take(ids.length * 4 + 4);
    this.#values = core.take(longest * 4 + 4);
    this.#out = core.take((longest + serving.blocks) * 4 + 4);
    core.u32.set(ids, this.#keys >> 2);
    for (let i = 0; i < longest; i++) core.u32[(this.#values >> 2) + i] = i;
    this.#tree = new RadixTree(core, { page: 1, nodes: 4096 });
    // Room for what the tree may hold with the slack of its segments: no call in a run may grow.
    core.reserve(serving.blocks * 64 + longest * 32 + (1 << 23));
  }

  reset(): void {
    this.restart();
    this.#tree.reset();
  }

  run(): void {
    const { radix_match, radix_insert, radix_lock, radix_unlock } = this.core.exports;
    const { u32 } = this.core;
    const tree = this.#tree.handle;
    const { start } = this.stream;
    const { window } = this.serving;
    const endNode = (tree + RADIX_HEADER.endNode) >> 2;
    const endGen = (tree + RADIX_HEADER.endGen) >> 2;
    for (let r = 0; r < start.length - 1; r++) {
      const n = start[r + 1] - start[r];
      const keys = this.#keys + start[r] * 4;
      const hits = radix_match(tree, keys, n, 0, 1);
      const node = u32[endNode];
      const gen = u32[endGen];
      radix_lock(tree, node, gen);
      this.hitsOf[r] = hits;
      if (this.#makeRoom(n - hits)) {
        expectStatus('radix_insert', radix_insert(tree, keys, this.#values, n, 0, 0, 0));
        const end = u32[endNode];
        radix_lock(tree, end, u32[endGen]);
        this.#hold(end, u32[endGen]);
        this.hits += hits;
      } else {
        this.skipped++;
      }
      expectStatus('radix_unlock', radix_unlock(tree, node, gen));
      if (this.#to - this.#from > window) this.#release();
    }
    while (this.#to > this.#from) this.#release();
  }

  /** True when `need` more tokens fit, after evicting and ending requests if they must. */
  #makeRoom(need: number): boolean {
    const { radix_evict } = this.core.exports;
    const { u32 } = this.core;
    const tree = this.#tree.handle;
    const { blocks } = this.serving;
    const evictable = (tree + RADIX_HEADER.evictable) >> 2;
    const guarded = (tree + RADIX_HEADER.guarded) >> 2;
    for (;;) {
      const over = u32[evictable] + u32[guarded] + need - blocks;
      if (over <= 0) return true;
      const freed = radix_evict(tree, over, this.#out, this.stream.longest + blocks);
      this.evicted += freed;
      if (freed >= over) return true;
      if (this.#to === this.#from) return false;
      this.#release();
    }
  }

  #hold(node: number, gen: number): void {
    const at = 2 * (this.#to++ % (this.serving.window + 1));
    this.#held[at] = node;
    this.#held[at + 1] = gen;
  }

  #release(): void {
    const at = 2 * (this.#from++ % (this.serving.window + 1));
    const { radix_unlock } = this.core.exports;
    const status = radix_unlock(this.#tree.handle, this.#held[at], this.#held[at + 1]);
    expectStatus('radix_unlock', status);
  }
}

/** A case for a pool or tree of one size; its id says all, so that a worker can rebuild it. */
export function streamCase(family: 'pool' | 'tree', serving: Serving): BenchCase {
  const { blocks, window } = serving;
  return {
    id: `${family}.stream-${blocks}-${window}`,
    family,
    kernel: family === 'pool' ? 'block-pool' : 'radix-tree',
    title: `serve a stream, ${blocks} blocks, ${window} alive`,
    unit: 'block',
    native: `${family}.stream`,
    parameters: { blocks, window },
    streamed: true,
    prepare: (core, stream) =>
      new (family === 'pool' ? PoolServer : TreeServer)(core, stream, serving).task(),
  };
}
