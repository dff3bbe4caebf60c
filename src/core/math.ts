// SPDX-License-Identifier: Apache-2.0
import type { Core } from './core.js';

/**
 * exp, log and pow with the same bits in every runtime; Math.exp and its kin differ between
 * engines, so nothing simulated may call them. Error below 1 ulp. See assembly/math.ts.
 */
export class CoreMath {
  constructor(private readonly core: Core) {}

  /** e^x. */
  exp(x: number): number {
    return this.core.exports.math_exp(x);
  }

  /** Natural logarithm; NaN below 0, -Infinity at 0. */
  log(x: number): number {
    return this.core.exports.math_log(x);
  }

  /** x^y with the special cases of `Math.pow`. */
  pow(x: number, y: number): number {
    return this.core.exports.math_pow(x, y);
  }
}
