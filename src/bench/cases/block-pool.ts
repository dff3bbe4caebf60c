// SPDX-License-Identifier: Apache-2.0
/** Block pool: batches of 16 blocks on a pool of 100,000, and a served request stream. */
import { BlockPool } from '../../core/index.js';
import type { Core } from '../../core/index.js';
import { Checksum } from '../checksum.js';
import { expectStatus, PER_OP, SEED } from '../case.js';
import type { BenchCase, BenchTask } from '../case.js';
import { Random } from '../random.js';
import type { RequestStream } from '../stream.js';

const PICKS = 65536;

interface Sizes {
  readonly blocks: number;
  readonly ops: number;
  /** Keys used in a cycle: more than blocks, so that a key is evicted before it returns. */
  readonly ring: number;
}

/** A pool, one batch of ids, and the ring of keys, all in linear memory. */
class PoolBench {
  readonly pool: number;
  readonly ids: number;
  readonly ring: number;
  #at = 0;

  constructor(
    readonly core: Core,
    readonly sizes: Sizes,
  ) {
    this.pool = new BlockPool(core, { blocks: sizes.blocks }).handle;
    this.ids = core.take(PER_OP * 4);
    this.ring = core.take(sizes.ring * 8);
    const { u32 } = core;
    for (let i = 0; i < sizes.ring; i++) u32[(this.ring >> 2) + 2 * i] = i + 1;
  }

  /** Allocates (evicting), caches and frees `times` batches. */
  cycle(times: number): void {
    const { pool_alloc, pool_cache, pool_free } = this.core.exports;
    const { pool, ids } = this;
    const end = this.ring + this.sizes.ring * 8;
    let at = this.ring + this.#at;
    for (let i = 0; i < times; i++) {
      pool_alloc(pool, PER_OP, ids);
      pool_cache(pool, ids, at, PER_OP, 0, 0, 0, 0);
      pool_free(pool, ids, PER_OP);
      at += PER_OP * 8;
      if (at === end) at = this.ring;
    }
    this.#at = at - this.ring;
  }

  fill(): this {
    this.cycle(this.sizes.ring / PER_OP);
    return this;
  }

  /** Keys that are cached after `fill`, in runs of `run` consecutive ones at random places. */
  picks(run: number): number {
    const { ring, blocks } = this.sizes;
    const random = new Random(SEED);
    const cached = Math.floor((blocks - 1) / PER_OP) * PER_OP;
    const at = this.core.take(PICKS * 8);
    const { u32 } = this.core;
    for (let i = 0; i < PICKS; i += run) {
      const from = ring - cached + random.below(cached - run + 1);
      for (let j = 0; j < run; j++) u32[(at >> 2) + 2 * (i + j)] = from + j + 1;
    }
    return at;
  }

  task(run: () => void): BenchTask {
    const { exports } = this.core;
    const check = (): number => {
      const sum = new Checksum();
      for (let i = 0; i < PER_OP; i++) sum.add(this.core.u32[(this.ids >> 2) + i]);
      sum.add(exports.pool_free_count(this.pool));
      sum.add(exports.pool_hashed_count(this.pool));
      return sum.value;
    };
    return { units: this.sizes.ops * PER_OP, setup: () => {}, run, check };
  }
}

function allocFree(bench: PoolBench): BenchTask {
  const { pool_alloc, pool_free } = bench.core.exports;
  const { pool, ids } = bench;
  const { ops } = bench.sizes;
  return bench.task(() => {
    for (let i = 0; i < ops; i++) {
      pool_alloc(pool, PER_OP, ids);
      pool_free(pool, ids, PER_OP);
    }
  });
}

function lookup(bench: PoolBench): BenchTask {
  const { pool_lookup_run } = bench.core.exports;
  const { pool, ids } = bench.fill();
  const { ops } = bench.sizes;
  const keys = bench.picks(1);
  return bench.task(() => {
    let at = 0;
    for (let i = 0; i < ops; i++) {
      pool_lookup_run(pool, keys + at * 8, PER_OP, 0, ids);
      at = (at + PER_OP) & (PICKS - 1);
    }
  });
}

