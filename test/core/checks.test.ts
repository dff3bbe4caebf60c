// SPDX-License-Identifier: Apache-2.0
/** Who checks the checks: states made wrong on purpose, and the number that each check gives. */
import { describe, expect, it } from 'vitest';
import { BlockPool, KvManager, RadixTree, RouterIndex, loadCore } from '../../src/core/index.js';
import type { Core } from '../../src/core/index.js';

interface Words {
  /** Word at a byte offset, `index` words further. */
  get(at: number, index: number): number;
  set(at: number, index: number, value: number): void;
  add(at: number, index: number, value: number): void;
}

function wordsOf(core: Core): Words {
  const get = (at: number, index: number): number => core.u32[(at >>> 2) + index];
  const set = (at: number, index: number, value: number): void => {
    core.u32[(at >>> 2) + index] = value;
  };
  return { get, set, add: (at, index, value) => set(at, index, get(at, index) + value) };
}

interface Checked {
  readonly handle: number;
  check(): number;
}

/** Rows of [what is wrong, the invariant, how to make it wrong]. */
type Rows<T> = readonly (readonly [string, number, (w: Words, parts: T) => void])[];

function tryAll<T extends Checked>(name: string, make: (core: Core) => T, rows: Rows<T>): void {
  describe(`the check of ${name}`, () => {
    it('finds nothing in a sound state', () => {
      expect(make(loadCore()).check()).toBe(0);
    });
    it.each(rows)('tells of %s: %d', (_, number, plant) => {
      const core = loadCore();
      const parts = make(core);
      plant(wordsOf(core), parts);
      expect(parts.check()).toBe(number);
      expect(core.checkIntegrity().ok).toBe(false);
    });
  });
}

/** Queue 7 8 9 10 11 5 6, blocks 1 and 4 of one content. Records are {prev, next, ref, slot}. */
function makePool(core: Core): BlockPool {
  const pool = new BlockPool(core, { blocks: 12, events: 8 });
  pool.cache(pool.alloc(6)!, [1n, 2n, 3n, 1n, 5n, 6n]);
  pool.free([5, 6]);
  return pool;
}
const [PREV, NEXT, REF, SLOT] = [0, 1, 2, 3];
const record = (w: Words, { handle }: Checked, id: number): number => w.get(handle, 7) + id * 16;
const ring = (w: Words, { handle }: Checked, id: number): number => w.get(handle, 8) + id * 8;
const slotOf = (w: Words, p: Checked, id: number): number =>
  w.get(p.handle, 9) + 12 * (w.get(record(w, p, id), SLOT) & 0x7fffffff);

tryAll('the block pool', makePool, [
  ['a link back to another block', 1, (w, p) => w.set(record(w, p, 9), PREV, 7)],
  ['a block in the queue that is in use, and one in use that is not', 1, (w, p) => {
    w.set(record(w, p, 9), REF, 1);
    w.set(record(w, p, 1), REF, 0);
  }],
  ['a wrong count of free blocks', 1, (w, p) => w.add(p.handle, 3, -1)],
  ['a queue that ends in another block', 1, (w, p) => w.set(record(w, p, 12), PREV, 5)],
  ['a link out of the pool', 1, (w, p) => w.set(record(w, p, 9), NEXT, 13)],
  ['a block that is neither in use nor in the queue', 1, (w, p) => {
    w.set(record(w, p, 8), NEXT, 10);
    w.set(record(w, p, 10), PREV, 8);
    w.add(p.handle, 3, -1);
  }],
  ['the null block in the queue', 3, (w, p) => {
    [12, 7, 0].forEach((value, field) => w.set(record(w, p, 0), field, value));
    w.set(record(w, p, 12), NEXT, 0);
    w.set(record(w, p, 7), PREV, 0);
    w.add(p.handle, 3, 1);
  }],
  ['a second reference on the null block', 3, (w, p) => w.set(record(w, p, 0), REF, 2)],
  ['a hash on the null block', 3, (w, p) => w.set(record(w, p, 0), SLOT, 3)],
  ['a wrong count of hashed blocks', 2, (w, p) => w.add(p.handle, 4, 1)],
  ['a key where no lookup finds it', 2, (w, p) => {
    w.set(slotOf(w, p, 2), 0, 77);
    w.set(ring(w, p, 2), 0, 77);
  }],
  ['a block that names another slot', 2, (w, p) => w.add(record(w, p, 2), SLOT, 1)],
  ['a slot that names another block', 2, (w, p) => w.set(slotOf(w, p, 2), 2, 3)],
  ['a block that keeps another key', 2, (w, p) => w.set(ring(w, p, 2), 0, 77)],
  ['a group that no hash is of', 2, (w, p) => w.set(p.handle, 15, 5)],
  ['a copy that is linked to another block', 2, (w, p) => w.set(ring(w, p, 4), 1, 2)],
  ['an oldest copy that does not know the youngest', 2, (w, p) => w.set(ring(w, p, 1), 1, 1)],
  ['copies in a ring without an end', 2, (w, p) => w.set(ring(w, p, 4), 0, 4)],
  ['rings outside of the arena', 5, (w, p) => w.set(p.handle, 8, 0xfffffff0)],
  ['events outside of the arena', 5, (w, p) => w.set(p.handle, 10, 0xfffffff0)],
  ['more events than fit', 5, (w, p) => w.set(p.handle, 12, 9)],
]);

