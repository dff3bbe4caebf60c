// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockPool, RADIX_POLICIES, RadixTree, Status, loadCore } from '../../src/core/index.js';
import type { NodeHandle, RadixTreeOptions } from '../../src/core/radix-tree.js';
import { radixTarget } from '../../src/fuzz/index.js';
import { describeBuilds, expectRefused } from '../support/cores.js';

const tree = (options: RadixTreeOptions = {}): RadixTree => new RadixTree(loadCore(), options);

describe('radix tree', () => {
  it('matches the longest prefix and gives its values', () => {
    const t = tree();
    expect(t.insert([1, 2, 3, 4], [10, 11, 12, 13])).toBe(0);
    const hit = t.match([1, 2, 3, 9]);
    expect(hit.length).toBe(3);
    expect([...t.values(hit)]).toEqual([10, 11, 12]);
  });

  it('keeps the values that are there: the caller frees its duplicates', () => {
    const t = tree();
    t.insert([1, 2], [10, 11]);
    expect(t.insert([1, 2, 3], [20, 21, 22])).toBe(2);
    expect([...t.values(t.match([1, 2, 3]))]).toEqual([10, 11, 22]);
  });

  it('splits where two keys part; the tail keeps its identity', () => {
    const t = tree();
    t.insert([1, 2, 3, 4], [1, 2, 3, 4]);
    const whole = t.match([1, 2, 3, 4]);
    t.insert([1, 2, 9], [5, 6, 7]);
    expect(t.nodes).toBe(3);
    expect([...t.values(whole)]).toEqual([1, 2, 3, 4]);
  });

  it('looks without a trace when told not to use', () => {
    const t = tree();
    t.insert([1, 2, 3], [1, 2, 3]);
    const before = t.dump();
    expect(t.match([1, 2], 0, false).length).toBe(2);
    expect(t.dump()).toEqual(before);
  });

  it('matches whole pages only', () => {
    const t = tree({ page: 4 });
    t.insert([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7, 8]);
    expect(t.match([1, 2, 3, 4, 5, 6, 9, 9]).length).toBe(4);
    expect(t.match([1, 2, 3]).length).toBe(0);
  });

  it('keeps name spaces apart', () => {
    const t = tree();
    t.insert([1, 2], [1, 2], { space: 1 });
    expect(t.match([1, 2]).length).toBe(0);
    expect(t.match([1, 2], 1).length).toBe(2);
  });

  it('evicts the least recently used leaf first, whole, and its parent after it', () => {
    const t = tree();
    t.insert([1, 2, 3], [1, 2, 3]);
    t.insert([1, 2, 4, 5], [1, 2, 4, 5]);
    t.match([1, 2, 3]);
    expect([...t.evict(1)]).toEqual([4, 5]);
    expect([...t.evict(2)]).toEqual([3, 1, 2]);
  });

  it('never evicts what is locked, nor anything above it', () => {
    const t = tree();
    t.insert([1, 2, 3], [1, 2, 3]);
    const hit = t.match([1, 2]);
    expect(t.lock(hit)).toBe(2);
    expect(t.protected).toBe(2);
    expect([...t.evict(9)]).toEqual([3]);
    expect(t.unlock(hit)).toBe(2);
    expect([...t.evict(9)]).toEqual([1, 2]);
  });

  it('writes no more values than there is room for: a leaf that does not fit stays', () => {
    const core = loadCore();
    const t = new RadixTree(core);
    t.insert([1, 2, 3], [1, 2, 3]);
    const out = core.take(16);
    core.u32.fill(77, out >>> 2, (out >>> 2) + 4);
    expect(core.exports.radix_evict(t.handle, 1, out, 2)).toBe(0);
    expect([...core.u32.subarray(out >>> 2, (out >>> 2) + 4)]).toEqual([77, 77, 77, 77]);
    expect(t.tokens).toBe(3);
  });

  it('trims exactly what is asked for, deepest first', () => {
    const t = tree();
    t.insert([1, 2, 3, 4], [1, 2, 3, 4]);
    expect([...t.trim(2)]).toEqual([4, 3]);
    expect(t.match([1, 2, 3, 4]).length).toBe(2);
  });

  it('extends a held prefix without walking it, and grows a leaf in place', () => {
    const t = tree();
    t.insert([1, 2], [1, 2]);
    const { depth, ...end } = t.end;
    expect(t.extend(end, depth, [3, 4], [3, 4])).toBe(0);
    expect(t.nodes).toBe(1);
    expect([...t.values(t.match([1, 2, 3, 4]))]).toEqual([1, 2, 3, 4]);
    // An agent that goes back to position 1 branches there.
    expect(t.extend(end, 1, [7], [7])).toBe(0);
    expect(t.nodes).toBe(3);
  });

  it('continues a match from a handle', () => {
    const t = tree();
    t.insert([1, 2, 3, 4], [1, 2, 3, 4]);
    const hit = t.match([1, 2]);
    expect(t.matchFrom(hit, 2, [3, 9])?.length).toBe(1);
    expect(t.end.depth).toBe(3);
  });

  it('tells a stale handle: evicted, trimmed, reset', () => {
    const t = tree();
    const place = () => (t.insert([1, 2], [1, 2]), t.match([1, 2]));
    const evicted = place();
    t.evict(2);
    expect(t.matchFrom(evicted, 2, [3])).toBeNull();
    const trimmed = place();
    t.trim(1);
    expect(t.extend(trimmed, 2, [3], [3])).toBeNull();
    const cleared = t.match([1]);
    expect(t.reset()).toBe(true);
    expect(t.matchFrom(cleared, 1, [3])).toBeNull();
  });

  it('does not reset while something is locked', () => {
    const t = tree();
    t.insert([1], [1]);
    t.lock(t.match([1]));
    expect(t.reset()).toBe(false);
    expect(t.tokens).toBe(1);
  });

  it('grows its tables as needed', () => {
    const t = tree({ nodes: 16 });
    for (let i = 0; i < 5000; i++) t.insert([i, i + 1], [i, i]);
    expect(t.nodes).toBe(5000);
    expect(t.check()).toBe(0);
    expect(t.evict(10_000).length).toBe(10_000);
  });
});

