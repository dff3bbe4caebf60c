// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { CoreMath, KernelError, loadCore } from '../../src/core/index.js';
import {
  badRow, verifyGreedy, verifyRejection, verifyTypical, type NumericCore,
} from '../../src/numeric/index.js';
import {
  referenceArgmax, referenceBadRow, referenceGreedy, referenceRejection, referenceTypical,
} from '../../src/numeric/reference/spec-verify.js';
import { describeNumeric } from '../support/cores.js';
import { Draws } from '../support/distributions.js';
import { expectPointersRefused, guardedCall, type GuardedItem } from '../support/guarded.js';

const math = new CoreMath(loadCore());
const log = (x: number): number => math.log(x);

/** A ragged batch drawn at random, with corner cases among its values. */
function draw(draws: Draws, vocab: number, certain: boolean) {
  const counts = Array.from({ length: 1 + draws.below(5) }, () => draws.below(6));
  const n = counts.reduce((a, b) => a + b, 0);
  const drafts = Array.from({ length: n }, () => (draws.below(9) === 0 ? -1 : draws.below(vocab)));
  const sparse = draws.below(2) * 0.5;
  const rows = (count: number): Float32Array[] =>
    Array.from({ length: count }, () => draws.distribution(vocab, sparse));
  const target = rows(n);
  const draft = certain ? null : rows(n).map((row, i) => (draws.below(4) === 0 ? target[i] : row));
  const uniform = draws.coins(n);
  // Draws that hit a ratio exactly, and 0.
  for (let i = 0; i < n; i++) {
    const token = Math.max(0, drafts[i]);
    const q = draft === null ? 1 : draft[i][token];
    const ratio = Math.fround(target[i][token] / q);
    if (draws.below(5) === 0 && ratio <= 1) uniform[i] = ratio;
    if (draws.below(9) === 0) uniform[i] = 0;
  }
  const noise = counts.map(() => draws.noise(vocab));
  const bonus = counts.map(() => draws.below(vocab));
  return { counts, n, drafts, target, draft, uniform, noise, bonus, vocab };
}

type Drawn = ReturnType<typeof draw>;

const flat = (rows: readonly Float32Array[]): Float32Array => {
  const all = new Float32Array(rows.reduce((n, row) => n + row.length, 0));
  rows.reduce((at, row) => (all.set(row, at), at + row.length), 0);
  return all;
};

/** What the facade takes. */
const batchOf = (d: Drawn) => ({
  ...d,
  target: flat(d.target),
  draft: d.draft === null ? null : flat(d.draft),
  noise: flat(d.noise),
});

/** The requests one by one, for the twin. */
function requestsOf(d: Drawn) {
  let first = 0;
  return d.counts.map((k, r) => {
    const part = <T>(list: { slice(a: number, b: number): T }): T => list.slice(first, first + k);
    const request = {
      drafts: part(d.drafts),
      target: part(d.target),
      draft: d.draft === null ? null : part(d.draft),
      uniform: part(d.uniform),
      noise: d.noise[r],
      bonus: d.bonus[r],
    };
    first += k;
    return request;
  });
}

const padded = (rows: readonly number[][], width: number): number[] =>
  rows.flatMap((row) => [...row, ...Array<number>(width - row.length).fill(-1)]);

