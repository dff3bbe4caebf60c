// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  bestDrafts, expectedLength, lengthOf, ratesOfConditional, ratesOfLength, ratesOfSurvival,
  speedup,
} from '../../src/numeric/index.js';
import {
  referenceExpectedLength, referenceRates,
} from '../../src/numeric/reference/acceptance-rates.js';
import { describeNumeric } from '../support/cores.js';
import { Draws } from '../support/distributions.js';
import { expectPointersRefused, guardedCall } from '../support/guarded.js';

/** Variance of the length whose survival curve this is: sum of (2 i - 1) s_i - (sum s_i)^2. */
const variance = (survival: ArrayLike<number>): number => {
  const list = Array.from(survival);
  const mean = list.reduce((a, b) => a + b, 0);
  return list.reduce((sum, s, i) => sum + (2 * i + 1) * s, 0) - mean * mean;
};

describeNumeric('acceptance rates', (load) => {
  it('are those of the twin, bit for bit', () => {
    const core = load();
    const draws = new Draws(21);
    for (let round = 0; round < 300; round++) {
      const n = draws.below(12);
      const length = 1 + draws.below(12) + (round % 3 === 0 ? 0 : draws.uniform());
      const { unconditional, conditional } = ratesOfLength(core, length, n);
      expect([[...unconditional], [...conditional]]).toEqual(referenceRates(length, n));
      const alpha = [0, 1, draws.uniform()][round % 3];
      expect(expectedLength(core, alpha, n)).toBe(referenceExpectedLength(alpha, n));
    }
  });

  it('have the mean length asked for, and no curve of that mean varies less', () => {
    const core = load();
    const draws = new Draws(22);
    for (let round = 0; round < 300; round++) {
      const n = 1 + draws.below(8);
      let s = 1;
      const curve = Array.from({ length: n }, () => (s *= draws.uniform()));
      const length = 1 + curve.reduce((a, b) => a + b, 0);
      const rates = ratesOfLength(core, length, n);
      expect(lengthOf(rates)).toBeCloseTo(length, 12);
      const fraction = (length - 1) % 1;
      expect(variance(rates.unconditional)).toBeCloseTo(fraction * (1 - fraction), 10);
      expect(variance(rates.unconditional)).toBeLessThanOrEqual(variance(curve) + 1e-10);
    }
    // Beyond what the drafts can give: all ones.
    expect([...ratesOfLength(core, 9, 3).conditional]).toEqual([1, 1, 1]);
    expect([...ratesOfLength(core, 1, 2).unconditional]).toEqual([0, 0]);
  });

  it('give the closed form of the expected length', () => {
    const core = load();
    for (const alpha of [0.1, 0.5, 0.8, 0.99, 1 - 1e-9]) {
      for (const k of [1, 3, 8]) {
        const closed = (1 - alpha ** (k + 1)) / (1 - alpha);
        expect(expectedLength(core, alpha, k)).toBeCloseTo(closed, 6);
      }
    }
    expect(expectedLength(core, 1, 7)).toBe(8);
    expect(expectedLength(core, 0, 7)).toBe(1);
    expect(core.exports.spec_expected_length(1.1, 2)).toBeNaN();
    expect(core.exports.spec_expected_length(NaN, 2)).toBeNaN();
  });

  it('refuse bad input by name', () => {
    const core = load();
    for (const bad of [0.9, -1, NaN]) {
      expect(() => ratesOfLength(core, bad, 3)).toThrow('length: must be >= 1');
    }
    expect(() => ratesOfLength(core, 2, 1.5)).toThrow('drafts: must be an integer');
    expect(() => expectedLength(core, 1.5, 3)).toThrow('alpha: must be from 0 to 1');
  });

  it('write their outputs alone', () => {
    const core = load();
    const call = ([u, c]: readonly number[]): number => core.exports.spec_rates(2.5, 4, u, c);
    expect(guardedCall(core, [32, 32], call).result).toBe(0);
    expectPointersRefused(core, [32, 32], call);
    const other = (length: number, n: number): number =>
      guardedCall(core, [32, 32], ([u, c]) => core.exports.spec_rates(length, n, u, c)).result;
    expect([other(0.5, 4), other(NaN, 4), other(2, 0x10000)]).toEqual([-4, -4, -4]);
  });
});

describe('rates on the host', () => {
  it('go from survival to conditional and back', () => {
    const { unconditional, conditional } = ratesOfSurvival([0.8, 0.6, 0.6, 0, 0]);
    expect([...conditional]).toEqual([0.8, 0.6 / 0.8, 1, 0, 0]);
    const back = ratesOfConditional(conditional).unconditional;
    back.forEach((rate, i) => expect(rate).toBeCloseTo(unconditional[i], 15));
    expect(lengthOf({ unconditional })).toBe(1 + 0.8 + 0.6 + 0.6);
    expect(() => ratesOfSurvival([0.5, 0.6])).toThrow('survival[1]: must be from 0 to 0.5');
    expect(() => ratesOfSurvival([1.5])).toThrow('survival[0]: must be from 0 to 1');
    expect(() => ratesOfConditional([0.5, NaN])).toThrow('rates[1]: must be from 0 to 1');
  });

  it('say what drafting gains', () => {
    expect(speedup(3, 4, { verify: 1.2, draft: 0.05 })).toBe(3 / (1.2 + 4 * 0.05));
    expect(() => speedup(0.5, 4, { verify: 1 })).toThrow('length: must be >= 1');
    expect(() => speedup(2, 4, { verify: 0 })).toThrow('verify: must be');
    const curve = [0.8, 0.6, 0.4, 0.2];
    // Memory bound, verification is free: all drafts pay.
    expect(bestDrafts(curve, () => 1).drafts).toBe(4);
    // Compute bound: each token verified costs a whole one.
    expect(bestDrafts(curve, (k) => k + 1)).toEqual({ drafts: 0, speedup: 1 });
    expect(bestDrafts(curve, (k) => 1 + 0.3 * k).drafts).toBe(2);
  });
});
