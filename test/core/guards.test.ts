// SPDX-License-Identifier: Apache-2.0
/**
 * Every export of the module against bad arguments: no trap, a status, not one byte changed.
 *
 * Generic over the exports, from the signatures in src/core/exports.ts: a new kernel is covered
 * once it has `NAME_create` and `NAME_destroy` and a row in `make`, and its handles even without.
 */
import { describe, expect, it } from 'vitest';
import {
  BlockPool, EventHeap, KvManager, RadixTree, RouterIndex, TierStore, loadCore, type Core,
} from '../../src/core/index.js';
import { fillRandom } from '../../src/fuzz/random.js';
import { read } from '../support/source.js';
import { describeBuilds } from '../support/cores.js';

interface Signature {
  readonly name: string;
  readonly parameters: readonly string[];
}

type Raw = Record<string, (...args: number[]) => number>;

/** `pool_ref(pool: number, id: number): number;` -> its name and the names of its parameters. */
function signatures(): Signature[] {
  const interfaces = [
    ['src/core/instance.ts', 'export interface ArenaExports'],
    ['src/core/exports.ts', 'export interface CoreExports'],
  ];
  const bodies = interfaces.map(([file, name]) => {
    const text = read(file);
    const from = text.indexOf(name);
    return text.slice(from, text.indexOf('\n}', from));
  });
  const rows = bodies.join('\n').matchAll(/^ {2}(\w+)\(([^)]*)\): number;/gm);
  return [...rows].map(([, name, list]) => ({
    name,
    parameters: [...list.matchAll(/(\.\.\.)?(\w+)\??:/g)].map(([, , parameter]) => parameter),
  }));
}

const all = signatures();
const kernels = all.filter(({ name }) => name.endsWith('_destroy'));
const handles = new Set(kernels.map(({ parameters }) => parameters[0]));
const withHandle = all.filter(({ parameters }) => handles.has(parameters[0]));
const kernelOf = (name: string): string => name.slice(0, name.indexOf('_'));

/** Parameters that are offsets of buffers; what else is a number is a number. */
const pointers = new Set([
  ...['ids', 'keys', 'values', 'out', 'piece', 'slots', 'tables', 'tokens'],
  ...['locals', 'hashes', 'parents', 'copies', 'scores', 'settings'],
]);

/** Buffers that a call may not need: the radix form of a router reads no chained hashes. */
const unread = new Set(['router_query hashes']);

/** A refused call of these leaves other values in fields that nothing reads (see KV-4). */
const unseen = new Set(['pool_free', 'pool_free_table', 'pool_touch', 'pool_cache']);

/** These end an object or answer an offset: 0 says that there is none. */
const offsets = new Set([
  ...['pool_events', 'radix_events', 'radix_node_base', 'mgr_create', 'mgr_request', 'mgr_fork'],
  ...['mgr_blocks', 'mgr_copies', 'mgr_hits', 'router_worker', 'tier_create', 'tier_events'],
]);

/** A refusal: a status, NaN of a time, or offset 0. */
function isRefusal(name: string, answer: number): boolean {
  return answer < 0 || Number.isNaN(answer) || (answer === 0 && offsets.has(name));
}

