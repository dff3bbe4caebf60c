// SPDX-License-Identifier: Apache-2.0
/**
 * Block formats of ggml files: NVFP4 (64 elements in 36 bytes) and MXFP4 (32 elements in 17 bytes).
 *
 * ```
 *  nvfp4   │ 4 UE4M3 scales │ 8 codes │ 8 codes │ 8 codes │ 8 codes │
 *          byte j of sub-block s: element 16 s + j low, 16 s + j + 8 high nibble
 *  mxfp4   │ exponent + 127 │ 16 codes │   byte j: element j low, j + 16 high nibble
 * ```
 *
 * Codes are searched, not rounded: the first of the sixteen values with the smallest f32 error, so
 * ties go towards zero and zero is always code 0. There is no tensor scale: small tensors underflow
 * (N(0,1) times 1e-3 loses everything).
 *
 * - GG-1  a block's bytes depend on its own elements alone.
 * - GG-2  a refused call writes nothing.
 *
 * Complexity: O(16) an element to encode. Source: ggml-quants.c, block_nvfp4 and block_mxfp4.
 */
import { inMemory } from "../arena";
import { BAD_ARGUMENT, OK } from "../status";
import { apart, readable } from "./codec";
import { e2m1Decode, element, elementBytes, ue4m3Decode, ue4m3Encode } from "./formats";

const NVFP4: u32 = 0;
const MXFP4: u32 = 1;

// @ts-ignore: decorator
@inline
function blockBytes(format: u32, n: u32): u64 {
  return format == NVFP4 ? <u64>(n >> 6) * 36 : <u64>(n >> 5) * 17;
}

function fits(format: u32, floats: usize, dtype: u32, n: u32, blocks: usize): bool {
  if (format > MXFP4 || n & (format == NVFP4 ? 63 : 31)) return false;
  const bytes = blockBytes(format, n);
  return (
    readable(floats, dtype, n) &&
    inMemory(blocks, bytes) &&
    apart(floats, <u64>n * elementBytes(dtype), blocks, bytes)
  );
}

/** First code whose value times d comes nearest to x. */
function nearest(x: f32, d: f32): u32 {
  let best: u32 = 0;
  let least: f32 = abs<f32>(e2m1Decode(0) * d - x);
  for (let code: u32 = 1; code < 16; code++) {
    const error: f32 = abs<f32>(e2m1Decode(code) * d - x);
    if (error < least) {
      least = error;
      best = code;
    }
  }
  return best;
}

function largest(x: usize, dtype: u32, first: usize, n: usize): f32 {
  let b: f32 = 0;
  for (let i: usize = 0; i < n; i++) {
    const a = abs<f32>(element(x, dtype, first + i));
    if (a > b) b = a;
  }
  return b;
}

function encodePairs(x: usize, dtype: u32, first: usize, half: usize, d: f32, out: usize): void {
  for (let i: usize = 0; i < half; i++) {
    const low = nearest(element(x, dtype, first + i), d);
    const high = nearest(element(x, dtype, first + i + half), d);
    store<u8>(out + i, low | high << 4);
  }
}

/** Blocks of x[0..n): format 0 = NVFP4 (n a multiple of 64), 1 = MXFP4 (of 32). */
export function ggml_encode(format: u32, x: usize, dtype: u32, n: u32, blocks: usize): i32 {
  if (!fits(format, x, dtype, n, blocks)) return BAD_ARGUMENT;
  if (format == MXFP4) return encodeMxfp4(x, dtype, n, blocks);
  for (let first: usize = 0; first < <usize>n; first += 16) {
    const block = blocks + (first >> 6) * 36;
    const sub = (first >> 4) & 3;
    const scale = ue4m3Encode(largest(x, dtype, first, 16) / 6);
    store<u8>(block + sub, scale);
    encodePairs(x, dtype, first, 8, ue4m3Decode(scale), block + 4 + (sub << 3));
  }
  return OK;
}

/** Exponent of the largest element minus that of 4, the power of two below 6. */
function encodeMxfp4(x: usize, dtype: u32, n: u32, blocks: usize): i32 {
  for (let first: usize = 0; first < <usize>n; first += 32) {
    const block = blocks + (first >> 5) * 17;
    const exponent = reinterpret<u32>(largest(x, dtype, first, 32)) >> 23;
    const byte = exponent > 2 ? min(exponent - 2, 254) : 0;
    store<u8>(block, byte);
    encodePairs(x, dtype, first, 16, power(byte), block + 1);
  }
  return OK;
}

/** 2^(byte - 127). */
function power(byte: u32): f32 {
  return reinterpret<f32>(byte ? byte << 23 : <u32>0x00400000);
}

/** 2^(byte - 128). */
function halfPower(byte: u32): f32 {
  return reinterpret<f32>(byte < 2 ? <u32>0x00200000 << byte : (byte - 1) << 23);
}

/** Values of blocks, f32. */
export function ggml_decode(format: u32, blocks: usize, n: u32, out: usize): i32 {
  if (!fits(format, out, 0, n, blocks)) return BAD_ARGUMENT;
  const run: usize = format == NVFP4 ? 16 : 32;
  const half = run >> 1;
  for (let first: usize = 0; first < <usize>n; first += run) {
    // As in ggml, MXFP4 decodes as twice the value times half the scale: byte 255 stays finite.
    let d: f32;
    let unit: f32 = 1;
    let codes: usize;
    if (format == NVFP4) {
      const block = blocks + (first >> 6) * 36;
      const sub = (first >> 4) & 3;
      d = ue4m3Decode(load<u8>(block + sub));
      codes = block + 4 + (sub << 3);
    } else {
      const block = blocks + (first >> 5) * 17;
      d = halfPower(load<u8>(block));
      unit = 2;
      codes = block + 1;
    }
    for (let i: usize = 0; i < half; i++) {
      const pair = <u32>load<u8>(codes + i);
      store<f32>(out + (first + i << 2), e2m1Decode(pair & 15) * unit * d);
      store<f32>(out + (first + i + half << 2), e2m1Decode(pair >> 4) * unit * d);
    }
  }
  return OK;
}
