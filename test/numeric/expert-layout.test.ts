// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { Status } from '../../src/core/index.js';
import {
  COPY_RULES, ExpertLayout, TRAFFIC_RULES, exchangeOf, expertCapacity, imbalance, loadNumeric,
  rankLoads, tokenBytes, type NumericCore,
} from '../../src/numeric/index.js';
import {
  referenceAlign, referenceCapacity, referenceCombine, referenceDispatch, referenceGather,
  referencePermute, referencePhysical, referenceTraffic,
} from '../../src/numeric/reference/expert-layout.js';
import { describeNumeric } from '../support/cores.js';
import { Desk, Lcg } from '../support/desk.js';

interface Case {
  readonly experts: number;
  readonly k: number;
  readonly ranks: number;
  readonly ranksPerNode: number;
  readonly tokens: number;
  readonly ids: number[];
}

/** Ids of tokens: mostly experts, some none, the same twice in a row now and then. */
function randomCase(random: Lcg): Case {
  const ranksPerNode = random.pick([1, 2, 3, 4]);
  const ranks = ranksPerNode * random.pick([1, 2, 3]);
  const experts = ranks * random.pick([1, 2, 5]);
  const k = 1 + random.below(6);
  const tokens = random.below(12);
  const odd = random.below(3) === 0;
  const ids = random.list(tokens * k, () =>
    odd && random.below(5) === 0
      ? random.pick([-1, -7, experts, experts + 3, 0x7fffffff, -0x80000000])
      : random.below(random.pick([experts, Math.ceil(experts / 2)])));
  return { experts, k, ranks, ranksPerNode, tokens, ids };
}

const sourceFor = (c: Case, random: Lcg): number[] | null =>
  random.below(2) === 0 ? null : random.list(c.tokens, () => random.below(c.ranks));

const rounds = 250;

/** All results of one case as one list, for comparing builds. */
function everything(core: NumericCore, c: Case, random: Lcg): unknown[] {
  const layout = new ExpertLayout(core, c);
  const permutation = layout.permute(c.ids);
  const columns = 1 + random.below(11);
  const x = Float32Array.from(random.list(c.tokens * columns, () => random.coarse(3, 977)));
  const y = layout.gather(x, columns, permutation.order);
  const weights = Float32Array.from(random.list(c.ids.length, () => random.coarse(1, 333)));
  const traffic = TRAFFIC_RULES.map((rule) => layout.traffic(c.ids, { ...c, rule }));
  return [
    layout.align(c.ids, 4), permutation, y, traffic,
    layout.combine(y, columns, permutation.inverse, weights),
    layout.applyCapacity(c.ids, 2), layout.dispatch(c.ids, c),
  ];
}