describeBuilds('radix tree refuses', (load) => {
  const { badArgument, badHandle, busy, stale, unbalanced } = Status;
  const core = load();
  const t = new RadixTree(core, { page: 2 });
  t.insert([1, 2, 3, 4], [1, 2, 3, 4]);
  const node = t.match([1, 2, 3, 4]);
  const held = t.match([1, 2]);
  t.lock(held);
  t.insert([1, 2, 5, 6], [1, 2, 5, 6]);
  const gone = t.match([1, 2, 5, 6]);
  t.match([1, 2, 3, 4]);
  t.evict(2);
  const { handle } = t;
  const e = core.exports;
  type Place = { node: number; gen: number };
  const lock = (at: Place): number => e.radix_lock(handle, at.node, at.gen);
  const unlock = (at: Place): number => e.radix_unlock(handle, at.node, at.gen);
  const extend = (depth: number) => (at: number, n: number): number =>
    e.radix_extend(handle, node.node, node.gen, depth, at, at, n);
  const insert = (at: number, n: number): number => e.radix_insert(handle, at, at, n, 0, 0, 0);
  type Call = (at: number, n: number) => number;
  const cases: [string, number, number[], Call][] = [
    ['an unlock too many', unbalanced, [], () => unlock(node)],
    ['a lock of an evicted node', stale, [], () => lock(gone)],
    ['an unlock of an evicted node (SGLang 12107)', stale, [], () => unlock(gone)],
    ['values of an evicted node', stale, [0, 0],
      (at) => e.radix_values(handle, gone.node, gone.gen, at, 2)],
    ['a node number beyond the table', stale, [], () => lock({ node: 0xffffffff, gen: 0 })],
    ['a wrong generation', stale, [], () => lock({ node: node.node, gen: node.gen + 1 })],
    ['part of a page', badArgument, [1, 2, 3], insert],
    ['a trim of part of a page', badArgument, [0, 0, 0], (at) => e.radix_trim(handle, 3, at)],
    ['an extension inside a page', badArgument, [7, 8], extend(3)],
    ['an extension beyond the end', badArgument, [7, 8], extend(6)],
    ['a match beyond the end', badArgument, [7, 8],
      (at, n) => e.radix_match_from(handle, node.node, node.gen, 6, at, n, 1)],
    ['a reset while locked', busy, [], () => e.radix_reset(handle)],
    ['keys outside of the memory', badArgument, [],
      () => e.radix_match(handle, 0xfffffff0, 8, 0, 1)],
    ['keys in static data', badArgument, [], () => e.radix_match(handle, 0, 2, 0, 1)],
    ['handle 0', badHandle, [], () => e.radix_evictable(0)],
    ['an odd handle', badHandle, [], () => e.radix_evictable(handle + 1)],
    ['its handle as a pool', badHandle, [], () => e.pool_free_count(handle)],
  ];
  for (const [name, status, words, call] of cases) {
    it(name, () => {
      expectRefused(core, status, words, call);
      expect(t.check()).toBe(0);
    });
  }

  it('the handle of a pool, and its own after it was disposed of', () => {
    const pool = new BlockPool(core, { blocks: 4 });
    expectRefused(core, badHandle, [1, 2], (at, n) => e.radix_match(pool.handle, at, n, 0, 1));
    const other = new RadixTree(core);
    other.dispose();
    expectRefused(core, badHandle, [], () => e.radix_evictable(other.handle));
  });

  it('and the facade throws a KernelError that says why', () => {
    expect(() => t.unlock(node)).toThrow('radix_unlock: freed or unlocked more often than taken');
    expect(() => t.lock(gone)).toThrow('radix_lock: the node behind this handle is gone');
  });
});

