// SPDX-License-Identifier: Apache-2.0
/**
 * Slow, obvious twin of assembly/rng: Philox4x32-10 in BigInt arithmetic and the samplers on top.
 * With the core's exp and log the results are equal bit for bit.
 */
import { referenceMath } from './math.js';
import type { ElementaryFunctions } from './math.js';

const LOW32 = 0xffffffffn;

/** The four words of Philox4x32-10 for a counter of four words and a key of two. */
export function referencePhilox(key: readonly number[], counter: readonly number[]): number[] {
  let [k0, k1] = key.map(BigInt);
  let [c0, c1, c2, c3] = counter.map(BigInt);
  for (let round = 0; round < 10; round++) {
    const p = c0 * 0xd2511f53n;
    const q = c2 * 0xcd9e8d57n;
    [c0, c1, c2, c3] = [(q >> 32n) ^ c1 ^ k0, q & LOW32, (p >> 32n) ^ c3 ^ k1, p & LOW32];
    k0 = (k0 + 0x9e3779b9n) & LOW32;
    k1 = (k1 + 0xbb67ae85n) & LOW32;
  }
  return [c0, c1, c2, c3].map(Number);
}

type Coefficients = readonly number[];

// Wichura, AS 241 (PPND16): numerators and denominators, lowest power first.
const A: Coefficients = [
  3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
  45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
];
const B: Coefficients = [
  1, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077, 21213.794301586595867,
  39307.895800092710610, 28729.085735721942674, 5226.4952788528545610,
];
const C: Coefficients = [
  1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550,
  3.64784832476320460504, 1.27045825245236838258, 0.241780725177450611770,
  2.27238449892691845833e-2, 7.74545014278341407640e-4,
];
const D: Coefficients = [
  1, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550,
  0.148103976427480074590, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
  1.05075007164441684324e-9,
];
const E: Coefficients = [
  6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580,
  0.296560571828504891230, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
  2.71155556874348757815e-5, 2.01033439929228813265e-7,
];
const F: Coefficients = [
  1, 0.599832206555887937690, 0.136929880922735805310, 1.48753612908506148525e-2,
  7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
  2.04426310338993978564e-15,
];

const horner = (x: number, c: Coefficients): number => c.reduceRight((sum, a) => sum * x + a);
const ratio = (x: number, p: Coefficients, q: Coefficients): number => horner(x, p) / horner(x, q);

/** Quantile of the standard normal distribution at p in (0, 1). */
export function referenceNormalQuantile(p: number, math: ElementaryFunctions): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(0.180625 - q * q, A, B);
  const r = Math.sqrt(-math.log(q < 0 ? p : 1 - p));
  const tail = r <= 5 ? ratio(r - 1.6, C, D) : ratio(r - 5, E, F);
  return q < 0 ? -tail : tail;
}

/** Draws of one seed; the methods have the signatures of `Rng`. */
export class ReferenceRng {
  readonly #key: number[];

  constructor(
    seed: number,
    private readonly math: ElementaryFunctions = referenceMath,
  ) {
    this.#key = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  }

  u32(purpose: number, entity: number, index: number, lane = 0): number {
    return referencePhilox(this.#key, [purpose, entity, index, lane])[0];
  }

  #bits(purpose: number, entity: number, index: number, lane: number, n: number): number {
    const [low, high] = referencePhilox(this.#key, [purpose, entity, index, lane]);
    return Number(((BigInt(high) << 32n) | BigInt(low)) >> BigInt(64 - n));
  }

  uniform(purpose: number, entity: number, index: number, lane = 0): number {
    return this.#bits(purpose, entity, index, lane, 53) / 2 ** 53;
  }

  exponential(purpose: number, entity: number, index: number, mean: number): number {
    return mean * -this.math.log(1 - this.uniform(purpose, entity, index));
  }

  #standardNormal(purpose: number, entity: number, index: number, lane: number): number {
    const p = (this.#bits(purpose, entity, index, lane, 52) + 0.5) / 2 ** 52;
    return referenceNormalQuantile(p, this.math);
  }

  normal(purpose: number, entity: number, index: number, mean: number, sd: number): number {
    return mean + sd * this.#standardNormal(purpose, entity, index, 0);
  }

  lognormal(purpose: number, entity: number, index: number, mu: number, sigma: number): number {
    return this.math.exp(this.normal(purpose, entity, index, mu, sigma));
  }

  gamma(purpose: number, entity: number, index: number, shape: number, scale: number): number {
    const d = (shape < 1 ? shape + 1 : shape) - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (let lane = 0; ; lane += 2) {
      const x = this.#standardNormal(purpose, entity, index, lane);
      const t = 1 + c * x;
      if (t <= 0) continue;
      const v = t * t * t;
      const u = 1 - this.uniform(purpose, entity, index, lane + 1);
      const bound = 0.5 * x * x + d - d * v + d * this.math.log(v);
      if (!(this.math.log(u) < bound)) continue;
      if (shape >= 1) return d * v * scale;
      const boost = 1 - this.uniform(purpose, entity, index, 0xffffffff);
      return d * v * this.math.exp(this.math.log(boost) / shape) * scale;
    }
  }

  categorical(purpose: number, entity: number, index: number, weights: number[]): number {
    const target =
      weights.reduce((sum, w) => sum + w, 0) * this.uniform(purpose, entity, index);
    let sum = 0;
    return weights.findIndex((w) => target < (sum += w));
  }
}
