// SPDX-License-Identifier: Apache-2.0
/**
 * Belady's optimum: the most hits that any cache of a given capacity can have on a trace.
 *
 * Exactly: requests are served one at a time; before each the cache holds at most `capacity`
 * blocks; a hit is a block of the prompt whose predecessors all hit; after serving, any of the
 * blocks held and of the prompt may be kept. Keeping those with the nearest next use is optimal
 * for single blocks (Belady 1966; it is interval scheduling on `capacity` machines). Here it is
 * also attainable for prefixes: whoever uses a block uses its predecessors, so their next use is
 * never later, and with ties going to the shallower block what is kept is closed under prefixes.
 * The figure is therefore the optimum itself, not only a bound on it.
 *
 * ```
 *  next use     r+1        r+2        r+5                 a queue for each future request: runs of
 *  cached     [ 3 ][ 9 ]  [ 4 ]      [ 7 ][ 2 ]           its prompt, deepest first
 *                                      ▲ evicted first: farthest request, deepest blocks
 * ```
 *
 * A later request adds shallower runs to a queue than an earlier one, so that "deepest first" is
 * the order of arrival. Cost: O(runs), with few runs a request (see cache-reuse.ts).
 */
import { cacheResult } from './cache-result.js';
import type { CacheResult, CacheTrace } from './cache-result.js';
import { findReuse } from './cache-reuse.js';
import type { ReuseRuns } from './cache-reuse.js';

export function replayBelady(
  trace: CacheTrace,
  capacity: number,
  reuse = findReuse(trace),
): CacheResult {
  const { order, workload } = trace;
  const hits = new Uint32Array(order.length);
  const cache = new BeladyCache(reuse, order.length);
  let misses = 0;
  for (let r = 0; r < order.length; r++) {
    hits[r] = cache.serve(r);
    misses += workload.turns.blocks[order[r]] - hits[r];
    cache.shrinkTo(capacity);
  }
  // What was written and is not held any more has been dropped; without a next use, at once.
  return cacheResult('belady', capacity, trace, hits, misses - cache.held);
}

class BeladyCache {
  held = 0;
  /** Runs by the request that used them last: `byUse[useStart[r] ..]` are to be kept after r. */
  readonly #useStart: Uint32Array;
  readonly #byUse: Uint32Array;
  /** Request whose run this is: the next use. */
  readonly #request: Uint32Array;
  /** Blocks of each run that are in the cache. */
  readonly #cached: Uint32Array;
  /** Runs of request r in order of arrival: `queue[start[r] .. end[r]]`, evicted up to `from`. */
  readonly #queue: Uint32Array;
  readonly #from: Uint32Array;
  readonly #end: Uint32Array;
  readonly #pending: RequestSet;

  constructor(
    private readonly reuse: ReuseRuns,
    requests: number,
  ) {
    const runs = reuse.length.length;
    this.#request = new Uint32Array(runs);
    this.#cached = new Uint32Array(runs);
    this.#queue = new Uint32Array(runs);
    this.#from = reuse.start.slice();
    this.#end = reuse.start.slice();
    this.#pending = new RequestSet(requests);
    this.#useStart = new Uint32Array(requests + 1);
    this.#byUse = new Uint32Array(runs);
    for (let run = 0; run < runs; run++) this.#useStart[reuse.previous[run] + 1]++;
    for (let r = 0; r < requests; r++) this.#useStart[r + 1] += this.#useStart[r];
    const next = this.#useStart.slice();
    for (let r = 0; r < requests; r++) {
      for (let run = reuse.start[r]; run < reuse.start[r + 1]; run++) {
        this.#request[run] = r;
        this.#byUse[next[reuse.previous[run]]++] = run;
      }
    }
  }

  /** Hits of request r; afterwards all of its blocks with a next use are in the cache. */
  serve(r: number): number {
    let hits = 0;
    for (let i = this.#from[r]; i < this.#end[r]; i++) hits += this.#cached[this.#queue[i]];
    this.held -= hits;
    this.#pending.delete(r);
    for (let i = this.#useStart[r]; i < this.#useStart[r + 1]; i++) {
      const run = this.#byUse[i];
      const request = this.#request[run];
      this.#cached[run] = this.reuse.length[run];
      this.#queue[this.#end[request]++] = run;
      this.#pending.add(request);
      this.held += this.reuse.length[run];
    }
    return hits;
  }

  shrinkTo(capacity: number): void {
    while (this.held > capacity) {
      const request = this.#pending.last();
      const run = this.#queue[this.#from[request]];
      const dropped = Math.min(this.#cached[run], this.held - capacity);
      this.#cached[run] -= dropped;
      this.held -= dropped;
      if (this.#cached[run] > 0) continue;
      this.#from[request]++;
      if (this.#from[request] === this.#end[request]) this.#pending.delete(request);
    }
  }
}

/** Request numbers as bits, 32 a word; the largest one is found by scanning down from a bound. */
class RequestSet {
  readonly #words: Uint32Array;
  /** No word above this one has a bit. */
  #top = 0;

  constructor(requests: number) {
    this.#words = new Uint32Array((requests >> 5) + 1);
  }

  add(request: number): void {
    const word = request >> 5;
    this.#words[word] |= 1 << (request & 31);
    if (word > this.#top) this.#top = word;
  }

  delete(request: number): void {
    this.#words[request >> 5] &= ~(1 << (request & 31));
  }

  /** The set must not be empty. */
  last(): number {
    while (this.#words[this.#top] === 0) this.#top--;
    return (this.#top << 5) + 31 - Math.clz32(this.#words[this.#top]);
  }
}
