// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import {
  gpuLoads, loadNumeric, placeExperts, placementOf, rebalanceExperts, type Placement,
} from '../../src/numeric/index.js';
import { bestAssignment } from '../../src/numeric/assignment.js';
import { fewestFetches, permutations } from '../../src/numeric/reference/expert-placement.js';
import { describeNumeric } from '../support/cores.js';
import { Lcg } from '../support/desk.js';

const MIB = 1 << 20;
const peakOf = (placement: Placement, layer: number, weights: number[]): number =>
  Math.max(...gpuLoads(placement, layer, weights));

/** Packs of a placement, without the GPUs they are on. */
function packs({ phy2log, shape }: Placement): string[] {
  const size = shape.slots / shape.gpus;
  return Array.from({ length: phy2log.length / size }, (_, i) =>
    [...phy2log.subarray(i * size, (i + 1) * size)].sort((a, b) => a - b).join()).sort();
}

/** Experts that GPUs of the new placement hold and those of the old one did not. */
function fetched(old: Placement, now: Placement): number {
  const size = old.shape.slots / old.shape.gpus;
  const held = ({ phy2log }: Placement, i: number): Set<number> =>
    new Set(phy2log.subarray(i * size, (i + 1) * size));
  let count = 0;
  for (let i = 0; i < old.phy2log.length / size; i++) {
    for (const expert of held(now, i)) if (!held(old, i).has(expert)) count++;
  }
  return count;
}

/** Nothing but EPLB's own load will do. */
const literal = { minGain: 0, tolerance: 0 };

/** Every expert has a slot, and groups are on one node where nodes bind them. */
function expectBound({ phy2log, shape }: Placement): void {
  const { experts, slots, groups, nodes } = shape;
  for (let from = 0; from < phy2log.length; from += slots) {
    const row = phy2log.subarray(from, from + slots);
    expect(new Set(row).size).toBe(experts);
    const places = new Set([...row].map((expert, slot) =>
      `${Math.floor((expert * groups) / experts)} on ${Math.floor((slot * nodes) / slots)}`));
    if (groups % nodes === 0) expect(places.size).toBe(groups);
  }
}

