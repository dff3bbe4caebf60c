// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { Status } from '../../src/core/index.js';
import {
  ExpertRouter, ROUTERS, ROUTER_KINDS, ROUTER_SCORINGS, loadNumeric,
  type ExpertRouterOptions,
} from '../../src/numeric/index.js';
import { referenceRoute, referenceScores } from '../../src/numeric/reference/expert-router.js';
import { describeNumeric } from '../support/cores.js';
import { Desk, Lcg } from '../support/desk.js';

/** A legal router of any kind. */
function randomRouter(random: Lcg): ExpertRouterOptions {
  const kind = random.pick(ROUTER_KINDS);
  const groups = random.pick([1, 1, 2, 4, 8]);
  const experts = groups * (1 + random.below(random.pick([2, 12, 40])));
  const size = experts / groups;
  if (kind !== 'grouped') {
    const k = kind === 'llama4' ? 1 : 1 + random.below(Math.min(experts, 12));
    return kind === 'softmax'
      ? { kind, experts, k, renormalize: random.below(2) === 0 }
      : { kind, experts, k };
  }
  const keptGroups = 1 + random.below(groups);
  return {
    kind, experts, groups, keptGroups,
    k: 1 + random.below(Math.min(keptGroups * size, 12)),
    scoring: random.pick(ROUTER_SCORINGS),
    groupScore: random.pick(['sumOfTwo', 'max'] as const),
    renormalize: random.below(2) === 0,
    scale: random.pick([1, 2.5, 16]),
    bias: random.below(2) === 0 ? null : random.list(experts, () => random.coarse(1, 8)),
    sharedExperts: random.below(3),
    sharedFactor: random.pick([1, 2.5]),
  };
}

const ODD = [NaN, Infinity, -Infinity, 0, -0, 1e38, -1e38];

function logitsFor(options: ExpertRouterOptions, tokens: number, random: Lcg): Float32Array {
  const odd = random.below(3) === 0;
  return Float32Array.from({ length: tokens * options.experts }, () =>
    odd && random.below(6) === 0 ? random.pick(ODD) : random.coarse(4, random.pick([2, 64, 4096])));
}

/** Equal, or within a relative error; NaN equals NaN. */
function near(got: number, expected: number, tolerance: number): boolean {
  if (Object.is(got, expected) || got === expected) return true;
  if (Number.isNaN(got) || Number.isNaN(expected)) return false;
  return Math.abs(got - expected) <= tolerance * Math.abs(expected) + 1e-43;
}

describeNumeric('expert router against its twin', (load) => {
  it('chooses and weighs as the twin does', () => {
    const random = new Lcg(11);
    const core = load();
    for (let round = 0; round < 400; round++) {
      const options = randomRouter(random);
      const { experts } = options;
      const tokens = random.below(5);
      const logits = logitsFor(options, tokens, random);
      const router = new ExpertRouter(core, options);
      const choice = router.route(logits);
      expect(choice.ids).toHaveLength(tokens * router.width);
      for (let t = 0; t < tokens; t++) {
        const row = [...logits.subarray(t * experts, (t + 1) * experts)];
        const { scores } = choice;
        const own = scores === null ? row : [...scores.subarray(t * experts, (t + 1) * experts)];
        if (scores !== null) {
          const expected = referenceScores(row, options.scoring ?? 'sigmoid');
          expect(own.every((s, e) => near(s, expected[e], 1e-6)), `round ${round}`).toBe(true);
        }
        const twin = referenceRoute(options, own);
        const at = t * router.width;
        const label = `round ${round} ${JSON.stringify(options)}`;
        expect([...choice.ids.subarray(at, at + router.width)], label).toEqual(twin.ids);
        const weights = [...choice.weights.subarray(at, at + router.width)];
        const fine = weights.every((w, i) => near(w, twin.weights[i], 1e-6));
        expect(fine, `${label} ${weights} ${twin.weights}`).toBe(true);
        const kept = twin.groupIds.length;
        const groups = choice.groupIds?.subarray(t * kept, (t + 1) * kept) ?? [];
        expect([...groups], label).toEqual(twin.groupIds);
      }
    }
  });
});

