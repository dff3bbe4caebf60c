// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { SuffixDrafter } from '../../src/numeric/index.js';
import { ReferenceSuffixDrafter } from '../../src/numeric/reference/suffix-drafter.js';
import { describeNumeric } from '../support/cores.js';
import { Draws } from '../support/distributions.js';
import { expectPointersRefused, guardedCall } from '../support/guarded.js';

describeNumeric('suffix drafter', (load) => {
  it('learns and drafts as the twin, also when its nodes are used up', () => {
    const core = load();
    const draws = new Draws(51);
    let dropped = 0;
    for (let round = 0; round < 60; round++) {
      const depth = 2 + draws.below(7);
      const nodes = round % 2 === 0 ? 4000 : 16 + draws.below(60);
      const alphabet = 2 + draws.below(4);
      const drafter = new SuffixDrafter(core, { depth, nodes });
      const twin = new ReferenceSuffixDrafter(depth, nodes);
      for (let part = 0; part < 4; part++) {
        const text = Array.from({ length: draws.below(30) }, () => draws.below(alphabet));
        const fresh = draws.below(2) === 0;
        drafter.learn(text, fresh);
        twin.learn(text, fresh);
        expect([drafter.nodes, drafter.dropped]).toEqual([twin.nodes, twin.dropped]);
        expect(drafter.check()).toBe(0);
        for (let i = 0; i < 4; i++) {
          const context = Array.from({ length: draws.below(10) }, () => draws.below(alphabet + 1));
          const most = draws.below(9);
          const [factor, least] = [0.4 + draws.uniform() * 4, draws.uniform() / 2];
          const got = drafter.draft(context, { most, factor, least });
          const want = twin.draft(context, most, factor, least);
          expect([...got.tokens]).toEqual(want.tokens);
          expect([...got.probabilities]).toEqual(want.probabilities);
        }
      }
      dropped += drafter.dropped;
      drafter.dispose();
    }
    expect(dropped).toBeGreaterThan(0);
  });

  it('drafts a long run of text that comes back, and stops where it is unsure', () => {
    const core = load();
    const draws = new Draws(52);
    const file = Array.from({ length: 300 }, () => draws.below(5000));
    const drafter = new SuffixDrafter(core, { depth: 24 });
    drafter.learn(file);
    drafter.learn([9001, ...file.slice(100, 110)], true);
    const context = file.slice(100, 108);
    const { tokens, probabilities } = drafter.draft(context, { most: 16, factor: 4 });
    expect([...tokens]).toEqual(file.slice(108, 124));
    expect(probabilities[0]).toBe(1);
    // Two ways on, equally often: the first one that was seen so often, then half of the trust.
    drafter.learn([1, 2, 3, 1, 2, 4], true);
    expect([...drafter.draft([1, 2], { least: 0.5, most: 1 }).tokens]).toEqual([3]);
    expect([...drafter.draft([1, 2], { least: 0.6 }).tokens]).toEqual([]);
    expect([...drafter.draft([6000]).tokens]).toEqual([]);
    expect([...drafter.draft([]).tokens]).toEqual([]);
    drafter.clear();
    expect([drafter.nodes, drafter.dropped, drafter.check()]).toEqual([0, 0, 0]);
    expect([...drafter.draft(context).tokens]).toEqual([]);
  });

  it('keeps several drafters apart and gives all memory back', () => {
    const core = load();
    const [one, two] = [1, 2].map(() => new SuffixDrafter(core, { depth: 4, nodes: 100 }));
    one.learn([1, 2, 3]);
    two.learn([1, 2, 4]);
    expect([...one.draft([1, 2]).tokens, ...two.draft([1, 2]).tokens]).toEqual([3, 4]);
    one.dispose();
    two.dispose();
    const top = core.exports.arena_top();
    for (let i = 0; i < 5; i++) new SuffixDrafter(core, { depth: 4, nodes: 100 }).dispose();
    expect(core.exports.arena_top()).toBe(top);
    expect(() => one.learn([1])).toThrow('not a live handle');
    expect(() => one.nodes).toThrow('not a live handle');
    expect(() => one.dispose()).toThrow('not a live handle');
  });

  it('refuses bad input by name', () => {
    const core = load();
    expect(() => new SuffixDrafter(core, { depth: 1 })).toThrow('depth: must be an integer from 2');
    expect(() => new SuffixDrafter(core, { depth: 129 })).toThrow('depth: must be');
    expect(() => new SuffixDrafter(core, { nodes: 15 })).toThrow('nodes: must be');
    const drafter = new SuffixDrafter(core, { nodes: 100 });
    expect(() => drafter.learn([1, -1])).toThrow('tokens[1]: must be an integer from 0');
    expect(() => drafter.learn([0.5])).toThrow('tokens[0]: must be');
    expect(() => drafter.draft([-1])).toThrow('context[0]: must be');
    expect(() => drafter.draft([1], { most: -1 })).toThrow('most: must be');
    expect(() => drafter.draft([1], { factor: 0 })).toThrow('factor: must be');
    expect(() => drafter.draft([1], { least: NaN })).toThrow('least: must be');
    expect(drafter.nodes).toBe(0);
  });

  it('refuses handles that are not live, sizes out of range and a full arena', () => {
    const core = load();
    const { exports } = core;
    const drafter = new SuffixDrafter(core, { nodes: 16 });
    const at = core.take(64);
    const before = core.snapshot();
    const { handle } = drafter;
    for (const bad of [0, 8, handle + 8, handle + 1, -8, 0x7ffffff8, at]) {
      expect(exports.suffix_learn(bad, at, 1, 0)).toBe(-3);
      expect(exports.suffix_draft(bad, at, 1, 1, 1, 0, at + 16, 0)).toBe(-3);
      expect(exports.suffix_clear(bad)).toBe(-3);
      expect(exports.suffix_nodes(bad)).toBe(-3);
      expect(exports.suffix_check(bad)).toBe(-3);
      expect(exports.suffix_destroy(bad)).toBe(-3);
    }
    expect(Buffer.compare(before, core.snapshot())).toBe(0);
    for (const [depth, nodes] of [[1, 100], [129, 100], [8, 15], [8, 0x4000000], [8, 0x3ffffff]]) {
      expect(exports.suffix_create(depth, nodes)).toBe(0);
    }
    expect(Buffer.compare(before, core.snapshot())).toBe(0);
  });

  it('writes its draft alone', () => {
    const core = load();
    const drafter = new SuffixDrafter(core, { depth: 4, nodes: 100 });
    drafter.learn([1, 2, 3, 4, 5]);
    const items = [Int32Array.of(2, 3), 8, 8];
    const raw = (n = 2, k = 2, factor = 4, least = 0.1) =>
      ([at, out, p]: readonly number[]): number =>
        core.exports.suffix_draft(drafter.handle, at, n, k, factor, least, out, p);
    const { result, outputs } = guardedCall(core, items, raw());
    expect([result, ...new Int32Array(outputs[0].slice().buffer)]).toEqual([2, 4, 5]);
    expectPointersRefused(core, items, raw(), [2]);
    const refused = (...n: number[]): void =>
      expect(guardedCall(core, items, raw(...n)).result).toBe(-4);
    refused(-1);
    refused(2, -1);
    refused(2, 2, 0);
    refused(2, 2, NaN);
    refused(2, 2, 1, -1);
    const learn = ([at]: readonly number[]): number =>
      core.exports.suffix_learn(drafter.handle, at, 2, 0);
    expectPointersRefused(core, [Int32Array.of(2, 3)], learn);
    expect(drafter.check()).toBe(0);
  });

  it('reports each broken invariant', () => {
    const core = load();
    const drafter = new SuffixDrafter(core, { depth: 3, nodes: 16 });
    drafter.learn([1, 2, 1, 2]);
    const saved = core.u8.slice();
    const nodes = core.u32[(drafter.handle >> 2) + 6] >> 2;
    const table = core.u32[(drafter.handle >> 2) + 7] >> 2;
    const broken = (at: number, value: number): number => {
      core.u32[at] = value;
      const found = drafter.check();
      core.u8.set(saved);
      return found;
    };
    expect(broken(nodes + 4, 9)).toBe(1);
    expect(broken(nodes + 6, 99)).toBe(1);
    expect(broken(nodes + 3, 0)).toBe(2);
    expect(broken(nodes + 3, 15)).toBe(2);
    const slot = core.u32.subarray(table, table + 64).findIndex((node) => node === 1);
    expect(broken(table + slot, 2)).toBe(3);
    expect(drafter.check()).toBe(0);
  });

  it('goes on from a copy of its memory', () => {
    const core = load();
    const drafter = new SuffixDrafter(core, { depth: 4, nodes: 100 });
    drafter.learn([1, 2, 3, 4]);
    const saved = core.u8.slice();
    drafter.learn([9, 9, 9]);
    core.u8.set(saved);
    drafter.learn([5]);
    expect([...drafter.draft([3, 4]).tokens]).toEqual([5]);
  });
});