describeNumeric('verification', (load) => {
  it('keeps greedily what the twin keeps', () => {
    const core = load();
    const draws = new Draws(1);
    for (let round = 0; round < 120; round++) {
      const d = draw(draws, 4, true);
      const argmax = d.drafts.map((token) =>
        draws.below(3) === 0 ? draws.below(4) : Math.max(token, 0));
      let at = 0;
      const rows = d.counts.map((k, r) => {
        at += k;
        return referenceGreedy(d.drafts.slice(at - k, at), argmax.slice(at - k, at), d.bonus[r]);
      });
      const got = verifyGreedy(core, { ...d, argmax });
      expect([...got.tokens]).toEqual(padded(rows, got.width));
      expect([...got.kept]).toEqual(rows.map((row) => row.length - 1));
    }
  });

  it.each([
    ['division', false], ['division', true], ['log', false], ['log', true],
  ] as const)('rejects as the twin: %s form, certain drafts %s', (form, certain) => {
    const core = load();
    const draws = new Draws(2);
    for (let round = 0; round < 120; round++) {
      const d = draw(draws, 1 + draws.below(70), certain);
      const rows = requestsOf(d).map((request) => referenceRejection({ ...request, form }, log));
      const got = verifyRejection(core, { ...batchOf(d), form, recovered: true });
      expect([...got.tokens]).toEqual(padded(rows.map(({ tokens }) => tokens), got.width));
      expect([...got.recovered!]).toEqual(rows.flatMap(({ recovered }) => recovered));
    }
  });

  it('accepts synthetically as the twin, by position in the request', () => {
    const core = load();
    const draws = new Draws(3);
    for (let round = 0; round < 100; round++) {
      const d = draw(draws, 9, round % 2 === 0);
      const rates = Array.from({ length: 6 }, () => draws.uniform());
      // Equal to a rate as f32 is not below it.
      requestsOf(d).reduce((first, { drafts }) => {
        if (drafts.length > 1) d.uniform[first + 1] = rates[1];
        return first + drafts.length;
      }, 0);
      const rows = requestsOf(d).map((request) => referenceRejection({ ...request, rates }));
      const got = verifyRejection(core, { ...batchOf(d), rates });
      expect([...got.tokens]).toEqual(padded(rows.map(({ tokens }) => tokens), got.width));
    }
  });

  it('accepts typically as the twin', () => {
    const core = load();
    const draws = new Draws(4);
    for (let round = 0; round < 120; round++) {
      const d = draw(draws, 2 + draws.below(20), true);
      const [epsilon, delta] = [draws.uniform() * 0.5, 0.01 + draws.uniform()];
      const rows = requestsOf(d).map((request) => referenceTypical(request, epsilon, delta, log));
      const got = verifyTypical(core, { ...batchOf(d), epsilon, delta });
      expect([...got.tokens]).toEqual(padded(rows, got.width));
    }
  });

  it('finds the residual at every place of rows of every length', () => {
    const core = load();
    for (let vocab = 1; vocab <= 67; vocab++) {
      for (let place = 0; place < vocab; place++) {
        const target = new Float32Array(vocab).fill(0.25);
        const draft = new Float32Array(vocab).fill(0.25);
        target[place] = 0.5;
        const noise = new Float32Array(vocab).fill(1);
        const batch = { vocab, target, draft, noise, drafts: [-1], counts: [1], bonus: [0] };
        const got = verifyRejection(core, { ...batch, uniform: [0.5], trusted: true });
        expect(got.tokens[0]).toBe(place);
      }
    }
  });

  it('takes the lowest token on ties, 0 when nothing is left, and skips NaN', () => {
    const core = load();
    const one = (target: number[], draft: number[], noise: number[]): number => {
      const vocab = target.length;
      const batch = { vocab, target, draft, noise, drafts: [-1], counts: [1], bonus: [0] };
      return verifyRejection(core, { ...batch, uniform: [0], trusted: true }).tokens[0];
    };
    const wide = (at: Record<number, number>, n = 40): number[] =>
      Array.from({ length: n }, (_, v) => at[v] ?? 0);
    expect(one(wide({ 9: 0.5, 33: 0.5, 14: 0.5 }), wide({}), Array<number>(40).fill(1))).toBe(9);
    expect(one(wide({ 38: 0.5, 39: 0.5 }), wide({}), Array<number>(40).fill(1))).toBe(38);
    expect(one(wide({ 9: 0.5 }), wide({ 9: 0.5 }), Array<number>(40).fill(1))).toBe(0);
    expect(one(wide({ 3: NaN, 20: 0.1 }), wide({}), Array<number>(40).fill(1))).toBe(20);
    expect(one(wide({ 20: 0.1 }), wide({}), wide({ 3: Infinity, 20: 1 }))).toBe(20);
    expect(one(wide({ 5: 0.1, 20: 0.1 }), wide({}), wide({ 5: 1, 20: Infinity }))).toBe(20);
    expect(one([NaN, NaN], [0, 0], [1, 1])).toBe(0);
    expect(referenceArgmax([0, 0, 0])).toBe(0);
  });

  it('follows the edges of the accept test', () => {
    const core = load();
    const kept = (p: number, q: number, u: number, form: 'division' | 'log'): number =>
      verifyRejection(core, {
        drafts: [0], counts: [1], bonus: [7], vocab: 2, noise: [1, 1], trusted: true, form,
        target: [p, 1 - p], draft: [q, 1 - q], uniform: [u],
      }).kept[0];
    // u = 0 keeps p = 0 by division and not by logarithms; q = 0 is never kept.
    expect(kept(0, 0.5, 0, 'division')).toBe(1);
    expect(kept(0, 0.5, 0, 'log')).toBe(0);
    expect(kept(0.5, 0, 0, 'division')).toBe(0);
    expect(kept(0.5, 0, 0, 'log')).toBe(0);
    // Equal: kept by >=, not by >.
    expect(kept(0.25, 0.5, 0.5, 'division')).toBe(1);
    expect(kept(0.25, 0.5, 0.5, 'log')).toBe(0);
    expect(kept(NaN, 0.5, 0, 'division')).toBe(0);
    expect(kept(NaN, 0.5, 0, 'log')).toBe(0);
    // A quotient rounded to f32, not p >= u * q.
    const [p, q] = [Math.fround(0.1), Math.fround(0.3)];
    const u = Math.fround(p / q);
    expect(kept(p, q, u, 'division')).toBe(1);
  });

  it('handles empty batches and requests without drafts', () => {
    const core = load();
    const none = { drafts: [], counts: [], bonus: [] };
    expect([...verifyGreedy(core, { ...none, argmax: [] }).tokens]).toEqual([]);
    const rows = { vocab: 3, target: [], uniform: [], noise: [] };
    expect([...verifyRejection(core, { ...none, ...rows }).tokens]).toEqual([]);
    expect([...verifyTypical(core, { ...none, ...rows }).tokens]).toEqual([]);
    const lone = { drafts: [], counts: [0, 0], bonus: [2, 1], noise: new Float32Array(6).fill(1) };
    const got = verifyRejection(core, { ...rows, ...lone, maxDrafts: 2 });
    expect([...got.tokens]).toEqual([2, -1, -1, 1, -1, -1]);
    expect([...got.kept]).toEqual([0, 0]);
  });

  it('names the first row that is no distribution', () => {
    const core = load();
    const draws = new Draws(5);
    for (let round = 0; round < 100; round++) {
      const vocab = 1 + draws.below(9);
      const rows = Array.from({ length: 4 }, () => draws.distribution(vocab));
      if (round % 2 === 0) rows[draws.below(4)][draws.below(vocab)] = [NaN, -0.1, 0.4][round % 3];
      expect(badRow(core, flat(rows), vocab, 1e-4)).toBe(referenceBadRow(rows, 1e-4));
    }
    expect(badRow(core, new Float32Array(0), 3)).toBe(-1);
  });
});