/**
 * Tokens 1 2 in node 2, 3 4 5 behind it in node 1, then nodes 3, 4 (locked) and 5. Node records are
 * {segment, offset, length, parent, start, children, lock, guardedKids, stamp, stamp, heapPos, ..}.
 */
function makeTree(core: Core): RadixTree {
  const tree = new RadixTree(core, { nodes: 16 });
  for (const key of [[1, 2, 3, 4, 5], [1, 2, 6, 7], [8, 9], [10, 11, 12]]) tree.insert(key, key);
  tree.lock(tree.match([8, 9]));
  return tree;
}
const [LENGTH, PARENT, START, CHILDREN, GUARDED, STAMP, HEAP] = [2, 3, 4, 5, 7, 9, 10];
const node = (w: Words, { handle }: Checked, index: number): number =>
  w.get(handle, 4) + index * 64;

/** Pages of two tokens. */
const makePaged = (core: Core): RadixTree => {
  const tree = new RadixTree(core, { nodes: 16, page: 2 });
  tree.insert([1, 2, 3, 4], [1, 2, 3, 4]);
  return tree;
};

tryAll('the radix tree', makeTree, [
  ['a wrong sum of evictable tokens', 1, (w, t) => w.add(t.handle, 13, 1)],
  ['a wrong sum of protected tokens', 1, (w, t) => w.add(t.handle, 14, 1)],
  ['a node that is protected by no child', 2, (w, t) => w.set(node(w, t, 2), GUARDED, 1)],
  ['a wrong count of children', 3, (w, t) => w.add(node(w, t, 2), CHILDREN, 1)],
  ['a wrong count of children of the root', 3, (w, t) => w.add(node(w, t, 0), CHILDREN, 1)],
  ['a wrong count of nodes', 3, (w, t) => w.add(t.handle, 8, 1)],
  ['a node that the child table does not hold', 3, (w, t) => {
    const slots = w.get(t.handle, 9);
    for (let i = 0; i <= w.get(t.handle, 10); i++) {
      if (w.get(slots, 2 * i + 1) === 5) w.set(slots, 2 * i + 1, 0xffffffff);
    }
  }],
  ['a node that begins behind its parent', 4, (w, t) => w.add(node(w, t, 3), START, 1)],
  ['a node below one that is gone', 4, (w, t) => {
    w.set(node(w, t, 5), PARENT, 6);
    w.add(t.handle, 6, 1);
  }],
  ['a leaf that is not in the heap', 5, (w, t) => w.set(node(w, t, 3), HEAP, 0xffffffff)],
  ['an inner node in the heap', 5, (w, t) => w.set(node(w, t, 2), HEAP, 0)],
  ['a leaf at the place of another', 5, (w, t) =>
    w.set(node(w, t, 3), HEAP, w.get(node(w, t, 1), HEAP))],
  ['a leaf that moved ahead of its entry', 5, (w, t) => w.set(node(w, t, 5), STAMP, 0)],
  ['leaves that are not in heap order', 5, (w, t) => {
    const [a, b] = [w.get(t.handle, 11), w.get(t.handle, 11) + 16];
    for (let i = 0; i < 4; i++) {
      const word = w.get(a, i);
      w.set(a, i, w.get(b, i));
      w.set(b, i, word);
    }
    for (const [i, at] of [a, b].entries()) w.set(node(w, t, w.get(at, 2)), HEAP, i);
  }],
  ['a table outside of the arena', 9, (w, t) => w.set(t.handle, 9, 0xfffffff0)],
]);

