// SPDX-License-Identifier: Apache-2.0
/** Where a radix tree keeps its tokens, and that it gives back what it lets go of. */
import { describe, expect, it } from 'vitest';
import { RadixTree, loadCore } from '../../src/core/index.js';
import type { Core } from '../../src/core/index.js';

const keys = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i);

/** Segment of a node: {refs, capacity, used, low}, and where it stands. */
function segmentOf(core: Core, t: RadixTree, node: number): { at: number; capacity: number } {
  const at = core.u32[((core.exports.radix_node_base(t.handle) >>> 0) >>> 2) + node * 16];
  return { at, capacity: core.u32[(at >>> 2) + 1] };
}

describe('segments of a radix tree', () => {
  it('shrink when the tail of a split has gone', () => {
    const core = loadCore();
    const t = new RadixTree(core);
    t.insert(keys(1000), keys(1000));
    const prefix = t.match(keys(10));
    expect(t.evict(1).length).toBe(990);
    expect(segmentOf(core, t, prefix.node).capacity).toBeLessThan(100);
    expect([...t.values(t.match(keys(10)))]).toEqual(keys(10));
  });

  it('are written again where they were trimmed, in place', () => {
    const core = loadCore();
    const t = new RadixTree(core);
    t.insert(keys(100), keys(100));
    const leaf = t.match(keys(100));
    const before = segmentOf(core, t, leaf.node);
    t.trim(50);
    const end = t.match(keys(50));
    t.extend(end, 50, keys(50, 500), keys(50, 500));
    expect(segmentOf(core, t, leaf.node)).toEqual(before);
    expect([...t.values(t.end)]).toEqual([...keys(50), ...keys(50, 500)]);
  });

  it('are left by a leaf that outgrows them', () => {
    const core = loadCore();
    const t = new RadixTree(core);
    t.insert(keys(8), keys(8));
    t.insert(keys(8, 50), keys(8, 50));
    const leaf = t.match(keys(8));
    t.extend(leaf, 8, keys(500, 100), keys(500, 100));
    expect(segmentOf(core, t, leaf.node).capacity).toBeGreaterThanOrEqual(508);
    expect([...t.values(t.match(keys(8, 50)))]).toEqual(keys(8, 50));
  });
});

describe('the event log of a radix tree', () => {
  it('ends where the first record did not fit, and counts all that came after', () => {
    const core = loadCore();
    const t = new RadixTree(core, { events: 14 });
    t.insert(keys(5), keys(5));
    t.insert(keys(6, 20), keys(6, 20));
    t.reset();
    expect(core.exports.radix_events_take(t.handle)).toBe(-3);
    t.insert(keys(2), keys(2));
    expect(core.exports.radix_events_take(t.handle)).toBe(7);
  });
});

describe.each(['on', 'off'] as const)('runs of every length, SIMD %s', (simd) => {
  const core = loadCore({ simd });
  const LONGEST = 70;

  it('agree up to the first token that differs', () => {
    for (let n = 1; n <= LONGEST; n++) {
      const t = new RadixTree(core, { values: false });
      t.insert(keys(n, 1), null);
      // What lies behind the key in memory would go on agreeing.
      t.match(keys(n + 20, 1));
      expect(t.match(keys(n, 1), 0, false).length).toBe(n);
      for (let at = 0; at < n; at++) {
        const key = keys(n, 1);
        key[at] = 9999;
        expect(t.match(key, 0, false).length).toBe(at);
        expect(t.match(keys(at, 1), 0, false).length).toBe(at);
      }
      t.dispose();
    }
  });

  it('are stored whole, and nothing behind them', () => {
    for (let n = 1; n <= LONGEST; n++) {
      const t = new RadixTree(core);
      t.insert([7], [70]);
      t.insert([7, ...keys(n, 100)], [71, ...keys(n, 500)]);
      t.insert([7, 8], [71, 80]);
      expect([...t.values(t.match([7, ...keys(n, 100)]))]).toEqual([70, ...keys(n, 500)]);
      expect([...t.values(t.match([7, 8]))]).toEqual([70, 80]);
      t.dispose();
    }
  });

  it('of pages that share hash and first token are told apart', () => {
    // The hash of a page, as in assembly/kv/radix/children.ts, before its last step.
    const mix = (h: number, token: number): number => {
      const m = Math.imul(h ^ token, 0x7feb352d);
      return m ^ (m >>> 15);
    };
    const first = mix(0, 5);
    const last = (8 ^ mix(first, 6) ^ mix(first, 7)) >>> 0;
    const t = new RadixTree(core, { page: 3, values: false });
    t.insert([5, 6, 8], null);
    expect(t.match([5, 7, last]).length).toBe(0);
    expect(t.insert([5, 7, last], null)).toBe(0);
    expect(t.match([5, 6, 8]).length).toBe(3);
    expect(t.match([5, 7, last]).length).toBe(3);
    expect(t.check()).toBe(0);
  });

  it('of pages agree by whole pages', () => {
    for (const page of [2, 3, 5, 17]) {
      const t = new RadixTree(core, { page, values: false });
      const key = keys(3 * page, 1);
      t.insert(key, null);
      for (let at = 0; at < key.length; at++) {
        const other = [...key];
        other[at] = 9999;
        expect(t.match(other, 0, false).length).toBe(at - (at % page));
      }
      t.dispose();
    }
  });
});
