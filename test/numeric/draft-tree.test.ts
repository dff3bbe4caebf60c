// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { DraftTree, type TreeShape } from '../../src/numeric/index.js';
import { ReferenceTree, type ReferenceTreeShape } from '../../src/numeric/reference/draft-tree.js';
import { describeNumeric } from '../support/cores.js';
import { Draws } from '../support/distributions.js';
import { expectPointersRefused, guardedCall } from '../support/guarded.js';

/**
 * A tree as a drafter grows it: level 0 has topk nodes, of each level topk are expanded by topk
 * children, and some of all drafted nodes are selected. `loose` forgets parents: orphans.
 */
function drawShape(draws: Draws, loose: boolean): ReferenceTreeShape {
  const topk = 1 + draws.below(4);
  const depth = 1 + draws.below(4);
  const parents = [-1];
  const known = new Set(Array.from({ length: topk }, (_, j) => j));
  const parentOf = new Map<number, number>();
  let level = [...known];
  for (let d = 1; d < depth; d++) {
    const expanded = level.filter(() => draws.below(3) > 0).slice(0, topk);
    const next: number[] = [];
    for (let slot = 0; slot < topk; slot++) {
      parents.push(expanded[slot] ?? -1);
      if (expanded[slot] === undefined) continue;
      for (let j = 0; j < topk; j++) {
        const flat = topk + (d - 1) * topk * topk + slot * topk + j;
        parentOf.set(flat, expanded[slot]);
        known.add(flat);
        next.push(flat);
      }
    }
    level = next;
  }
  const chosen = new Set([...known].filter(() => draws.below(2) === 0));
  if (!loose) {
    for (const flat of [...chosen]) {
      for (let at = parentOf.get(flat); at !== undefined; at = parentOf.get(at)) chosen.add(at);
    }
  }
  const selected = [...chosen].sort((a, b) => a - b);
  return { parents, selected, topk, seqLen: draws.below(1000) };
}

const flat = (rows: readonly Float32Array[]): Float32Array =>
  Float32Array.from(rows.flatMap((row) => [...row]));

