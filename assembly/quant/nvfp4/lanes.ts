// SPDX-License-Identifier: Apache-2.0
/**
 * Sixteen elements at a time in 128-bit lanes. Integer comparisons order the magnitudes of floats
 * as the floats themselves, with NaN above everything, in one instruction each.
 */
import { BF16, F32 } from "../formats";

/** Four elements of a dtype as f32. */
// @ts-ignore: decorator
@inline
export function load4(at: usize, dtype: u32, index: usize): v128 {
  if (dtype == F32) return v128.load(at + (index << 2));
  const halves = v128.load_ext<u16>(at + (index << 1));
  if (dtype == BF16) return i32x4.shl(halves, 16);
  const rest = v128.and(halves, i32x4.splat(0x7fff));
  const sign = i32x4.shl(v128.and(halves, i32x4.splat(0x8000)), 16);
  const shifted = i32x4.shl(rest, 13);
  const scaled = f32x4.mul(shifted, i32x4.splat(0x77800000));
  const special = i32x4.gt_s(rest, i32x4.splat(0x7bff));
  const wide = v128.or(shifted, i32x4.splat(0x7f800000));
  return v128.or(v128.bitselect(wide, scaled, special), sign);
}

/** Bits of the largest magnitude among sixteen. */
// @ts-ignore: decorator
@inline
export function largest(a: v128, b: v128, c: v128, d: v128): u32 {
  const magnitude = i32x4.splat(0x7fffffff);
  let m = i32x4.max_s(
    i32x4.max_s(v128.and(a, magnitude), v128.and(b, magnitude)),
    i32x4.max_s(v128.and(c, magnitude), v128.and(d, magnitude)),
  );
  m = i32x4.max_s(m, i8x16.shuffle(m, m, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  m = i32x4.max_s(m, i8x16.shuffle(m, m, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  return i32x4.extract_lane(m, 0);
}

/** E2M1 codes of four numbers; lanes equal to `dropped` become 0. */
// @ts-ignore: decorator
@inline
function codes4(y: v128, dropped: v128): v128 {
  const a = i32x4.min_s(v128.and(y, i32x4.splat(0x7fffffff)), i32x4.splat(0x40c00000));
  // 0, -1 or -2: how many of the thresholds 2 and 4 are reached.
  const steps = i32x4.add(
    i32x4.gt_s(a, i32x4.splat(0x3fffffff)),
    i32x4.gt_s(a, i32x4.splat(0x407fffff)),
  );
  const magic = i32x4.sub(i32x4.splat(0x4a800000), i32x4.shl(steps, 23));
  const code = i32x4.sub(i32x4.sub(f32x4.add(a, magic), magic), i32x4.shl(steps, 1));
  const signed = v128.or(code, v128.and(i32x4.shr_u(y, 28), i32x4.splat(8)));
  return v128.andnot(signed, i32x4.eq(y, dropped));
}

/** Encodes sixteen numbers times `factor` (none of them NaN) into eight bytes at `out`. */
// @ts-ignore: decorator
@inline
export function encode16(
  a: v128,
  b: v128,
  c: v128,
  d: v128,
  factor: f32,
  dropped: v128,
  out: usize,
): void {
  const f = f32x4.splat(factor);
  const low = i16x8.narrow_i32x4_u(
    codes4(f32x4.mul(a, f), dropped),
    codes4(f32x4.mul(b, f), dropped),
  );
  const high = i16x8.narrow_i32x4_u(
    codes4(f32x4.mul(c, f), dropped),
    codes4(f32x4.mul(d, f), dropped),
  );
  const pairs = i32x4.splat(0x00100001);
  const bytes = i16x8.narrow_i32x4_u(i32x4.dot_i16x8_s(low, pairs), i32x4.dot_i16x8_s(high, pairs));
  v128.store64_lane(out, i8x16.narrow_i16x8_u(bytes, bytes), 0);
}

/** Decodes eight bytes at `from` into sixteen f32 times `factor` (a number) at `out`. */
// @ts-ignore: decorator
@inline
export function decode16(from: usize, factor: f32, out: usize): void {
  const f = f32x4.splat(factor);
  const packed = v128.load64_zero(from);
  const nibble = i8x16.splat(15);
  const low = v128.and(packed, nibble);
  const high = v128.and(i16x8.shr_u(packed, 4), nibble);
  const codes = i8x16.shuffle(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  // The two upper bytes of the floats 0 0.5 1 1.5 2 3 4 6 and their negatives.
  const tops = i8x16(
    0, 0x3f, 0x3f, 0x3f, 0x40, 0x40, 0x40, 0x40,
    -128, -65, -65, -65, -64, -64, -64, -64,
  );
  const nexts = i8x16(0, 0, -128, -64, 0, 64, -128, -64, 0, 0, -128, -64, 0, 64, -128, -64);
  const top = i8x16.swizzle(tops, codes);
  const next = i8x16.swizzle(nexts, codes);
  const zero = i32x4.splat(0);
  const first = i8x16.shuffle(next, top, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const second = i8x16.shuffle(
    next, top, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31,
  );
  v128.store(out, f32x4.mul(lowHalves(zero, first), f));
  v128.store(out, f32x4.mul(highHalves(zero, first), f), 16);
  v128.store(out, f32x4.mul(lowHalves(zero, second), f), 32);
  v128.store(out, f32x4.mul(highHalves(zero, second), f), 48);
}

// @ts-ignore: decorator
@inline
function lowHalves(zero: v128, x: v128): v128 {
  return i8x16.shuffle(zero, x, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
}

// @ts-ignore: decorator
@inline
function highHalves(zero: v128, x: v128): v128 {
  return i8x16.shuffle(zero, x, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
}
