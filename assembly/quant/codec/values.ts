// SPDX-License-Identifier: Apache-2.0
/** Codes -> values in lanes. The upper halves of the floats come first: they hold all there is. */
import { E2M1, E4M3, E4M3_ML_DTYPES } from "../formats";

/** One NaN for all. */
// @ts-ignore: decorator
@inline
export function canonical4(x: v128): v128 {
  return v128.bitselect(x, f32x4.splat(f32.NaN), f32x4.eq(x, x));
}

/** Upper halves of the values of the low (or high) eight of sixteen E2M1 codes below 16. */
// @ts-ignore: decorator
@inline
export function e2m1Values(codes: v128, high: bool): v128 {
  // 0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives are 0x0000, 0x3f00, 0x3f80, 0x3fc0, ...
  const upper = i8x16.swizzle(
    i8x16(0, 0x3f, 0x3f, 0x3f, 0x40, 0x40, 0x40, 0x40, -128, -65, -65, -65, -64, -64, -64, -64),
    codes,
  );
  const lower = i8x16.swizzle(
    i8x16(0, 0, -128, -64, 0, 64, -128, -64, 0, 0, -128, -64, 0, 64, -128, -64),
    codes,
  );
  return high
    ? i8x16.shuffle(lower, upper, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
    : i8x16.shuffle(lower, upper, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** Upper halves of the values of eight E4M3 codes, one in each 16 bits. Denormal codes included. */
// @ts-ignore: decorator
@inline
function e4m3Values(codes: v128): v128 {
  const rest = v128.and(codes, i16x8.splat(0x7f));
  const sign = i16x8.shl(v128.and(codes, i16x8.splat(0x80)), 8);
  // 1/512 .. 7/512: a table of the upper halves, by swizzle.
  const normal = i16x8.add(i16x8.shl(rest, 4), i16x8.splat(0x3c00));
  const upper = i8x16.swizzle(
    i8x16(0, 0x3b, 0x3b, 0x3b, 0x3c, 0x3c, 0x3c, 0x3c, 0, 0, 0, 0, 0, 0, 0, 0),
    rest,
  );
  const lower = i8x16.swizzle(
    i8x16(0, 0, -128, -64, 0, 32, 64, 96, 0, 0, 0, 0, 0, 0, 0, 0),
    rest,
  );
  const small = v128.or(lower, i16x8.shl(upper, 8));
  const isSmall = i16x8.lt_s(rest, i16x8.splat(8));
  const magnitude = v128.bitselect(small, normal, isSmall);
  const isNaN = i16x8.eq(rest, i16x8.splat(0x7f));
  return v128.bitselect(i16x8.splat(0x7fc0), v128.or(magnitude, sign), isNaN);
}

/** Stores the eight floats of upper halves times a factor. */
// @ts-ignore: decorator
@inline
export function storeValues(upper: v128, factor: v128, out: usize): void {
  const a = i32x4.shl(i32x4.extend_low_i16x8_u(upper), 16);
  const b = i32x4.shl(i32x4.extend_high_i16x8_u(upper), 16);
  v128.store(out, canonical4(f32x4.mul(a, factor)));
  v128.store(out, canonical4(f32x4.mul(b, factor)), 16);
}

/** Values times `scale` of whole groups of codes[0..n), a byte each; returns how many those are. */
export function decodeLanes(format: u32, codes: usize, n: usize, scale: f32, out: usize): usize {
  const factor = f32x4.splat(scale);
  let i: usize = 0;
  if (format == E4M3 || format == E4M3_ML_DTYPES) {
    for (; i + 8 <= n; i += 8) {
      storeValues(e4m3Values(v128.load_ext<u8>(codes + i)), factor, out + (i << 2));
    }
  } else if (format >= E2M1 && format < 5) {
    for (; i + 16 <= n; i += 16) {
      const nibbles = v128.and(v128.load(codes + i), i8x16.splat(15));
      storeValues(e2m1Values(nibbles, false), factor, out + (i << 2));
      storeValues(e2m1Values(nibbles, true), factor, out + (i + 8 << 2));
    }
  }
  return i;
}
