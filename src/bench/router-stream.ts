// SPDX-License-Identifier: Apache-2.0
/**
 * The router index on a recorded stream: requests ask which worker holds how much of their prefix,
 * one serves them, and what its LRU cache stores and removes comes back as events. Queries and
 * events are made beforehand; what is timed is the index alone, one thread, by class.
 */
import { RouterIndex, Status } from '../core/index.js';
import type { Core, RouterForm } from '../core/index.js';
import { summarize } from './statistics.js';
import type { RequestStream } from './stream.js';

export type RouterClass = 'stored' | 'removed' | 'queried';
const CLASSES: readonly RouterClass[] = ['stored', 'removed', 'queried'];

export interface RouterStreamOptions {
  readonly workers: number;
  /** Blocks that a worker caches. */
  readonly blocks: number;
  readonly rounds: number;
}

export interface RouterStreamResult {
  readonly form: RouterForm;
  readonly stream: string;
  readonly workers: number;
  readonly blocks: number;
  /** Blocks of each class, and millions of them a second; null: there were none. */
  readonly counts: Readonly<Record<RouterClass, number>>;
  readonly millions: Readonly<Record<RouterClass | 'all', number | null>>;
  /** Leading blocks found, over all queries. */
  readonly found: number;
}

/** Millions of block operations a second that a release must reach. */
export const ROUTER_BAR = 5;

interface Step {
  readonly kind: RouterClass;
  readonly worker: number;
  /** Number of the worker's event. */
  readonly event: number;
  readonly ids: ArrayLike<number>;
  /** Id before the first one stored, -1 = none. */
  readonly parent: number;
}

class Worker {
  readonly cache = new Set<number>();
  events = 0;
  served = 0;

  /** Leading ids that are cached. */
  overlap(ids: ArrayLike<number>): number {
    let n = 0;
    while (n < ids.length && this.cache.has(ids[n])) n++;
    return n;
  }
}

/** What happens on `workers` LRU caches when each request goes to the best of load and overlap. */
export function routerSteps(stream: RequestStream, workers: number, blocks: number): Step[] {
  const fleet = Array.from({ length: workers }, () => new Worker());
  const steps: Step[] = [];
  for (let r = 0; r + 1 < stream.start.length; r++) {
    const ids = stream.ids.subarray(stream.start[r], stream.start[r + 1]);
    if (ids.length === 0 || ids.length > blocks) continue;
    steps.push({ kind: 'queried', worker: 0, event: 0, ids, parent: -1 });
    const scores = fleet.map((worker) => worker.overlap(ids) * 1000 - worker.served);
    const best = scores.indexOf(Math.max(...scores));
    const worker = fleet[best];
    worker.served += ids.length;
    const hit = worker.overlap(ids);
    for (const id of ids.subarray(0, hit)) {
      worker.cache.delete(id);
      worker.cache.add(id);
    }
    const fresh = ids.subarray(hit).filter((id) => !worker.cache.has(id));
    const victims: number[] = [];
    for (const id of worker.cache) {
      if (worker.cache.size - victims.length + fresh.length <= blocks) break;
      victims.push(id);
    }
    for (const id of victims) worker.cache.delete(id);
    for (const id of fresh) worker.cache.add(id);
    const parent = hit > 0 ? ids[hit - 1] : -1;
    const say = (kind: RouterClass, list: ArrayLike<number>): void => {
      if (list.length === 0) return;
      steps.push({ kind, worker: best, event: worker.events++, ids: list, parent });
    };
    say('removed', victims);
    say('stored', fresh);
  }
  return steps;
}

/** Chained hash of an id: in recorded streams an id names a whole prefix. */
const seqOf = (id: number): bigint => BigInt.asUintN(64, BigInt(id + 1) * 0x9e3779b97f4a7c15n);

/** The steps in linear memory, ready to be sent. */
class Sender {
  readonly #locals: number;
  readonly #seqs: number;
  readonly #scores: number;
  readonly #at: readonly number[];
  readonly #bytes: number;