describeNumeric('draft tree', (load) => {
  it.each([false, true])('is built as the twin builds it (orphans %s)', (loose) => {
    const core = load();
    const draws = new Draws(41);
    let orphans = 0;
    for (let round = 0; round < 300; round++) {
      const shape = drawShape(draws, loose);
      const tree = new DraftTree(core, shape);
      const twin = new ReferenceTree(shape);
      expect(tree.nodes).toBe(twin.nodes);
      expect([...tree.mask]).toEqual(twin.mask().flat());
      expect([...tree.positions]).toEqual(twin.positions());
      const { nextToken, nextSibling } = twin.links();
      expect([...tree.nextToken]).toEqual(nextToken);
      expect([...tree.nextSibling]).toEqual(nextSibling);
      expect(tree.orphans).toBe(twin.orphans);
      orphans += tree.orphans;
    }
    expect(orphans > 0).toBe(loose);
  });

  it('walks as the twin walks', () => {
    const core = load();
    const draws = new Draws(42);
    let depth = 0;
    for (let round = 0; round < 400; round++) {
      const shape = drawShape(draws, round % 4 === 0);
      const tree = new DraftTree(core, shape);
      const twin = new ReferenceTree(shape);
      const vocab = 2 + draws.below(5);
      // Siblings may carry the same token.
      const candidates = Array.from({ length: tree.nodes }, () => draws.below(vocab));
      const argmax = candidates.map(() => draws.below(vocab));
      const most = 1 + draws.below(tree.nodes);
      const greedy = tree.greedy(candidates, argmax, most);
      expect([...greedy.path]).toEqual(twin.greedy(candidates, argmax, most).path);
      expect([...greedy.predicts]).toEqual(twin.greedy(candidates, argmax, most).predicts);
      const target = candidates.map(() => draws.distribution(vocab, draws.below(2) * 0.4));
      const coins = draws.coins(tree.nodes);
      const coinFinal = draws.coin();
      const thresholds = {
        single: [1, draws.uniform(), 0][round % 3],
        acc: [1, 0.3 + draws.uniform(), 0][draws.below(3)],
      };
      const sampled = tree.sample(candidates, {
        vocab, target: flat(target), coins, coinFinal,
        thresholdSingle: thresholds.single, thresholdAcc: thresholds.acc,
      }, most);
      const walk = twin.sample(candidates, target, coins, coinFinal, thresholds, most);
      expect([...sampled.path]).toEqual(walk.path);
      expect([...sampled.predicts]).toEqual(walk.predicts);
      expect(sampled.kept).toBe(walk.path.length - 1);
      depth = Math.max(depth, sampled.kept);
    }
    expect(depth).toBeGreaterThan(1);
  });

  it('reaches each node with a parent exactly once (ST-1)', () => {
    const core = load();
    const draws = new Draws(43);
    for (let round = 0; round < 100; round++) {
      const tree = new DraftTree(core, drawShape(draws, true));
      const reached = new Int32Array(tree.nodes);
      for (let node = 0; node < tree.nodes; node++) {
        let child = tree.nextToken[node];
        for (; child >= 0; child = tree.nextSibling[child]) reached[child]++;
      }
      const total = reached.reduce((a, b) => a + b, 0);
      expect(Math.max(...reached)).toBeLessThanOrEqual(1);
      expect(total).toBe(tree.nodes - 1 - tree.orphans);
    }
  });

  it('takes a tree of the root alone, and wide ones', () => {
    const core = load();
    const lone = new DraftTree(core, { parents: [], selected: [], topk: 1, seqLen: 5 });
    expect([lone.nodes, ...lone.mask, ...lone.positions]).toEqual([1, 1, 5]);
    expect([...lone.greedy([3], [8]).tokens]).toEqual([8]);
    const one = { vocab: 2, target: [0.25, 0.75], coins: [0], coinFinal: 0.9 };
    expect([...lone.sample([0], one).tokens]).toEqual([1]);
    const wide = Array.from({ length: 4095 }, (_, i) => i);
    const tree = new DraftTree(core, { parents: [-1], selected: wide, topk: 4095 });
    expect(tree.orphans).toBe(0);
    const argmax = new Int32Array(4096).fill(4095);
    expect([...tree.greedy([0, ...wide.map((i) => i + 1)], argmax).path]).toEqual([0, 4095]);
  });

  it('draws the last token at its edges', () => {
    const core = load();
    const tree = new DraftTree(core, { parents: [-1], selected: [0, 1], topk: 2 });
    const last = (row: number[], coinFinal: number, coin = 1): number => {
      const target = [...row, ...row, ...row];
      const coins = [coin, coin, coin];
      const walk = tree.sample([0, 0, 1], { vocab: 3, target, coins, coinFinal, trusted: true });
      return walk.tokens.at(-1)!;
    };
    // Children carry 0 and 1: both refused by a coin above their sum.
    expect(last([0.25, 0.25, 0.5], 0)).toBe(2);
    expect(last([0.25, 0.25, 0.5], 1)).toBe(2);
    // Nothing is left of the row.
    expect(last([0.25, 0.25, 0], 0.5)).toBe(0);
    expect(last([NaN, NaN, NaN], 0.5)).toBe(0);
  });

  it('refuses bad input by name', () => {
    const core = load();
    const build = (change: Partial<TreeShape>): (() => DraftTree) =>
      () => new DraftTree(core, { parents: [-1, 0], selected: [0, 1, 2], topk: 2, ...change });
    expect(build({ topk: 0 })).toThrow('topk: must be an integer from 1');
    expect(build({ seqLen: -1 })).toThrow('seqLen: must be');
    expect(build({ selected: [0, -1, 2] })).toThrow('selected[1]: must be');
    expect(build({ parents: [-2] })).toThrow('parents[0]: must be');
    expect(build({ selected: [1, 0] })).toThrow('argument out of range');
    expect(build({ selected: new Int32Array(4096) })).toThrow('selected.length: must be');
    const tree = build({})();
    expect(() => tree.greedy([0, 1, 2], [0, 1, 2, 3])).toThrow('candidates.length: must be 4');
    expect(() => tree.greedy([0, 1, 2, 3], [0, 1, 2, -1])).toThrow('argmax[3]');
    expect(() => tree.greedy([0, 1, 2, 3], [0, 1, 2, 3], 5)).toThrow('most: must be');
    const sampling = {
      vocab: 2, target: new Float32Array(8).fill(0.5), coins: [0, 0, 0, 0], coinFinal: 0,
    };
    const sample = (change: object, candidates = [0, 1, 1, 0]) => () =>
      tree.sample(candidates, { ...sampling, ...change });
    expect(sample({})).not.toThrow();
    expect(sample({}, [9, 1, 1, 0])).not.toThrow();
    expect(sample({}, [0, 1, 2, 0])).toThrow('candidates[1]: must be');
    expect(sample({ coinFinal: NaN })).toThrow('coinFinal: must be');
    expect(sample({ coins: [0, 0, 0, -1] })).toThrow('coins[3]: must be');
    expect(sample({ thresholdAcc: -1 })).toThrow('thresholdAcc: must be');
    expect(sample({ thresholdSingle: NaN })).toThrow('thresholdSingle: must be');
    expect(sample({ target: new Float32Array(8).fill(0.4) })).toThrow('target: row 0');
  });
});

