// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Core } from '../../src/core/core.js';
import { EventHeap } from '../../src/core/event-heap.js';
import { BlockHasher } from '../../src/core/hash.js';
import { loadCore } from '../../src/core/load.js';
import { CoreMath } from '../../src/core/math.js';
import { Rng } from '../../src/core/rng.js';
import { Status } from '../../src/core/status.js';

const word = fc.integer({ min: 0, max: 0xffffffff });

/** Results of one pass through the heap, the samplers, the functions and the hashes. */
function tour(core: Core, seed: number, words: number[]): unknown[] {
  const heap = new EventHeap(core, 2);
  const rng = new Rng(core, seed);
  const math = new CoreMath(core);
  const hasher = new BlockHasher(core, seed);
  const results: unknown[] = [];
  words.forEach((w, i) => {
    heap.push(w, w & 3, i, w, i);
    if (i % 3 === 2) results.push(heap.pop(), heap.time, heap.a);
    const x = w / 1e6 - 700;
    results.push(math.exp(x), math.log(w), math.pow(w / 1e9, x));
    results.push(rng.u32(w, i, 0), rng.uniform(w, i, 1), rng.exponential(w, i, 2, 3));
    results.push(rng.normal(w, i, 3, 1, 2), rng.lognormal(w, i, 4, 1, 2));
    results.push(rng.gamma(w, i, 5, 0.5 + (w % 7), 2));
    results.push(rng.categorical(w, i, 6, words.slice(0, i + 1).map((v) => v + 1)));
  });
  for (const size of [1, 2, 5, 64]) {
    const { local, seq } = hasher.chain(words, size);
    results.push([...local], [...seq], hasher.hash(Uint8Array.from(words.slice(0, size * 5))));
  }
  results.push(core.snapshot());
  return results;
}

describe('core', () => {
  it('has the same exports in both builds', () => {
    const names = (core: Core): string[] => Object.keys(core.exports).sort();
    expect(names(loadCore({ simd: 'on' }))).toEqual(names(loadCore({ simd: 'off' })));
  });

  it('gives the same results and the same state bytes with SIMD and without', () => {
    const words = fc.array(word, { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(fc.maxSafeNat(), words, (seed, w) => {
        const on = tour(loadCore({ simd: 'on' }), seed, w);
        const off = tour(loadCore({ simd: 'off' }), seed, w);
        expect(off).toEqual(on);
      }),
      { numRuns: 25, seed: 7 },
    );
  });

  it('never traps on arguments of any value', () => {
    const core = loadCore();
    const heap = new EventHeap(core, 4);
    const exports = core.exports as unknown as Record<string, (...args: number[]) => number>;
    const names = Object.keys(exports).filter((n) => /^(heap|rng|math|xxh3|block_hash)_/.test(n));
    expect(names.length).toBe(22);
    const near = fc.constantFrom(heap.handle, core.exports.arena_base(), core.exports.arena_top());
    const value = fc.oneof(word, near, fc.integer({ min: -20, max: 300 }), fc.double());
    const call = fc.tuple(fc.constantFrom(...names), fc.array(value, { maxLength: 10 }));
    fc.assert(
      fc.property(call, ([name, args]) => {
        expect(typeof exports[name](...args)).toBe('number');
      }),
      { numRuns: 5000, seed: 8 },
    );
  });

  it('re-derives its views when the memory grows', () => {
    const core = loadCore();
    const old = core.u8;
    const at = core.take(8);
    core.u32[at >> 2] = 42;
    core.reserve(8 << 20);
    expect(old.length).toBe(0);
    expect(core.u32[at >> 2]).toBe(42);
    expect(core.u8.buffer).toBe(core.exports.memory.buffer);
  });

  it('hands out zeroed buffers and takes them back', () => {
    const core = loadCore();
    const top = core.exports.arena_top();
    const at = core.take(100);
    expect(at % 8).toBe(0);
    core.u8.fill(255, at, at + 100);
    core.give(at, 100);
    expect(core.take(100)).toBe(at);
    expect(core.u8.subarray(at, at + 100).every((byte) => byte === 0)).toBe(true);
    expect(core.exports.arena_top()).toBeGreaterThan(top);
    expect(() => core.give(4, 100)).toThrow('arena_give: argument out of range');
  });

  it('restores a snapshot into another instance, of either build', () => {
    const a = loadCore({ simd: 'on' });
    const heap = new EventHeap(a, 4);
    heap.push(5, 0, 0, 1, 2);
    const b = loadCore({ simd: 'off' });
    b.restore(a.snapshot());
    expect(b.snapshot()).toEqual(a.snapshot());
    expect(b.exports.heap_peek_time(heap.handle)).toBe(5);
  });

  it('refuses to go on from memory that is no arena of this ABI', () => {
    const { exports, u32 } = loadCore();
    const base = (exports.arena_base() >>> 0) >>> 2;
    // Magic, ABI, and the top beyond the memory.
    for (const word of [0, 1, 2]) {
      const sound = u32[base + word];
      u32[base + word] = word === 2 ? 0xfffffff8 : sound - 1;
      expect(exports.arena_adopt()).toBe(Status.badArgument);
      u32[base + word] = sound;
    }
    expect(exports.arena_adopt()).toBe(0);
  });

  it('refuses bytes that are no snapshot', () => {
    const core = loadCore();
    const before = core.snapshot();
    for (const bytes of [new Uint8Array(4096), before.slice(0, -8), new Uint8Array(3)]) {
      expect(() => core.restore(bytes)).toThrow('restore');
    }
    expect(core.snapshot()).toEqual(before);
  });
});
