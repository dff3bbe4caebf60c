// SPDX-License-Identifier: Apache-2.0
/** Integrity of whole instances: sound states pass, broken ones are named, none of them traps. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  BlockPool, EventHeap, KERNELS, KvManager, RadixTree, RouterIndex, SnapshotError, type Core,
} from '../../src/core/index.js';
import { fillRandom } from '../../src/fuzz/random.js';
import { describeBuilds } from '../support/cores.js';

/** An instance with objects of each kind in use, some freed memory between them. */
export function busy(core: Core): { pool: BlockPool; tree: RadixTree; heap: EventHeap } {
  const pool = new BlockPool(core, { blocks: 40, events: 16 });
  const gone = new BlockPool(core, { blocks: 9 });
  const tree = new RadixTree(core, { nodes: 8 });
  const heap = new EventHeap(core, 8);
  const ids = pool.alloc(12)!;
  pool.cache(ids, Array.from(ids, (id) => BigInt(id % 5)));
  pool.free(ids.subarray(4));
  for (let i = 0; i < 30; i++) {
    const key = [1, i % 3, i % 5, i, i + 1];
    tree.insert(key, key);
  }
  tree.lock(tree.match([1, 2]));
  tree.evict(20);
  for (let i = 0; i < 6; i++) heap.push((i * 7) % 5, 0, i, i, i);
  gone.dispose();
  const manager = new KvManager(core, new BlockPool(core, { blocks: 30 }), {
    blockSize: 4, groups: ['full', 8], maxModelLength: 64,
  });
  for (let i = 0; i < 3; i++) {
    const request = manager.request(9, [BigInt(i + 1), BigInt(i + 2)]);
    manager.alloc(request, 9);
  }
  const index = new RouterIndex(core, { workers: 3, maxBlocks: 64 });
  const run = { local: BigUint64Array.of(1n, 2n, 3n), seq: BigUint64Array.of(4n, 5n, 6n) };
  index.stored(0, 1, null, run);
  index.stored(1, 3, 5n, run);
  index.removed(1, 5, run.seq);
  return { pool, tree, heap };
}

