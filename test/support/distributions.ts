// SPDX-License-Identifier: Apache-2.0
/** Seeded random distributions, and the tests that compare draws with them. */
import { Rng, loadCore } from '../../src/core/index.js';

/** Draws of one seed, one after the other, from the counter generator of the core. */
export class Draws {
  #index = 0;
  readonly #rng: Rng;

  constructor(seed: number) {
    this.#rng = new Rng(loadCore(), seed);
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.#rng.uniform(1, 0, this.#index++);
  }

  /** The same as an f32 below 1. */
  coin(): number {
    return (this.#rng.u32(2, 0, this.#index++) >>> 8) / 2 ** 24;
  }

  /** An integer from 0 below n. */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  exponential(): number {
    return this.#rng.exponential(3, 0, this.#index++, 1);
  }

  /** 1 / Exp(1), n times. */
  noise(n: number): Float32Array {
    return Float32Array.from({ length: n }, () => 1 / this.exponential());
  }

  coins(n: number): Float32Array {
    return Float32Array.from({ length: n }, () => this.coin());
  }

  /** A distribution over n outcomes: exponentials over their sum; `sparse` leaves some at 0. */
  distribution(n: number, sparse = 0): Float32Array {
    const weights = Array.from({ length: n }, () =>
      this.uniform() < sparse ? 0 : this.exponential());
    const sum = weights.reduce((a, b) => a + b, 0);
    if (sum === 0) weights[this.below(n)] = 1;
    return Float32Array.from(weights, (w) => w / (sum || 1));
  }

  /** An index by weight. */
  pick(weights: ArrayLike<number>): number {
    const list = Array.from(weights);
    let left = this.uniform() * list.reduce((a, b) => a + b, 0);
    const at = list.findIndex((w) => (left -= w) < 0);
    return at >= 0 ? at : list.findLastIndex((w) => w > 0);
  }
}

/**
 * Chi-square of counts against probabilities. Cells that are expected less than 8 times are put
 * together; a count where the probability is 0 makes it infinite.
 */
export function chiSquare(
  counts: ArrayLike<number>,
  probabilities: ArrayLike<number>,
): { readonly value: number; readonly freedom: number } {
  const n = Array.from(counts).reduce((a, b) => a + b, 0);
  let [value, cells, restCount, restExpected] = [0, 0, 0, 0];
  for (let i = 0; i < counts.length; i++) {
    const expected = n * probabilities[i];
    if (expected === 0 && counts[i] > 0) return { value: Infinity, freedom: 1 };
    if (expected < 8) {
      restCount += counts[i];
      restExpected += expected;
      continue;
    }
    value += (counts[i] - expected) ** 2 / expected;
    cells++;
  }
  if (restExpected >= 8) {
    value += (restCount - restExpected) ** 2 / restExpected;
    cells++;
  }
  return { value, freedom: Math.max(1, cells - 1) };
}

/** Upper quantile of the standard normal distribution: Abramowitz and Stegun 26.2.23. */
export function normalBound(alpha: number): number {
  const t = Math.sqrt(-2 * Math.log(alpha));
  const top = 2.515517 + t * (0.802853 + t * 0.010328);
  return t - top / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

/** Upper quantile of chi-square (Wilson and Hilferty), exact to 1 % in the tails used here. */
export function chiSquareBound(freedom: number, alpha: number): number {
  const a = 2 / (9 * freedom);
  return freedom * (1 - a + normalBound(alpha) * Math.sqrt(a)) ** 3;
}

/** 1 - TV(p, q): the overlap of two distributions. */
export function overlap(p: ArrayLike<number>, q: ArrayLike<number>): number {
  return Array.from(p).reduce((sum, x, v) => sum + Math.min(x, q[v]), 0);
}
