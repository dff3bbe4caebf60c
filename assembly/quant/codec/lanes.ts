// SPDX-License-Identifier: Apache-2.0
/** The encoders of formats.ts on four numbers at a time; codes stand in 32-bit lanes. */
import { E2M1, E2M1_ML_DTYPES, E4M3, E4M3_ML_DTYPES, UE4M3_GGML } from "../formats";
import { codes4, load4 } from "../nvfp4/lanes";

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
  const nan = i32x4.gt_s(v128.and(y, i32x4.splat(0x7fffffff)), i32x4.splat(0x7f800000));
  if (rule == E2M1) {
    return v128.bitselect(i32x4.splat(7), codes4(y, i32x4.splat(0x7fffffff)), nan);
  }
  if (rule == E2M1_ML_DTYPES) {
    const flipped = v128.andnot(i32x4.splat(8), i32x4.shr_u(y, 28));
    return v128.bitselect(flipped, codes4(y, i32x4.splat(0x7fffffff)), nan);
  }
  return v128.andnot(codes4(y, i32x4.splat(0x80000000)), nan);
}

/** A function of its own: inlined at each use it would be a tenth of the module. */
function encode4(format: u32, y: v128): v128 {
  if (format == E4M3) return e4m3x4(y, 0x7e);
  if (format == E4M3_ML_DTYPES) return e4m3x4(y, 0x7f);
  return e2m1x4(y, format);
}

function loadLanes(x: usize, dtype: u32, index: usize): v128 {
  return load4(x, dtype, index);
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
    let a = loadLanes(x, dtype, i);
    let b = loadLanes(x, dtype, i + 4);
    if (scale != 1) {
      a = f32x4.div(a, s);
      b = f32x4.div(b, s);
    }
    const codes = i16x8.narrow_i32x4_u(encode4(format, a), encode4(format, b));
    v128.store64_lane(out + i, i8x16.narrow_i16x8_u(codes, codes), 0);
  }
  return i;
}