tryAll('the radix tree, pages', makePaged, [
  ['a node of one page and a half', 4, (w, t) => {
    w.set(node(w, t, 1), LENGTH, 3);
    w.add(t.handle, 13, -1);
  }],
]);

/** Nodes 1 to 3 are held for different times, at most 12 tokens. */
function makeTtl(core: Core): RadixTree {
  const tree = new RadixTree(core, { nodes: 16, policy: 'ttl', budget: 12 });
  for (const key of [[1, 2, 3], [4, 5, 6, 7], [8, 9]]) tree.insert(key, key);
  [[1], [4], [8]].forEach((key, i) => tree.hint(tree.match(key, 0, false), 80, 100 - i));
  return tree;
}
/** `BUDGET` is the upper word of a double. */
const [BUDGET, SIDES, TIMERS, HELD] = [27, 30, 33, 34];
const side = (w: Words, { handle }: Checked, index: number): number =>
  w.get(handle, SIDES) + index * 40;

tryAll('the hints of a radix tree', makeTtl, [
  ['a wrong sum of held tokens', 7, (w, t) => w.add(t.handle, HELD, 1)],
  ['a wrong count of timers', 7, (w, t) => w.add(t.handle, TIMERS, -1)],
  ['a wrong count of held children', 7, (w, t) => w.set(side(w, t, 1), 7, 1)],
  ['a hint that never ends, with a timer', 7, (w, t) => w.set(side(w, t, 1), 3, 0x7ff00000)],
  ['more held than the budget', 7, (w, t) => w.set(t.handle, BUDGET, 0x40000000)],
  ['a timer out of order', 7, (w, t) => w.set(side(w, t, 3), 3, 0x7fe00000)],
]);

interface Managed extends Checked {
  readonly pool: BlockPool;
  readonly m: KvManager;
  /** Offsets of the records of a running and of a waiting request. */
  readonly running: number;
  readonly waiting: number;
}

function makeManager(core: Core): Managed {
  const pool = new BlockPool(core, { blocks: 20 });
  const options = { blockSize: 4, groups: ['full', 8], maxModelLength: 64 } as const;
  const m = new KvManager(core, pool, options);
  const running = m.request(10, [1n, 2n]);
  m.alloc(running, 10);
  const waiting = m.request(9, [3n, 4n]);
  const { handle } = m;
  return { pool, m, handle, running: running.at, waiting: waiting.at, check: () => m.check() };
}
/** Words of a table behind those of the request: {ids, capacity, length, cached, low, took}. */
const [FULL, WINDOW] = [12, 18];
const [LENGTH_OF, LOW] = [2, 4];

tryAll('the KV manager', makeManager, [
  ['a pool that is broken', 1, (w, { pool }) => w.add(pool.handle, 3, -1)],
  ['a null entry in full attention', 2, (w, { running }) => w.set(w.get(running, FULL), 0, 0)],
  ['a block that the pool has not', 2, (w, { running }) => w.set(w.get(running, FULL), 0, 20)],
  ['a block that is not in use', 2, (w, { running }) => w.set(w.get(running, FULL), 0, 15)],
  ['a block left of a window', 2, (w, { running }) => w.set(running, WINDOW + LOW, 1)],
  ['a window that begins behind its table', 2, (w, { waiting }) => w.set(waiting, WINDOW + LOW, 1)],
  ['a table longer than its room', 2, (w, { waiting }) => w.set(waiting, WINDOW + LENGTH_OF, 1)],
  ['a reference of somebody else', 3, (_, { pool }) => pool.touch([1])],
  ['a wrong count of holders', 4, (w, { handle }) => w.add(handle, 11, 1)],
  ['one that waits and has blocks', 4, (w, { handle, running }) => {
    for (const word of [5, 6]) w.set(running, word, 0);
    w.add(handle, 11, -1);
  }],
  ['one that waits and has computed', 4, (w, { waiting }) => w.set(waiting, 6, 4)],
  ['an allocation that was mispredicted', 5, (w, { handle }) => w.set(handle, 28, 1)],
  ['a key of a block that is not whole', 6, (w, { waiting }) => w.add(waiting, 9, 1)],
  ['a record of another manager', 7, (w, { waiting }) => w.set(waiting, 1, 8)],
  ['records in a circle', 7, (w, { waiting, running }) => w.set(running, 3, waiting)],
  ['records outside of the arena', 7, (w, { handle }) => w.set(handle, 12, 0xfffffff8)],
  ['a table outside of the arena', 7, (w, { running }) => w.set(running, FULL, 0xfffffff8)],
  ['blocks that are no whole keys', 7, (w, { handle }) => w.set(handle, 4, 3)],
]);

