// SPDX-License-Identifier: Apache-2.0
/** The encoders of formats.ts on four numbers at a time; codes stand in 32-bit lanes. */
import {
  BF16,
  E2M1,
  E2M1_ML_DTYPES,
  E4M3,
  E4M3_ML_DTYPES,
  F32,
  UE4M3_GGML,
} from "../formats";

/** E4M3 codes; `limit` is the largest. NaN gives 0x7f, with its sign if that is the limit. */
// @ts-ignore: decorator
@inline
function e4m3x4(y: v128, limit: u32): v128 {
  const a = v128.and(y, i32x4.splat(0x7fffffff));
  const odd = v128.and(i32x4.shr_u(a, 20), i32x4.splat(1));
  const up = i32x4.add(i32x4.add(a, i32x4.splat(0x7ffff)), odd);
  const normal = i32x4.sub(i32x4.shr_u(up, 20), i32x4.splat(120 << 3));
  const small = i32x4.sub(f32x4.add(a, f32x4.splat(16384)), i32x4.splat(0x46800000));
  const isNormal = i32x4.gt_s(a, i32x4.splat((121 << 23) - 1));
  const code = i32x4.min_s(v128.bitselect(normal, small, isNormal), i32x4.splat(limit));
  const sign = v128.and(i32x4.shr_u(y, 24), i32x4.splat(0x80));
  const nan = i32x4.gt_s(a, i32x4.splat(0x7f800000));
  const signed = v128.or(code, sign);
  if (limit == 0x7f) return v128.or(signed, v128.and(nan, i32x4.splat(0x7f)));
  return v128.bitselect(i32x4.splat(0x7f), signed, nan);
}

// @ts-ignore: decorator
@inline
function e2m1x4(y: v128, rule: u32): v128 {
  const magnitude = v128.and(y, i32x4.splat(0x7fffffff));
  const nan = i32x4.gt_s(magnitude, i32x4.splat(0x7f800000));
  const a = i32x4.min_s(magnitude, i32x4.splat(0x40c00000));
  // 0, -1 or -2: how many of the thresholds 2 and 4 are reached.
  const steps = i32x4.add(
    i32x4.gt_s(a, i32x4.splat(0x3fffffff)),
    i32x4.gt_s(a, i32x4.splat(0x407fffff)),
  );
  const magic = i32x4.sub(i32x4.splat(0x4a800000), i32x4.shl(steps, 23));
  const code = i32x4.sub(i32x4.sub(f32x4.add(a, magic), magic), i32x4.shl(steps, 1));
  const signed = v128.or(code, v128.and(i32x4.shr_u(y, 28), i32x4.splat(8)));
  if (rule == E2M1) return v128.bitselect(i32x4.splat(7), signed, nan);
  if (rule == E2M1_ML_DTYPES) {
    return v128.bitselect(v128.andnot(i32x4.splat(8), i32x4.shr_u(y, 28)), signed, nan);
  }
  return v128.andnot(signed, v128.or(nan, i32x4.eq(y, i32x4.splat(0x80000000))));
}

/** A function of its own: inlined at each use it would be a tenth of the module. */
function encode4(format: u32, y: v128): v128 {
  if (format == E4M3) return e4m3x4(y, 0x7e);
  if (format == E4M3_ML_DTYPES) return e4m3x4(y, 0x7f);
  return e2m1x4(y, format);
}

/** Four elements of a dtype as f32. */
function loadLanes(at: usize, dtype: u32, index: usize): v128 {
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

const WIDE: usize = memory.data(64, 16);

/**
 * Address of n <= 16 elements from `index` on as f32, n a multiple of 4: where they are, or in a
 * scratch run. The one loop keeps the conversions from being copied to every use.
 */
export function wide(at: usize, dtype: u32, index: usize, n: usize): usize {
  if (dtype == F32) return at + (index << 2);
  for (let i: usize = 0; i < n; i += 4) {
    v128.store(WIDE + (i << 2), loadLanes(at, dtype, index + i));
  }
  return WIDE;
}

/**
 * Encodes whole groups of eight of x[0..n) divided by `scale`; returns how many elements that
 * were. Division by 1 changes no number.
 */
export function encodeLanes(
  format: u32,
  x: usize,
  dtype: u32,
  n: usize,
  scale: f32,
  out: usize,
): usize {
  if (format == UE4M3_GGML) return 0;
  const s = f32x4.splat(scale);
  let i: usize = 0;
  for (; i + 8 <= n; i += 8) {
    const at = wide(x, dtype, i, 8);
    let a = v128.load(at);
    let b = v128.load(at, 16);
    if (scale != 1) {
      a = f32x4.div(a, s);
      b = f32x4.div(b, s);
    }
    const codes = i16x8.narrow_i32x4_u(encode4(format, a), encode4(format, b));
    v128.store64_lane(out + i, i8x16.narrow_i16x8_u(codes, codes), 0);
  }
  return i;
}
