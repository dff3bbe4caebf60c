// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { Status, loadCore } from '../../src/core/index.js';
import {
  ExpertLayout, ExpertPopularity, ExpertRouter, ExpertStep, ROUTERS, imbalance, loadNumeric,
  placeExperts, rankLoads, rebalanceExperts, type ExpertPopularityOptions, type Placement,
  type PopularityModel,
} from '../../src/numeric/index.js';
import { referenceLogit } from '../../src/numeric/reference/expert-popularity.js';
import { describeNumeric } from '../support/cores.js';
import { Desk, Lcg } from '../support/desk.js';

const MODELS: PopularityModel[] = [
  { kind: 'uniform' }, { kind: 'powerLaw', alpha: 1.01 }, { kind: 'logNormal', sigma: 1 },
];
const host = loadCore();

/**
 * Chi-square that so many degrees of freedom exceed with a chance of 1e-6 (Wilson, Hilferty): over
 * the 20 such tests of this file a right sampler fails with a chance below 2e-5.
 */
function chiSquareBound(freedom: number): number {
  const t = 2 / (9 * freedom);
  const x = 1 - t + 4.7534 * Math.sqrt(t);
  return freedom * x * x * x;
}

function chiSquare(counts: readonly number[], shares: readonly number[]): number {
  const n = counts.reduce((sum, c) => sum + c, 0);
  return counts.reduce((sum, c, i) => {
    const expected = n * shares[i];
    return sum + ((c - expected) * (c - expected)) / expected;
  }, 0);
}