describeBuilds('checkIntegrity', (load) => {
  it('finds nothing in a state that kernels made, and changes nothing', () => {
    const core = load();
    busy(core);
    const before = core.snapshot();
    expect(core.checkIntegrity()).toEqual({ ok: true });
    expect(Buffer.compare(before, core.snapshot())).toBe(0);
  });

  it('makes the room that it needs', () => {
    const core = load();
    const tree = new RadixTree(core, { nodes: 5000 });
    for (let i = 0; i < 5000; i++) tree.insert([i], [i]);
    const room = (): number => (core.u8.length - 64) - (core.exports.arena_top() >>> 0);
    while (room() > 1024) core.exports.arena_take(Math.min(1 << 20, room() >> 1));
    expect(core.checkIntegrity()).toEqual({ ok: true });
  });

  it('names the kernel, the invariant and the object', () => {
    const core = load();
    const { pool, tree, heap } = busy(core);
    const cases: [number, string, string][] = [
      [pool.handle + 12, 'pool', 'KV-1'],
      [pool.handle + 16, 'pool', 'KV-2'],
      [pool.handle + 28, 'pool', 'KV-5'],
      [tree.handle + 52, 'radix', 'RX-1'],
      [tree.handle + 20, 'radix', 'RX-9'],
      [heap.handle + 12, 'heap', 'HEAP-1'],
      [heap.handle + 16, 'heap', 'HEAP-2'],
    ];
    for (const [at, kernel, invariant] of cases) {
      const word = core.u32[at >> 2];
      core.u32[at >> 2] = word ^ 0x40000040;
      const found = core.checkIntegrity();
      expect(found).toMatchObject({ ok: false, kernel, invariant });
      const { handle } = { pool, radix: tree, heap }[kernel as 'pool' | 'radix' | 'heap'];
      expect(found).toHaveProperty('handle', handle);
      core.u32[at >> 2] = word;
    }
    expect(core.checkIntegrity()).toEqual({ ok: true });
  });

  it('finds a broken arena: bounds, free lists, the list of objects', () => {
    const core = load();
    const { heap } = busy(core);
    const base = core.exports.arena_base() >>> 2;
    const plant = (at: number, value: number): unknown => {
      const word = core.u32[at];
      core.u32[at] = value;
      const found = core.checkIntegrity();
      core.u32[at] = word;
      return found;
    };
    const arena = (n: number): unknown =>
      ({ ok: false, kernel: 'arena', invariant: `ARENA-${n}`, handle: 0 });
    expect(plant(base, 7)).toEqual(arena(1));
    expect(plant(base + 2, 12)).toEqual(arena(1));
    expect(plant(base + 3, 0xffffffff)).toEqual(arena(1));
    const free = core.take(64);
    core.give(free, 64);
    expect(core.checkIntegrity()).toEqual({ ok: true });
    expect(plant(free >> 2, free)).toEqual(arena(2));
    expect(plant(free >> 2, 0xfffffff8)).toEqual(arena(2));
    const oldest = (heap.handle >> 2) + 1;
    expect(plant(oldest, heap.handle)).toEqual(arena(3));
    expect(plant(oldest, 8)).toEqual(arena(3));
    expect(plant(heap.handle >> 2, 0x6b760f01)).toMatchObject({ invariant: 'ARENA-3' });
    expect(core.checkIntegrity()).toEqual({ ok: true });
  });

  it('answers in bounded time whatever the bytes of the state', () => {
    const core = load();
    busy(core);
    const sound = core.snapshot();
    const random = new Uint8Array(8 * 32);
    const draw = new DataView(random.buffer);
    let broken = 0;
    for (let round = 0; round < 3000; round++) {
      core.restore(sound);
      fillRandom(random, 42, round);
      const flips = 1 + (random[0] & 7);
      const base = core.exports.arena_base() >>> 2;
      for (let i = 1; i <= flips; i++) {
        const at = base + (draw.getUint32(8 * i, true) % (sound.length >>> 2));
        const value = draw.getUint32(8 * i + 4, true);
        // All bits, a few, an offset inside, a small number.
        const kinds = [value, core.u32[at] ^ (1 << (value & 31)), base * 4 + (value & 0xfff8)];
        core.u32[at] = [...kinds, value & 63][value >>> 30];
      }
      // Where the arena says that it ends, a sound host would not even restore.
      const found = core.checkIntegrity();
      if (!found.ok) broken++;
      expect(found).toHaveProperty('ok');
      core.u8.set(sound, core.exports.arena_base());
    }
    expect(broken).toBeGreaterThan(1000);
  });

  it('is asked by restore, which then keeps the state of before', () => {
    const core = load();
    const { pool } = busy(core);
    const sound = core.snapshot();
    const words = new DataView(sound.slice().buffer);
    const at = pool.handle + 12 - (core.exports.arena_base() >>> 0);
    words.setUint32(at, words.getUint32(at, true) + 1, true);
    const faulty = new Uint8Array(words.buffer);
    const refuse = (): void => core.restore(faulty, { verify: true });
    expect(refuse).toThrow(SnapshotError);
    expect(refuse).toThrow(`restore: KV-1 does not hold: pool at ${pool.handle}`);
    expect(Buffer.compare(core.snapshot(), sound)).toBe(0);
    core.restore(sound, { verify: true });
    core.restore(faulty);
    expect(core.checkIntegrity().ok).toBe(false);
  });
});

describe('numbers of kernels', () => {
  it('are the same in the kernels and in the host', () => {
    const file = new URL('../../assembly/integrity.ts', import.meta.url);
    const rows = [...readFileSync(file, 'utf8').matchAll(/^const ([A-Z]+): i32 = (\d+);/gm)];
    const named = rows.map(([, name, number]) => [name.toLowerCase(), Number(number)]);
    const known = KERNELS.map(({ kernel }, i) => [kernel, i]).slice(1);
    expect(named).toEqual(known);
  });
});
