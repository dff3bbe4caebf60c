// SPDX-License-Identifier: Apache-2.0
import { U32Buffer } from './buffer.js';
import type { Core } from './core.js';
import { check, KernelError, Status } from './status.js';

/**
 * Random draws that are addressed, not consumed: the same (seed, purpose, entity, index) gives the
 * same value, whatever else was drawn. See assembly/rng/. purpose, entity and index are u32.
 *
 * @example
 * const rng = new Rng(core, 42);
 * const waitMs = rng.exponential(Purpose.toolWait, agentId, turn, 800);
 */
export class Rng {
  readonly #lo: number;
  readonly #hi: number;
  #weights: U32Buffer | undefined;

  constructor(
    private readonly core: Core,
    readonly seed: number,
  ) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(`seed: must be an integer from 0 to 2^53 - 1, got ${seed}`);
    }
    this.#lo = seed >>> 0;
    this.#hi = Math.floor(seed / 0x100000000);
  }

  /** One random word. `lane` tells apart several words of the same address. */
  u32(purpose: number, entity: number, index: number, lane = 0): number {
    return this.core.exports.rng_u32(this.#lo, this.#hi, purpose, entity, index, lane) >>> 0;
  }

  /** Uniform in [0, 1), a multiple of 2^-53. */
  uniform(purpose: number, entity: number, index: number, lane = 0): number {
    return this.core.exports.rng_f64(this.#lo, this.#hi, purpose, entity, index, lane);
  }

  /** Exponential; mean >= 0. Throws KernelError for bad parameters, as all samplers do. */
  exponential(purpose: number, entity: number, index: number, mean: number): number {
    const { exports } = this.core;
    const x = exports.rng_exponential(this.#lo, this.#hi, purpose, entity, index, mean);
    return valid('rng_exponential', x);
  }

  /** Normal; sd >= 0. */
  normal(purpose: number, entity: number, index: number, mean: number, sd: number): number {
    const { exports } = this.core;
    const x = exports.rng_normal(this.#lo, this.#hi, purpose, entity, index, mean, sd);
    return valid('rng_normal', x);
  }

  /** e to a normal of mean mu and standard deviation sigma: its median is e^mu. */
  lognormal(purpose: number, entity: number, index: number, mu: number, sigma: number): number {
    const { exports } = this.core;
    const x = exports.rng_lognormal(this.#lo, this.#hi, purpose, entity, index, mu, sigma);
    return valid('rng_lognormal', x);
  }

  /** Gamma; shape > 0, scale >= 0, mean shape * scale. */
  gamma(purpose: number, entity: number, index: number, shape: number, scale: number): number {
    const { exports } = this.core;
    const x = exports.rng_gamma(this.#lo, this.#hi, purpose, entity, index, shape, scale);
    return valid('rng_gamma', x);
  }

  /** Index drawn by weight; weights are finite, >= 0 and not all 0, of any sum. */
  categorical(
    purpose: number,
    entity: number,
    index: number,
    weights: ArrayLike<number>,
  ): number {
    const n = weights.length;
    const buffer = (this.#weights ??= new U32Buffer(this.core, 64));
    buffer.ensure(n * 2);
    this.core.f64.set(weights, buffer.at >>> 3);
    const { exports } = this.core;
    return check(
      'rng_categorical',
      exports.rng_categorical(this.#lo, this.#hi, purpose, entity, index, buffer.at, n),
    );
  }

  dispose(): void {
    this.#weights?.dispose();
    this.#weights = undefined;
  }
}

function valid(operation: string, x: number): number {
  if (x !== x) throw new KernelError(operation, Status.badArgument);
  return x;
}
