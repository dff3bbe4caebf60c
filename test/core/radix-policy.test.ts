// SPDX-License-Identifier: Apache-2.0
/** What goes first under each policy, and what hints, time, events and trims do to a tree. */
import { describe, expect, it } from 'vitest';
import { PageHashes } from '../../src/conform/page-hashes.js';
import {
  RADIX_POLICIES, RadixLevel, RadixTree, RadixTtl, Status, loadCore,
} from '../../src/core/index.js';
import type { NodeHandle, RadixTreeOptions } from '../../src/core/radix-tree.js';
import { describeBuilds, expectRefused } from '../support/cores.js';

const tree = (options: RadixTreeOptions = {}): RadixTree => new RadixTree(loadCore(), options);

/** Puts one-token leaves in; their values are the tokens. */
function fill(t: RadixTree, tokens: readonly number[], priorities: readonly number[] = []): void {
  tokens.forEach((token, i) => t.insert([token], [token], { priority: priorities[i] ?? 0 }));
}

/** Values in the order in which everything goes. */
const order = (t: RadixTree): number[] => [...t.evict(t.evictable)];

const at = (t: RadixTree, key: readonly number[]): NodeHandle => t.match(key, 0, false);

describe('eviction order of SGLang', () => {
  const touched = (options: RadixTreeOptions): number[] => {
    const t = tree(options);
    fill(t, [1, 2, 3, 4], [5, -7, 5, 0]);
    t.insert([3], [3]);
    t.insert([3], [3]);
    t.insert([1], [1]);
    t.match([2]);
    return order(t);
  };
  it.each([
    ['lru', [4, 3, 1, 2]],
    ['lfu', [4, 2, 1, 3]],
    ['fifo', [1, 2, 3, 4]],
    ['filo', [4, 3, 2, 1]],
    ['mru', [2, 1, 3, 4]],
    ['priority', [2, 4, 3, 1]],
    ['slru', [4, 2, 3, 1]],
  ] as const)('%s', (policy, expected) => {
    expect(touched({ policy })).toEqual(expected);
  });

  it('slru protects from the threshold on', () => {
    expect(touched({ policy: 'slru', threshold: 3 })).toEqual([4, 1, 2, 3]);
    expect(touched({ policy: 'slru', threshold: 1 })).toEqual(touched({ policy: 'lru' }));
  });

  it('fifo: the prefix of a split is newer than its tail', () => {
    const t = tree({ policy: 'fifo' });
    t.insert([1, 2, 3, 4], [1, 2, 3, 4]);
    t.insert([9], [9]);
    t.match([1, 2]);
    expect(order(t)).toEqual([3, 4, 9, 1, 2]);
  });

  it('a split copies hits and priority to the prefix and counts there only (SGLang 8533)', () => {
    const t = tree({ policy: 'lfu' });
    t.insert([1, 2], [1, 2], { priority: 3 });
    t.insert([1], [1], { priority: 7 });
    const [prefix, tail] = t.dump().sort((a, b) => a.start - b.start);
    expect([prefix.hits, prefix.priority, tail.hits, tail.priority]).toEqual([2, 7, 1, 3]);
  });

  it('a chunked insert counts no hit (SGLang 18843)', () => {
    const t = tree({ policy: 'lfu' });
    t.insert([1], [1], { chunked: true });
    t.insert([1], [1], { chunked: true });
    expect(t.dump()[0].hits).toBe(0);
  });

  it('an unknown policy or a parameter below 0 is refused', () => {
    expect(() => tree({ policy: 'arc' as 'lru' })).toThrow('policy: must be one of lru, lfu');
    expect(() => tree({ policy: 'ttl', budget: -1 })).toThrow('budget: must be 0 or more');
    expect(() => tree({ events: -1 })).toThrow('events: must be an integer');
  });
});

