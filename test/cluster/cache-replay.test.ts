// SPDX-License-Identifier: Apache-2.0
/** Caches on a trace: kernel against an ordered map, Belady against exhaustive search. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replayBelady } from '../../src/cluster/cache-belady.js';
import { withBlockSize } from '../../src/cluster/cache-block-size.js';
import { replayLru } from '../../src/cluster/cache-replay.js';
import type { CacheTrace } from '../../src/cluster/cache-result.js';
import { replayTtl } from '../../src/cluster/cache-reuse.js';
import { cacheTrace, studyCache } from '../../src/cluster/cache-study.js';
import { loadCore } from '../../src/core/index.js';
import { GapKind, WorkloadBuilder, type SessionDraft } from '../../src/workload/index.js';
import { chain } from '../support/trace.js';

/** A trace of prompts, one a second. A prompt is a path in a tree: `[parent, length]` choices. */
function traceOf(prompts: readonly (readonly number[])[], blockSize = 4, extra = 0): CacheTrace {
  const builder = new WorkloadBuilder('test');
  const session: SessionDraft = {
    id: 's',
    arrivalNs: 0,
    blockSize,
    scope: 'session',
    agents: [{ parent: -1, endNs: -1 }],
    turns: prompts.map((ids, i) => ({
      agent: 0,
      model: 'm',
      startNs: i * 1e9,
      inputTokens: Math.max(1, ids.length * blockSize + extra),
      outputTokens: 1,
      apiNs: -1,
      gapKind: GapKind.none,
      blocks: ids.length,
      ids: Uint32Array.from(ids),
      prefixTurn: -1,
      prefixBlocks: 0,
      dependencies: [],
    })),
  };
  builder.addSession(session);
  return cacheTrace(builder.finish());
}

/** LRU as the goldens define it, over an ordered map. */
function plainLru(trace: CacheTrace, capacity: number) {
  const cache = new Map<number, true>();
  let evicted = 0;
  const hits = Array.from(trace.order, (turn) => {
    const ids = chain(trace.workload, turn);
    const miss = ids.findIndex((id) => !cache.has(id));
    for (const id of ids.reverse()) {
      cache.delete(id);
      cache.set(id, true);
    }
    for (const id of cache.keys()) {
      if (cache.size <= capacity) break;
      cache.delete(id);
      evicted++;
    }
    return miss < 0 ? ids.length : miss;
  });
  return { hits, evicted, resident: [...cache.keys()] };
}

/** Most hits of any policy, by trying every set of blocks to keep. Tiny traces only. */
function bestHits(trace: CacheTrace, capacity: number): number {
  const prompts = Array.from(trace.order, (turn) => chain(trace.workload, turn));
  const known = new Map<string, number>();
  const best = (r: number, cached: readonly number[]): number => {
    if (r === prompts.length) return 0;
    const key = `${r}:${[...cached].sort((a, b) => a - b).join()}`;
    const seen = known.get(key);
    if (seen !== undefined) return seen;
    const ids = prompts[r];
    const miss = ids.findIndex((id) => !cached.includes(id));
    const all = [...new Set([...cached, ...ids])];
    let most = 0;
    for (let set = 0; set < 1 << all.length; set++) {
      const kept = all.filter((_, i) => set & (1 << i));
      if (kept.length <= capacity) most = Math.max(most, best(r + 1, kept));
    }
    const total = (miss < 0 ? ids.length : miss) + most;
    known.set(key, total);
    return total;
  };
  return best(0, []);
}

/** Prompts as paths in a tree of depth `depth`: each block is named by all choices up to it. */
const prompts = (depth: number, count: number) =>
  fc.array(fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: depth }), { maxLength: count })
    .filter((list) => list.length > 0)
    .map((list) => list.map((path) => path.map((_, i) =>
      path.slice(0, i + 1).reduce((id, choice) => id * 2 + choice, 1))));

