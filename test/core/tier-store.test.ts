// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { Status, TierStore } from '../../src/core/index.js';
import type { Core, TierOptions } from '../../src/core/index.js';
import { tiersTarget } from '../../src/fuzz/index.js';
import { fillRandom } from '../../src/fuzz/random.js';
import { describeBuilds, expectRefused } from '../support/cores.js';
import { copyAll, path, storeOf, where } from '../support/tiers.js';

describeBuilds('TierStore: the way up', (load) => {
  /** Six blocks, of which the device holds the first two. */
  function spread(core: Core, host: Partial<TierOptions> = {}): TierStore {
    const store = storeOf(core, { down: 'through', capacity: 6 }, host);
    store.insert(path(1, 6));
    copyAll(store);
    store.evict(0, 4);
    return store;
  }

  it('a match tells how far each tier reaches', () => {
    const store = spread(load());
    expect(store.match(path(1, 9))).toMatchObject({ found: 6, reach: [2, 6, 6, 6] });
  });

  it('loads what the device lacks and keeps the path there meanwhile', () => {
    const store = spread(load());
    const { end } = store.match(path(1, 6));
    expect(store.load(end!)).toBe(4);
    expect(store.evict(0, 9)).toBe(0);
    expect(copyAll(store)).toEqual(['1>0 x4 landed']);
    expect(store.match(path(1, 6)).reach[0]).toBe(6);
    expect(store.evict(0, 9)).toBe(6);
  });

  it('loads all or nothing: not above the quota, not below the least length', () => {
    const store = spread(load(), { shortestLoad: 4 });
    const { end } = store.match(path(1, 6));
    expect(store.load(end!, 3)).toBe('full');
    expect(store.load(store.block(5n)!)).toBe('none');
    expect(store.load(end!, 4)).toBe(4);
    expect(store.load(end!, 4)).toBe('none');
  });

  it('loads nothing when what is in use leaves no room', () => {
    const store = spread(load());
    const other = store.insert(path(20, 2))!;
    copyAll(store);
    store.lock(other.end!);
    expect(store.load(store.match(path(1, 6)).end!)).toBe('full');
    store.unlock(other.end!);
    expect(store.load(store.match(path(1, 6)).end!)).toBe(4);
  });

  it('loads parts from several tiers in order, and none before what it hangs from', () => {
    const tiers = [
      { capacity: 4, down: 'back' }, { capacity: 2, down: 'back' }, { capacity: 4 },
    ] as const;
    const store = new TierStore(load(), { tiers });
    store.insert(path(1, 4));
    store.evict(0, 2);
    copyAll(store);
    store.evict(1, 2);
    copyAll(store);
    store.evict(0, 2);
    copyAll(store);
    expect(where(store, path(1, 4))).toEqual(['1', '1', '2', '2']);
    expect(store.load(store.match(path(1, 4)).end!)).toBe(4);
    const [host, disk] = store.commands();
    expect([host.source, disk.source]).toEqual([1, 2]);
    expect(store.done(disk.id)).toBe('busy');
    expect(store.done(host.id, false)).toBe('dropped');
    expect(store.done(disk.id)).toBe('dropped');
    expect(where(store, path(1, 4))).toEqual(['1', '1', '2', '2']);
    expect(store.occupancy()[0].used).toBe(0);
  });

  it('an insert over what is below brings it back and does not count it as prefix', () => {
    const store = spread(load());
    expect(store.insert(path(1, 6))).toMatchObject({ placed: 6, prefix: 2 });
    expect(store.match(path(1, 6)).reach[0]).toBe(6);
  });

  it('a copy that comes after the engine has computed the block is of no use', () => {
    const store = spread(load());
    store.load(store.match(path(1, 6)).end!);
    store.insert(path(1, 6));
    expect(copyAll(store)).toEqual(['1>0 x4 landed']);
    expect(store.occupancy()[0].used).toBe(6);
    expect(store.check()).toBe(0);
  });
});

describeBuilds('TierStore: what goes', (load) => {
  it('leaves go first, and a path is as recent as its last use', () => {
    const store = storeOf(load(), {});
    store.insert([1n, 2n]);
    store.insert([3n, 4n]);
    store.match([1n, 2n]);
    store.evict(0, 3);
    expect(where(store, path(1, 4))).toEqual(['0', '-', '-', '-']);
  });

  it('what is locked stays, with all that leads to it', () => {
    const store = storeOf(load(), {});
    const { end } = store.insert([1n, 2n])!;
    store.insert([1n, 3n]);
    expect(store.lock(end!)).toBe(true);
    expect(store.evict(0, 9)).toBe(1);
    store.unlock(end!);
    expect(store.evict(0, 9)).toBe(2);
  });

  it('low priorities go first, until their time is over', () => {
    const store = storeOf(load(), {});
    const first = store.insert([1n])!.end!;
    store.insert([2n]);
    store.retain(first, 1, 80, 100);
    expect(store.refresh(99)).toBe(0);
    store.evict(0, 1);
    expect(where(store, [1n, 2n])).toEqual(['0', '-']);
    expect(store.refresh(100)).toBe(1);
    expect(store.residency(1n)?.priority).toBe(35);
  });

  it('what has a copy below is moved, not removed; events tell which', () => {
    const store = storeOf(load(), { down: 'through' });
    store.insert([1n, 2n]);
    copyAll(store);
    store.evict(0, 1);
    store.evict(1, 1);
    const told = store.events().map(({ kind, hash, from, to }) => [kind, hash, from, to]);
    expect(told).toEqual([
      ['stored', 1n, null, 0],
      ['stored', 2n, null, 0],
      ['moved', 2n, 0, 1],
      ['removed', 2n, 1, null],
    ]);
  });

  it('a host copy of what is on the device is no victim', () => {
    const store = storeOf(load(), { down: 'through' });
    store.insert([1n, 2n]);
    copyAll(store);
    expect(store.evict(1, 9)).toBe(0);
  });

  it('clear drops everything unless something is locked or under way', () => {
    const store = storeOf(load(), { down: 'through' });
    const { end } = store.insert([1n])!;
    expect(store.clear()).toBe(false);
    copyAll(store);
    expect(store.clear()).toBe(true);
    expect(store.occupancy().map(({ used }) => used)).toEqual([0, 0]);
    expect(() => store.lock(end!)).toThrow('is gone');
  });
});

