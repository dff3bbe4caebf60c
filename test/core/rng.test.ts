// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadCore } from '../../src/core/load.js';
import { CoreMath } from '../../src/core/math.js';
import {
  ReferenceRng,
  referenceNormalQuantile,
  referencePhilox,
} from '../../src/core/reference/rng.js';
import { referenceMath } from '../../src/core/reference/math.js';
import { Rng } from '../../src/core/rng.js';
import { KernelError, Status } from '../../src/core/status.js';

const core = loadCore();
const word = fc.integer({ min: 0, max: 0xffffffff });
const address = fc.tuple(word, word, word);
const seed = fc.maxSafeNat();
const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true });

/** Known answers of Random123 (tests/kat_vectors): key, counter, words. */
const KNOWN: [number[], number[], number[]][] = [
  [[0, 0], [0, 0, 0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
  [
    [0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0xa4093822, 0x299f31d0],
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

describe('philox', () => {
  it.each(KNOWN)('gives the known answer for key %j, counter %j', (key, counter, words) => {
    const at = core.take(16);
    const [k0, k1] = key;
    const [c0, c1, c2, c3] = counter;
    expect(core.exports.rng_block(k0, k1, c0, c1, c2, c3, at)).toBe(0);
    expect([...core.u32.slice(at >> 2, (at >> 2) + 4)]).toEqual(words);
    expect(core.exports.rng_u32(k0, k1, c0, c1, c2, c3) >>> 0).toBe(words[0]);
    expect(referencePhilox(key, counter)).toEqual(words);
    core.give(at, 16);
  });

  it('refuses to write a block outside the arena', () => {
    const before = core.snapshot();
    for (const out of [0, 64, core.exports.arena_base(), core.exports.arena_top(), -16, 4]) {
      expect(core.exports.rng_block(1, 2, 3, 4, 5, 6, out)).toBe(Status.badArgument);
    }
    expect(core.snapshot()).toEqual(before);
  });
});

describe('samplers', () => {
  // The twin with the core's exp and log must agree in every bit.
  const math = new CoreMath(core);

  it('equal the twin bit for bit at random addresses', () => {
    const property = fc.property(
      seed,
      address,
      word,
      positive,
      fc.double({ min: 0.01, max: 50, noNaN: true }),
      (s, [p, e, i], lane, scale, shape) => {
        const rng = new Rng(core, s);
        const twin = new ReferenceRng(s, math);
        expect(rng.u32(p, e, i, lane)).toBe(twin.u32(p, e, i, lane));
        expect(rng.uniform(p, e, i, lane)).toBe(twin.uniform(p, e, i, lane));
        expect(rng.exponential(p, e, i, scale)).toBe(twin.exponential(p, e, i, scale));
        expect(rng.normal(p, e, i, -scale, scale)).toBe(twin.normal(p, e, i, -scale, scale));
        expect(rng.lognormal(p, e, i, 1, shape)).toBe(twin.lognormal(p, e, i, 1, shape));
        expect(rng.gamma(p, e, i, shape, scale)).toBe(twin.gamma(p, e, i, shape, scale));
      },
    );
    fc.assert(property, { numRuns: 500, seed: 2 });
  });

  it('draw categories as the twin does, never one of weight 0', () => {
    const weight = fc.oneof(
      fc.constantFrom(0, 1, 5e-324),
      fc.double({ min: 0, max: 1e9, noNaN: true }),
    );
    const weights = fc
      .array(weight, { minLength: 1, maxLength: 200 })
      .filter((w) => w.reduce((a, b) => a + b) > 1e-300);
    fc.assert(
      fc.property(seed, address, weights, (s, [p, e, i], w) => {
        const rng = new Rng(core, s);
        const index = rng.categorical(p, e, i, w);
        expect(index).toBe(new ReferenceRng(s, math).categorical(p, e, i, w));
        expect(w[index]).toBeGreaterThan(0);
        rng.dispose();
      }),
      { numRuns: 300, seed: 3 },
    );
    const tiny = new Rng(core, 1);
    for (let i = 0; i < 100; i++) expect(tiny.categorical(0, 0, i, [0, 5e-324, 0])).toBe(1);
  });

  it('refuse bad parameters', () => {
    const rng = new Rng(core, 7);
    for (const bad of [NaN, -1, Infinity]) {
      expect(() => rng.exponential(0, 0, 0, bad)).toThrow(KernelError);
      expect(() => rng.normal(0, 0, 0, 0, bad)).toThrow(KernelError);
      expect(() => rng.lognormal(0, 0, 0, 0, bad)).toThrow(KernelError);
      expect(() => rng.gamma(0, 0, 0, bad, 1)).toThrow(KernelError);
      expect(() => rng.gamma(0, 0, 0, 1, bad)).toThrow(KernelError);
      expect(() => rng.categorical(0, 0, 0, [1, bad])).toThrow(KernelError);
    }
    expect(() => rng.gamma(0, 0, 0, 0, 1)).toThrow(KernelError);
    expect(() => rng.categorical(0, 0, 0, [])).toThrow(KernelError);
    expect(() => rng.categorical(0, 0, 0, [0, 0])).toThrow(KernelError);
    expect(() => rng.categorical(0, 0, 0, [1e308, 1e308])).toThrow(KernelError);
    const far = core.exports.rng_categorical(0, 0, 0, 0, 0, -8, 1000);
    expect(far).toBe(Status.badArgument);
    for (const bad of [-1, 1.5, 2 ** 53, NaN]) {
      expect(() => new Rng(core, bad)).toThrow('seed: must be an integer');
    }
    rng.dispose();
  });

  it('take the degenerate parameters', () => {
    const rng = new Rng(core, 7);
    expect(rng.exponential(0, 0, 0, 0)).toBe(0);
    expect(rng.normal(0, 0, 0, 3, 0)).toBe(3);
    expect(rng.gamma(0, 0, 0, 2, 0)).toBe(0);
  });

  it('have the moments of their distributions', () => {
    const rng = new Rng(core, 20260718);
    const n = 40000;
    const moments = (draw: (i: number) => number): [mean: number, variance: number] => {
      const x = Array.from({ length: n }, (_, i) => draw(i));
      const mean = x.reduce((a, b) => a + b) / n;
      return [mean, x.reduce((a, b) => a + (b - mean) ** 2, 0) / n];
    };
    const near = (got: [number, number], mean: number, variance: number): void => {
      expect(Math.abs(got[0] - mean)).toBeLessThan(5 * Math.sqrt(variance / n));
      expect(Math.abs(got[1] / variance - 1)).toBeLessThan(0.08);
    };
    near(moments((i) => rng.uniform(1, 0, i)), 0.5, 1 / 12);
    near(moments((i) => rng.uniform(1, i, 0)), 0.5, 1 / 12);
    near(moments((i) => rng.exponential(2, 0, i, 10)), 10, 100);
    near(moments((i) => rng.normal(3, 0, i, -4, 3)), -4, 9);
    const v = Math.exp(0.25);
    const logMoments = moments((i) => rng.lognormal(4, 0, i, 1, 0.5));
    near(logMoments, Math.exp(1.125), v * (v - 1) * Math.E ** 2);
    near(moments((i) => rng.gamma(5, 0, i, 0.3, 2)), 0.6, 1.2);
    near(moments((i) => rng.gamma(6, 0, i, 7.5, 2)), 15, 30);
    const weights = [1, 0, 2, 5];
    near(moments((i) => rng.categorical(7, 0, i, weights)), 19 / 8, 53 / 8 - (19 / 8) ** 2);
    rng.dispose();
  });
});

describe('normal quantile', () => {
  // From Python: statistics.NormalDist().inv_cdf(p).
  it.each([
    [0.5, 0],
    [0.975, 1.9599639845400536],
    [0.9999, 3.7190164854557084],
    [1e-10, -6.361340902404056],
    [1e-300, -37.0470962993612],
    [1e-16, -8.222082216130435],
  ])('at %d is %d', (p, z) => {
    const quantile = referenceNormalQuantile(p, referenceMath);
    expect(Math.abs(quantile - z)).toBeLessThanOrEqual(2e-15 * Math.abs(z));
  });
});