const good = {
  drafts: [0, 1, 2], counts: [2, 1], bonus: [1, 2], vocab: 3,
  target: new Float32Array(9).fill(1 / 3), draft: new Float32Array(9).fill(1 / 3),
  uniform: [0.1, 0.2, 0.3], noise: new Float32Array(6).fill(1),
};

const skewed = Float32Array.from({ length: 9 }, (_, i) => (i === 4 ? 0.9 : 1 / 3));
const negative = Float32Array.from({ length: 9 }, (_, i) => [1, -0.5, 0.5][i % 3]);
const broken = Float32Array.from({ length: 9 }, (_, i) => (i === 8 ? NaN : 1 / 3));

describeNumeric('bad input', (load) => {
  it.each([
    [{ drafts: [0, 1] }, 'drafts.length: must be 3, got 2'],
    [{ drafts: [0, 1, 3] }, 'drafts[2]: must be an integer from -1 to 2, got 3'],
    [{ drafts: [0, -2, 1] }, 'drafts[1]: must be an integer'],
    [{ counts: [2, 1.5] }, 'counts[1]: must be an integer from 0'],
    [{ counts: [-1, 4] }, 'counts[0]: must be an integer'],
    [{ maxDrafts: 1 }, 'maxDrafts: must be an integer from 2'],
    [{ bonus: [1, -1] }, 'bonus[1]: must be an integer from 0'],
    [{ vocab: 0 }, 'vocab: must be an integer from 1'],
    [{ target: good.target.subarray(1) }, 'target.length: must be 9, got 8'],
    [{ target: skewed }, 'target: row 1 must be probabilities >= 0 that sum to 1'],
    [{ draft: negative }, 'draft: row 0 must be probabilities'],
    [{ draft: broken }, 'draft: row 2 must be probabilities'],
    [{ uniform: [0.1, 1.5, 0.2] }, 'uniform[1]: must be from 0 to 1, got 1.5'],
    [{ uniform: [0.1, NaN, 0.2] }, 'uniform[1]: must be from 0 to 1, got NaN'],
    [{ noise: [1, 1, 1, 1, 1, -1] }, 'noise[5]: must be >= 0, got -1'],
    [{ rates: [0.5] }, 'rates.length: must be at least 2, got 1'],
    [{ rates: [0.5, 1.5] }, 'rates[1]: must be from 0 to 1'],
    [{ form: 'logs' as 'log' }, 'form: must be division or log, got logs'],
  ])('%j is refused by name', (change, message) => {
    expect(() => verifyRejection(load(), { ...good, ...change })).toThrow(RangeError);
    expect(() => verifyRejection(load(), { ...good, ...change })).toThrow(message);
  });

  it('other arguments are refused by name', () => {
    const core = load();
    expect(() => verifyGreedy(core, { ...good, argmax: [0, 1, -1] })).toThrow('argmax[2]');
    expect(() => verifyTypical(core, { ...good, epsilon: -1 })).toThrow('epsilon: must be >= 0');
    expect(() => verifyTypical(core, { ...good, delta: 0 })).toThrow('delta: must be');
    expect(() => verifyTypical(core, { ...good, target: skewed })).toThrow('target: row 1');
    expect(() => badRow(core, new Float32Array(4), 3)).toThrow('rows.length / vocab');
    expect(() => badRow(core, new Float32Array(3), 3, NaN)).toThrow(KernelError);
  });
});

