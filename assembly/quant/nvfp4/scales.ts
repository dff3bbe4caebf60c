// SPDX-License-Identifier: Apache-2.0
/**
 * The two levels of scale of NVFP4, as tables: a block scale is one of 128 codes, so the divisions
 * that a tensor needs are made once, not once a block.
 */
import { E2M1, E2M1_TE, e4m3Decode } from "../formats";

/** Bits of `mode`. */
export const TILES: u32 = 1;
export const ROW_SCALED: u32 = 2;
export const AMAX_GIVEN: u32 = 4;
export const FOUR_OVER_SIX: u32 = 8;
export const SQUARED: u32 = 16;
export const E256: u32 = 32;
export const RULE_TE: u32 = 64;
export const POW2: u32 = 128;
export const SWIZZLED: u32 = 256;
export const VLLM: u32 = 512;
export const FINITE_AMAX: u32 = 1024;
export const MODES: u32 = 2047;

export const FLT_MAX: f32 = 3.4028234663852886e38;
const SIXTH: f32 = <f32>(1.0 / 6.0);

/** Element multiplier by scale code, then value of a unit code by scale code. Scratch, no state. */
export const ENCODE: usize = memory.data(1024, 16);
const DECODE: usize = ENCODE + 512;

/** What the blocks of one tensor (or row) share. */
@unmanaged
export class Scale {
  /** Absolute maximum; the global scale in vLLM order. */
  amax: f32;
  /** Encode scale. */
  s: f32;
  /** Block maximum -> block scale, before its rounding to E4M3. */
  mult: f32;
  /** 6 E of 4over6; 2688 otherwise. */
  full: f32;
  /** What a block maximum is multiplied by before `mult`. */
  before: f32;
  /** 1 when all multipliers and `mult` are numbers above 0: no product of numbers is NaN. */
  plain: u32;
  /** What makes a byte of a scale code carry whose unit code has no number as its value. */
  limit: u32;
}
export const SCALE: usize = memory.data(32, 8);

// @ts-ignore: decorator
@inline
export function current(): Scale {
  return changetype<Scale>(SCALE);
}

/** Fills the tables for an absolute maximum. */
export function prepare(amax: f32, mode: u32): void {
  const scale = current();
  const full: f32 = mode & E256 ? 1536 : 2688;
  scale.amax = amax;
  scale.full = full;
  if (mode & POW2) return preparePow2();
  let s: f32 = amax;
  if (!(mode & VLLM)) {
    s = min<f32>(full / amax, FLT_MAX);
    if (s == 0) s = 1;
  }
  scale.s = s;
  scale.mult = mode & VLLM ? s : s * SIXTH;
  scale.before = mode & VLLM ? SIXTH : 1;
  scale.plain = u32(isPositive(scale.mult));
  const d: f32 = <f32>1 / s;
  const inverse: f32 = mode & E256 ? <f32>(1.0 / 1536.0) : <f32>(1.0 / 2688.0);
  // Values grow with the code: the numbers come first.
  let numbers: u32 = 0;
  for (let code: u32 = 0; code < 128; code++) {
    const f = e4m3Decode(code);
    let product: f32 = f * d;
    let multiplier: f32 = min<f32>(<f32>1 / product, FLT_MAX);
    if (mode & VLLM) {
      if (product == 0) product = 1e8;
      multiplier = <f32>1 / product;
    }
    store<f32>(ENCODE + (<usize>code << 2), multiplier);
    if (code < 127 && !isPositive(multiplier)) scale.plain = 0;
    const unit: f32 = mode & VLLM ? f * d : (f * amax) * inverse;
    store<f32>(DECODE + (<usize>code << 2), unit);
    if (abs<f32>(unit) <= FLT_MAX) numbers = code + 1;
  }
  scale.limit = (128 - numbers) * 0x01010101;
}

// @ts-ignore: decorator
@inline
function isPositive(x: f32): bool {
  return x > 0 && x <= FLT_MAX;
}

/** Both tables together hold the 256 powers. */
function preparePow2(): void {
  const scale = current();
  scale.s = 1;
  scale.mult = 1;
  scale.plain = 0;
  scale.limit = 0x01010101;
  for (let code: u32 = 0; code < 256; code++) {
    store<f32>(ENCODE + (<usize>code << 2), pow2(code));
  }
}

/** Table of the values of unit codes, and what of a scale code is its index. */
// @ts-ignore: decorator
@inline
export function decodeTable(mode: u32): usize {
  return mode & POW2 ? ENCODE : DECODE;
}

// @ts-ignore: decorator
@inline
export function decodeMask(mode: u32): u32 {
  return mode & POW2 ? 255 : 127;
}

/** Multiplier of the elements of a block. */
// @ts-ignore: decorator
@inline
export function encodeFactor(code: u32, mode: u32): f32 {
  if (mode & POW2) return <f32>1 / pow2(code);
  return load<f32>(ENCODE + (<usize>(code & 127) << 2));
}

/** Value of a unit code of a block. */
// @ts-ignore: decorator
@inline
export function decodeFactor(code: u32, mode: u32): f32 {
  if (mode & POW2) return pow2(code);
  return load<f32>(DECODE + (<usize>(code & 127) << 2));
}

/** 2^(code - 127), denormal at 0; code 255 is NaN. */
function pow2(code: u32): f32 {
  if (code == 0) return reinterpret<f32>(<u32>0x00400000);
  return code == 255 ? f32.NaN : reinterpret<f32>(code << 23);
}

/** Scale of a block with absolute maximum b, before it is cut and rounded to E4M3. */
// @ts-ignore: decorator
@inline
export function scaleOf(b: f32, mode: u32): f32 {
  const scale = current();
  if (mode & VLLM) return (b * SIXTH) * scale.mult;
  if (mode & FOUR_OVER_SIX) return (b / 6) * scale.s;
  return b * scale.mult;
}

/** Largest finite scale: what lies above is cut before it is rounded. */
// @ts-ignore: decorator
@inline
export function cut(d: f32): f32 {
  return max<f32>(min<f32>(d, 448), -448);
}

/** Exponent byte of 2^ceil(log2(b / 6)), cut to 2^-127 .. 2^127; 255 for NaN. */
export function pow2Code(b: f32): u32 {
  const bits = reinterpret<u32>(b / 6);
  if (bits > 0x7f800000) return 255;
  if (bits <= 0x00400000) return 0;
  const up = (bits >> 23) + u32((bits & 0x7fffff) != 0);
  return min(up, 254);
}

// @ts-ignore: decorator
@inline
export function elementRule(mode: u32): u32 {
  return mode & RULE_TE ? E2M1_TE : E2M1;
}
