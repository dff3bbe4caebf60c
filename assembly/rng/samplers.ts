// SPDX-License-Identifier: Apache-2.0
/**
 * Samples of the usual distributions, each addressed by (seed, purpose, entity, index).
 *
 * Problem: draw service times, lengths and choices such that the same address gives the same bits
 * in every host and build.
 *
 * ```
 *  lane:   0            1            2            3           …   0xffffffff
 *          ┌────────────┬────────────┬────────────┬───────────┬───┬───────────┐
 *  gamma   │ normal, #0 │ uniform,#0 │ normal, #1 │ uniform,#1│ … │ shape < 1 │
 *  others  │ the draw   │ unused                                             │
 *          └────────────┴────────────────────────────────────────────────────┘
 * ```
 *
 * A rejected attempt of the gamma sampler goes on with the next two lanes, so a draw never reaches
 * into the address of another.
 *
 * Invariants
 * - RNG-3  bad parameters (negative, NaN, infinite) give NaN, or BAD_ARGUMENT for the categorical.
 * - RNG-4  a category of weight 0 is never drawn.
 * - RNG-5  the categorical adds the weights in index order, so that its sums are the same anywhere.
 *
 * Complexity: O(1); gamma 1.05 attempts at most on average; categorical O(n).
 * Source: Wichura, Algorithm AS 241 (PPND16), Appl. Statist. 37, 1988 (relative error 1e-16);
 * Marsaglia and Tsang, A simple method for generating gamma variables, ACM TOMS 26(3), 2000.
 */
import { BAD_ARGUMENT } from "../status";
import { inMemory } from "../arena";
import { math_exp, math_log } from "../math";
import { draw64, rng_f64 } from "./philox";

/** Lane of the extra uniform that a shape below 1 needs. */
const BOOST_LANE: u32 = 0xffffffff;

// @ts-ignore: decorator
@inline
function finite(x: f64): bool {
  return abs(x) < Infinity;
}

/** Finite and not negative; false for NaN. */
// @ts-ignore: decorator
@inline
function scaleOk(x: f64): bool {
  return x >= 0 && x < Infinity;
}

/** Exponential of the given mean: -mean ln(1 - u). */
export function rng_exponential(
  seedLo: u32,
  seedHi: u32,
  purpose: u32,
  entity: u32,
  index: u32,
  mean: f64,
): f64 {
  if (!scaleOk(mean)) return NaN;
  return mean * -math_log(1.0 - rng_f64(seedLo, seedHi, purpose, entity, index, 0));
}

// @ts-ignore: decorator
@inline
function ratio(
  x: f64,
  a0: f64, a1: f64, a2: f64, a3: f64, a4: f64, a5: f64, a6: f64, a7: f64,
  b1: f64, b2: f64, b3: f64, b4: f64, b5: f64, b6: f64, b7: f64,
): f64 {
  const p = ((((((a7 * x + a6) * x + a5) * x + a4) * x + a3) * x + a2) * x + a1) * x + a0;
  const q = ((((((b7 * x + b6) * x + b5) * x + b4) * x + b3) * x + b2) * x + b1) * x + 1.0;
  return p / q;
}

/** Quantile of the standard normal distribution at p in (0, 1). */
function ppnd16(p: f64): f64 {
  const q = p - 0.5;
  if (abs(q) <= 0.425) {
    const x = 0.180625 - q * q;
    return q * ratio(
      x,
      3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3,
      1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
      3.3430575583588128105e+4, 2.5090809287301226727e+3,
      4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
      2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4,
      5.2264952788528545610e+3,
    );
  }
  let r = sqrt<f64>(-math_log(q < 0 ? p : 1.0 - p));
  if (r <= 5) {
    r = ratio(
      r - 1.6,
      1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
      3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
      2.27238449892691845833e-2, 7.74545014278341407640e-4,
      2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
      1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
      1.05075007164441684324e-9,
    );
  } else {
    r = ratio(
      r - 5.0,
      6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
      2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
      2.71155556874348757815e-5, 2.01033439929228813265e-7,
      5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
      7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
      2.04426310338993978564e-15,
    );
  }
  return q < 0 ? -r : r;
}

