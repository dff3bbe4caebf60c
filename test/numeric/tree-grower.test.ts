// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { DraftTree, TreeGrower, loadNumeric } from '../../src/numeric/index.js';
import { Draws } from '../support/distributions.js';

const core = loadNumeric();

it('grows the tree of its example', () => {
  const grower = new TreeGrower(2);
  grower.grow([0.6, 0.3], [11, 12]);
  grower.grow([0.5, 0.4, 0.9, 0.1], [13, 14, 15, 16]);
  // 0.6 0.3 | 0.3 0.24 0.27 0.03
  expect(grower.beam).toEqual([2, 4]);
  const shape = grower.select(4, { root: 10, seqLen: 5 });
  expect(shape).toEqual({
    parents: [-1, 0, 1], selected: [0, 1, 2], topk: 2, seqLen: 5, candidates: [10, 11, 12, 13],
  });
  grower.grow([1, 0, 1, 0], [17, 18, 19, 20]);
  // Flat 6 is the first child of 2, flat 8 that of 4.
  expect(grower.select(6, { root: 10 }).parents).toEqual([-1, 0, 1, 2, 4]);
  expect(grower.select(6, { root: 10 }).candidates).toEqual([10, 11, 12, 13, 15, 17]);
});

it('selects trees without orphans, whose nodes are the likeliest paths', () => {
  const draws = new Draws(95);
  for (let round = 0; round < 100; round++) {
    const topk = 1 + draws.below(4);
    const grower = new TreeGrower(topk);
    const depth = 1 + draws.below(4);
    const score = new Map<number, number>();
    let size = 0;
    for (let level = 0; level < depth; level++) {
      const rows = level === 0 ? 1 : topk;
      const p = Array.from({ length: rows }, () => [...draws.distribution(topk + 2)])
        .flatMap((row) => row.sort((a, b) => b - a).slice(0, topk));
      const above = level === 0 ? [1] : grower.beam.map((flat) => score.get(flat)!);
      p.forEach((x, i) => score.set(size + i, Math.fround(above[Math.floor(i / topk)] * x)));
      size += p.length;
      grower.grow(p, p.map((_, i) => i));
    }
    const nodes = 1 + draws.below(size + 1);
    const shape = grower.select(nodes, { root: 0 });
    const tree = new DraftTree(core, shape);
    expect(tree.nodes).toBe(nodes);
    expect(tree.orphans).toBe(0);
    const least = Math.min(...shape.selected.map((flat) => score.get(flat)!));
    const left = [...score.keys()].filter((flat) => !shape.selected.includes(flat));
    for (const flat of left) expect(score.get(flat)).toBeLessThanOrEqual(least);
  }
});

it('refuses bad input by name', () => {
  expect(() => new TreeGrower(0)).toThrow('topk: must be an integer from 1');
  const grower = new TreeGrower(2);
  expect(() => grower.grow([0.5], [1, 2])).toThrow('probabilities.length: must be 2');
  expect(() => grower.grow([0.5, NaN], [1, 2])).toThrow('probabilities[1]: must be >= 0');
  expect(() => grower.grow([0.5, 0.5], [1, -2])).toThrow('tokens[1]: must be');
  expect(() => grower.select(2, { root: 0 })).toThrow('nodes: must be an integer from 1 to 1');
});