/** Objects of each kernel in use. Kernels without a row are tried with bad handles alone. */
const make: Readonly<Record<string, (core: Core) => number>> = {
  pool(core) {
    const pool = new BlockPool(core, { blocks: 12, events: 8 });
    pool.cache(pool.alloc(6)!, [1n, 2n, 3n, 1n, 5n, 6n]);
    pool.free([5, 6]);
    return pool.handle;
  },
  radix(core) {
    const tree = new RadixTree(core, { nodes: 16 });
    for (let i = 0; i < 9; i++) tree.insert([1, i % 3, i, 4], [1, 2, 3, i]);
    tree.lock(tree.match([1, 2]));
    return tree.handle;
  },
  mgr(core) {
    const pool = new BlockPool(core, { blocks: 24 });
    const options = { blockSize: 4, groups: ['full', 8], maxModelLength: 64 } as const;
    const manager = new KvManager(core, pool, options);
    const request = manager.request(10, [1n, 2n]);
    manager.alloc(request, 10, { hit: 0 });
    return manager.handle;
  },
  router(core) {
    const index = new RouterIndex(core, { workers: 3, maxBlocks: 64 });
    const run = { local: BigUint64Array.of(1n, 2n, 3n), seq: BigUint64Array.of(4n, 5n, 6n) };
    index.stored(0, 1, null, run);
    index.stored(1, 3, 5n, run);
    index.removed(1, 5, run.seq);
    return index.handle;
  },
  tier(core) {
    const tiers = [{ capacity: 4, down: 'through' }, { capacity: 8 }] as const;
    const store = new TierStore(core, { tiers, events: 8 });
    store.insert([1n, 2n, 3n]);
    store.done(store.commands()[0].id);
    store.lock(store.insert([1n, 4n])!.end!);
    store.evict(0, 1);
    return store.handle;
  },
  heap(core) {
    const heap = new EventHeap(core, 8);
    for (let i = 0; i < 5; i++) heap.push(9 - i, 0, i, i, i);
    return heap.handle;
  },
};

const CANARY = 0xa5;
const BUFFER = 64;

/** An instance with an object of each kernel and one buffer between canaries. */
function stage(core: Core): { objects: Map<string, number>; buffer: number; gone: number[] } {
  const objects = new Map(Object.keys(make).map((kernel) => [kernel, make[kernel](core)]));
  // All of them first: what is made after one was destroyed may stand in its place.
  const made = Object.keys(make).map((kernel) => [kernel, make[kernel](core)] as const);
  const gone = made
    .filter(([kernel, at]) => (core.exports as unknown as Raw)[`${kernel}_destroy`](at) === 0)
    .map(([, at]) => at);
  const buffer = core.take(3 * BUFFER) + BUFFER;
  core.u8.fill(CANARY, buffer - BUFFER, buffer + 2 * BUFFER);
  core.u8.fill(0, buffer, buffer + BUFFER);
  core.reserve(1 << 16);
  return { objects, buffer, gone };
}

describe('the signatures', () => {
  it('are those of the module', () => {
    const real = Object.keys(loadCore().exports).filter((name) => name !== 'memory');
    expect(all.map(({ name }) => name).sort()).toEqual(real.sort());
  });

  it('have a row for each kernel with handles', () => {
    expect(kernels.map(({ name }) => kernelOf(name)).sort()).toEqual(Object.keys(make).sort());
  });
});

describeBuilds('a handle that is none', (load) => {
  it.each(withHandle.map(({ name, parameters }) => [name, parameters] as const))(
    'is refused by %s',
    (name, parameters) => {
      const core = load();
      const exports = core.exports as unknown as Raw;
      const { objects, buffer, gone } = stage(core);
      const own = objects.get(kernelOf(name)) ?? 0;
      const foreign = [...objects].filter(([kernel]) => kernel !== kernelOf(name));
      const bad = [
        0, 4, 1, own + 4, own + 8, own - 8, 0xfffffff8, 0xffffffff, 0x80000000, buffer, ...gone,
        core.exports.arena_base(), core.exports.arena_top(), ...foreign.map(([, handle]) => handle),
      ];
      const before = core.snapshot();
      for (const handle of bad) {
        for (const rest of [0, 1, buffer]) {
          const args = parameters.map((_, i) => (i === 0 ? handle : rest));
          const answer = exports[name](...args);
          expect(isRefusal(name, answer), `${name}(${args.join(', ')}) = ${answer}`).toBe(true);
          expect(Buffer.compare(core.snapshot(), before), `${name}(${args.join(', ')})`).toBe(0);
        }
      }
    },
  );
});

