// SPDX-License-Identifier: Apache-2.0
/**
 * e^x of whole rows, for scores that end as f32.
 *
 * ```
 *  x = n ln2 + r, |r| <= ln2 / 2      e^x = 2^n (1 + r + r^2/2! + ... + r^11/11!)
 *  t = x / ln2 + 1.5 * 2^52           the low bits of t are n, rounded to nearest
 * ```
 *
 * Error below 2^-46, so that the f32 is the nearest but for ties that close. x is clamped to where
 * 2^n is a normal number: beyond lie scores that are 0 or 1 as f32. Lanes go through the same
 * operations as the scalar code, in the same order, so both builds give the same bytes.
 */
import { f32At, putF32 } from "../buffers";

const MAGIC: f64 = 6755399441055744;
const INV_LN2: f64 = reinterpret<f64>(0x3ff71547652b82fe);
const LN2_HEAD: f64 = reinterpret<f64>(0x3fe62e42fee00000);
const LN2_TAIL: f64 = reinterpret<f64>(0x3dea39ef35793c76);
const ONE_BITS: u64 = 0x3ff0000000000000;
const LEAST: f64 = -708;
const MOST: f64 = 709;

/** e^x. */
// @ts-ignore: decorator
@inline
export function power(x: f64): f64 {
  const y = max<f64>(min<f64>(x, MOST), LEAST);
  const t = y * INV_LN2 + MAGIC;
  const n = t - MAGIC;
  const r = y - n * LN2_HEAD - n * LN2_TAIL;
  let p: f64 = 1.0 / 39916800;
  p = p * r + 1.0 / 3628800;
  p = p * r + 1.0 / 362880;
  p = p * r + 1.0 / 40320;
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r + 1;
  p = p * r + 1;
  return p * reinterpret<f64>((reinterpret<u64>(t) << 52) + ONE_BITS);
}

// @ts-ignore: decorator
@inline
function step(p: v128, r: v128, c: f64): v128 {
  return f64x2.add(f64x2.mul(p, r), f64x2.splat(c));
}

/** e^x of two lanes. */
// @ts-ignore: decorator
@inline
function powers(x: v128): v128 {
  const y = f64x2.max(f64x2.min(x, f64x2.splat(MOST)), f64x2.splat(LEAST));
  const t = f64x2.add(f64x2.mul(y, f64x2.splat(INV_LN2)), f64x2.splat(MAGIC));
  const n = f64x2.sub(t, f64x2.splat(MAGIC));
  const r = f64x2.sub(
    f64x2.sub(y, f64x2.mul(n, f64x2.splat(LN2_HEAD))),
    f64x2.mul(n, f64x2.splat(LN2_TAIL)),
  );
  let p = step(f64x2.splat(1.0 / 39916800), r, 1.0 / 3628800);
  p = step(p, r, 1.0 / 362880);
  p = step(p, r, 1.0 / 40320);
  p = step(p, r, 1.0 / 5040);
  p = step(p, r, 1.0 / 720);
  p = step(p, r, 1.0 / 120);
  p = step(p, r, 1.0 / 24);
  p = step(p, r, 1.0 / 6);
  p = step(p, r, 0.5);
  p = step(p, r, 1);
  p = step(p, r, 1);
  return f64x2.mul(p, i64x2.add(i64x2.shl(t, 52), i64x2.splat(ONE_BITS)));
}

/** Two f32 at `at` as f64. */
// @ts-ignore: decorator
@inline
function pair(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

/** Two f64 rounded to f32 at `at`; one NaN for all. */
// @ts-ignore: decorator
@inline
function putPair(at: usize, x: v128): void {
  const y = f32x4.demote_f64x2_zero(x);
  v128.store64_lane(at, v128.bitselect(y, f32x4.splat(f32.NaN), f32x4.eq(y, y)), 0);
}

/** Rounded once; one NaN for all. */
// @ts-ignore: decorator
@inline
export function single(x: f64): f32 {
  return isNaN(x) ? f32.NaN : <f32>x;
}

/** 1 / (1 + e^-x). */
// @ts-ignore: decorator
@inline
export function sigmoid(x: f64): f64 {
  return 1 / (1 + power(-x));
}

/** Sigmoids of a row. */
export function sigmoids(row: usize, n: u32, out: usize): void {
  let i: u32 = 0;
  if (ASC_FEATURE_SIMD) {
    const one = f64x2.splat(1);
    for (; i + 2 <= n; i += 2) {
      const at = <usize>i << 2;
      const power = powers(f64x2.neg(pair(row + at)));
      putPair(out + at, f64x2.div(one, f64x2.add(one, power)));
    }
  }
  for (; i < n; i++) putF32(out, i, single(sigmoid(<f64>f32At(row, i))));
}

/** Sum of e^(x - most) over a row, first to last. */
export function sumOfPowers(row: usize, n: u32, most: f64): f64 {
  let sum: f64 = 0;
  let i: u32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (; i + 2 <= n; i += 2) {
      const two = powers(f64x2.sub(pair(row + (<usize>i << 2)), f64x2.splat(most)));
      sum += f64x2.extract_lane(two, 0);
      sum += f64x2.extract_lane(two, 1);
    }
  }
  for (; i < n; i++) sum += power(<f64>f32At(row, i) - most);
  return sum;
}

/** e^(x - most) / sum of a row. */
export function shares(row: usize, n: u32, most: f64, sum: f64, out: usize): void {
  let i: u32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (; i + 2 <= n; i += 2) {
      const at = <usize>i << 2;
      const two = powers(f64x2.sub(pair(row + at), f64x2.splat(most)));
      putPair(out + at, f64x2.div(two, f64x2.splat(sum)));
    }
  }
  for (; i < n; i++) putF32(out, i, single(power(<f64>f32At(row, i) - most) / sum));
}
