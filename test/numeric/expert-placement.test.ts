// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { Status } from '../../src/core/index.js';
import {
  gpuLoads, loadNumeric, packExperts, placeExperts, placementOf, replicateExperts,
  type PlacementShape,
} from '../../src/numeric/index.js';
import {
  leastShare, referencePack, referencePlace, referenceReplicate,
} from '../../src/numeric/reference/expert-placement.js';
import { describeNumeric } from '../support/cores.js';
import { Desk, Lcg } from '../support/desk.js';

const weightsOf = (n: number, random: Lcg): number[] => {
  const steps = random.pick([1, 4, 1000, 1 << 23]);
  return random.list(n, () => Math.fround(random.below(steps + 1) / random.pick([1, 1, 3])));
};

interface Shape extends Required<PlacementShape> {
  /** Nodes that bind experts. */
  readonly bound: number;
}

function randomShape(random: Lcg): Shape {
  const nodes = random.pick([1, 2, 3]);
  const bind = random.below(3) > 0;
  const groups = bind ? nodes * random.pick([1, 2, 4]) : nodes === 1 ? 1 : nodes + 1;
  const gpus = nodes * random.pick([1, 2, 4]);
  const experts = bind || nodes === 1 ? groups * random.pick([1, 2, 3, 8]) : 4 + random.below(20);
  // In hierarchical mode a node needs a slot for each of its experts.
  const slots = Math.ceil(experts / gpus + random.below(3)) * gpus;
  return { experts, slots, gpus, nodes, groups, bound: groups % nodes === 0 ? nodes : 1 };
}

describeNumeric('expert placement against its twin', (load) => {
  const core = load();

  it('packs', () => {
    const random = new Lcg(41);
    for (let round = 0; round < 300; round++) {
      const packs = 1 + random.below(9);
      const weights = weightsOf(packs * (1 + random.below(7)), random);
      const got = packExperts(core, weights, packs);
      expect({ pack: [...got.pack], rank: [...got.rank] }).toEqual(referencePack(weights, packs));
    }
  });

  it('replicates', () => {
    const random = new Lcg(42);
    for (let round = 0; round < 300; round++) {
      const weights = weightsOf(1 + random.below(20), random);
      const got = replicateExperts(core, weights, weights.length + random.below(30));
      expect({
        expert: [...got.expert], rank: [...got.rank], copies: [...got.copies],
      }).toEqual(referenceReplicate(weights, got.expert.length));
    }
  });

  it('places, layer by layer', () => {
    const random = new Lcg(43);
    for (let round = 0; round < 300; round++) {
      const shape = randomShape(random);
      const { experts, slots } = shape;
      const rows = random.list(1 + random.below(2), () => weightsOf(experts, random));
      const got = placeExperts(core, rows.flat(), shape);
      rows.forEach((weights, layer) => {
        const twin = referencePlace(weights, shape);
        const label = JSON.stringify(shape);
        const row = got.phy2log.subarray(layer * slots, (layer + 1) * slots);
        expect([...row], label).toEqual(twin.expert);
        const copies = got.copies.subarray(layer * experts, (layer + 1) * experts);
        expect([...copies], label).toEqual(twin.copies);
        twin.expert.forEach((expert, slot) => {
          const at = (layer * experts + expert) * got.width + twin.rank[slot];
          expect(got.log2phy[at]).toBe(slot);
        });
      });
    }
  });
});