describeNumeric('expert layout against its twin', (load) => {
  const core = load();
  const random = new Lcg(21);
  const cases = random.list(rounds, () => randomCase(random));

  it('aligns', () => {
    for (const { experts, k, ids } of cases) {
      const block = random.pick([1, 2, 3, 4, 16]);
      const map =
        random.below(2) === 0 ? null : random.list(experts, (e) => (random.below(3) ? e : -1));
      const padSorted = random.below(2) === 0;
      const got = new ExpertLayout(core, { experts, k }).align(ids, block, { map, padSorted });
      const twin = referenceAlign(ids, experts, block, map, padSorted);
      expect({
        sorted: [...got.sorted], blockExperts: [...got.blockExperts], padded: got.padded,
      }).toEqual(twin);
    }
  });

  it('permutes, gathers and combines', () => {
    for (const { experts, k, ids, tokens } of cases) {
      const layout = new ExpertLayout(core, { experts, k });
      const got = layout.permute(ids);
      expect({
        order: [...got.order], offsets: [...got.offsets], inverse: [...got.inverse],
        placed: got.placed,
      }).toEqual(referencePermute(ids, experts));
      const columns = 1 + random.below(9);
      const x = [...Float32Array.from(random.list(tokens * columns, () => random.coarse(3, 977)))];
      const y = layout.gather(x, columns, got.order);
      expect([...y]).toEqual(referenceGather(x, columns, k, [...got.order]));
      const weights = [...Float32Array.from(random.list(ids.length, () => random.coarse(1, 333)))];
      expect([...layout.combine(y, columns, got.inverse, weights)]).toEqual(
        referenceCombine([...y], columns, k, [...got.inverse], weights),
      );
    }
  });

  it('drops beyond the capacity', () => {
    for (const { experts, k, ids } of cases) {
      const capacity = random.below(5);
      const got = new ExpertLayout(core, { experts, k }).applyCapacity(ids, capacity);
      expect({ ids: [...got.ids], dropped: got.dropped }).toEqual(
        referenceCapacity(ids, k, experts, capacity),
      );
      const kept = [...got.ids].filter((e) => e >= 0);
      const counts = kept.reduce((map, e) => map.set(e, (map.get(e) ?? 0) + 1), new Map());
      expect(Math.max(0, ...counts.values())).toBeLessThanOrEqual(capacity);
    }
  });

  it('dispatches: a token counts once a rank and once a node', () => {
    for (const c of cases) {
      const got = new ExpertLayout(core, c).dispatch(c.ids, c);
      expect({
        perRank: [...got.tokensPerRank], perNode: [...got.tokensPerNode],
        perExpert: [...got.slotsPerExpert], inRank: [...got.isTokenInRank],
      }).toEqual(referenceDispatch(c.ids, c));
    }
  });

  it('counts copies between ranks', () => {
    for (const c of cases) {
      const layout = new ExpertLayout(core, c);
      const source = sourceFor(c, random);
      for (const rule of TRAFFIC_RULES) {
        const got = layout.traffic(c.ids, { ...c, rule, source });
        expect([...got]).toEqual(referenceTraffic(c.ids, c, rule, source));
      }
    }
  });

  it('finds copies of experts', () => {
    for (const c of cases) {
      const slots = c.experts * 2;
      const shuffled = random.list(slots, (i) => ({ i, key: random.u32() }));
      shuffled.sort((a, b) => a.key - b.key);
      const copies = random.list(c.experts, (e) =>
        shuffled.slice(2 * e, 2 * e + random.below(3)).map(({ i }) => i));
      const table = copies.flatMap((list) => [...list, -1, -1].slice(0, 2));
      const source = sourceFor(c, random);
      for (const rule of COPY_RULES) {
        const got = new ExpertLayout(core, c).physical(c.ids, {
          ...c, slots, copies: table, rule, source,
        });
        expect([...got]).toEqual(referencePhysical(c.ids, c, slots, copies, rule, source));
      }
    }
  });
});

