// SPDX-License-Identifier: Apache-2.0
/**
 * Router index: the KV events of 64 workers with LRU caches, and the queries of the requests that
 * caused them, on sessions that grow turn by turn. The events are made beforehand.
 */
import { RouterIndex } from '../../core/index.js';
import type { Core, RouterForm } from '../../core/index.js';
import { Checksum } from '../checksum.js';
import { SEED, expectStatus } from '../case.js';
import type { BenchCase, BenchTask } from '../case.js';
import { Random } from '../random.js';

const WORKERS = 64;
const CACHE_BLOCKS = 1024;
const SESSIONS = 400;
const REQUESTS = 4000;
const MAX_BLOCKS = 1 << 16;

/** What happens: a request asks, and its worker then stores and removes blocks. */
interface Step {
  readonly kind: 'query' | 'stored' | 'removed';
  readonly worker: number;
  /** Hashes, each a block's own number: it stands for the whole prefix. */
  readonly blocks: readonly number[];
  /** Block before the first one stored, 0 = none. */
  readonly parent: number;
}

/** Sessions in random turns, each request some blocks longer than the one before. */
function steps(): Step[] {
  const random = new Random(SEED);
  const contexts = Array.from({ length: SESSIONS }, () => [1, 2, 3, 4]);
  const caches = Array.from({ length: WORKERS }, () => new Set<number>());
  const all: Step[] = [];
  let fresh = 5;
  for (let i = 0; i < REQUESTS; i++) {
    const session = random.below(SESSIONS);
    const context = contexts[session];
    for (let n = 1 + random.below(12); n > 0; n--) context.push(fresh++);
    const blocks = [...context];
    const worker = session % WORKERS;
    all.push({ kind: 'query', worker, blocks, parent: 0 });
    all.push(...served(caches[worker], worker, blocks));
    if (context.length > 300) contexts[session] = context.slice(0, 20);
  }
  return all;
}

/** Events of a worker that serves a request: what its LRU cache loses and gains. */
function served(cache: Set<number>, worker: number, blocks: readonly number[]): Step[] {
  let hit = 0;
  while (hit < blocks.length && cache.has(blocks[hit])) hit++;
  for (const block of blocks.slice(0, hit)) {
    cache.delete(block);
    cache.add(block);
  }
  const stored = blocks.slice(hit).filter((block) => !cache.has(block));
  for (const block of stored) cache.add(block);
  const removed: number[] = [];
  for (const block of cache) {
    if (cache.size - removed.length <= CACHE_BLOCKS) break;
    removed.push(block);
  }
  for (const block of removed) cache.delete(block);
  const events: Step[] = [];
  if (stored.length > 0) {
    events.push({ kind: 'stored', worker, blocks: stored, parent: hit > 0 ? blocks[hit - 1] : 0 });
  }
  if (removed.length > 0) events.push({ kind: 'removed', worker, blocks: removed, parent: 0 });
  return events;
}

/** The steps in linear memory: (kind, worker, event id, offset, length, parent), six words each. */
class RouterBench {
  readonly #list: Step[] = steps();
  readonly #at: number;
  readonly #scores: number;
  readonly #offsets: number[] = [];
  readonly units: { events: number; query: number };
  index: RouterIndex;
  sum = 0;

  constructor(
    readonly core: Core,
    readonly form: RouterForm,
  ) {
    const words = this.#list.reduce((sum, { blocks }) => sum + blocks.length, 0);
    this.#at = core.take(words * 8);
    this.#scores = core.take(WORKERS * 4);
    core.reserve(96 << 20);
    let at = this.#at;
    const counts = { query: 0, stored: 0, removed: 0 };
    for (const { kind, blocks } of this.#list) {
      this.#offsets.push(at);
      counts[kind] += blocks.length;
      for (const block of blocks) {
        core.u32[at >>> 2] = block;
        core.u32[(at >>> 2) + 1] = Math.imul(block, 0x9e3779b1);
        at += 8;
      }
    }
    this.units = { events: counts.stored + counts.removed, query: counts.query };
    this.index = this.fresh();
  }

  fresh(): RouterIndex {
    return new RouterIndex(this.core, {
      workers: WORKERS, form: this.form, blocks: MAX_BLOCKS, maxBlocks: MAX_BLOCKS,
    });
  }

  run(query: boolean, events: boolean): void {
    const { router_query, router_stored, router_removed } = this.core.exports;
    const { handle } = this.index;
    const ids = new Uint32Array(WORKERS);
    let status = 0;
    for (let i = 0; i < this.#list.length && status >= 0; i++) {
      const { kind, worker, blocks, parent } = this.#list[i];
      const at = this.#offsets[i];
      const n = blocks.length;
      if (kind === 'query') {
        if (query) status = router_query(handle, at, at, n, this.#scores);
        this.sum = (this.sum + status) | 0;
      } else if (events && kind === 'stored') {
        const hi = Math.imul(parent, 0x9e3779b1);
        const known = parent === 0 ? 0 : 1;
        status = router_stored(handle, worker, ids[worker]++, known, parent, hi, at, at, n);
      } else if (events) {
        status = router_removed(handle, worker, ids[worker]++, at, n);
      }
    }
    expectStatus('router', status);
  }
}

function task(core: Core, form: RouterForm, what: 'events' | 'query'): BenchTask {
  const bench = new RouterBench(core, form);
  const isQuery = what === 'query';
  if (isQuery) bench.run(false, true);
  return {
    units: bench.units[what],
    setup: () => {
      bench.sum = 0;
      if (isQuery) return;
      bench.index.dispose();
      bench.index = bench.fresh();
    },
    run: () => bench.run(isQuery, !isQuery),
    check: () => {
      const sum = new Checksum();
      sum.add(bench.sum);
      sum.add(bench.index.blocks);
      return sum.value;
    },
  };
}

function row(what: 'events' | 'query', form: RouterForm, title: string): BenchCase {
  return {
    id: `router.${what}-${form}`,
    family: 'router',
    kernel: 'router-index',
    title,
    unit: 'block',
    parameters: { workers: WORKERS, blocks: CACHE_BLOCKS, requests: REQUESTS },
    streamed: false,
    prepare: (core) => task(core, form, what),
  };
}

export const routerIndexCases: readonly BenchCase[] = [
  row('events', 'radix', 'stored and removed events of 64 workers, radix form'),
  row('events', 'positional', 'the same events, positional form'),
  row('query', 'radix', 'leading blocks of a request at 64 workers, radix form'),
  row('query', 'positional', 'the same queries, positional form'),
];