describeBuilds('radix tree is its twin', (load) => {
  const target = radixTarget(load());
  it('under any program', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1000 }), (body) => target.run(body, { every: 1 })),
      { seed: 20261120, numRuns: 150 },
    );
  });
});

const at = (t: RadixTree, key: readonly number[]): NodeHandle => t.match(key, 0, false);

describe('resume: what of a handle survives a trim', () => {
  it('the prefix that was not cut, under the present generation', () => {
    const t = tree();
    t.insert([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]);
    const agent = at(t, [1, 2, 3, 4, 5]);
    t.trim(2);
    expect(t.matchFrom(agent, 5, [])).toBeNull();
    const rest = t.resume(agent, 5)!;
    expect(rest.depth).toBe(3);
    expect(t.extend(rest, rest.depth, [8, 9], [8, 9])).toBe(0);
    expect(t.match([1, 2, 3, 8, 9]).length).toBe(5);
    // What grew in place of the cut is not the agent's.
    expect(t.resume(agent, 5)!.depth).toBe(3);
    expect(t.resume(rest, 5)!.depth).toBe(5);
  });

  it('the lowest of several cuts counts, also after the leaf moved to other memory', () => {
    const t = tree();
    const run = (n: number): number[] => Array.from({ length: n }, (_, i) => 100 + i);
    t.insert([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]);
    const agent = at(t, [1, 2, 3, 4, 5, 6]);
    // The agent's node is the tail of a cut: its run does not begin where its memory does.
    t.match([1, 2]);
    t.trim(3);
    const rest = t.resume(agent, 6)!;
    // There is no room for so much, so the leaf moves.
    t.extend(rest, 3, run(50), run(50));
    t.extend(rest, 53, run(60), run(60));
    t.trim(10);
    expect(t.resume(agent, 6)!.depth).toBe(3);
    expect(t.resume(rest, 53)!.depth).toBe(3);
  });

  it('a cut of a node that is gone is not its parent\'s', () => {
    const t = tree();
    t.insert([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]);
    const prefix = t.match([1, 2, 3]);
    t.trim(2);
    t.trim(1);
    t.extend(prefix, 3, [7, 8, 9], [7, 8, 9]);
    const { depth, ...grown } = t.end;
    t.trim(1);
    expect([depth, t.resume(grown, 6)!.depth]).toEqual([6, 5]);
  });

  it('nothing of an evicted node', () => {
    const t = tree();
    t.insert([1, 2], [1, 2]);
    const agent = at(t, [1, 2]);
    t.evict(2);
    t.insert([3], [3]);
    expect(t.resume(agent, 2)).toBeNull();
  });

  it('a node number whose generations are used up is not given out again', () => {
    const core = loadCore();
    const t = new RadixTree(core);
    t.insert([1], [1]);
    const { node } = at(t, [1]);
    const gen = ((core.exports.radix_node_base(t.handle) >>> 0) + node * 64 + 44) >>> 2;
    core.u32[gen] = 0xffff0000;
    t.evict(1);
    t.insert([2], [2]);
    expect(at(t, [2]).node).not.toBe(node);
    t.reset();
    for (let i = 0; i < 40; i++) t.insert([i], [i]);
    expect(t.dump().map((n) => n.node)).not.toContain(node);
    expect(t.check()).toBe(0);
  });
});

describeBuilds('each policy is its twin\'s', (load) => {
  const target = radixTarget(load());
  it.each(RADIX_POLICIES.map((policy, code) => [policy, code] as const))('%s', (_, code) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 1200 }), (bytes) => {
        const body = Uint8Array.from(bytes);
        body[2] = code;
        target.run(body, { every: 1 });
      }),
      { seed: 20261121 + code, numRuns: 60 },
    );
  });
});
