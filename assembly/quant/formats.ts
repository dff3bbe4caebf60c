// SPDX-License-Identifier: Apache-2.0
/**
 * Number formats of quantized tensors: one element at a time.
 *
 * Problem: turn a float32 into a 4-bit or 8-bit float and back exactly as the reference in question
 * does, without branches where it matters. References disagree about NaN, -0 and overflow, so each
 * is a rule of its own (docs/kernels/quant.md lists them side by side).
 *
 * ```
 *  E4M3   s eeee mmm   bias 7, no infinity, 0x7f = NaN, largest 448 = 0x7e
 *  E2M1   s ee m       0 0.5 1 1.5 2 3 4 6
 *  UE4M3    eeee mmm   unsigned E4M3 of ggml's block scales
 * ```
 *
 * Both encoders round to nearest even by adding a float whose unit in the last place is one step of
 * the format: the hardware rounds, the difference of the bit patterns is the code.
 *
 * Source: OCP 8-bit floating point specification 1.0; OCP microscaling formats 1.0 (E2M1).
 */

/** NaN -> 0x7f, beyond 448 and infinite -> 0x7e, both with the sign but for NaN. CUDA, TE. */
export const E4M3: u32 = 0;
/** As ml_dtypes: beyond 464 and infinite -> NaN; NaN keeps its sign. */
export const E4M3_ML_DTYPES: u32 = 1;
/** -0 -> 8, NaN of either sign -> 7. CUDA. */
export const E2M1: u32 = 2;
/** -0 and NaN -> 0. The Python reference of TransformerEngine. */
export const E2M1_TE: u32 = 3;
/** +NaN -> 8, -NaN -> 0. ml_dtypes. */
export const E2M1_ML_DTYPES: u32 = 4;
/** Not above 0 -> 0; half up; from 248 on 0x7e. ggml. */
export const UE4M3_GGML: u32 = 5;
export const FORMATS: u32 = 6;

export const F32: u32 = 0;
export const BF16: u32 = 1;
export const F16: u32 = 2;
export const DTYPES: u32 = 3;

const INFINITE: u32 = 0x7f800000;
/** 2^-6, the smallest normal of E4M3. */
const E4M3_NORMAL: u32 = 121 << 23;

/** Bytes of an element. */
// @ts-ignore: decorator
@inline
export function elementBytes(dtype: u32): u32 {
  return dtype == F32 ? 4 : 2;
}

/** Half precision -> f32, exact. */
export function halfToF32(h: u32): f32 {
  const sign = (h & 0x8000) << 16;
  const rest = h & 0x7fff;
  // The multiplication rebiases the exponent and normalises denormals.
  const scaled = reinterpret<u32>(reinterpret<f32>(rest << 13) * reinterpret<f32>(<u32>0x77800000));
  const bits = rest >= 0x7c00 ? INFINITE | ((rest & 0x3ff) << 13) : scaled;
  return reinterpret<f32>(bits | sign);
}

/** Element `index` of a buffer, as f32. */
// @ts-ignore: decorator
@inline
export function element(at: usize, dtype: u32, index: usize): f32 {
  if (dtype == F32) return load<f32>(at + (index << 2));
  const half = <u32>load<u16>(at + (index << 1));
  return dtype == BF16 ? reinterpret<f32>(half << 16) : halfToF32(half);
}

/** Code of |x| without saturation; `a` holds its bits, not NaN. */
// @ts-ignore: decorator
@inline
function e4m3Magnitude(a: u32): u32 {
  if (a >= E4M3_NORMAL) return ((a + 0x7ffff + ((a >> 20) & 1)) >> 20) - (120 << 3);
  return reinterpret<u32>(reinterpret<f32>(a) + <f32>16384) - 0x46800000;
}

export function e4m3Encode(x: f32): u32 {
  const bits = reinterpret<u32>(x);
  const a = bits & 0x7fffffff;
  if (a > INFINITE) return 0x7f;
  return min(e4m3Magnitude(a), 0x7e) | (bits >> 24) & 0x80;
}