describeNumeric('expert placement, properties', (load) => {
  const core = load();

  it('gives every expert a copy, and every slot one expert', () => {
    const random = new Lcg(44);
    for (let round = 0; round < 200; round++) {
      const shape = randomShape(random);
      const { phy2log, copies, log2phy, width } = placeExperts(
        core, weightsOf(shape.experts, random), shape,
      );
      expect(Math.min(...copies)).toBeGreaterThanOrEqual(1);
      expect(copies.reduce((sum, n) => sum + n, 0)).toBe(shape.slots);
      const seen = [...log2phy].filter((slot) => slot >= 0);
      expect(seen.sort((a, b) => a - b)).toEqual(seen.map((_, i) => i));
      copies.forEach((n, e) => {
        const slots = log2phy.subarray(e * width, e * width + n);
        expect([...slots].every((slot) => phy2log[slot] === e)).toBe(true);
      });
    }
  });

  it('keeps the experts of a group on one node', () => {
    const random = new Lcg(45);
    for (let round = 0; round < 200; round++) {
      const shape = randomShape(random);
      const { experts, slots, groups, bound } = shape;
      const { phy2log } = placeExperts(core, weightsOf(experts, random), shape);
      const nodeOf = new Map<number, number>();
      if (bound === 1) continue;
      phy2log.forEach((expert, slot) => {
        const group = Math.floor((expert * groups) / experts);
        const node = Math.floor((slot * bound) / slots);
        expect(nodeOf.get(group) ?? node).toBe(node);
        nodeOf.set(group, node);
      });
      const counts = [...nodeOf.values()].reduce(
        (map, node) => map.set(node, (map.get(node) ?? 0) + 1), new Map<number, number>(),
      );
      expect(new Set(counts.values()).size).toBe(1);
    }
  });

  it('makes the largest load a copy as small as it can be, by trying everything', () => {
    const random = new Lcg(46);
    for (let round = 0; round < 150; round++) {
      const weights = weightsOf(1 + random.below(6), random);
      const slots = weights.length + random.below(6);
      const { copies } = replicateExperts(core, weights, slots);
      const most = Math.max(...weights.map((w, e) => Math.fround(w / copies[e])));
      expect(most).toBe(leastShare(weights, slots));
    }
  });

  it('does so on every node in hierarchical mode', () => {
    const random = new Lcg(47);
    for (let round = 0; round < 100; round++) {
      const nodes = 2;
      const groups = random.pick([2, 4]);
      const experts = groups * (random.below(2) + 1);
      const shape = { experts, slots: experts + 4, gpus: 2, nodes, groups };
      const weights = weightsOf(experts, random);
      const { phy2log, copies } = placeExperts(core, weights, shape);
      for (let node = 0; node < nodes; node++) {
        const row = phy2log.subarray(node * (shape.slots / 2), (node + 1) * (shape.slots / 2));
        const own = [...new Set(row)];
        const most = Math.max(...own.map((e) => Math.fround(weights[e] / copies[e])));
        expect(most).toBe(leastShare(own.map((e) => weights[e]), shape.slots / 2));
      }
    }
  });

  it('takes loads of 0, of Infinity and of the largest floats', () => {
    const shape = { experts: 4, slots: 6, gpus: 2 };
    for (const weights of [[0, 0, 0, 0], [Infinity, 1, Infinity, 0], [3e38, 3e38, 3e38, 3e38]]) {
      const { copies } = placeExperts(core, weights, shape);
      expect([...copies].reduce((sum, n) => sum + n, 0)).toBe(6);
    }
    expect(placeExperts(core, [], shape).layers).toBe(0);
  });

  it('adds up the loads of GPUs', () => {
    const placement = placementOf({ experts: 3, slots: 4, gpus: 2 }, [0, 1, 2, 0]);
    expect([...gpuLoads(placement, 0, [8, 1, 3])]).toEqual([5, 7]);
    expect([...placement.log2phy]).toEqual([0, 3, 1, -1, 2, -1]);
  });

  it('names what is wrong', () => {
    const shape = { experts: 4, slots: 6, gpus: 2 };
    const place = (weights: number[], changes: object = {}) => () =>
      placeExperts(core, weights, { ...shape, ...changes });
    expect(place([1, 2, 3])).toThrow('weights: length must be a multiple of 4, got 3');
    expect(place([1, 2, 3, NaN])).toThrow('weights[3]: must be a number >= 0, got NaN');
    expect(place([1, 2, 3, -1])).toThrow('weights[3]: must be');
    expect(place([1, 2, 3, 4], { experts: 0 })).toThrow('experts: must be');
    expect(place([1, 2, 3, 4], { slots: 3 })).toThrow('slots: must be an integer from 4');
    expect(place([1, 2, 3, 4], { slots: 7 })).toThrow('slots: must be a multiple of gpus (2)');
    expect(place([1, 2, 3, 4], { gpus: 0 })).toThrow('gpus: must be');
    expect(place([1, 2, 3, 4], { nodes: 3 })).toThrow('nodes: must be');
    expect(place([1, 2, 3, 4], { groups: 3 })).toThrow('experts: must be a multiple of groups');
    expect(() => packExperts(core, [1, 2, 3], 2)).toThrow('weights.length: must be a multiple of');
    expect(() => packExperts(core, [], 1)).toThrow('weights.length: must be');
    expect(() => packExperts(core, [1], 0)).toThrow('packs: must be');
    expect(() => replicateExperts(core, [1, 2], 1)).toThrow('slots: must be');
    expect(() => placementOf(shape, [0, 1, 2, 0, 1, 2])).toThrow('expert 3 of layer 0 has no slot');
    expect(() => placementOf(shape, [0, 1, 2, 3, 4, 0])).toThrow('phy2log[4]: must be');
  });
});

