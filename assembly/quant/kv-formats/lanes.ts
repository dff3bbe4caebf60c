// SPDX-License-Identifier: Apache-2.0
/** Affine and KVFP4 codes in lanes. Every lane goes through the operations of the scalar code. */
import { wide } from "../codec/lanes";
import { canonical4, e2m1Values, storeValues } from "../codec/values";

/** Least and largest of the elements of a row, NaN if one is. Scratch, no state. */
const BOUNDS: usize = memory.data(8, 8);

// @ts-ignore: decorator
@inline
export function lowBound(): f32 {
  return load<f32>(BOUNDS);
}

// @ts-ignore: decorator
@inline
export function highBound(): f32 {
  return load<f32>(BOUNDS, 4);
}

/** The other half first. */
// @ts-ignore: decorator
@inline
function swapped(x: v128): v128 {
  return i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
}

/** Finds the bounds of the whole fours of x[first .. first + n); returns how many those are. */
export function findBounds(x: usize, dtype: u32, first: usize, n: usize): usize {
  let low = f32x4.splat(f32.POSITIVE_INFINITY);
  let high = f32x4.splat(f32.NEGATIVE_INFINITY);
  let i: usize = 0;
  for (; i + 4 <= n; i += 4) {
    const v = v128.load(wide(x, dtype, first + i, 4));
    low = f32x4.min(low, v);
    high = f32x4.max(high, v);
  }
  low = f32x4.min(low, swapped(low));
  high = f32x4.max(high, swapped(high));
  store<f32>(BOUNDS, min<f32>(f32x4.extract_lane(low, 0), f32x4.extract_lane(low, 1)));
  store<f32>(BOUNDS, max<f32>(f32x4.extract_lane(high, 0), f32x4.extract_lane(high, 1)), 4);
  return i;
}

/** Codes of four elements; a conversion that saturates takes NaN and what is below 0 to 0. */
// @ts-ignore: decorator
@inline
function affine4(x: v128, scale: v128, zero: v128, levels: v128): v128 {
  const t = f32x4.add(f32x4.add(f32x4.div(x, scale), zero), f32x4.splat(0.5));
  return i32x4.trunc_sat_f32x4_u(f32x4.min(t, levels));
}

/** Codes of eight elements, a byte each in the lower half. */
function affine8(
  x: usize,
  dtype: u32,
  index: usize,
  scale: v128,
  zero: v128,
  levels: v128,
): v128 {
  const at = wide(x, dtype, index, 8);
  const a = affine4(v128.load(at), scale, zero, levels);
  const b = affine4(v128.load(at, 16), scale, zero, levels);
  const codes = i16x8.narrow_i32x4_u(a, b);
  return i8x16.narrow_i16x8_u(codes, codes);
}

/**
 * Bytes of codes of a row in whole eights: int8 of x[first ..], or int4 with the elements `half`
 * further on in the high nibbles. Returns how many bytes were written.
 */
export function affineLanes(
  x: usize,
  dtype: u32,
  first: usize,
  bytes: usize,
  half: usize,
  scale: f32,
  zero: f32,
  levels: f32,
  out: usize,
): usize {
  const s = f32x4.splat(scale);
  const z = f32x4.splat(zero);
  const most = f32x4.splat(levels);
  let i: usize = 0;
  for (; i + 8 <= bytes; i += 8) {
    let codes = affine8(x, dtype, first + i, s, z, most);
    if (half) {
      codes = v128.or(codes, i8x16.shl(affine8(x, dtype, first + half + i, s, z, most), 4));
    }
    v128.store64_lane(out + i, codes, 0);
  }
  return i;
}

// @ts-ignore: decorator
@inline
function affineValues(codes: v128, scale: v128, zero: v128): v128 {
  return canonical4(f32x4.mul(f32x4.sub(f32x4.convert_i32x4_u(codes), zero), scale));
}