describe('cache replay', () => {
  // main agent, a branch off its third block, main again
  const trace = traceOf([[1, 2, 3, 4], [1, 2, 3, 9], [1, 2, 3, 4, 5]]);

  it('infinite: a block misses once', () => {
    const { result } = replayLru(loadCore(), trace, Infinity);
    expect([...result.hits]).toEqual([0, 3, 4]);
    expect(result).toMatchObject({ blocks: 13, hitBlocks: 7, missBlocks: 6, evictedBlocks: 0 });
    expect(result.readsPerWrite).toBeCloseTo(7 / 6);
    expect(result.hitTokens).toBe(28);
  });

  it('LRU: deeper blocks of a prompt are older', () => {
    // After the second prompt 4 is the oldest and goes; then 9, deeper than nothing in use.
    const { result, resident } = replayLru(loadCore(), trace, 4);
    expect([...result.hits]).toEqual([0, 3, 3]);
    expect(result.evictedBlocks).toBe(3);
    expect(resident.length).toBe(4);
  });

  it('LRU smaller than one prompt: insert all, then trim from the end', () => {
    const { result } = replayLru(loadCore(), trace, 2);
    expect([...result.hits]).toEqual([0, 2, 2]);
  });

  it('TTL: a use refreshes, and exactly the limit still hits', () => {
    expect([...replayTtl(trace, 1e9).hits]).toEqual([0, 3, 3]);
    expect([...replayTtl(trace, 2e9).hits]).toEqual([0, 3, 4]);
    expect([...replayTtl(trace, 0.5e9).hits]).toEqual([0, 0, 0]);
  });

  it('Belady keeps what is needed next: 4, not 9', () => {
    const result = replayBelady(trace, 4);
    expect([...result.hits]).toEqual([0, 3, 4]);
    expect(result).toMatchObject({ missBlocks: 6, evictedBlocks: 6 });
  });

  it('counts a prompt that hit in full, and none that is empty', () => {
    expect(replayLru(loadCore(), traceOf([[], [1], [1]]), 9).result.fullHits).toBe(1);
  });

  it('LRU equals an ordered map on any trace, at any capacity', () => {
    const core = loadCore();
    fc.assert(
      fc.property(prompts(9, 30), fc.integer({ min: 1, max: 40 }), (list, capacity) => {
        const any = traceOf(list);
        const { hits, evicted, resident } = plainLru(any, capacity);
        const kernel = replayLru(core, any, capacity);
        expect([...kernel.result.hits]).toEqual(hits);
        expect(kernel.result.evictedBlocks).toBe(evicted);
        expect([...kernel.resident]).toEqual(resident);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it('Belady is the best of all policies on tiny traces', () => {
    fc.assert(
      fc.property(prompts(3, 5), fc.integer({ min: 1, max: 4 }), (list, capacity) => {
        const any = traceOf(list);
        expect(replayBelady(any, capacity).hitBlocks).toBe(bestHits(any, capacity));
      }),
      { seed: 4, numRuns: 120 },
    );
  }, 60_000);

  it('LRU <= Belady <= infinite', () => {
    const core = loadCore();
    fc.assert(
      fc.property(prompts(9, 40), fc.integer({ min: 1, max: 60 }), (list, capacity) => {
        const any = traceOf(list);
        const optimum = replayBelady(any, capacity).hitBlocks;
        expect(replayLru(core, any, capacity).result.hitBlocks).toBeLessThanOrEqual(optimum);
        expect(optimum).toBeLessThanOrEqual(replayLru(core, any, Infinity).result.hitBlocks);
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it('SIMD and scalar kernels agree', () => {
    const study = (simd: 'auto' | 'off') =>
      studyCache(loadCore({ simd }), trace, { lru: [1, 2, 3, 4], ttl: [1], belady: true });
    expect(study('off')).toEqual(study('auto'));
  });
});

describe('another block size', () => {
  const trace = traceOf([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6], [1, 2, 3, 9]], 8, 3);
  const hits = (blockSize: number): number => {
    const workload = withBlockSize(trace.workload, blockSize);
    return replayLru(loadCore(), { ...trace, workload }, Infinity).result.hitTokens;
  };

  it('hits the same tokens, rounded down to its blocks', () => {
    expect(hits(8)).toBe(40 + 24);
    expect(hits(4)).toBe(40 + 24);
    expect(hits(1)).toBe(40 + 24);
    expect(hits(16)).toBe(32 + 16);
    expect(hits(32)).toBe(32);
  });

  it('must divide the size of the trace, or be a multiple of it', () => {
    expect(() => withBlockSize(trace.workload, 12)).toThrow('a divisor or a multiple of 8');
  });
});