const i32 = (...values: number[]): Int32Array => Int32Array.from(values);
const rows9 = (): Float32Array => new Float32Array(9).fill(1 / 3);

/** Raw calls with guarded buffers: items, the call, and those that may be missing. */
type Raw = readonly [
  readonly GuardedItem[],
  (core: NumericCore) => (at: readonly number[]) => number,
  readonly number[],
];

const greedy: Raw = [
  [i32(0, 1, 2), i32(2, 3), i32(0, 1, 1), i32(1, 2), 24],
  ({ exports }) => ([d, cu, a, b, out]) => exports.spec_greedy(d, cu, 2, a, b, 2, out),
  [],
];
const random: Raw = [
  [
    i32(0, 1, 2), i32(2, 3), rows9(), rows9(), new Float32Array(6).fill(1),
    Float32Array.of(0.5, 0.5, 0.5), i32(1, 2), Float64Array.of(0.5, 0.5), 24, 12,
  ],
  ({ exports }) => ([d, cu, p, q, e, u, b, rates, out, rec]) =>
    exports.spec_random(d, cu, 2, 3, p, q, e, u, b, rates, 2, 0, 2, out, rec),
  [3, 7, 9],
];
const typical: Raw = [
  [i32(0, 1, 2), i32(2, 3), rows9(), new Float32Array(6).fill(1), i32(1, 2), 24],
  ({ exports }) => ([d, cu, p, e, b, out]) =>
    exports.spec_typical(d, cu, 2, 3, p, e, b, 0.3, 0.09, 2, out),
  [],
];
const checkRows: Raw = [
  [rows9()],
  ({ exports }) => ([p]) => exports.spec_check_rows(p, 3, 3, 1e-3),
  [],
];

describeNumeric('buffers', (load) => {
  it.each([
    ['spec_greedy', greedy], ['spec_random', random], ['spec_typical', typical],
    ['spec_check_rows', checkRows],
  ] as const)('%s writes its outputs alone and refuses illegal pointers', (_, raw) => {
    const [items, make, opt] = raw;
    const core = load();
    expect(guardedCall(core, items, make(core)).result).toBe(0);
    expectPointersRefused(core, items, make(core), opt);
  });

  it('refuses counts, tokens and sizes that are none', () => {
    const core = load();
    const { exports } = core;
    const [items] = random;
    const refused = (change: Partial<Record<number, ArrayBufferView>>, ...n: number[]): void => {
      const [batch = 2, vocab = 3, rates = 2, mode = 0, most = 2] = n;
      const other = items.map((item, i) => change[i] ?? item);
      const { result } = guardedCall(core, other, ([d, cu, p, q, e, u, b, r, out, rec]) =>
        exports.spec_random(
          d, cu, batch, vocab, p, q, e, u, b, r, rates, mode, most, out, rec,
        ));
      expect(result).toBe(-4);
    };
    refused({ 1: i32(2, 1) });
    refused({ 1: i32(3, 3) });
    refused({ 1: i32(-1, 3) });
    refused({ 1: i32(2, 0x7fffffff) });
    refused({ 0: i32(0, 3, 1) });
    refused({ 0: i32(0, -2, 1) });
    refused({}, 0x1000000);
    refused({}, 2, 0);
    refused({}, 2, -1);
    refused({}, 2, 3, 1);
    refused({}, 2, 3, 2, 2);
    refused({}, 2, 3, 2, 0, 0x10000);
    expect(exports.spec_check_rows(core.exports.arena_base(), 1, 1, NaN)).toBe(-4);
  });
});

describe('the twin', () => {
  it('keeps what the rule says on a case by hand', () => {
    const request = {
      drafts: [1, 0], bonus: 9, uniform: [0.4, 0.9], noise: [1, 1, 1],
      target: [[0.2, 0.3, 0.5], [0.25, 0.25, 0.5]], draft: [[0.1, 0.6, 0.3], [0.5, 0.2, 0.3]],
    };
    // 0.3 / 0.6 >= 0.4 is kept; 0.25 / 0.5 >= 0.9 is not: max(p - q, 0) = 0, 0.05, 0.2.
    expect(referenceRejection(request).tokens).toEqual([1, 2]);
  });
});