describeNumeric('expert layout', (load) => {
  const core = load();
  const layout = new ExpertLayout(core, { experts: 4, k: 2 });

  it('rounds a fractional capacity up', () => {
    expect(expertCapacity(30, 2, 8, 1.25)).toBe(10);
    expect(expertCapacity(7, 2, 4, 1)).toBe(4);
    expect(expertCapacity(7, 2, 4, 1.1)).toBe(4);
    expect(expertCapacity(0, 2, 4, 1)).toBe(0);
    expect(() => expertCapacity(7, 2, 0, 1)).toThrow('experts: must be');
    expect(() => expertCapacity(7, 2, 4, NaN)).toThrow('factor: must be');
  });

  it('leaves out ids that are no expert', () => {
    const { order, inverse, placed } = layout.permute([0, -1, 4, 3]);
    expect([[...order], [...inverse], placed]).toEqual([[0, 3, -1, -1], [0, -1, -1, 1], 2]);
    expect(layout.align([-1, 9, 4, -2], 2).padded).toBe(0);
    expect([...layout.dispatch([-1, 9, 4, 3], { ranks: 2 }).tokensPerRank]).toEqual([0, 1]);
  });

  it('gives back what it permuted, weighted', () => {
    const ids = [2, 0, 1, 2, 3, 0];
    const x = [1, 2, 3, 4, 5, 6];
    const { order, inverse } = layout.permute(ids);
    const y = layout.gather(x, 2, order);
    expect([...layout.combine(y, 2, inverse, [0.5, 0.5, 0.25, 0.75, 1, 0])]).toEqual(x);
  });

  it('adds nothing for a choice that was dropped', () => {
    const y = [1, 2, 4, 8];
    expect([...layout.combine(y, 2, [1, -1, 0, 7], [1, 1, 1, 1])]).toEqual([4, 8, 1, 2]);
  });

  it('canonicalises NaN', () => {
    const out = layout.combine([NaN, Infinity, 1, 1, 2], 5, [0, 0], [1, 0]);
    expect(new Uint32Array(out.buffer)[0]).toBe(0x7fc00000);
    expect(new Uint32Array(out.buffer)[1]).toBe(0x7fc00000);
    expect([...out.subarray(2)]).toEqual([1, 1, 2]);
  });

  it('weighs copies in bytes: answers go the way back', () => {
    // Ranks 0, 1 | 2, 3; both tokens are on rank 0 (source), experts 0 .. 3 one a rank.
    const options = { ranks: 4, ranksPerNode: 2, dispatchBytes: 10, combineBytes: 20 };
    const source = [0, 0];
    const exchange = exchangeOf(layout, [2, 3, 0, 2], { ...options, source });
    expect([...exchange.copies.subarray(0, 4)]).toEqual([1, 0, 2, 1]);
    expect([...exchange.dispatch.subarray(0, 4)]).toEqual([0, 0, 20, 10]);
    expect([0, 1, 2, 3].map((r) => exchange.combine[r * 4])).toEqual([0, 0, 40, 20]);
    expect([exchange.nodeBytes, exchange.networkBytes]).toEqual([0, 90]);
    expect([exchange.busiestDispatch, exchange.busiestCombine]).toEqual([30, 60]);
    const relay = exchangeOf(layout, [2, 3, 0, 2], { ...options, source, rule: 'byRelay' });
    expect([relay.nodeBytes, relay.networkBytes]).toEqual([30, 60]);
  });

  it('knows sizes and imbalance', () => {
    expect(tokenBytes(7168, 'bf16')).toBe(14336);
    expect(tokenBytes(7168, 'fp8')).toBe(7168 + 56 * 4);
    expect(tokenBytes(7168, 'nvfp4')).toBe(3584 + 448);
    expect(imbalance([1, 1, 4, 2])).toBe(2);
    expect(imbalance([0, 0])).toBe(1);
    expect([...rankLoads([1, 2, 3, 4], 2)]).toEqual([3, 7]);
    expect(() => rankLoads([1, 2, 3], 2)).toThrow('loads: length must be 2');
  });

  it('names what is wrong', () => {
    expect(() => new ExpertLayout(core, { experts: 0, k: 1 })).toThrow('experts: must be');
    expect(() => new ExpertLayout(core, { experts: 4, k: 0 })).toThrow('k: must be');
    expect(() => layout.permute([0, 1, 2])).toThrow('ids: length must be a multiple of 2, got 3');
    expect(() => layout.permute([0, 1.5])).toThrow('ids[1]: must be a 32-bit integer, got 1.5');
    expect(() => layout.align([0, 1], 0)).toThrow('block: must be');
    expect(() => layout.align([0, 1], 2, { map: [0] })).toThrow('map: length must be 4, got 1');
    expect(() => layout.dispatch([0, 1], { ranks: 3 })).toThrow(
      'experts: must be a multiple of ranks (3), got 4',
    );
    expect(() => layout.dispatch([0, 1], { ranks: 4, ranksPerNode: 3 })).toThrow('ranks: must be');
    expect(() => layout.traffic([0, 1], { ranks: 2, source: [2] })).toThrow('out of range');
    expect(() => layout.traffic([0, 1], { ranks: 2, source: [] })).toThrow('source: length');
    const copies = { ranks: 2, slots: 4, copies: [0, 1, 2, 4] };
    expect(() => layout.physical([0, 1], copies)).toThrow('argument out of range');
    expect(() => layout.physical([0, 1], { ...copies, slots: 5 })).toThrow('slots: must be');
    expect(() => layout.applyCapacity([0, 1], -1)).toThrow('capacity: must be');
  });
});

type Raw = (...args: number[]) => number;

