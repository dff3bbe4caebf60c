// SPDX-License-Identifier: Apache-2.0
/**
 * Quantized KV caches: FP8 under one scale, affine int8 and int4, and 4-bit floats under a power of
 * two a block of sixteen (SGLang's KVFP4).
 *
 * ```
 *  fp8     1 byte an element
 *  int8    1 byte an element    scale, zero: f32 a row
 *  int4    element j low nibble, element j + n/2 high nibble of byte j    scale, zero: f32 a row
 *  kvfp4   even element low nibble    one exponent byte a block
 * ```
 *
 * A row is what shares parameters: one token of one head. Each step is an f32 operation of its own,
 * divisions are true divisions: a reciprocal changes codes.
 *
 * - KVQ-1  decode(encode(x)) errs by at most half a step of the row (affine), of the format (fp8).
 * - KVQ-2  a constant row decodes to itself (scale 1, zero -x).
 * - KVQ-3  a refused call writes nothing. NaN encodes to NaN (fp8), to 0 (kvfp4), and turns the
 *          parameters of its row into NaN (affine).
 *
 * Source: vLLM and SGLang fp8 KV cache; lmdeploy quant policy 4 and 8; SGLang KVFP4.
 */
import { inMemory } from "../arena";
import { BAD_ARGUMENT, OK } from "../status";
import { apart, readable } from "./codec";
import { encodeLanes, wide } from "./codec/lanes";
import { decodeLanes } from "./codec/values";
import { E4M3, e2m1Decode, e4m3Decode, e4m3Encode, element, elementBytes } from "./formats";
import {
  affineLanes,
  affineValueLanes,
  findBounds,
  highBound,
  kvfp4Lanes,
  kvfp4ValueLanes,
  largestOfBlock,
  lowBound,
} from "./kv-formats/lanes";

// @ts-ignore: decorator
@inline
function usable(scale: f32): bool {
  return scale > 0 && scale <= f32.MAX_VALUE;
}

/** FP8 E4M3 codes of x / scale. */
export function kv_fp8_encode(x: usize, dtype: u32, n: u32, scale: f32, out: usize): i32 {
  if (!usable(scale) || !readable(x, dtype, n) || !inMemory(out, n)) return BAD_ARGUMENT;
  if (!apart(x, <u64>n * elementBytes(dtype), out, n)) return BAD_ARGUMENT;
  let i: usize = 0;
  if (ASC_FEATURE_SIMD) i = encodeLanes(E4M3, x, dtype, n, scale, out);
  for (; i < <usize>n; i++) {
    store<u8>(out + i, e4m3Encode(element(x, dtype, i) / scale));
  }
  return OK;
}

/** Values of FP8 codes times scale, f32. */
export function kv_fp8_decode(codes: usize, n: u32, scale: f32, out: usize): i32 {
  if (!usable(scale) || !inMemory(codes, n) || !readable(out, 0, n)) return BAD_ARGUMENT;
  if (!apart(codes, n, out, <u64>n << 2)) return BAD_ARGUMENT;
  let i: usize = 0;
  if (ASC_FEATURE_SIMD) i = decodeLanes(E4M3, codes, n, scale, out);
  for (; i < <usize>n; i++) {
    const value: f32 = e4m3Decode(load<u8>(codes + i)) * scale;
    store<f32>(out + (i << 2), isNaN<f32>(value) ? f32.NaN : value);
  }
  return OK;
}

function affineArguments(
  floats: usize,
  dtype: u32,
  rows: u32,
  cols: u32,
  bits: u32,
  codes: usize,
  scales: usize,
  zeros: usize,
): bool {
  if (cols == 0 || (bits != 8 && bits != 4) || (bits == 4 && (cols & 1) != 0)) return false;
  const n = <u64>rows * cols;
  const codeBytes = bits == 8 ? n : n >> 1;
  const parameterBytes = <u64>rows << 2;
  if (!readable(floats, dtype, n) || !inMemory(codes, codeBytes)) return false;
  if (!readable(scales, 0, rows) || !readable(zeros, 0, rows)) return false;
  const bytes = n * elementBytes(dtype);
  return (
    apart(floats, bytes, codes, codeBytes) &&
    apart(floats, bytes, scales, parameterBytes) &&
    apart(floats, bytes, zeros, parameterBytes) &&
    apart(codes, codeBytes, scales, parameterBytes) &&
    apart(codes, codeBytes, zeros, parameterBytes) &&
    apart(scales, parameterBytes, zeros, parameterBytes)
  );
}