describeBuilds('TierStore: limits and refusals', (load) => {
  it('a path that would not fit is refused and nothing is evicted', () => {
    const store = storeOf(load(), {});
    store.insert([1n]);
    expect(store.insert(path(10, 5))).toBeNull();
    expect(where(store, [1n])).toEqual(['0']);
  });

  it('a path ends where a hash stands elsewhere already', () => {
    const store = storeOf(load(), {});
    store.insert([1n, 2n]);
    expect(store.insert([3n, 2n])).toMatchObject({ placed: 1 });
    expect(() => store.insert([2n])).toThrow('tier_insert');
  });

  it('a block that is gone is refused, whoever has its place', () => {
    const store = storeOf(load(), {});
    const { end } = store.insert([1n])!;
    store.evict(0, 1);
    store.insert([2n]);
    expect(() => store.lock(end!)).toThrow('is gone');
    expect(() => store.insert([3n], end)).toThrow('is gone');
    expect(() => store.load(end!)).toThrow('is gone');
  });

  it('a path goes on only from what the device holds', () => {
    const store = storeOf(load(), { down: 'back' });
    const { end } = store.insert([1n])!;
    store.evict(0, 1);
    copyAll(store);
    expect(() => store.insert([2n], end)).toThrow('tier_insert');
  });

  it('transfers end once, and only those that were fetched', () => {
    const store = storeOf(load(), { down: 'through' });
    store.insert([1n]);
    expect(() => store.done(1 << 20)).toThrow('tier_done');
    const [{ id }] = store.commands();
    store.done(id);
    expect(() => store.done(id)).toThrow('tier_done');
  });

  it('no more copies are under way than allowed; the next insert asks again', () => {
    const store = storeOf(load(), { down: 'through' }, {}, { transfers: 1 });
    store.insert([1n]);
    store.insert([2n]);
    expect(copyAll(store)).toEqual(['0>1 x1 landed']);
    store.insert([2n]);
    expect(copyAll(store)).toEqual(['0>1 x1 landed']);
  });

  it('refuses an unlock too many and arguments out of range, unchanged', () => {
    const core = load();
    const store = storeOf(core, {});
    const { index, generation } = store.insert([1n])!.end!;
    const { exports } = core;
    const h = store.handle;
    const bad = Status.badArgument;
    expectRefused(core, Status.unbalanced, [], () => exports.tier_unlock(h, index, generation));
    expectRefused(core, bad, [], () => exports.tier_retain(h, index, generation, 1, 101, 0));
    expectRefused(core, bad, [], () => exports.tier_retain(h, index, generation, 1, 1, NaN));
    expectRefused(core, bad, [], () => exports.tier_evict(h, 2, 1));
    expectRefused(core, bad, [], () => exports.tier_refresh(h, -1));
  });

  it.each([
    [{ capacity: 0 }, {}],
    [{ capacity: -1 }, {}],
    [{ capacity: 1.5 }, {}],
    [{ down: 'through', hits: 0 }, {}],
    [{}, { down: 'back' }],
  ] as [Partial<TierOptions>, Partial<TierOptions>][])('refuses settings %o %o', (device, host) => {
    expect(() => storeOf(load(), device, host)).toThrow('tier_create');
  });
});

describeBuilds('TierStore: as a whole', (load) => {
  it('agrees with its twin after every operation of random programs', () => {
    const core = load();
    const target = tiersTarget(core);
    const body = new Uint8Array(4 + 8 * 256);
    for (let seed = 1; seed <= 24; seed++) {
      fillRandom(body, 20261121, seed);
      target.run(body, { every: 8 });
    }
  });

  it('goes on from a snapshot, transfers included', () => {
    const core = load();
    const store = storeOf(core, { down: 'through' });
    store.insert([1n, 2n]);
    const [{ id }] = store.commands();
    const snapshot = core.snapshot();
    store.done(id, false);
    core.restore(snapshot, { verify: true });
    expect(store.done(id)).toBe('landed');
    expect(where(store, [1n, 2n])).toEqual(['0+1', '0+1']);
  });

  it('grows to many blocks and gives all of its memory back', () => {
    const core = load();
    const store = new TierStore(core, { tiers: [{ capacity: 20000 }] });
    let end = store.insert(path(1, 100))!.end;
    for (let i = 1; i < 150; i++) end = store.insert(path(1 + 100 * i, 100), end)!.end;
    expect(store.match(path(1, 15000)).found).toBe(15000);
    expect(store.check()).toBe(0);
    store.dispose();
    expect(core.checkIntegrity()).toEqual({ ok: true });
  });
});