// @ts-ignore: decorator
@inline
function storeAffine(bytes: v128, scale: v128, zero: v128, out: usize): void {
  const words = i16x8.extend_low_i8x16_u(bytes);
  v128.store(out, affineValues(i32x4.extend_low_i16x8_u(words), scale, zero));
  v128.store(out, affineValues(i32x4.extend_high_i16x8_u(words), scale, zero), 16);
}

/** Values of a row's bytes in whole eights, as affineLanes wrote them. */
export function affineValueLanes(
  codes: usize,
  bytes: usize,
  half: usize,
  scale: f32,
  zero: f32,
  out: usize,
): usize {
  const s = f32x4.splat(scale);
  const z = f32x4.splat(zero);
  let i: usize = 0;
  for (; i + 8 <= bytes; i += 8) {
    const eight = v128.load64_zero(codes + i);
    const low = half ? v128.and(eight, i8x16.splat(15)) : eight;
    storeAffine(low, s, z, out + (i << 2));
    if (half) storeAffine(i8x16.shr_u(eight, 4), s, z, out + (half + i << 2));
  }
  return i;
}

/** Largest magnitude of the sixteen floats of a block; NaN does not count. */
export function largestOfBlock(at: usize): f32 {
  let b = f32x4.pmax(f32x4.splat(0), f32x4.abs(v128.load(at)));
  b = f32x4.pmax(b, f32x4.abs(v128.load(at, 16)));
  b = f32x4.pmax(b, f32x4.abs(v128.load(at, 32)));
  b = f32x4.pmax(b, f32x4.abs(v128.load(at, 48)));
  const half = f32x4.max(b, swapped(b));
  return max<f32>(f32x4.extract_lane(half, 0), f32x4.extract_lane(half, 1));
}

/** Minus one where |y| lies above a bound. */
// @ts-ignore: decorator
@inline
function above(a: v128, bound: f32): v128 {
  return f32x4.gt(a, f32x4.splat(bound));
}

/** KVFP4 codes of four quotients. */
function kvfp4Codes(y: v128): v128 {
  const a = f32x4.abs(y);
  const low = i32x4.add(
    i32x4.add(above(a, 0.25), above(a, 0.75)),
    i32x4.add(above(a, 1.25), above(a, 1.75)),
  );
  const high = i32x4.add(i32x4.add(above(a, 2.5), above(a, 3.5)), above(a, 5));
  const sign = v128.and(f32x4.lt(y, f32x4.splat(0)), i32x4.splat(8));
  return v128.or(i32x4.neg(i32x4.add(low, high)), sign);
}

/** KVFP4 codes of the sixteen floats of a block under a power of two. */
export function kvfp4Lanes(at: usize, power: f32, out: usize): void {
  const p = f32x4.splat(power);
  for (let i: usize = 0; i < 2; i++) {
    const a = kvfp4Codes(f32x4.div(v128.load(at), p));
    const b = kvfp4Codes(f32x4.div(v128.load(at, 16), p));
    const codes = i16x8.narrow_i32x4_u(a, b);
    // Two codes in each 32 bits: the second one moves down beside the first.
    const pairs = v128.or(codes, i32x4.shr_u(codes, 12));
    const bytes = v128.and(pairs, i32x4.splat(0xff));
    const words = i16x8.narrow_i32x4_u(bytes, bytes);
    v128.store32_lane(out, i8x16.narrow_i16x8_u(words, words), 0);
    at += 32;
    out += 4;
  }
}

/** Values of the eight bytes of a block under a power of two. */
export function kvfp4ValueLanes(codes: usize, power: f32, out: usize): void {
  const bytes = v128.load64_zero(codes);
  const even = v128.and(bytes, i8x16.splat(15));
  const odd = i8x16.shr_u(bytes, 4);
  const each = i8x16.shuffle(even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const p = f32x4.splat(power);
  storeValues(e2m1Values(each, false), p, out);
  storeValues(e2m1Values(each, true), p, out + 32);
}