/** Standard normal at an address; p = (52 bits + 1/2) / 2^52 is exact and never 0 or 1. */
function standardNormal(
  seedLo: u32,
  seedHi: u32,
  purpose: u32,
  entity: u32,
  index: u32,
  lane: u32,
): f64 {
  const bits = draw64(seedLo, seedHi, purpose, entity, index, lane) >> 12;
  return ppnd16((<f64>(<i64>bits) + 0.5) * reinterpret<f64>(0x3cb0000000000000));
}

/** Normal with the given mean and standard deviation. */
export function rng_normal(
  seedLo: u32,
  seedHi: u32,
  purpose: u32,
  entity: u32,
  index: u32,
  mean: f64,
  sd: f64,
): f64 {
  if (!finite(mean) || !scaleOk(sd)) return NaN;
  return mean + sd * standardNormal(seedLo, seedHi, purpose, entity, index, 0);
}

/** e^(mu + sigma Z). */
export function rng_lognormal(
  seedLo: u32,
  seedHi: u32,
  purpose: u32,
  entity: u32,
  index: u32,
  mu: f64,
  sigma: f64,
): f64 {
  return math_exp(rng_normal(seedLo, seedHi, purpose, entity, index, mu, sigma));
}

/** Gamma of the given shape > 0 and scale; its mean is shape * scale. */
export function rng_gamma(
  seedLo: u32,
  seedHi: u32,
  purpose: u32,
  entity: u32,
  index: u32,
  shape: f64,
  scale: f64,
): f64 {
  if (!(shape > 0) || shape == Infinity || !scaleOk(scale)) return NaN;
  // Gamma(a) = Gamma(a + 1) U^(1/a) below shape 1, where the method does not apply.
  const boosted = shape < 1;
  const d = (boosted ? shape + 1.0 : shape) - 1.0 / 3.0;
  const c = 1.0 / sqrt<f64>(9.0 * d);
  let result = d;
  // An attempt fails in less than 5 % of cases: 256 in a row do not occur.
  for (let lane: u32 = 0; lane < 512; lane += 2) {
    const x = standardNormal(seedLo, seedHi, purpose, entity, index, lane);
    let v = 1.0 + c * x;
    if (v <= 0) continue;
    v = v * v * v;
    const u = 1.0 - rng_f64(seedLo, seedHi, purpose, entity, index, lane + 1);
    if (math_log(u) < 0.5 * x * x + d - d * v + d * math_log(v)) {
      result = d * v;
      break;
    }
  }
  if (boosted) {
    const u = 1.0 - rng_f64(seedLo, seedHi, purpose, entity, index, BOOST_LANE);
    result *= math_exp(math_log(u) / shape);
  }
  return result * scale;
}

/** Index of a category drawn by weight; `weights` are n values of f64, need not add up to 1. */
export function rng_categorical(
  seedLo: u32,
  seedHi: u32,
  purpose: u32,
  entity: u32,
  index: u32,
  weights: usize,
  n: u32,
): i32 {
  if (n == 0 || n > 0x7fffffff || !inMemory(weights, <u64>n << 3)) return BAD_ARGUMENT;
  let total: f64 = 0;
  let last: i32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    const w = load<f64>(weights + (<usize>i << 3));
    if (!(w >= 0)) return BAD_ARGUMENT;
    if (w > 0) last = <i32>i;
    total += w;
  }
  if (!(total > 0) || total == Infinity) return BAD_ARGUMENT;
  const target = total * rng_f64(seedLo, seedHi, purpose, entity, index, 0);
  let sum: f64 = 0;
  for (let i: u32 = 0; i < n; i++) {
    sum += load<f64>(weights + (<usize>i << 3));
    if (target < sum) return <i32>i;
  }
  // Only when target was rounded up to a subnormal total.
  return last;
}