describeNumeric('expert router', (load) => {
  const core = load();
  const top = (logits: number[], k: number): number[] => [
    ...new ExpertRouter(core, { kind: 'topkSoftmax', experts: logits.length, k }).route(logits).ids,
  ];

  it('gives ties to the lowest expert and counts -0 as 0', () => {
    expect(top([1, 3, 3, 2, 3, 1], 2)).toEqual([1, 2]);
    expect(top([-0, 0, -1, 0], 3)).toEqual([0, 1, 3]);
    expect(top(new Array<number>(70).fill(0.5), 4)).toEqual([0, 1, 2, 3]);
  });

  it('puts NaN last, behind -Infinity', () => {
    expect(top([NaN, -Infinity, NaN, 1], 4)).toEqual([3, 1, 0, 2]);
    expect(top([NaN, NaN, NaN], 2)).toEqual([0, 1]);
  });

  it('never keeps a group whose score is NaN while another has a number', () => {
    const router = new ExpertRouter(core, {
      kind: 'grouped', experts: 6, k: 2, groups: 3, keptGroups: 1, scoring: 'given',
    });
    const { ids, groupIds } = router.route([9, NaN, -5, -6, -7, -8]);
    expect([...groupIds!]).toEqual([1]);
    expect([...ids]).toEqual([2, 3]);
  });

  it('keeps groups beyond the 64th', () => {
    const router = new ExpertRouter(core, {
      kind: 'grouped', experts: 200, k: 2, groups: 100, keptGroups: 2, scoring: 'given',
    });
    const scores = Array.from({ length: 200 }, (_, e) => (e === 3 || e === 150 ? 1 : 0));
    const { ids, groupIds } = router.route(scores);
    expect([...groupIds!]).toEqual([1, 75]);
    expect([...ids]).toEqual([3, 150]);
  });

  it('tells tiny softplus scores apart', () => {
    const router = new ExpertRouter(core, {
      kind: 'grouped', experts: 3, k: 2, scoring: 'sqrtSoftplus',
    });
    const { ids, weights } = router.route([-60, -100, -62]);
    expect([...ids]).toEqual([0, 2]);
    expect(weights[0] / weights[1]).toBeCloseTo(Math.E, 5);
  });

  it('chooses by score and bias, weighs by score', () => {
    const router = new ExpertRouter(core, {
      kind: 'grouped', experts: 3, k: 2, scoring: 'given', bias: [0, 10, 0], scale: 2,
    });
    const { ids, weights } = router.route([3, 1, 2]);
    expect([...ids]).toEqual([1, 0]);
    expect([...weights]).toEqual([0.5, 1.5]);
  });

  it('fuses shared experts: their weight is 1 once the factor is applied', () => {
    const options = { ...ROUTERS.deepseekV3, sharedExperts: 1 };
    const router = new ExpertRouter(core, options);
    const random = new Lcg(5);
    const { ids, weights, width } = router.route(random.list(256 * 6, () => random.coarse()));
    expect(width).toBe(9);
    for (let t = 0; t < 6; t++) {
      expect(ids[t * 9 + 8]).toBe(256);
      expect(weights[t * 9 + 8]).toBeCloseTo(1, 6);
      const routed = weights.subarray(t * 9, t * 9 + 8).reduce((sum, w) => sum + w, 0);
      expect(routed).toBeCloseTo(2.5, 5);
    }
  });

  it('takes no tokens, and every family', () => {
    for (const options of Object.values(ROUTERS)) {
      expect(new ExpertRouter(core, options).route([]).tokens).toBe(0);
      const random = new Lcg(3);
      const router = new ExpertRouter(core, options);
      const logits = random.list(options.experts * 3, () => random.coarse(3, 512));
      const { ids, weights } = router.route(logits);
      for (let t = 0; t < 3; t++) {
        expect(new Set(ids.subarray(t * router.k, (t + 1) * router.k)).size).toBe(router.k);
      }
      expect(weights.every((w) => w > 0)).toBe(true);
    }
  });

  it('names what is wrong', () => {
    const make = (options: object) => () => new ExpertRouter(core, options as ExpertRouterOptions);
    const soft = { kind: 'softmax', experts: 8, k: 2 };
    expect(make({ ...soft, experts: 0 })).toThrow('experts: must be an integer from 1 to 4096');
    expect(make({ ...soft, k: 9 })).toThrow('k: must be an integer from 1 to 8, got 9');
    expect(make({ ...soft, k: 0 })).toThrow('k: must be');
    expect(make({ ...soft, kind: 'hash' })).toThrow('kind: must be one of softmax');
    expect(make({ ...soft, scale: 2 })).toThrow('scale: only the kind grouped takes it');
    expect(make({ kind: 'llama4', experts: 8, k: 2 })).toThrow('k: must be');
    expect(make({ kind: 'llama4', experts: 8, k: 1, renormalize: true })).toThrow('renormalize');
    const grouped = { kind: 'grouped', experts: 12, k: 4 };
    expect(make({ ...grouped, groups: 5 })).toThrow('groups: must divide experts (12)');
    expect(make({ ...grouped, groups: 4, keptGroups: 1 })).toThrow('k: must be');
    expect(make({ ...grouped, scale: NaN })).toThrow('scale: must be a finite number > 0');
    expect(make({ ...grouped, bias: [1] })).toThrow('bias: length must be 12, got 1');
    expect(() => new ExpertRouter(core, ROUTERS.mixtral).route([1, 2, 3])).toThrow(
      'logits: length must be a multiple of 8, got 3',
    );
  });
});