describeNumeric('raw layout calls', (load) => {
  const core = load();
  const desk = new Desk(core);
  const raw = core.exports as unknown as Readonly<Record<string, Raw>>;
  const [tokens, k, experts, ranks] = [5, 3, 8, 4];
  const n = tokens * k;
  const random = new Lcg(8);
  const ids = desk.put(Int32Array.from(random.list(n, () => random.below(experts))));
  const other = desk.put(new Int32Array(64));
  const rows = desk.put(new Float32Array(64));
  const outs = [0, 1, 2, 3].map(() => desk.room(256));
  const [a, b, c, d] = outs;
  const cap = core.exports.moe_align_cap(tokens, k, experts, 4, 0);
  const bytes = (at: number, words: number) => ({ at, bytes: words * 4 });

  /** name, arguments, which of them are pointers (that must be aligned), what is written. */
  const calls: [string, number[], number[], { at: number; bytes: number }[]][] = [
    ['moe_align', [ids, tokens, k, experts, 4, 0, 0, a, b], [0, 7, 8],
      [bytes(a, cap), bytes(b, Math.ceil(cap / 4))]],
    ['moe_permute', [ids, n, experts, a, b, c], [0, 3, 4, 5],
      [bytes(a, n), bytes(b, experts + 1), bytes(c, n)]],
    ['moe_capacity', [ids, tokens, k, experts, 2, a], [0, 5], [bytes(a, n)]],
    ['moe_dispatch', [ids, tokens, k, experts, ranks, 2, a, b, c, d], [0, 6, 7, 8],
      [bytes(a, ranks), bytes(b, 2), bytes(c, experts), { at: d, bytes: tokens * ranks }]],
    ['moe_physical', [ids, tokens, k, experts, other, 2, 8, ranks, 2, other, 1, a], [0, 4, 9, 11],
      [bytes(a, n)]],
    ['moe_traffic', [ids, tokens, k, experts, ranks, 2, other, 2, a], [0, 6, 8],
      [bytes(a, ranks * ranks)]],
    ['moe_gather', [rows, 5, 3, k, ids, n, a], [0, 4, 6], [bytes(a, n * 3)]],
    ['moe_combine', [rows, 15, 3, ids, rows, tokens, k, a], [0, 3, 4, 7], [bytes(a, tokens * 3)]],
  ];

  it.each(calls)('%s writes its results and nothing else', (name, args, _pointers, written) => {
    desk.accepted(written, () => raw[name](...args));
  });

  it.each(calls)('%s refuses bad pointers', (name, args, pointers, written) => {
    for (const i of pointers) {
      for (const bad of [args[i] + 2, 4, 0xfffffff0, 1 << 30]) {
        desk.refused(Status.badArgument, () => raw[name](...args.with(i, bad)));
      }
    }
    // Each result over each other buffer.
    for (const { at } of written) {
      const i = args.indexOf(at);
      for (const j of pointers.filter((j) => j !== i && args[j] !== 0)) {
        desk.refused(Status.badArgument, () => raw[name](...args.with(i, args[j])));
      }
    }
  });

  it.each([
    ['moe_align', 3, 0], ['moe_align', 3, 65537], ['moe_align', 4, 0], ['moe_align', 4, 65537],
    ['moe_align', 5, 2], ['moe_align', 1, 0x1000000], ['moe_align', 2, 0xffffffff],
    ['moe_permute', 2, 0], ['moe_permute', 2, 65537], ['moe_permute', 1, 0x40000000],
    ['moe_permute', 1, 0xffffffff], ['moe_capacity', 3, 0], ['moe_capacity', 2, 0xffffffff],
    ['moe_capacity', 1, 0xffffffff], ['moe_dispatch', 3, 0], ['moe_dispatch', 4, 0],
    ['moe_dispatch', 4, 3], ['moe_dispatch', 5, 0], ['moe_dispatch', 5, 3],
    ['moe_dispatch', 1, 0xffffff], ['moe_physical', 5, 0], ['moe_physical', 6, 0],
    ['moe_physical', 6, 6], ['moe_physical', 7, 0], ['moe_physical', 8, 3], ['moe_physical', 10, 2],
    ['moe_physical', 5, 0xffffffff], ['moe_traffic', 4, 0], ['moe_traffic', 4, 3],
    ['moe_traffic', 5, 3], ['moe_traffic', 7, 3], ['moe_traffic', 3, 0], ['moe_gather', 3, 0],
    ['moe_gather', 5, 0xffffffff], ['moe_gather', 2, 0xffffffff], ['moe_combine', 1, 0xffffffff],
    ['moe_combine', 2, 0xffffffff], ['moe_combine', 5, 0xffffffff], ['moe_combine', 6, 4097],
  ] as [string, number, number][])('%s refuses argument %i = %i', (name, i, value) => {
    const args = calls.find(([call]) => call === name)![1];
    desk.refused(Status.badArgument, () => raw[name](...args.with(i, value)));
  });

  it('answers the length of sorted slots for any numbers', () => {
    expect(core.exports.moe_align_cap(7, 2, 8, 0, 1)).toBe(0);
    expect(core.exports.moe_align_cap(0xffffffff, 0xffffffff, 8, 16, 1)).toBe(0);
    expect(core.exports.moe_align_cap(3, 2, 64, 16, 0)).toBe(96);
  });
});

describe('expert layout builds', () => {
  it('give the same bytes', () => {
    const [simd, scalar] = [loadNumeric({ simd: 'on' }), loadNumeric({ simd: 'off' })];
    const random = new Lcg(31);
    for (let round = 0; round < 60; round++) {
      const c = randomCase(random);
      const seed = random.u32();
      const [one, two] = [simd, scalar].map((core) => everything(core, c, new Lcg(seed)));
      expect(one).toEqual(two);
    }
  });
});