/** Worker 0 holds three blocks, the first twice; worker 1 waits for two events before its own. */
function makeRouter(core: Core): RouterIndex {
  const index = new RouterIndex(core, { workers: 3, maxBlocks: 64 });
  const run = (from: bigint, n: bigint) => ({
    local: BigUint64Array.from({ length: Number(n) }, (_, i) => from + BigInt(i)),
    seq: BigUint64Array.from({ length: Number(n) }, (_, i) => 10n + from + BigInt(i)),
  });
  index.stored(0, 1, null, run(1n, 3n));
  index.stored(0, 2, null, run(1n, 1n));
  index.stored(1, 1, null, run(1n, 2n));
  for (const id of [4, 5]) index.stored(1, id, null, run(7n, 1n));
  return index;
}
const [HOLDERS, KIDS, BEFORE, UP, SET] = [9, 8, 7, 4, 12];
const placeOf = (w: Words, { handle }: Checked, index: number): number =>
  w.get(handle, 6) + index * w.get(handle, 5);
const workerAt = (w: Words, { handle }: Checked, index: number): number =>
  w.get(handle, 18) + index * 48;

tryAll('the router index', makeRouter, [
  ['a block that its hash does not find', 1, (w, r) => w.add(placeOf(w, r, 1), 0, 1)],
  ['a block that its parent does not find', 1, (w, r) => w.add(placeOf(w, r, 1), 2, 1)],
  ['a wrong count of holders', 1, (w, r) => w.add(placeOf(w, r, 1), HOLDERS, 1)],
  ['a wrong count of blocks', 1, (w, r) => w.add(r.handle, 9, -1)],
  ['a parent that is no block', 2, (w, r) => w.set(placeOf(w, r, 1), UP, 50)],
  ['a wrong count of children', 2, (w, r) => w.add(placeOf(w, r, 0), KIDS, 1)],
  ['a sibling that is none', 2, (w, r) => w.set(placeOf(w, r, 1), BEFORE, 0)],
  ['a block that nobody holds and that leads nowhere', 2, (w, r) => {
    w.set(placeOf(w, r, 2), HOLDERS, 0);
    w.set(placeOf(w, r, 2), SET, 0);
    w.add(workerAt(w, r, 0), 2, -1);
  }],
  ['a wrong count of blocks of a worker', 3, (w, r) => w.add(workerAt(w, r, 0), 2, 1)],
  ['a wrong count of holes', 3, (w, r) => w.add(workerAt(w, r, 0), 3, 1)],
  ['a wrong count of copies', 4, (w, r) => w.add(r.handle, 17, 1)],
  ['a copy that the worker does not hold', 4, (w, r) => {
    const [base, mask] = [w.get(r.handle, 15), w.get(r.handle, 16)];
    for (let i = 0; i <= mask; i++) if (w.get(base, 4 * i + 1)) w.set(base, 4 * i + 1, 3);
  }],
  ['an event that waits though it is next', 4, (w, r) => w.set(workerAt(w, r, 1), 0, 4)],
  ['more events that wait than counted', 4, (w, r) => w.add(workerAt(w, r, 1), 9, -1)],
  ['fewer events that wait than counted', 4, (w, r) => w.add(workerAt(w, r, 1), 9, 1)],
  ['a room that is no power of two', 6, (w, r) => w.add(r.handle, 7, 1)],
  ['workers outside of the arena', 6, (w, r) => w.set(r.handle, 18, 0xfffffff0)],
  ['a table that names no block', 6, (w, r) => w.set(w.get(r.handle, 12), 0, 60)],
]);