function e4m3EncodeMlDtypes(x: f32): u32 {
  const bits = reinterpret<u32>(x);
  const a = bits & 0x7fffffff;
  const code: u32 = a > INFINITE ? 0x7f : min(e4m3Magnitude(a), 0x7f);
  return code | (bits >> 24) & 0x80;
}

export function ue4m3Encode(x: f32): u32 {
  if (!(x > 0)) return 0;
  const y = min<f32>(x, 448);
  const bits = reinterpret<u32>(y);
  if (bits < E4M3_NORMAL) return min(<u32>(y * 512 + <f32>0.5), 7);
  const code = ((bits + 0x80000) >> 20) - (120 << 3);
  return code >= 0x78 ? 0x7e : code;
}

/** NaN for 0x7f and 0xff. */
export function e4m3Decode(code: u32): f32 {
  const sign = (code & 0x80) << 24;
  const rest = code & 0x7f;
  if (rest == 0x7f) return f32.NaN;
  const magnitude = rest < 8
    ? <f32>rest * reinterpret<f32>(<u32>(118 << 23))
    : reinterpret<f32>((rest << 20) + (120 << 23));
  return reinterpret<f32>(reinterpret<u32>(magnitude) | sign);
}

/** As e4m3Decode of the low seven bits, with 0x7f -> 0. */
export function ue4m3Decode(code: u32): f32 {
  return (code & 0x7f) == 0x7f ? 0 : e4m3Decode(code & 0x7f);
}

/** E2M1 code of x, NaN excepted: magnitudes from 6 on give 7, -0 gives 8. */
// @ts-ignore: decorator
@inline
export function e2m1Number(x: f32): u32 {
  const bits = reinterpret<u32>(x);
  const a = min<f32>(reinterpret<f32>(bits & 0x7fffffff), 6);
  const steps: u32 = u32(a >= 2) + u32(a >= 4);
  const magic = 0x4a800000 + (steps << 23);
  const code = reinterpret<u32>(a + reinterpret<f32>(magic)) - magic + (steps << 1);
  return code | (bits >> 28) & 8;
}

/** E2M1 code of x by one of the rules E2M1, E2M1_TE, E2M1_ML_DTYPES. */
export function e2m1Encode(x: f32, rule: u32): u32 {
  const bits = reinterpret<u32>(x);
  if ((bits & 0x7fffffff) > INFINITE) {
    if (rule == E2M1) return 7;
    return rule == E2M1_TE ? 0 : (~bits >> 28) & 8;
  }
  return rule == E2M1_TE && bits == 0x80000000 ? 0 : e2m1Number(x);
}

export function e2m1Decode(code: u32): f32 {
  const half = code & 7;
  const magnitude: f32 = half < 2
    ? <f32>half * <f32>0.5
    : reinterpret<f32>((half << 22) + (126 << 23));
  return reinterpret<f32>(reinterpret<u32>(magnitude) | (code & 8) << 28);
}

/**
 * E2M1 with stochastic rounding: |x| + (random / 256) * step, rounded down; the step is that of the
 * interval of |x|, which ends on a multiple of the next one's. NaN -> 7, -0 -> 8.
 */
export function e2m1Stochastic(x: f32, random: u32): u32 {
  const bits = reinterpret<u32>(x);
  const a = reinterpret<f32>(bits & 0x7fffffff);
  if (isNaN<f32>(a)) return 7;
  const u = <f32>random * <f32>0.00390625;
  const step = stepAt(a);
  const down = min<f32>(floor<f32>((a + u * step) / step) * step, 6);
  return e2m1Number(down) | (bits >> 28) & 8;
}

function stepAt(a: f32): f32 {
  return a < 2 ? 0.5 : a < 4 ? 1 : 2;
}

/** Code of x in a format. */
export function encode(format: u32, x: f32): u32 {
  if (format == E4M3) return e4m3Encode(x);
  if (format == E4M3_ML_DTYPES) return e4m3EncodeMlDtypes(x);
  return format == UE4M3_GGML ? ue4m3Encode(x) : e2m1Encode(x, format);
}

/** Value of a code in a format. */
export function decode(format: u32, code: u32): f32 {
  if (format == UE4M3_GGML) return ue4m3Decode(code);
  return format <= E4M3_ML_DTYPES ? e4m3Decode(code) : e2m1Decode(code);
}