const i32 = (...values: number[]): Int32Array => Int32Array.from(values);
const links = [i32(1, 3, -1, -1), i32(-1, 2, -1, -1)] as const;

describe('buffers of trees', () => {
  describeNumeric('are the outputs alone, and legal', (load) => {
    it('of building', () => {
      const core = load();
      const items = [i32(-1, 0), i32(0, 1, 2), 16, 16, 16, 16];
      const call = ([parents, selected, mask, pos, token, sibling]: readonly number[]): number =>
        core.exports.tree_build(parents, 2, selected, 4, 2, 7, mask, pos, token, sibling);
      const { result, outputs } = guardedCall(core, items, call);
      expect(result).toBe(0);
      expect([...outputs[0]]).toEqual([1, 0, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1]);
      // The mask is bytes: no alignment. All else is words.
      expectPointersRefused(core, items, (at) => ((at[2] & 15) === 1 ? -4 : call(at)));
      const other = (nodes: number, topk: number, ids = i32(0, 1, 2)): number =>
        guardedCall(core, [items[0], ids, ...items.slice(2)], ([p, s, m, o, t, b]) =>
          core.exports.tree_build(p, 2, s, nodes, topk, 0, m, o, t, b)).result;
      expect([other(0, 2), other(4097, 2)]).toEqual([-4, -4]);
      expect([other(4, 0), other(4, 0x10000)]).toEqual([-4, -4]);
      expect([other(4, 2, i32(0, 0, 1)), other(4, 2, i32(-1, 0, 1))]).toEqual([-4, -4]);
    });

    it('of the greedy walk', () => {
      const core = load();
      const items = [i32(0, 5, 6, 7), i32(5, 7, 0, 0), ...links, 12, 16];
      const call = ([c, a, token, sibling, path, predicts]: readonly number[]): number =>
        core.exports.tree_greedy(c, a, token, sibling, 4, 3, path, predicts);
      expect(guardedCall(core, items, call).result).toBe(2);
      expectPointersRefused(core, items, call);
    });

    it('of sampling, and links that would loop', () => {
      const core = load();
      const rows = new Float32Array(12).fill(1 / 3);
      const items = [
        i32(0, 0, 1, 2), rows, Float32Array.of(0.1, 0.1, 0.1, 0.1), ...links, 12, 16,
      ];
      const call = ([c, p, coins, token, sibling, path, predicts]: readonly number[]): number =>
        core.exports.tree_sample(c, p, 3, coins, 0.5, 1, 1, token, sibling, 4, 3, path, predicts);
      expect(guardedCall(core, items, call).result).toBe(2);
      expectPointersRefused(core, items, call);
      const linked = (token: Int32Array, sibling: Int32Array): number => {
        const other = [...items.slice(0, 3), token, sibling, 12, 16];
        return guardedCall(core, other, call).result;
      };
      expect(linked(i32(1, 1, -1, -1), links[1])).toBe(-4);
      expect(linked(i32(4, -1, -1, -1), links[1])).toBe(-4);
      expect(linked(i32(-2, -1, -1, -1), links[1])).toBe(-4);
      expect(linked(links[0], i32(-1, 2, 1, -1))).toBe(-4);
      const token = (id: number): number =>
        guardedCall(core, [i32(0, 0, id, 2), ...items.slice(1)], call).result;
      expect([token(3), token(-1)]).toEqual([-4, -4]);
    });
  });
});