function correlation(a: Float64Array, b: Float64Array): number {
  const mean = (x: Float64Array): number => x.reduce((sum, v) => sum + v, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((x, i) => {
    ab += (x - ma) * (b[i] - mb);
    aa += (x - ma) * (x - ma);
    bb += (b[i] - mb) * (b[i] - mb);
  });
  return ab / Math.sqrt(aa * bb);
}

describeNumeric('expert popularity', (load) => {
  const core = load();
  const make = (options: Partial<ExpertPopularityOptions> = {}): ExpertPopularity =>
    new ExpertPopularity(host, core, {
      experts: 16, seed: 7, model: { kind: 'logNormal', sigma: 1 }, ...options,
    });

  it('draws each logit at its address, as the twin does', () => {
    const random = new Lcg(91);
    for (let round = 0; round < 40; round++) {
      const seed = random.pick([0, 7, 2 ** 40 + 3]);
      const experts = 1 + random.below(20);
      const noise = random.pick([0, 0.5, 1]);
      const purposes = [5, random.u32()] as const;
      const popularity = make({ experts, seed, noise, purposes, shift: 0.5 });
      const [entity, first] = [random.below(60), random.u32() - 10 >>> 0];
      const domains = random.list(3, () => random.below(4));
      const logits = popularity.logits(entity, { tokens: 3, first, domain: domains });
      domains.forEach((domain, t) => {
        const shares = popularity.logShares(entity, domain);
        for (let e = 0; e < experts; e++) {
          const address = { purpose: purposes[1], entity, token: (first + t) >>> 0 };
          const twin = referenceLogit(seed, address, e, shares[e], noise);
          expect(Math.abs(logits[t * experts + e] - twin)).toBeLessThanOrEqual(
            1e-6 * Math.max(1, Math.abs(twin)),
          );
        }
      });
    }
  });

  it('gives the same logits however a step is cut', () => {
    const popularity = make({ shift: 0.3 });
    const domain = Array.from({ length: 50 }, (_, t) => t % 3);
    const whole = popularity.logits(4, { tokens: 50, first: 100, domain });
    const parts = [0, 13, 14, 37].map((from, i, cuts) => {
      const to = cuts[i + 1] ?? 50;
      return [...make({ shift: 0.3 }).logits(4, {
        tokens: to - from, first: 100 + from, domain: domain.slice(from, to),
      })];
    });
    expect(parts.flat()).toEqual([...whole]);
    expect(popularity.logits(0, { tokens: 0 })).toHaveLength(0);
  });

  it('has shares of its model, which sum to 1', () => {
    for (const model of MODELS) {
      const shares = make({ experts: 300, model }).shares(2, 1);
      expect(shares.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 12);
      const spread = Math.max(...shares.map((x) => Math.abs(x * 300 - 1)));
      if (model.kind === 'uniform') expect(spread).toBeLessThan(1e-12);
      if (model.kind !== 'powerLaw') continue;
      const sorted = [...shares].sort((a, b) => b - a);
      for (const r of [2, 10, 300]) {
        expect(sorted[r - 1] / sorted[0]).toBeCloseTo(Math.pow(r, -1.01), 12);
      }
    }
    // Standard deviation of 4096 normals: 1 within five standard errors.
    const logs = make({ experts: 4096, model: { kind: 'logNormal', sigma: 2 } }).logShares(0);
    const mean = logs.reduce((sum, x) => sum + x, 0) / 4096;
    const variance = logs.reduce((sum, x) => sum + (x - mean) * (x - mean), 0) / 4095;
    expect(Math.abs(Math.sqrt(variance) / 2 - 1)).toBeLessThan(5 / Math.sqrt(2 * 4096));
  });

  it('turns domains away from each other by the shift, without changing their distribution', () => {
    for (const shift of [0, 0.25, 0.5, 1]) {
      const popularity = make({ experts: 4096, shift });
      const rows = [popularity.logShares(3, 0), popularity.logShares(3, 5)];
      const rho = correlation(rows[0], rows[1]);
      // Five standard errors of a correlation of 4096 pairs.
      expect(Math.abs(rho - (1 - shift))).toBeLessThan(5 / 64);
    }
    const power = make({ experts: 64, model: { kind: 'powerLaw', alpha: 1 }, shift: 1 });
    const sorted = [0, 1].map((domain) => [...power.logShares(0, domain)].sort((a, b) => a - b));
    expect(sorted[0]).toEqual(sorted[1]);
    expect(power.logShares(0, 0)).not.toEqual(power.logShares(0, 1));
    expect(power.logShares(0, 0)).not.toEqual(power.logShares(1, 0));
  });

  it.each(MODELS)('routes first choices by share, second ones by the rest: $kind', (model) => {
    const experts = 16;
    const popularity = make({ experts, model, seed: 3 });
    const router = new ExpertRouter(core, { kind: 'topkSoftmax', experts, k: 2 });
    const tokens = 12000;
    const { ids } = router.route(popularity.logits(1, { tokens }));
    const shares = [...popularity.shares(1)];
    const seconds = shares.map((p, e) =>
      shares.reduce((sum, q, f) => (f === e ? sum : sum + (q * p) / (1 - q)), 0));
    [shares, seconds].forEach((expected, choice) => {
      const counts = new Array<number>(experts).fill(0);
      for (let t = 0; t < tokens; t++) counts[ids[2 * t + choice]]++;
      expect(chiSquare(counts, expected)).toBeLessThan(chiSquareBound(experts - 1));
    });
  });

  it('lets all tokens agree without noise', () => {
    const popularity = make({ noise: 0 });
    const { ids } = new ExpertRouter(core, { kind: 'topkSoftmax', experts: 16, k: 3 }).route(
      popularity.logits(0, { tokens: 10 }),
    );
    expect(new Set(ids).size).toBe(3);
  });

  it('names what is wrong', () => {
    expect(() => make({ experts: 0 })).toThrow('experts: must be');
    expect(() => make({ shift: 1.5 })).toThrow('shift: must be a number from 0 to 1');
    expect(() => make({ noise: -1 })).toThrow('noise: must be');
    expect(() => make({ noise: Infinity })).toThrow('noise: must be');
    expect(() => make({ seed: -1 })).toThrow('seed: must be');
    expect(() => make({ model: { kind: 'powerLaw', alpha: NaN } })).toThrow('model.alpha: must be');
    expect(() => make({ model: { kind: 'logNormal', sigma: -1 } })).toThrow('model.sigma: must be');
    expect(() => make({ model: { kind: 'zipf' } as unknown as PopularityModel })).toThrow(
      'model.kind: must be one of uniform, powerLaw, logNormal, got zipf',
    );
    expect(() => make().logits(-1, { tokens: 1 })).toThrow('layer: must be');
    expect(() => make().logits(0, { tokens: 2, domain: [0] })).toThrow('domain: length must be 2');
    expect(() => make().logits(0, { tokens: 2, domain: [0, -1] })).toThrow('domain: must be');
    expect(() => make().logits(0, { tokens: 2, first: 0xffffffff })).toThrow('first: must be');
  });
});

describeNumeric('moe_logits, raw', (load) => {
  const core = load();
  const desk = new Desk(core);
  const [tokens, experts, domains] = [4, 6, 2];
  const shares = desk.put(new Float32Array(domains * experts));
  const domain = desk.put(Int32Array.from([0, 1, 1, 0]));
  const wrong = desk.put(Int32Array.from([0, 1, 2, 0]));
  const out = desk.room(tokens * experts * 4);
  const good = [1, 2, 3, 4, 5, tokens, experts, shares, domains, domain, 1, out];
  type Call = typeof core.exports.moe_logits;
  const call = (args: readonly number[]) => (): number =>
    core.exports.moe_logits(...(args as Parameters<Call>));

  it('writes its results and nothing else', () => {
    desk.accepted([{ at: out, bytes: tokens * experts * 4 }], call(good));
  });

  it.each([
    ['tokens', 5, 0x1000000], ['tokens beyond memory', 5, 0xffffff], ['no experts', 6, 0],
    ['experts', 6, 65537], ['no domains', 8, 0], ['domains', 8, 0xffffffff], ['a domain', 9, wrong],
    ['noise', 10, -1], ['noise', 10, NaN], ['noise', 10, Infinity], ['misaligned', 7, shares + 2],
    ['misaligned', 9, domain + 1], ['misaligned', 11, out + 2], ['null', 7, 0], ['null', 11, 0],
    ['overlapping', 11, shares], ['overlapping', 11, domain], ['the end', 11, 0xfffffff0],
  ] as [string, number, number][])('refuses %s (argument %i = %f)', (_what, i, value) => {
    desk.refused(Status.badArgument, call(good.with(i, value)));
  });
});

/** Mean over layers of max / mean load of the ranks, tokens routed by DeepSeek-V3's router. */
describe('imbalance out of real routing', () => {
  const core = loadNumeric();
  const [tokens, ranks, layers] = [512, 32, 4];
  const shape = { experts: 256, slots: 288, gpus: ranks };
  const router = new ExpertRouter(core, ROUTERS.deepseekV3);
  const layout = new ExpertLayout(core, { experts: 256, k: 8 });
  const physical = new ExpertLayout(core, { experts: shape.slots, k: 8 });
  const list = Array.from({ length: layers }, (_, layer) => layer);
  const mean = (values: number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
  const route = (popularity: ExpertPopularity, layer: number, first: number, domain = 0) =>
    router.route(popularity.logits(layer, { tokens, first, domain })).ids;
  const loadsOf = (popularity: ExpertPopularity, first: number, domain = 0): number[] =>
    list.flatMap((layer) => [
      ...layout.dispatch(route(popularity, layer, first, domain), { ranks }).slotsPerExpert,
    ]);
  const even = (loads: number[]): number =>
    mean(list.map((l) => imbalance(rankLoads(loads.slice(l * 256, l * 256 + 256), ranks))));
  const placed = (
    placement: Placement, popularity: ExpertPopularity, first: number, domain = 0,
  ): number => mean(list.map((layer) => {
    const ids = route(popularity, layer, first, domain);
    const { width } = placement;
    const copies = placement.log2phy.subarray(layer * 256 * width, (layer + 1) * 256 * width);
    const slots = layout.physical(ids, { slots: shape.slots, ranks, copies });
    const loads = physical.dispatch(slots, { ranks }).slotsPerExpert;
    return imbalance(rankLoads(loads, ranks));
  }));

  it.each([
    [{ kind: 'powerLaw', alpha: 1.01 }, 0.75],
    [{ kind: 'logNormal', sigma: 1 }, 0.75],
    [{ kind: 'logNormal', sigma: 0.5 }, 0.9],
  ] as [PopularityModel, number][])('falls with EPLB under %o', (model, share) => {
    const popularity = new ExpertPopularity(host, core, { experts: 256, seed: 5, model });
    const before = loadsOf(popularity, 0);
    const placement = placeExperts(core, before, shape);
    // The next step, not the one that the placement was made for.
    const after = loadsOf(popularity, tokens);
    expect(placed(placement, popularity, tokens)).toBeLessThan(share * even(after));
  });

  it('grows with the skew of the popularity', () => {
    const of = (model: PopularityModel): number =>
      even(loadsOf(new ExpertPopularity(host, core, { experts: 256, seed: 5, model }), 0));
    const rising = [
      of({ kind: 'uniform' }), of({ kind: 'logNormal', sigma: 0.5 }),
      of({ kind: 'logNormal', sigma: 1 }), of({ kind: 'logNormal', sigma: 1.5 }),
    ];
    expect(rising).toEqual([...rising].sort((a, b) => a - b));
    expect(rising[0]).toBeLessThan(1.4);
  });

  it('comes back when another sub-agent takes over, until it is rebalanced', () => {
    const popularity = new ExpertPopularity(host, core, {
      experts: 256, seed: 9, model: { kind: 'logNormal', sigma: 1 }, shift: 0.7,
    });
    const old = placeExperts(core, loadsOf(popularity, 0, 1), shape);
    const stale = placed(old, popularity, tokens, 2);
    expect(placed(old, popularity, tokens, 1)).toBeLessThan(0.75 * stale);
    const loads = loadsOf(popularity, 0, 2);
    const { placement, bytes } = rebalanceExperts(core, old, loads, { expertBytes: 44 << 20 });
    expect(placed(placement, popularity, tokens, 2)).toBeLessThan(0.75 * stale);
    expect(bytes).toBeGreaterThan(0);
    const again = rebalanceExperts(core, placement, loads, { expertBytes: 44 << 20 });
    expect(again.bytes).toBe(0);
  });
});

describe('a step of an expert layer', () => {
  const core = loadNumeric();
  const popularity = new ExpertPopularity(host, core, {
    experts: 32, seed: 4, model: { kind: 'logNormal', sigma: 1 }, shift: 0.5,
  });
  const router = new ExpertRouter(core, {
    kind: 'grouped', experts: 32, k: 4, groups: 4, keptGroups: 2,
  });
  const bytes = { dispatchBytes: 10, combineBytes: 20 };
  const tokens = { tokens: 64, first: 128, domain: Array.from({ length: 64 }, (_, t) => t % 5) };
  const total = (loads: Iterable<number>): number => [...loads].reduce((sum, x) => sum + x, 0);

  it('counts every slot once, on the ranks of its experts', () => {
    const grid = { ranks: 8, ranksPerNode: 2 };
    const step = new ExpertStep(core, { router, popularity, ...grid, ...bytes });
    const load = step.run(1, tokens);
    expect([total(load.ranks), total(load.experts), total(load.physical)]).toEqual([256, 256, 256]);
    expect(load.physical).toEqual(load.experts);
    expect(load.imbalance).toBe(Math.max(...load.ranks) / 32);
    const off = load.exchange.copies.filter((_, i) => i % 9 !== 0);
    expect(load.exchange.nodeBytes + load.exchange.networkBytes).toBe(30 * total(off));
    expect(step.run(1, tokens)).toEqual(load);
    expect(step.run(2, tokens).experts).not.toEqual(load.experts);
  });

  it('spreads over copies, and finds some next door', () => {
    const grid = { ranks: 8, ranksPerNode: 4 };
    const plain = new ExpertStep(core, { router, popularity, ...grid, ...bytes }).run(0, tokens);
    const placement = placeExperts(core, plain.experts, { experts: 32, slots: 48, gpus: 8 });
    const run = (copyRule: 'spread' | 'nearest', trafficRule: 'onceARank' | 'byRelay') =>
      new ExpertStep(core, {
        router, popularity, ...grid, ...bytes, placement, copyRule, trafficRule,
      }).run(0, tokens);
    const spread = run('spread', 'onceARank');
    expect(spread.experts).toEqual(plain.experts);
    expect(spread.imbalance).toBeLessThan(plain.imbalance);
    expect(run('nearest', 'onceARank').exchange.networkBytes).toBeLessThan(
      spread.exchange.networkBytes,
    );
    expect(run('spread', 'byRelay').exchange.networkBytes).toBeLessThan(
      spread.exchange.networkBytes,
    );
    const step = new ExpertStep(core, { router, popularity, ...grid, ...bytes, placement });
    expect(() => step.run(1, tokens)).toThrow('layer: must be an integer from 0 to 0, got 1');
  });

  it('names what does not fit together', () => {
    const make = (options: object) => () =>
      new ExpertStep(core, { router, popularity, ranks: 8, ...bytes, ...options });
    expect(make({ ranks: 5 })).toThrow('router.experts: must be a multiple of ranks (5)');
    const small = new ExpertRouter(core, { kind: 'topkSoftmax', experts: 16, k: 2 });
    expect(make({ router: small })).toThrow('popularity.experts: must be');
    const fused = new ExpertRouter(core, { kind: 'grouped', experts: 32, k: 2, sharedExperts: 1 });
    expect(make({ router: fused })).toThrow('router: shared experts');
  });
});

describe('expert popularity builds', () => {
  it('give the same bytes', () => {
    const [one, two] = (['on', 'off'] as const).map((simd) =>
      new ExpertPopularity(loadCore({ simd }), loadNumeric({ simd }), {
        experts: 100, seed: 1, model: { kind: 'powerLaw', alpha: 1.2 }, shift: 0.4,
      }));
    const run = { tokens: 40, domain: Array.from({ length: 40 }, (_, t) => t % 4) };
    const [a, b] = [one, two].map((p) => Buffer.from(p.logits(6, run).buffer));
    expect(Buffer.compare(a, b)).toBe(0);
  });
});