/** Affine codes of `bits` 8 or 4 of x[rows][cols]; scales and zeros get one f32 a row. */
export function kv_affine_encode(
  x: usize,
  dtype: u32,
  rows: u32,
  cols: u32,
  bits: u32,
  codes: usize,
  scales: usize,
  zeros: usize,
): i32 {
  if (!affineArguments(x, dtype, rows, cols, bits, codes, scales, zeros)) return BAD_ARGUMENT;
  const levels: f32 = bits == 8 ? 255 : 15;
  for (let row: u32 = 0; row < rows; row++) {
    const first = <usize>row * cols;
    let low = f32.POSITIVE_INFINITY;
    let high = f32.NEGATIVE_INFINITY;
    let i: usize = 0;
    if (ASC_FEATURE_SIMD) {
      i = findBounds(x, dtype, first, cols);
      low = lowBound();
      high = highBound();
    }
    for (; i < <usize>cols; i++) {
      const v = element(x, dtype, first + i);
      low = min<f32>(low, v);
      high = max<f32>(high, v);
    }
    let scale: f32 = (high - low) / levels;
    if (scale == 0) scale = 1;
    const zero: f32 = -low / scale;
    store<f32>(scales + (<usize>row << 2), isNaN<f32>(scale) ? f32.NaN : scale);
    store<f32>(zeros + (<usize>row << 2), isNaN<f32>(zero) ? f32.NaN : zero);
    const half: usize = bits == 8 ? 0 : <usize>cols >> 1;
    const bytes = half ? half : <usize>cols;
    const to = codes + row * bytes;
    i = 0;
    if (ASC_FEATURE_SIMD) i = affineLanes(x, dtype, first, bytes, half, scale, zero, levels, to);
    for (; i < bytes; i++) {
      let code = affineCode(element(x, dtype, first + i), scale, zero, levels);
      if (half) {
        code |= affineCode(element(x, dtype, first + half + i), scale, zero, levels) << 4;
      }
      store<u8>(to + i, code);
    }
  }
  return OK;
}

// @ts-ignore: decorator
@inline
function affineCode(x: f32, scale: f32, zero: f32, levels: f32): u32 {
  const t: f32 = x / scale + zero + <f32>0.5;
  return t > 0 ? <u32>min<f32>(t, levels) : 0;
}

/** Values (code - zero) * scale of affine codes, f32 rows x cols. */
export function kv_affine_decode(
  codes: usize,
  scales: usize,
  zeros: usize,
  rows: u32,
  cols: u32,
  bits: u32,
  out: usize,
): i32 {
  if (!affineArguments(out, 0, rows, cols, bits, codes, scales, zeros)) return BAD_ARGUMENT;
  const half: usize = bits == 8 ? 0 : <usize>cols >> 1;
  const bytes = half ? half : <usize>cols;
  for (let row: u32 = 0; row < rows; row++) {
    const scale = load<f32>(scales + (<usize>row << 2));
    const zero = load<f32>(zeros + (<usize>row << 2));
    const from = codes + row * bytes;
    const to = out + (<usize>row * cols << 2);
    let i: usize = 0;
    if (ASC_FEATURE_SIMD) i = affineValueLanes(from, bytes, half, scale, zero, to);
    for (; i < bytes; i++) {
      const code = <u32>load<u8>(from + i);
      storeAffine(half ? code & 15 : code, scale, zero, to + (i << 2));
      if (half) storeAffine(code >> 4, scale, zero, to + (half + i << 2));
    }
  }
  return OK;
}