describe('session: who waits on a tool is kept', () => {
  const { waiting, finished } = RadixLevel;
  const sessions = (options: RadixTreeOptions = {}): RadixTree => {
    const t = tree({ policy: 'session', ...options });
    fill(t, [1, 2, 3, 4, 5]);
    return t;
  };

  it('finished ones go first, then who returns latest', () => {
    const t = sessions();
    t.hint(at(t, [1]), waiting, 500);
    t.hint(at(t, [2]), waiting, 900);
    t.hint(at(t, [3]), waiting, 100);
    t.match([4]);
    expect(order(t)).toEqual([5, 4, 2, 1, 3]);
  });

  it('of those that return together the least recently used goes first', () => {
    const t = sessions();
    for (const token of [1, 2, 3]) t.hint(at(t, [token]), waiting, 7);
    t.match([1]);
    expect(order(t)).toEqual([4, 5, 2, 3, 1]);
  });

  it('the last hint counts', () => {
    const t = sessions();
    t.hint(at(t, [1]), waiting, 7);
    t.hint(at(t, [1]), finished);
    expect(order(t)).toEqual([1, 2, 3, 4, 5]);
  });

  it('what is left of a waiting session waits on', () => {
    const t = sessions();
    t.insert([6, 7], [6, 7]);
    t.insert([6, 8], [6, 8]);
    t.hint(at(t, [6, 7]), waiting, 100);
    t.hint(at(t, [6, 8]), waiting, 50);
    // The leaves of both go, the prefix they share waits for the one that returns first.
    expect(order(t)).toEqual([1, 2, 3, 4, 5, 7, 8, 6]);
  });

  it('an own hint that ends sooner outlives that of a removed child', () => {
    const t = sessions();
    t.insert([6, 7], [6, 7]);
    t.insert([6, 8], [6, 8]);
    t.hint(at(t, [6]), waiting, 10);
    t.hint(at(t, [6, 7]), waiting, 100);
    t.hint(at(t, [1]), waiting, 50);
    expect(order(t)).toEqual([2, 3, 4, 5, 8, 7, 1, 6]);
  });

  it('with a grace it counts as finished when it is overdue', () => {
    const t = sessions({ grace: 10 });
    t.hint(at(t, [1]), waiting, 100);
    expect(t.tick(109)).toBe(0);
    expect(t.tick(110)).toBe(1);
    expect(order(t)).toEqual([1, 2, 3, 4, 5]);
  });

  it('a hinted leaf is not grown in place: the hint does not speak for what others add', () => {
    const t = sessions();
    const node = at(t, [1]);
    t.hint(node, waiting, 7);
    t.extend(node, 1, [9], [9]);
    expect(t.nodes).toBe(6);
    t.hint(node, finished);
    t.extend(t.end, 2, [10], [10]);
    expect(t.nodes).toBe(6);
  });
});