  constructor(
    private readonly core: Core,
    private readonly steps: readonly Step[],
    workers: number,
  ) {
    const total = steps.reduce((sum, { ids }) => sum + ids.length, 0);
    this.#bytes = total * 8 + 8;
    this.#locals = core.take(this.#bytes);
    this.#seqs = core.take(this.#bytes);
    this.#scores = core.take(workers * 4);
    const words = core.u32;
    let at = 0;
    this.#at = steps.map(({ ids }) => {
      const from = at;
      for (let i = 0; i < ids.length; i++, at++) {
        const seq = seqOf(ids[i]);
        words[(this.#locals >>> 2) + 2 * at] = ids[i] + 1;
        words[(this.#seqs >>> 2) + 2 * at] = Number(seq & 0xffffffffn);
        words[(this.#seqs >>> 2) + 2 * at + 1] = Number(seq >> 32n);
      }
      return from * 8;
    });
  }

  /** Sends step i; a query answers its best score. Tables that are full grow, as in the host. */
  send(router: number, i: number): number {
    let answer = this.#call(router, i);
    for (let bytes = 1 << 20; answer === Status.noMemory && bytes < 1 << 30; bytes *= 2) {
      this.core.reserve(bytes);
      answer = this.#call(router, i);
    }
    return answer;
  }

  #call(router: number, i: number): number {
    const { kind, worker, event, ids, parent } = this.steps[i];
    const { router_query, router_removed, router_stored } = this.core.exports;
    const [locals, seqs] = [this.#locals + this.#at[i], this.#seqs + this.#at[i]];
    if (kind === 'queried') return router_query(router, locals, seqs, ids.length, this.#scores);
    if (kind === 'removed') return router_removed(router, worker, event, seqs, ids.length);
    const before = parent < 0 ? 0n : seqOf(parent);
    const [lo, hi] = [Number(before & 0xffffffffn), Number(before >> 32n)];
    const has = parent < 0 ? 0 : 1;
    return router_stored(router, worker, event, has, lo, hi, locals, seqs, ids.length);
  }

  dispose(workers: number): void {
    this.core.give(this.#locals, this.#bytes);
    this.core.give(this.#seqs, this.#bytes);
    this.core.give(this.#scores, workers * 4);
  }
}

/** Both forms on a stream. They must find the same. `now` is a clock in ms. */
export function runRouterStream(
  core: Core,
  stream: RequestStream,
  options: RouterStreamOptions,
  now: () => number,
): RouterStreamResult[] {
  const { workers, blocks, rounds } = options;
  const steps = routerSteps(stream, workers, blocks);
  const counts = { stored: 0, removed: 0, queried: 0 };
  for (const { kind, ids } of steps) counts[kind] += ids.length;
  // Blocks that no worker holds any more stay for a while: twice what the workers have.
  const maxBlocks = Math.min(1 << 24, Math.max(64, 2 * workers * blocks));
  core.reserve(core.exports.router_bytes(0, workers, Math.min(maxBlocks, counts.stored)) + 1e6);
  const sender = new Sender(core, steps, workers);
  const forms: readonly RouterForm[] = ['radix', 'positional'];
  const results = forms.map((form) => {
    const samples = { stored: [0], removed: [0], queried: [0], all: [0] };
    for (const list of Object.values(samples)) list.length = 0;
    let found = 0;
    for (let round = 0; round <= rounds; round++) {
      const first = Math.min(maxBlocks, counts.stored);
      const index = new RouterIndex(core, { workers, form, blocks: first, maxBlocks });
      const { times, sum } = timeSteps(sender, steps, index.handle, now);
      index.dispose();
      if (round === 0) {
        found = sum;
        continue;
      }
      for (const kind of CLASSES) samples[kind].push(times[kind]);
      samples.all.push(times.stored + times.removed + times.queried);
    }
    const total = counts.stored + counts.removed + counts.queried;
    const rate = (n: number, ms: readonly number[]): number | null =>
      n === 0 ? null : n / summarize([ms]).p50 / 1000;
    const millions = {
      stored: rate(counts.stored, samples.stored),
      removed: rate(counts.removed, samples.removed),
      queried: rate(counts.queried, samples.queried),
      all: rate(total, samples.all),
    };
    return { form, stream: stream.name, workers, blocks, counts, millions, found };
  });
  sender.dispose(workers);
  const [radix, positional] = results;
  if (radix.found !== positional.found) {
    throw new Error(`router forms differ: ${radix.found} and ${positional.found} blocks found`);
  }
  return results;
}

/** One pass; the clock is read where the class changes. */
function timeSteps(
  sender: Sender,
  steps: readonly Step[],
  router: number,
  now: () => number,
): { times: Record<RouterClass, number>; sum: number } {
  const times = { stored: 0, removed: 0, queried: 0 };
  let found = 0;
  let since = now();
  for (let i = 0; i < steps.length; i++) {
    const { kind } = steps[i];
    const answer = sender.send(router, i);
    if (answer < 0) throw new Error(`router bench: ${kind} answered ${answer}`);
    if (kind === 'queried') found += answer;
    if (i + 1 < steps.length && steps[i + 1].kind === kind) continue;
    const at = now();
    times[kind] += at - since;
    since = at;
  }
  return { times, sum: found };
}

/** The table of `kvloom bench router-trace`. */
export function routerStreamRows(results: readonly RouterStreamResult[]): string[][] {
  const head = ['form', 'stream', 'workers', 'blocks each', 'stored', 'removed', 'queried'];
  const rate = (value: number | null): string => (value === null ? '-' : value.toFixed(1));
  const rows = results.map(({ form, stream, workers, blocks, millions }) => [
    form, stream, String(workers), String(blocks),
    rate(millions.stored), rate(millions.removed), rate(millions.queried), rate(millions.all),
    (millions.all ?? 0) >= ROUTER_BAR ? '✓' : '✗',
  ]);
  return [[...head, 'all', `>= ${ROUTER_BAR}`], ...rows];
}

/** What stands below the table. */
export const ROUTER_NOTE = 'millions of block operations a second, one thread';
