// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { TierStore } from '../../src/core/index.js';
import { describeBuilds } from '../support/cores.js';
import { copyAll, path, storeOf, where } from '../support/tiers.js';

describeBuilds('TierStore: the way down', (load) => {
  it('write-through copies a path as it is inserted, as one command with its bytes', () => {
    const store = storeOf(load(), { down: 'through' });
    store.insert(path(1, 3));
    const [command, ...more] = store.commands();
    expect(command).toMatchObject({ source: 0, target: 1, blocks: 3, bytes: 3000 });
    expect(more).toEqual([]);
    expect(store.residency(3n)).toMatchObject({ resident: [0], incoming: [1] });
    expect(store.done(command.id)).toBe('landed');
    expect(where(store, path(1, 3))).toEqual(['0+1', '0+1', '0+1']);
  });

  it('write-through-selective copies what a second insert passes', () => {
    const store = storeOf(load(), { down: 'through', hits: 2 });
    store.insert([1n, 2n]);
    expect(store.commands()).toEqual([]);
    store.insert([1n, 3n]);
    expect(copyAll(store)).toEqual(['0>1 x1 landed']);
    expect(where(store, [1n, 2n, 3n])).toEqual(['0+1', '0', '0']);
  });

  it('copies no child before its parent', () => {
    const store = storeOf(load(), { down: 'through' }, { capacity: 1 });
    store.insert([1n, 2n]);
    expect(copyAll(store)).toEqual(['0>1 x1 landed']);
    expect(where(store, [1n, 2n])).toEqual(['0+1', '0']);
  });

  it('passes on from host to disk when it has landed', () => {
    const tiers = [
      { capacity: 4, down: 'through' }, { capacity: 4, down: 'through' }, { capacity: 4 },
    ] as const;
    const store = new TierStore(load(), { tiers });
    store.insert([1n, 2n]);
    expect(copyAll(store)).toEqual(['0>1 x2 landed', '1>2 x2 landed']);
    expect(where(store, [1n, 2n])).toEqual(['0+1+2', '0+1+2']);
  });

  it('takes no transfer for a victim when making room for it took the last one', () => {
    const back = { capacity: 1, down: 'back' } as const;
    const tiers = [back, back, back, { capacity: 8 }];
    const store = new TierStore(load(), { tiers, transfers: 1 });
    const sink = (key: bigint, tiers: readonly number[]): void => {
      store.insert([key]);
      for (const tier of tiers) {
        store.evict(tier, 1);
        copyAll(store);
      }
    };
    sink(1n, [0, 1]);
    sink(2n, [0]);
    sink(3n, []);
    expect(where(store, [1n, 2n, 3n])).toEqual(['2', '1', '0']);
    // To let 3 in, the host would send 2 down, for which the disk begins to send 1 to the remote
    // tier: the only transfer. So 2 is dropped, and 3 goes without a copy.
    store.evict(0, 1);
    expect(store.commands().map(({ source, target }) => [source, target])).toEqual([[2, 3]]);
    expect(store.check()).toBe(0);
  });

  it('write-back copies a victim and frees its slot when the copy has landed', () => {
    const store = storeOf(load(), { down: 'back' });
    store.insert(path(1, 4));
    expect(store.evict(0, 2)).toBe(2);
    expect(store.occupancy()[0]).toMatchObject({ used: 4, leaving: 2 });
    expect(copyAll(store)).toEqual(['0>1 x2 landed']);
    expect(where(store, path(1, 4))).toEqual(['0', '0', '1', '1']);
    expect(store.occupancy()[0]).toMatchObject({ used: 2, leaving: 0 });
  });

  it('write-back takes a whole path down, from its end, call by call', () => {
    const store = storeOf(load(), { down: 'back' });
    store.insert(path(1, 4));
    for (let i = 0; i < 4; i++) {
      expect(store.evict(0, 1)).toBe(1);
      copyAll(store);
    }
    expect(where(store, path(1, 4))).toEqual(['1', '1', '1', '1']);
  });

  it('passes over a victim that must be copied and cannot be', () => {
    const store = storeOf(load(), { down: 'back' }, { capacity: 2 });
    store.insert([1n, 2n]);
    store.evict(0, 1);
    copyAll(store);
    store.insert([3n]);
    store.evict(0, 1);
    store.insert([4n]);
    store.match([4n]);
    expect(where(store, [1n, 2n, 3n, 4n])).toEqual(['0', '1', '0', '0']);
  });

  it('a block that is used again while its copy is under way stays', () => {
    const store = storeOf(load(), { down: 'back' });
    store.insert([1n, 2n]);
    store.evict(0, 1);
    store.insert([1n, 2n]);
    copyAll(store);
    expect(where(store, [1n, 2n])).toEqual(['0', '0+1']);
  });

  it('a block whose copy failed stays', () => {
    const store = storeOf(load(), { down: 'back' });
    store.insert([1n]);
    store.evict(0, 1);
    expect(store.done(store.commands()[0].id, false)).toBe('dropped');
    expect(where(store, [1n])).toEqual(['0']);
    expect(store.occupancy()[1].used).toBe(0);
  });

  it('TensorRT-LLM: only priorities from 30 on are worth a copy', () => {
    const store = storeOf(load(), { down: 'back', minPriority: 30 });
    const { end } = store.insert([1n])!;
    store.insert([2n]);
    store.retain(end!, 1, 29);
    store.evict(0, 2);
    expect(copyAll(store)).toEqual(['0>1 x1 landed']);
    expect(where(store, [1n, 2n])).toEqual(['-', '1']);
  });

  it('inserts nothing while room is being made, and goes on when it is there', () => {
    const store = storeOf(load(), { down: 'back', capacity: 2 });
    store.insert([1n, 2n]);
    expect(store.insert([3n])).toMatchObject({ placed: 0 });
    copyAll(store);
    expect(store.insert([3n])).toMatchObject({ placed: 1 });
  });
});