it('the assignment is the best of all', () => {
  const random = new Lcg(81);
  for (let round = 0; round < 200; round++) {
    const n = random.below(6);
    const gains = random.list(n * n, () => random.below(10) - 3);
    const total = (columns: readonly number[]): number =>
      columns.reduce((sum, column, row) => sum + gains[row * n + column], 0);
    const columns = bestAssignment(n, (row, column) => gains[row * n + column]);
    expect([...columns].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    expect(total(columns)).toBe(Math.max(...permutations(n).map(total)));
  }
});

const SHAPES = [
  { experts: 8, slots: 12, gpus: 4, nodes: 1, groups: 1 },
  { experts: 8, slots: 12, gpus: 6, nodes: 1, groups: 1 },
  // Groups that nodes cannot share: the nodes matter for the way, not for the placement.
  { experts: 9, slots: 12, gpus: 4, nodes: 2, groups: 3 },
  { experts: 8, slots: 12, gpus: 4, nodes: 2, groups: 4 },
  { experts: 12, slots: 18, gpus: 6, nodes: 2, groups: 2 },
  { experts: 12, slots: 18, gpus: 6, nodes: 3, groups: 6 },
];

describeNumeric('incremental rebalance', (load) => {
  const core = load();

  it('fetches as few experts as any numbering of the same packs, and the fewest from afar', () => {
    const random = new Lcg(82);
    for (let round = 0; round < 36; round++) {
      const shape = SHAPES[round % SHAPES.length];
      const weights = () => random.list(shape.experts, () => random.below(1000));
      const old = placeExperts(core, weights(), shape);
      const loads = weights();
      const result = rebalanceExperts(core, old, loads, { ...literal, expertBytes: MIB });
      const proposal = placeExperts(core, loads, shape);
      const [layer] = result.layers;
      if (layer.plan !== 'packed') continue;
      const bound = shape.groups % shape.nodes === 0;
      const best = fewestFetches(
        [...old.phy2log], [...proposal.phy2log], shape.gpus, shape.nodes, bound,
      );
      expect([layer.nodeMoves + layer.networkMoves, layer.networkMoves]).toEqual(best);
      expect(packs(result.placement)).toEqual(packs(proposal));
      expect(result.bytes).toBe(best[0] * MIB);
      expect(result.networkBytes).toBe(best[1] * MIB);
      expect(fetched(old, result.placement)).toBe(best[0]);
    }
  });

  it('moves only layers that win enough, and never makes one worse', () => {
    const random = new Lcg(83);
    const shape = { experts: 16, slots: 24, gpus: 4, nodes: 2, groups: 4 };
    let [moved, kept, worse] = [0, 0, 0];
    for (let round = 0; round < 80; round++) {
      const base = random.list(48, () => random.below(1000));
      const old = placeExperts(core, base, shape);
      const loads = base.map((w) => w + random.below(random.pick([2, 100, 1000])));
      const minGain = random.pick([0, 0.02, 0.1, 0.3]);
      const tolerance = random.pick([0, 0.02, 0.2]);
      const result = rebalanceExperts(core, old, loads, { expertBytes: 3, minGain, tolerance });
      const proposal = placeExperts(core, loads, shape);
      let moves = 0;
      expectBound(result.placement);
      result.layers.forEach((layer, i) => {
        const row = loads.slice(i * 16, (i + 1) * 16);
        const [before, proposed] = [peakOf(old, i, row), peakOf(proposal, i, row)];
        const gain = before - proposed;
        expect(layer).toMatchObject({ before, proposed });
        const near = before <= proposed * (1 + tolerance);
        if (!near && gain >= minGain * before) expect(layer.moved).toBe(true);
        if (near) expect(layer.moved).toBe(false);
        if (layer.moved) {
          expect(layer.after).toBeLessThan(before);
          expect(before - layer.after).toBeGreaterThanOrEqual(minGain * before);
          expect(layer.after).toBeLessThanOrEqual(Math.max(proposed, 0) * (1 + tolerance) + 1e-9);
        }
        expect(peakOf(result.placement, i, row)).toBeCloseTo(layer.after, 6);
        expect(layer.after).toBeLessThanOrEqual(before);
        const same = [result.placement, old].map(({ phy2log }) =>
          phy2log.subarray(i * 24, (i + 1) * 24).join());
        if (!layer.moved) expect(same[0]).toBe(same[1]);
        moves += layer.nodeMoves + layer.networkMoves;
        if (layer.moved) moved++;
        else kept++;
        if (proposed > before) worse++;
      });
      expect(result.bytes).toBe(moves * 3);
      expect(fetched(old, result.placement)).toBe(moves);
    }
    expect(Math.min(moved, kept, worse)).toBeGreaterThan(5);
  });

  it('stays when the loads stay, however EPLB numbers its packs', () => {
    const shape = { experts: 6, slots: 8, gpus: 4 };
    const loads = [9, 8, 7, 3, 2, 1];
    const { phy2log } = placeExperts(core, loads, shape);
    // The same packs on other GPUs.
    const turned = placementOf(shape, [...phy2log.subarray(2), ...phy2log.subarray(0, 2)]);
    const result = rebalanceExperts(core, turned, loads, { expertBytes: 1, minGain: 0 });
    expect(result).toMatchObject({ bytes: 0, layers: [{ moved: false }] });
    expect(result.placement.phy2log).toEqual(turned.phy2log);
    const none = rebalanceExperts(core, turned, [0, 0, 0, 0, 0, 0], { expertBytes: 1 });
    expect(none).toMatchObject({ bytes: 0, layers: [{ moved: false, before: 0 }] });
  });

  it('repairs with a fraction of the bytes that EPLB needs taken literally, always alike', () => {
    const random = new Lcg(84);
    const shape = { experts: 64, slots: 80, gpus: 16, nodes: 2, groups: 8 };
    const other = loadNumeric({ simd: 'off' });
    const totals = { repaired: 0, matched: 0, taken: 0 };
    for (let round = 0; round < 12; round++) {
      const base = random.list(64, () => 1 + random.below(1000));
      const old = placeExperts(core, base, shape);
      const loads = base.map((w) => w * (1 + random.below(100) / 100));
      const result = rebalanceExperts(core, old, loads, { expertBytes: 1 });
      expect(rebalanceExperts(other, old, loads, { expertBytes: 1 })).toEqual(result);
      // Balanced once, it stays.
      const again = rebalanceExperts(core, result.placement, loads, { expertBytes: 1 });
      expect(again.layers[0].moved && result.layers[0].moved).toBe(false);
      const [{ before, proposed, after, moved }] = result.layers;
      if (!moved) continue;
      expect(after).toBeLessThanOrEqual(Math.min(proposed * 1.05 + 1e-9, before));
      totals.repaired += result.bytes;
      totals.matched += rebalanceExperts(core, old, loads, { ...literal, expertBytes: 1 }).bytes;
      totals.taken += fetched(old, placeExperts(core, loads, shape));
    }
    expect(totals.repaired).toBeGreaterThan(0);
    expect(totals.matched).toBeLessThan(totals.taken);
    expect(totals.repaired).toBeLessThan(totals.taken / 3);
  });

  it('names what is wrong', () => {
    const old = placementOf({ experts: 2, slots: 2, gpus: 2 }, [0, 1]);
    const call = (weights: number[], options: object) => () =>
      rebalanceExperts(core, old, weights, { expertBytes: 1, ...options });
    expect(call([1, 2], { minGain: 1 })).toThrow('minGain: must be');
    expect(call([1, 2], { minGain: NaN })).toThrow('minGain: must be');
    expect(call([1, 2], { tolerance: -1 })).toThrow('tolerance: must be');
    expect(call([1, 2], { expertBytes: 0 })).toThrow('expertBytes: must be');
    expect(call([1], {})).toThrow('weights: length must be 2, got 1');
    expect(call([1, -2], {})).toThrow('weights[1]: must be');
  });
});
