// SPDX-License-Identifier: Apache-2.0
/** Forks go on alike, differences are told by object, bytes that are no snapshot are refused. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  BlockPool, EventHeap, RadixTree, SnapshotError, loadCore, type Core,
} from '../../src/core/index.js';
import { describeBuilds } from '../support/cores.js';

function state(core: Core): { pool: BlockPool; tree: RadixTree; heap: EventHeap } {
  const pool = new BlockPool(core, { blocks: 64, events: 32 });
  const tree = new RadixTree(core);
  const heap = new EventHeap(core, 16);
  return { pool, tree, heap };
}

/** The same calls, raw, so that they may run in any instance that has the objects. */
function goOn(core: Core, pool: number, tree: number, heap: number, buffer: number): unknown[] {
  const { exports: e } = core;
  const results: unknown[] = [];
  for (let i = 0; i < 20; i++) {
    results.push(e.pool_alloc(pool, 3, buffer), ...core.u32.slice(buffer >> 2, (buffer >> 2) + 3));
    results.push(e.pool_cache(pool, buffer, buffer, 1, i % 3, i, 0, 0));
    results.push(e.pool_free(pool, buffer, 3));
    results.push(e.radix_insert(tree, buffer, buffer, 3, 0, 0, 0), e.radix_evictable(tree));
    results.push(e.heap_push(heap, i % 7, 0, i, 1, 2), e.heap_peek_time(heap));
  }
  return results;
}

describeBuilds('fork', (load) => {
  it('goes on as the original does, and shares nothing with it', () => {
    const core = load();
    const { pool, tree, heap } = state(core);
    const buffer = core.take(256);
    core.reserve(1 << 18);
    goOn(core, pool.handle, tree.handle, heap.handle, buffer);
    heap.clear();
    const twin = core.fork();
    twin.reserve(1 << 18);
    expect(twin.simd).toBe(core.simd);
    expect(core.diff(twin.snapshot()).equal).toBe(true);
    const before = core.snapshot();
    const there = goOn(twin, pool.handle, tree.handle, heap.handle, buffer);
    expect(Buffer.compare(core.snapshot(), before)).toBe(0);
    const here = goOn(core, pool.handle, tree.handle, heap.handle, buffer);
    expect(there).toEqual(here);
    expect(core.diff(twin.snapshot())).toEqual({ equal: true, bytes: 0, objects: [] });
    expect(twin.checkIntegrity()).toEqual({ ok: true });
  });
});

describe('a snapshot', () => {
  it('of a release build goes on in the debug build, and back', () => {
    const core = loadCore();
    const { pool } = state(core);
    pool.cache(pool.alloc(5)!, [1n, 2n, 3n, 4n, 5n]);
    const file = new URL('../../dist/core/core.debug.wasm', import.meta.url);
    const debug = loadCore({ source: readFileSync(file) });
    debug.restore(core.snapshot(), { verify: true });
    expect(debug.exports.pool_hashed_count(pool.handle)).toBe(5);
    core.restore(debug.snapshot(), { verify: true });
    expect(pool.lookup(4n)).toBe(4);
  });

  it('that is truncated, foreign or of another version is refused, and says why', () => {
    const core = loadCore();
    state(core);
    const good = core.snapshot();
    const change = (at: number, value: number): Uint8Array => {
      const bytes = good.slice();
      new DataView(bytes.buffer).setUint32(at, value, true);
      return bytes;
    };
    const cases: [string, Uint8Array, RegExp][] = [
      ['nothing', new Uint8Array(0), /restore: not a snapshot: 0 bytes/],
      ['text', new TextEncoder().encode('not bytes of ours'), /not a snapshot: begins with/],
      ['zeros', new Uint8Array(4096), /begins with 00000000, expected 6b766c01/],
      ['a newer layout', change(0, 0x6b766c02), /has layout 2, this core reads 1/],
      ['a newer ABI', change(4, 99), /has ABI 99, this core has ABI \d+/],
      ['half of one', good.slice(0, good.length >> 1), /is \d+ bytes, its header says \d+/],
      ['one with a tail', Uint8Array.from([...good, 0, 0, 0, 0]), /its header says/],
      ['a header alone', change(8, core.exports.arena_base() + 64).slice(0, 64), /is 64 bytes/],
    ];
    for (const [name, bytes, message] of cases) {
      expect(() => core.restore(bytes), name).toThrow(message);
      expect(() => core.restore(bytes), name).toThrow(SnapshotError);
      expect(() => core.diff(bytes), name).toThrow(/^diff: /);
      expect(Buffer.compare(core.snapshot(), good), name).toBe(0);
    }
  });

  it('may stand at an odd place of a larger buffer', () => {
    const core = loadCore();
    const { pool } = state(core);
    const good = core.snapshot();
    const large = new Uint8Array(good.length + 3);
    large.set(good, 3);
    core.restore(large.subarray(3), { verify: true });
    expect(pool.freeBlocks).toBe(63);
  });
});

describe('diff', () => {
  it('tells which objects changed, and where', () => {
    const core = loadCore();
    const { pool, tree, heap } = state(core);
    const start = core.snapshot();
    expect(core.diff(start)).toEqual({ equal: true, bytes: 0, objects: [] });
    heap.push(1, 0, 0, 0, 0);
    const pushed = core.diff(start);
    expect(pushed.objects.map(({ kernel }) => kernel)).toEqual(['heap']);
    expect(pushed.objects[0]).toMatchObject({ handle: heap.handle, change: 'changed' });
    const size = { from: heap.handle + 12, to: heap.handle + 16 };
    expect(pushed.objects[0].ranges).toContainEqual(size);
    expect(pushed.bytes).toBe(pushed.objects[0].bytes);
    const middle = core.snapshot();
    core.exports.pool_alloc(pool.handle, 1, core.take(8));
    const kernels = core.diff(middle).objects.map((o) => `${o.kernel} ${o.change}`);
    expect(kernels).toContain('pool changed');
    expect(kernels).not.toContain('heap changed');
    expect(kernels).not.toContain('radix changed');
    tree.dispose();
    new BlockPool(core, { blocks: 4 });
    const last = core.diff(start).objects.map((o) => `${o.kernel} ${o.change}`);
    expect(last).toContain('radix destroyed');
    expect(last).toContain('pool made');
    expect(core.diff(start, middle).objects.map(({ kernel }) => kernel)).toEqual(['heap']);
  });

  it('books every byte once', () => {
    const core = loadCore();
    const { pool, tree, heap } = state(core);
    const buffer = core.take(256);
    core.reserve(1 << 18);
    const start = core.snapshot();
    goOn(core, pool.handle, tree.handle, heap.handle, buffer);
    const diff = core.diff(start);
    const sum = diff.objects.reduce((bytes, o) => bytes + o.bytes, 0);
    expect(sum + core.snapshot().length - start.length).toBe(diff.bytes);
    for (const { bytes, ranges } of diff.objects) {
      expect(ranges.reduce((n, { from, to }) => n + to - from, 0)).toBe(bytes);
    }
  });
});