describe('ttl: retention under a budget', () => {
  const { pinned, retention } = RadixLevel;
  const cached = (options: RadixTreeOptions = {}): RadixTree => {
    const t = tree({ policy: 'ttl', budget: 3, ...options });
    fill(t, [1, 2, 3, 4]);
    return t;
  };

  it('low retention goes first, pins go last, each class least recently used first', () => {
    const t = cached();
    expect(t.hint(at(t, [1]), pinned)).toBe(true);
    t.hint(at(t, [2]), 80);
    t.hint(at(t, [4]), 10);
    expect(order(t)).toEqual([4, 3, 2, 1]);
  });

  it('expired: the tail of the default class (TensorRT-LLM refresh)', () => {
    const t = cached();
    t.hint(at(t, [1]), 80, RadixTtl.fiveMinutes);
    t.hint(at(t, [2]), 10, RadixTtl.hour);
    expect(t.tick(RadixTtl.fiveMinutes)).toBe(1);
    expect(t.held).toBe(0);
    expect(t.tick(RadixTtl.hour)).toBe(1);
    expect(order(t)).toEqual([3, 4, 1, 2]);
  });

  it('equal ends: the older node expires first', () => {
    const t = cached();
    t.hint(at(t, [3]), 80, 5);
    t.hint(at(t, [1]), 80, 5);
    t.tick(5);
    expect(order(t)).toEqual([2, 4, 1, 3]);
  });

  it('a hit begins the duration anew, a look does not', () => {
    const t = cached();
    t.hint(at(t, [1]), 80, 100);
    t.tick(60);
    t.match([1]);
    expect(t.tick(100)).toBe(0);
    t.match([1], 0, false);
    expect(t.tick(160)).toBe(1);
  });

  it('the budget counts a held path once and refuses what would exceed it', () => {
    const t = cached();
    t.insert([7, 8, 9], [7, 8, 9]);
    t.match([7, 8]);
    expect(t.hint(at(t, [7, 8, 9]), pinned)).toBe(true);
    expect(t.held).toBe(3);
    expect(t.hint(at(t, [7, 8]), 90)).toBe(true);
    expect(t.hint(at(t, [1]), 36)).toBe(false);
    expect(t.hint(at(t, [1]), retention)).toBe(true);
    expect(t.hint(at(t, [1]), 20)).toBe(true);
    expect(t.held).toBe(3);
    t.hint(at(t, [7, 8, 9]), retention);
    expect(t.held).toBe(2);
    expect(t.hint(at(t, [1]), pinned, 5)).toBe(true);
  });

  it('pins cannot starve the pool: a full eviction stops at locks only', () => {
    const t = cached();
    for (const token of [1, 2, 3]) t.hint(at(t, [token]), pinned);
    t.lock(at(t, [2]));
    expect(t.evict(99).length).toBe(3);
    expect([t.tokens, t.held]).toEqual([1, 1]);
  });

  it('a trim of a held leaf gives its budget back', () => {
    const t = tree({ policy: 'ttl', budget: 4 });
    t.insert([1, 2, 3, 4], [1, 2, 3, 4]);
    t.hint(at(t, [1, 2, 3, 4]), pinned);
    t.trim(3);
    expect(t.held).toBe(1);
    expect(t.check()).toBe(0);
  });
});

describe('page events', () => {
  const events = (t: RadixTree): unknown[][] => {
    const hashes = new PageHashes(t.page);
    return hashes.rows(t.takeEvents());
  };

  it('are SGLang\'s: a hash chain without the name space, nothing on a split', () => {
    const t = tree({ page: 2, events: 1000 });
    t.insert([2, 2, 2, 1], [1, 2, 3, 4], { space: 1 });
    t.match([2, 2], 1);
    t.evict(4);
    t.reset();
    expect(events(t)).toEqual([
      ['S', '4744548693169913370', null, [2, 2]],
      ['S', '78908459181123619', '4744548693169913370', [2, 1]],
      ['R', '78908459181123619'],
      ['R', '4744548693169913370'],
      ['C'],
    ]);
  });

  it('name what extend adds and trim takes, by number', () => {
    const t = tree({ events: 1000 });
    t.insert([1, 2], [1, 2]);
    t.extend(t.end, 2, [3], [3]);
    t.insert([1, 5], [1, 5]);
    t.trim(1);
    expect(t.takeEvents()).toMatchObject([
      { kind: 'stored', first: 1, parent: 0, space: 0 },
      { kind: 'stored', first: 3, parent: 2 },
      { kind: 'stored', first: 4, parent: 1 },
      { kind: 'removed', pages: Uint32Array.of(3) },
    ]);
  });

  it('a log that overflowed says so once', () => {
    const t = tree({ events: 8 });
    fill(t, [1, 2, 3]);
    expect(() => t.takeEvents()).toThrow('radix_events_take');
    expect(t.takeEvents()).toEqual([]);
  });
});