// @ts-ignore: decorator
@inline
function storeAffine(code: u32, scale: f32, zero: f32, to: usize): void {
  const value: f32 = (<f32>code - zero) * scale;
  store<f32>(to, isNaN<f32>(value) ? f32.NaN : value);
}

function kvfp4Arguments(floats: usize, dtype: u32, n: u32, codes: usize, scales: usize): bool {
  if (n & 15) return false;
  const bytes = <u64>n * elementBytes(dtype);
  return (
    readable(floats, dtype, n) &&
    inMemory(codes, n >> 1) &&
    inMemory(scales, n >> 4) &&
    apart(floats, bytes, codes, n >> 1) &&
    apart(floats, bytes, scales, n >> 4) &&
    apart(codes, n >> 1, scales, n >> 4)
  );
}

/** KVFP4 codes of x[0..n), n a multiple of 16; scales gets one exponent byte a block. */
export function kv_fp4_encode(x: usize, dtype: u32, n: u32, codes: usize, scales: usize): i32 {
  if (!kvfp4Arguments(x, dtype, n, codes, scales)) return BAD_ARGUMENT;
  for (let first: usize = 0; first < <usize>n; first += 16) {
    const at = ASC_FEATURE_SIMD ? wide(x, dtype, first, 16) : 0;
    const b = ASC_FEATURE_SIMD ? largestOfBlock(at) : largestOf(x, dtype, first);
    const a = max<f32>(b / 6, 1e-10);
    const bits = reinterpret<u32>(a);
    // Clamped so that 2^-e below stays a normal float.
    const exponent = min((bits >> 23) + u32((bits & 0x7fffff) != 0), 253);
    store<u8>(scales + (first >> 4), exponent);
    const power = reinterpret<f32>(exponent << 23);
    if (ASC_FEATURE_SIMD) {
      kvfp4Lanes(at, power, codes + (first >> 1));
      continue;
    }
    for (let i: usize = 0; i < 16; i += 2) {
      const low = kvfp4Code(element(x, dtype, first + i) / power);
      const high = kvfp4Code(element(x, dtype, first + i + 1) / power);
      store<u8>(codes + (first + i >> 1), low | high << 4);
    }
  }
  return OK;
}

/** Largest magnitude of a block; NaN does not count. */
function largestOf(x: usize, dtype: u32, first: usize): f32 {
  let b: f32 = 0;
  for (let i: usize = 0; i < 16; i++) {
    const v = abs<f32>(element(x, dtype, first + i));
    if (v > b) b = v;
  }
  return b;
}

/** How many bounds lie strictly below |y|: ties go down, unlike E2M1 of formats.ts. */
function kvfp4Code(y: f32): u32 {
  const a = abs<f32>(y);
  const code: u32 =
    u32(a > 0.25) + u32(a > 0.75) + u32(a > 1.25) + u32(a > 1.75) +
    u32(a > 2.5) + u32(a > 3.5) + u32(a > 5);
  return y < 0 ? code | 8 : code;
}

/** Values of KVFP4 codes, f32. */
export function kv_fp4_decode(codes: usize, scales: usize, n: u32, out: usize): i32 {
  if (!kvfp4Arguments(out, 0, n, codes, scales)) return BAD_ARGUMENT;
  for (let first: usize = 0; first < <usize>n; first += 16) {
    const exponent = <u32>load<u8>(scales + (first >> 4));
    // 2^-127 is denormal; 255 is infinite, and infinity times 0 is NaN.
    const power = reinterpret<f32>(exponent ? exponent << 23 : <u32>0x00400000);
    if (ASC_FEATURE_SIMD) {
      kvfp4ValueLanes(codes + (first >> 1), power, out + (first << 2));
      continue;
    }
    for (let i = first; i < first + 16; i++) {
      const code = (<u32>load<u8>(codes + (i >> 1)) >> (<u32>(i & 1) << 2)) & 15;
      const value: f32 = e2m1Decode(code) * power;
      store<f32>(out + (i << 2), isNaN<f32>(value) ? f32.NaN : value);
    }
  }
  return OK;
}