describeNumeric('moe_route, raw', (load) => {
  const core = load();
  const desk = new Desk(core);
  const [tokens, experts, k, kept, shared] = [3, 24, 4, 2, 1];
  const random = new Lcg(2);
  const logits = desk.put(Float32Array.from(random.list(tokens * experts, () => random.coarse())));
  const bias = desk.put(new Float32Array(experts));
  const ids = desk.room(tokens * (k + shared) * 4);
  const weights = desk.room(tokens * (k + shared) * 4);
  const groupIds = desk.room(tokens * kept * 4);
  const scores = desk.room(tokens * experts * 4);
  const good = [
    3, 0, logits, tokens, experts, k, bias, 4, kept, 2.5, 1, shared, 2.5, ids, weights, groupIds,
    scores,
  ];
  type Call = typeof core.exports.moe_route;
  const call = (args: readonly number[]) => (): number =>
    core.exports.moe_route(...(args as Parameters<Call>));
  const changed = (changes: Readonly<Record<number, number>>): number[] =>
    good.map((value, i) => changes[i] ?? value);

  it('writes its results and nothing else', () => {
    desk.accepted(
      [
        { at: ids, bytes: tokens * (k + shared) * 4 },
        { at: weights, bytes: tokens * (k + shared) * 4 },
        { at: groupIds, bytes: tokens * kept * 4 },
        { at: scores, bytes: tokens * experts * 4 },
      ],
      call(good),
    );
  });

  const end = 0xfffffff0;
  it.each([
    ['kind', { 0: 4 }], ['scoring', { 1: 4 }], ['no experts', { 4: 0 }], ['k of 0', { 5: 0 }],
    ['k above E', { 5: 25 }], ['k above the kept groups', { 5: 13 }], ['too many', { 4: 4097 }],
    ['groups', { 7: 5 }], ['no groups', { 7: 0 }], ['kept', { 8: 5 }], ['none kept', { 8: 0 }],
    ['options', { 10: 4 }], ['shared', { 11: 65 }], ['factor', { 12: 0 }], ['factor', { 12: NaN }],
    ['tokens beyond memory', { 3: 0xffffff }], ['tokens', { 3: 0xffffffff }],
    ['llama4 with k', { 0: 2 }], ['bias without groups', { 0: 0 }],
    ['misaligned logits', { 2: logits + 2 }], ['misaligned ids', { 13: ids + 1 }],
    ['misaligned weights', { 14: weights + 3 }], ['misaligned bias', { 6: bias + 2 }],
    ['misaligned groups', { 15: groupIds + 1 }], ['misaligned scores', { 16: scores + 2 }],
    ['null logits', { 2: 0 }], ['null ids', { 13: 0 }], ['null weights', { 14: 0 }],
    ['logits at the end', { 2: end }], ['ids at the end', { 13: end }],
    ['static memory', { 13: 1024 }], ['ids on logits', { 13: logits + 8 }],
    ['weights on ids', { 14: ids + 4 }], ['groups on ids', { 15: ids }],
    ['scores on logits', { 16: logits }], ['ids on bias', { 13: bias }],
    ['scores on weights', { 16: weights - 4 * experts }],
  ] as [string, Record<number, number>][])('refuses %s', (_what, changes) => {
    desk.refused(Status.badArgument, call(changed(changes)));
  });
});

describe('expert router builds', () => {
  it('give the same bytes', () => {
    const random = new Lcg(77);
    const [simd, scalar] = [loadNumeric({ simd: 'on' }), loadNumeric({ simd: 'off' })];
    for (let round = 0; round < 300; round++) {
      const options = randomRouter(random);
      const logits = logitsFor(options, 4, random);
      const [a, b] = [simd, scalar].map((core) => new ExpertRouter(core, options).route(logits));
      for (const field of ['ids', 'weights', 'groupIds', 'scores'] as const) {
        const bytes = [a, b].map((x) => Buffer.from(x[field]?.buffer ?? new ArrayBuffer(0)));
        expect(Buffer.compare(bytes[0], bytes[1]), `${field} ${JSON.stringify(options)}`).toBe(0);
      }
    }
  });
});