describeBuilds('radix tree', (load) => {
  it('takes the bytes that radix_bytes says', () => {
    for (const policy of RADIX_POLICIES.keys()) {
      const core = load();
      core.reserve(1 << 20);
      const { arena_top, radix_bytes, radix_create_policy } = core.exports;
      const before = arena_top() >>> 0;
      expect(radix_create_policy(4, 1, 300, policy, 2, 64)).not.toBe(0);
      expect((arena_top() >>> 0) - before).toBe(radix_bytes(4, 1, 300, policy, 64));
    }
  });

  it('continues a snapshot: hints, time and page numbers are in the arena', () => {
    const core = load();
    const t = new RadixTree(core, { policy: 'ttl', budget: 9, events: 100 });
    fill(t, [1, 2, 3]);
    t.hint(at(t, [1]), 80, 10);
    const snapshot = core.snapshot();
    const run = (): unknown => [t.tick(10), order(t), t.takeEvents(), t.held];
    const first = run();
    core.restore(snapshot);
    expect(run()).toEqual(first);
  });

  const { badArgument, badHandle, full, stale, unbalanced } = Status;
  const core = load();
  const t = new RadixTree(core, { policy: 'ttl', budget: 1, page: 2 });
  t.insert([1, 2, 3, 4], [1, 2, 3, 4]);
  const node = at(t, [1, 2, 3, 4]);
  const other = new RadixTree(core, { page: 2 });
  other.insert([1, 2], [1, 2]);
  const foreign = other.match([1, 2]);
  const e = core.exports;
  const hint = (level: number, time: number, n = node, h = t.handle): number =>
    e.radix_hint(h, n.node, n.gen, level, time);
  const create = (policy: number, param: number, events: number) => (): number =>
    e.radix_create_policy(1, 1, 16, policy, param, events);
  const cases: [string, number, () => number][] = [
    ['a hint beyond the budget', full, () => hint(36, 5)],
    ['a retention above a pin', badArgument, () => hint(102, 5)],
    ['a duration of 0', badArgument, () => hint(20, 0)],
    ['a duration that is no number', badArgument, () => hint(20, NaN)],
    ['a hint to a tree without hints', badArgument,
      () => hint(1, 5, foreign, other.handle)],
    ['a hint for a node of another tree', stale, () => hint(1, 5, foreign)],
    ['a lock of a node of another tree', stale,
      () => e.radix_lock(t.handle, foreign.node, foreign.gen)],
    ['an unlock of a node of another tree', stale,
      () => e.radix_unlock(other.handle, node.node, node.gen)],
    ['an unlock of what nobody locked', unbalanced,
      () => e.radix_unlock(t.handle, node.node, node.gen)],
    ['a time that goes back', badArgument, () => e.radix_tick(t.handle, -1)],
    ['a time that is no number', badArgument, () => e.radix_tick(t.handle, NaN)],
    ['the end of time', badArgument, () => e.radix_tick(t.handle, Infinity)],
    ['a resume inside a page', badArgument,
      () => e.radix_resume(t.handle, node.node, node.gen, 3)],
    ['a resume under a generation to come', stale,
      () => e.radix_resume(t.handle, node.node, node.gen + 1, 4)],
    ['a resume of a number beyond the table', stale,
      () => e.radix_resume(t.handle, 0xffffffff, 0, 4)],
    ['a handle that is none, for a hint', badHandle, () => hint(1, 5, node, t.handle + 8)],
    ['a handle that is none, for a tick', badHandle, () => e.radix_tick(0, 1)],
    ['a handle that is none, for a resume', badHandle, () => e.radix_resume(4, 0, 0, 0)],
    ['a handle that is none, for events', badHandle, () => e.radix_events_take(7)],
    ['more tokens than a call may have', badArgument,
      () => e.radix_insert(t.handle, 1 << 20, 1 << 20, 0x2000000, 0, 0, 0)],
    ['a policy that is none', 0, create(9, 0, 0)],
    ['a parameter that is no number', 0, create(5, NaN, 0)],
    ['a log that is too large', 0, create(0, 0, 0x1000000)],
  ];
  for (const [name, status, call] of cases) {
    it(`refuses ${name}`, () => {
      expectRefused(core, status, [], call);
      expect([t.check(), other.check()]).toEqual([0, 0]);
    });
  }

  it('refuses a lock beyond the counter', () => {
    const locks = ((e.radix_node_base(t.handle) >>> 0) + node.node * 64 + 24) >>> 2;
    t.lock(node);
    core.u32[locks] = 0x7fffffff;
    expectRefused(core, badArgument, [], () => e.radix_lock(t.handle, node.node, node.gen));
    core.u32[locks] = 1;
    t.unlock(node);
  });
});