describeBuilds('a buffer that is none', (load) => {
  const takers = withHandle.filter(({ parameters }) => parameters.some((p) => pointers.has(p)));
  it.each(takers.map(({ name, parameters }) => [name, parameters] as const))(
    'is refused by %s',
    (name, parameters) => {
      const core = load();
      const exports = core.exports as unknown as Raw;
      const { objects, buffer } = stage(core);
      const own = objects.get(kernelOf(name))!;
      const before = core.snapshot();
      for (const pointer of [0, 8, 0x3f, 0xfffffff0, 0xfffffffc, 0x7ffffffc]) {
        const needed = parameters.filter((p) => pointers.has(p) && !unread.has(`${name} ${p}`));
        for (const bad of needed) {
          const args = parameters.map((p, i) =>
            i === 0 ? own : p === bad ? pointer : pointers.has(p) ? buffer : 4,
          );
          const answer = exports[name](...args);
          expect(answer, `${name}(${args.join(', ')})`).toBeLessThan(0);
          expect(Buffer.compare(core.snapshot(), before), `${name}(${args.join(', ')})`).toBe(0);
        }
      }
    },
  );
});

describeBuilds('any arguments', (load) => {
  it.each(withHandle.map(({ name, parameters }) => [name, parameters] as const))(
    'leave a sound state behind %s, and the same bytes when it is refused',
    (name, parameters) => {
      const core = load();
      const exports = core.exports as unknown as Raw;
      const { objects, buffer } = stage(core);
      const own = objects.get(kernelOf(name))!;
      const start = core.snapshot();
      const numbers = [0, 1, 2, 3, 5, 7, 8, 11, 12, 63, 64, 1 << 30, 0x7fffffff, 0x80000000, -1];
      const places = [buffer, buffer, buffer, buffer + 4, 0, 0xfffffff0, 0x7ffffff8];
      const random = new Uint8Array(32);
      for (let round = 0; round < 400; round++) {
        core.u8.set(start, core.exports.arena_base());
        fillRandom(random, 7, round);
        for (let i = 0; i < 8; i++) core.u32[(buffer >> 2) + i] = random[16 + i] % 14;
        const args = parameters.map((p, i) => {
          const list = pointers.has(p) ? places : numbers;
          // Counts mostly fit the buffer: what is longer may reach into other memory by right.
          return i === 0 ? own : list[random[i] % (p === 'n' || p === 'max' ? 7 : list.length)];
        });
        const call = `${name}(${args.join(', ')})`;
        const before = core.snapshot();
        const answer = exports[name](...args);
        expect(typeof answer, call).toBe('number');
        expect(core.checkIntegrity(), call).toEqual({ ok: true });
        const guard = core.u8.subarray(buffer - BUFFER, buffer + 2 * BUFFER);
        const untouched = (byte: number, i: number): boolean =>
          (i >= BUFFER && i < 2 * BUFFER) || byte === CANARY;
        expect(guard.every(untouched), `${call} wrote beside its buffer`).toBe(true);
        if (answer < 0 && answer >= -8 && !unseen.has(name) && name !== 'pool_events_take') {
          expect(Buffer.compare(core.snapshot(), before), call).toBe(0);
        }
      }
    },
  );
});

describeBuilds('arena_give', (load) => {
  it('refuses a buffer that is free already, a kernel object, and no buffer', () => {
    const core = load();
    const { objects, buffer } = stage(core);
    const { exports: e } = core;
    const piece = core.take(96);
    core.give(piece, 96);
    const before = core.snapshot();
    expect(e.arena_give(piece, 96)).toBe(-6);
    for (const handle of objects.values()) expect(e.arena_give(handle, 32)).toBe(-7);
    for (const [at, bytes] of [[0, 8], [buffer + 4, 8], [buffer, 0], [buffer, 1 << 31], [-8, 8]]) {
      expect(e.arena_give(at, bytes)).toBe(-4);
    }
    expect(Buffer.compare(core.snapshot(), before)).toBe(0);
  });
});

describeBuilds('a tree', (load) => {
  it('gives back what it lets go of', () => {
    const core = load();
    const tree = new RadixTree(core);
    const round = (i: number): void => {
      const key = Array.from({ length: 50 }, (_, j) => 64 * i + j);
      tree.insert(key, key);
      tree.match(key.slice(0, 20));
      tree.evict(50);
    };
    for (let i = 0; i < 50; i++) round(i);
    const top = core.exports.arena_top();
    for (let i = 50; i < 500; i++) round(i);
    expect(core.exports.arena_top()).toBe(top);
  });
});
