// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockPool, KernelError, RadixTree, Status, loadCore } from '../../src/core/index.js';
import { poolTarget } from '../../src/fuzz/index.js';
import { describeBuilds, expectRefused } from '../support/cores.js';

const pool = (blocks: number, caching = true, events = 0): BlockPool =>
  new BlockPool(loadCore(), { blocks, caching, events });

describe('block pool', () => {
  it('hands out the lowest ids first and keeps the null block 0 for itself', () => {
    const p = pool(5);
    expect(p.freeBlocks).toBe(4);
    expect(p.alloc(3)).toEqual(Uint32Array.of(1, 2, 3));
  });

  it('answers null when fewer blocks are free, and takes none', () => {
    const p = pool(4);
    expect(p.alloc(4)).toBeNull();
    expect(p.freeBlocks).toBe(3);
  });

  it('reuses blocks without a hash before those that can still be hit', () => {
    const p = pool(5);
    const ids = p.alloc(4)!;
    p.cache(ids.slice(0, 2), [101n, 102n]);
    p.free([4, 3, 2, 1]);
    // 4 and 3 hold nothing: to the head, in the order given. 2 and 1 are cached: to the tail.
    expect([...p.queue()]).toEqual([4, 3, 2, 1]);
    p.alloc(2);
    expect(p.lookup(101n)).toBe(1);
  });

  it('frees a table from its tail, so that the shared prefix is evicted last', () => {
    const p = pool(4);
    p.cache(p.alloc(3)!, [1n, 2n, 3n]);
    p.freeTable([1, 2, 3]);
    p.alloc(1);
    expect([...p.lookupRun([1n, 2n, 3n])]).toEqual([1, 2]);
  });

  it('puts references back when a table is refused half-way', () => {
    const p = pool(5);
    p.alloc(4);
    p.free([1]);
    expect(() => p.freeTable([1, 2, 3, 4])).toThrow(KernelError);
    expect([1, 2, 3, 4].map((id) => p.references(id))).toEqual([0, 1, 1, 1]);
    expect([...p.queue()]).toEqual([1]);
    expect(p.check()).toBe(0);
  });

  it('looks up a run of keys whichever way their blocks lie', () => {
    const p = pool(12);
    const ids = [3, 4, 5, 6, 9, 8, 7, 1, 11];
    const keys = ids.map((id) => BigInt(id) * 1000n);
    p.touch(ids);
    p.cache(ids, keys);
    expect([...p.lookupRun(keys)]).toEqual(ids);
    expect([...p.lookupRun([keys[0], keys[1], keys[2], 1n, keys[4]])]).toEqual(ids.slice(0, 3));
  });

  it('does not take the neighbour for a block that an older copy stands for', () => {
    const p = pool(8);
    p.touch([1, 2, 3, 4, 5, 6]);
    p.cache([6, 1, 2, 3, 4], [3n, 1n, 2n, 3n, 4n]);
    expect([...p.lookupRun([1n, 2n, 3n, 4n])]).toEqual([1, 2, 6, 4]);
    // Once the older copy has lost its hash, block 3 is alone and stands for it.
    p.evict([6]);
    expect([...p.lookupRun([1n, 2n, 3n, 4n])]).toEqual([1, 2, 3, 4]);
    p.evict([3]);
    expect([...p.lookupRun([1n, 2n, 3n, 4n])]).toEqual([1, 2]);
    expect(p.check()).toBe(0);
  });

  it('does not take the neighbour for a block of another group', () => {
    const p = pool(8);
    p.touch([1, 2, 3, 4, 5]);
    p.cache([1, 2], [1n, 2n], 0);
    p.cache([3], [3n], 1);
    expect([...p.lookupRun([1n, 2n, 3n], 0)]).toEqual([1, 2]);
    p.cache([5], [3n], 0);
    expect([...p.lookupRun([1n, 2n, 3n], 0)]).toEqual([1, 2, 5]);
    expect(p.check()).toBe(0);
  });

  it('takes neighbours in the queue out together, whichever way they are touched', () => {
    const p = pool(10);
    p.touch([4, 5, 3, 6, 4, 1, 9]);
    expect([...p.queue()]).toEqual([2, 7, 8]);
    expect(p.references(4)).toBe(2);
    expect(p.check()).toBe(0);
  });

  it('puts them back in their places when the touch is refused', () => {
    const p = pool(10);
    expect(() => p.touch([4, 5, 3, 6, 4, 1, 9, 8, 10])).toThrow(KernelError);
    expect([...p.queue()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(p.check()).toBe(0);
  });

  it('keeps a freed block findable, and takes it out of the queue when it is touched', () => {
    const p = pool(3);
    p.cache(p.alloc(1)!, [7n]);
    p.free([1]);
    p.touch([p.lookup(7n)!]);
    expect([...p.queue()]).toEqual([2]);
    expect(p.references(1)).toBe(1);
  });

  it('counts references: a shared block is free when the last holder lets go', () => {
    const p = pool(3);
    p.alloc(1);
    p.touch([1]);
    p.free([1]);
    expect(p.freeBlocks).toBe(1);
    p.free([1]);
    expect(p.freeBlocks).toBe(2);
  });

  it('finds the oldest of several blocks with one key, also after it was evicted', () => {
    const p = pool(4);
    p.alloc(3);
    p.cache([2], [9n]);
    p.cache([1], [9n]);
    expect(p.lookup(9n)).toBe(2);
    p.evict([2]);
    expect(p.lookup(9n)).toBe(1);
  });

  it('keeps the keys of groups apart, and all 64 bits of a key', () => {
    const p = pool(4);
    p.alloc(3);
    p.cache([1], [1n], 0);
    p.cache([2], [1n], 1);
    p.cache([3], [(1n << 40n) | 1n], 0);
    expect([p.lookup(1n, 0), p.lookup(1n, 1), p.lookup((1n << 40n) | 1n)]).toEqual([1, 2, 3]);
  });

  it('queues every freed block at the tail when caching is off', () => {
    const p = pool(4, false);
    p.free(p.alloc(2)!);
    expect([...p.queue()]).toEqual([3, 1, 2]);
  });

  it('registers nothing when caching is off', () => {
    const p = pool(4, false);
    const ids = p.alloc(1)!;
    expect(() => p.cache(ids, [7n])).toThrow('argument out of range');
    expect(p.lookup(7n)).toBeNull();
  });

  it('resets only while nothing is in use', () => {
    const p = pool(3);
    p.cache(p.alloc(1)!, [5n]);
    expect(p.reset()).toBe(false);
    p.free([1]);
    expect(p.reset()).toBe(true);
    expect(p.lookup(5n)).toBeNull();
  });

  it('tells what was stored, removed and cleared', () => {
    const p = pool(3, true, 8);
    p.cache(p.alloc(2)!, [5n, 6n], 0, 4n);
    p.free([2, 1]);
    p.alloc(1);
    p.free([2]);
    p.reset();
    expect(p.takeEvents()).toEqual([
      { kind: 'stored', keys: [5n, 6n], parent: 4n, group: 0 },
      { kind: 'removed', key: 6n, group: 0 },
      { kind: 'cleared' },
    ]);
  });

  it('says so when the event log overflowed', () => {
    const p = pool(4, true, 1);
    p.cache(p.alloc(3)!, [1n, 2n, 3n]);
    expect(() => p.takeEvents()).toThrow(KernelError);
  });
});

describeBuilds('block pool refuses', (load) => {
  const { badArgument, badHandle, busy, full, unbalanced } = Status;
  const core = load();
  const p = new BlockPool(core, { blocks: 6 });
  p.alloc(3);
  p.cache([1], [1n]);
  p.free([3]);
  const { handle } = p;
  const e = core.exports;
  const free = (at: number, n: number): number => e.pool_free(handle, at, n);
  const freeTable = (at: number, n: number): number => e.pool_free_table(handle, at, n);
  const touch = (at: number, n: number): number => e.pool_touch(handle, at, n);
  const evict = (at: number, n: number): number => e.pool_evict(handle, at, n);
  // The ids serve as keys as well.
  const cache = (at: number, n: number): number => e.pool_cache(handle, at, at, n >> 1, 0, 0, 0, 0);
  type Call = (at: number, n: number) => number;
  const observe = (): unknown => ({
    queue: p.queue(),
    references: [0, 1, 2, 3, 4, 5].map((id) => p.references(id)),
    blocks: [0n, 1n, 2n, 8n, 9n, 1n << 32n].map((key) => p.lookup(key)),
    hashed: p.hashedBlocks,
  });
  const undone = [
    'a block twice in one call', 'a second hash for a block', 'one block twice in a cache call',
    'a hash for the null block', 'a hash for a block beyond the pool',
  ];
  const cases: [string, number, number[], Call][] = [
    ['a block that is free already (vLLM 42571)', unbalanced, [3], free],
    ['a block twice in one call', unbalanced, [1, 2, 1], free],
    ['the null block', badArgument, [1, 0], free],
    ['a block beyond the pool', badArgument, [1, 6], free],
    ['a table with a block that is free already', unbalanced, [3, 1, 2], freeTable],
    ['a table outside of the memory', badArgument, [], () => freeTable(0xfffffff0, 8)],
    ['a touch of the null block', badArgument, [1, 0], touch],
    ['a touch beyond the pool', badArgument, [1, 0xffffffff], touch],
    ['a second hash for a block', badArgument, [2, 1, 0, 0], cache],
    ['one block twice in a cache call', badArgument, [2, 2, 0, 0], cache],
    ['a hash for the null block', badArgument, [2, 0, 0, 0], cache],
    ['a hash for a block beyond the pool', badArgument, [2, 6, 0, 0], cache],
    ['an eviction beyond the pool', badArgument, [1, 6], evict],
    ['references of a block beyond the pool', badArgument, [], () => e.pool_ref(handle, 6)],
    ['more than is free', full, [0, 0, 0, 0], (at) => e.pool_alloc(handle, 4, at)],
    ['room for too few ids of the queue', badArgument, [0], (at) => e.pool_queue(handle, at, 1)],
    ['ids outside of the memory', badArgument, [], () => free(0xfffffff0, 8)],
    ['ids in static data', badArgument, [], () => free(0, 1)],
    ['a reset while blocks are in use', busy, [], () => e.pool_reset(handle)],
    ['handle 0', badHandle, [], () => e.pool_free_count(0)],
    ['an odd handle', badHandle, [], () => e.pool_free_count(handle + 4)],
    ['a handle beyond the arena', badHandle, [], () => e.pool_free_count(0xfffffff8)],
    ['its handle as a tree', badHandle, [], () => e.radix_evictable(handle)],
    ['its handle as a heap', badHandle, [], () => e.heap_size(handle)],
  ];
  for (const [name, status, words, call] of cases) {
    it(name, () => {
      expectRefused(core, status, words, call, undone.includes(name) ? observe : null);
      expect(p.check()).toBe(0);
    });
  }

  it('the handle of a tree, and its own after it was disposed of', () => {
    const tree = new RadixTree(core);
    expectRefused(core, badHandle, [], () => e.pool_free_count(tree.handle));
    const gone = new BlockPool(core, { blocks: 4 });
    gone.dispose();
    expectRefused(core, badHandle, [], () => e.pool_free_count(gone.handle));
  });

  it('and the facade throws a KernelError that says why', () => {
    expect(() => p.free([3])).toThrow('pool_free: freed or unlocked more often than taken');
    expect(() => p.touch([0])).toThrow(KernelError);
  });
});

describeBuilds('block pool is its twin', (load) => {
  const target = poolTarget(load());
  it('under any program', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1200 }), (body) => target.run(body, { every: 1 })),
      { seed: 20261120, numRuns: 150 },
    );
  });
});