function hit(bench: PoolBench): BenchTask {
  const { pool_lookup_run, pool_touch, pool_free } = bench.core.exports;
  const { pool, ids } = bench.fill();
  const { ops } = bench.sizes;
  const keys = bench.picks(PER_OP);
  return bench.task(() => {
    let at = 0;
    for (let i = 0; i < ops; i++) {
      pool_lookup_run(pool, keys + at * 8, PER_OP, 0, ids);
      pool_touch(pool, ids, PER_OP);
      pool_free(pool, ids, PER_OP);
      at = (at + PER_OP) & (PICKS - 1);
    }
  });
}

/** Serves a stream with `window` requests alive at a time: hit, touch, allocate, cache, free. */
class PoolServer {
  readonly #keys: number;
  readonly #tables: number;
  #handle = 0;
  #pool: BlockPool | null = null;
  sum = new Checksum();

  constructor(
    readonly core: Core,
    readonly stream: RequestStream,
    readonly sizes: { blocks: number; window: number },
  ) {
    this.#keys = core.take(stream.ids.length * 8 + 8);
    this.#tables = core.take((sizes.window + 1) * stream.longest * 4);
    const { u32 } = core;
    stream.ids.forEach((id, i) => (u32[(this.#keys >> 2) + 2 * i] = id));
  }

  reset(): void {
    this.#pool?.dispose();
    this.#pool = new BlockPool(this.core, { blocks: this.sizes.blocks });
    this.#handle = this.#pool.handle;
    this.sum = new Checksum();
  }

  run(): void {
    const { exports } = this.core;
    const { start } = this.stream;
    const { window } = this.sizes;
    const pool = this.#handle;
    let oldest = 0;
    for (let r = 0; r < start.length - 1; r++) {
      const n = start[r + 1] - start[r];
      const keys = this.#keys + start[r] * 8;
      const table = this.#table(r);
      const hits = exports.pool_lookup_run(pool, keys, n, 0, table);
      exports.pool_touch(pool, table, hits);
      while (n - hits > exports.pool_free_count(pool) && oldest < r) this.#release(oldest++);
      const rest = table + hits * 4;
      expectStatus('pool_alloc', exports.pool_alloc(pool, n - hits, rest));
      exports.pool_cache(pool, rest, keys + hits * 8, n - hits, 0, 0, 0, 0);
      this.sum.add(hits);
      if (r + 1 - oldest > window) this.#release(oldest++);
    }
    while (oldest < start.length - 1) this.#release(oldest++);
  }

  #table(r: number): number {
    return this.#tables + (r % (this.sizes.window + 1)) * this.stream.longest * 4;
  }

  /** Tail first, so that a prefix outlives what follows it. */
  #release(r: number): void {
    const { start } = this.stream;
    const { pool_free_table } = this.core.exports;
    const status = pool_free_table(this.#handle, this.#table(r), start[r + 1] - start[r]);
    expectStatus('pool_free_table', status);
  }
}

function serve(server: PoolServer): BenchTask {
  return {
    units: server.stream.ids.length,
    setup: () => server.reset(),
    run: () => server.run(),
    check: () => server.sum.value,
  };
}

const sizes: Sizes = { blocks: 100_000, ops: 20_000, ring: 131_072 };
const common = {
  family: 'pool',
  kernel: 'block-pool',
  unit: 'block',
  parameters: { ...sizes },
  streamed: false,
} as const;

function micro(
  id: string,
  title: string,
  build: (bench: PoolBench) => BenchTask,
  bar: { bar?: number } = {},
): BenchCase {
  const prepare = (core: Core): BenchTask => build(new PoolBench(core, sizes));
  return { ...common, ...bar, id, native: id, title, prepare };
}

const cycle = (bench: PoolBench): BenchTask =>
  bench.fill().task(() => bench.cycle(bench.sizes.ops));

const served = { blocks: 50_000, window: 8 };

export const blockPoolCases: readonly BenchCase[] = [
  micro('pool.alloc-free', 'alloc + free', allocFree, { bar: 1.5 }),
  micro('pool.cycle', 'alloc + evict + cache + free', cycle, { bar: 1.5 }),
  micro('pool.lookup', 'lookup', lookup),
  micro('pool.hit', 'lookup + touch + free', hit),
  {
    ...common,
    id: 'pool.serve',
    native: 'pool.serve',
    title: 'serve the stream, 8 alive, 50k blocks',
    streamed: true,
    parameters: served,
    prepare: (core, stream) => serve(new PoolServer(core, stream, served)),
  },
];