type Raw = (...args: number[]) => number;

describeNumeric('raw placement calls', (load) => {
  const core = load();
  const desk = new Desk(core);
  const raw = core.exports as unknown as Readonly<Record<string, Raw>>;
  const random = new Lcg(6);
  const weights = desk.put(Float32Array.from(random.list(8, () => random.below(100))));
  const nan = desk.put(Float32Array.from([1, 2, NaN, 4, 5, 6, 7, 8]));
  const negative = desk.put(Float32Array.from([1, 2, 3, 4, 5, 6, 7, -8]));
  const [a, b, c] = [0, 1, 2].map(() => desk.room(128));
  const words = (at: number, n: number) => ({ at, bytes: n * 4 });
  const calls: [string, number[], number[], { at: number; bytes: number }[]][] = [
    ['eplb_pack', [weights, 8, 2, a, b], [0, 3, 4], [words(a, 8), words(b, 8)]],
    ['eplb_replicate', [weights, 8, 12, a, b, c], [0, 3, 4, 5],
      [words(a, 12), words(b, 12), words(c, 8)]],
    ['eplb_rebalance', [weights, 8, 12, 4, 2, 4, a, b, c], [0, 6, 7, 8],
      [words(a, 12), words(b, 12), words(c, 8)]],
  ];

  it.each(calls)('%s writes its results and nothing else', (name, args, _pointers, written) => {
    desk.accepted(written, () => raw[name](...args));
  });

  it.each(calls)('%s refuses bad pointers and weights', (name, args, pointers, written) => {
    for (const i of pointers) {
      for (const bad of [args[i] + 2, 4, 0, 0xfffffff0, 1 << 30]) {
        desk.refused(Status.badArgument, () => raw[name](...args.with(i, bad)));
      }
    }
    for (const { at } of written) {
      for (const j of pointers.filter((j) => args[j] !== at)) {
        desk.refused(Status.badArgument, () => raw[name](...args.with(args.indexOf(at), args[j])));
      }
    }
    for (const bad of [nan, negative]) {
      desk.refused(Status.badArgument, () => raw[name](...args.with(0, bad)));
    }
  });

  it.each([
    ['eplb_pack', 1, 0], ['eplb_pack', 1, 7], ['eplb_pack', 1, 0xffffffff], ['eplb_pack', 2, 0],
    ['eplb_pack', 2, 3], ['eplb_pack', 2, 16], ['eplb_replicate', 1, 0], ['eplb_replicate', 2, 7],
    ['eplb_replicate', 2, 0xffffffff], ['eplb_rebalance', 1, 0], ['eplb_rebalance', 1, 13],
    ['eplb_rebalance', 2, 7], ['eplb_rebalance', 2, 13], ['eplb_rebalance', 2, 0xffffffff],
    ['eplb_rebalance', 3, 0], ['eplb_rebalance', 3, 6], ['eplb_rebalance', 4, 0],
    ['eplb_rebalance', 5, 0], ['eplb_rebalance', 5, 3], ['eplb_rebalance', 5, 5],
  ] as [string, number, number][])('%s refuses argument %i = %i', (name, i, value) => {
    const args = calls.find(([call]) => call === name)![1];
    desk.refused(Status.badArgument, () => raw[name](...args.with(i, value)));
  });
});

describe('expert placement builds', () => {
  it('give the same bytes', () => {
    const [simd, scalar] = [loadNumeric({ simd: 'on' }), loadNumeric({ simd: 'off' })];
    const random = new Lcg(61);
    for (let round = 0; round < 100; round++) {
      const shape = randomShape(random);
      const weights = weightsOf(shape.experts, random);
      expect(placeExperts(simd, weights, shape)).toEqual(placeExperts(scalar, weights, shape));
    }
  });
});
