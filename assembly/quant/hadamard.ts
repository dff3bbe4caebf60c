// SPDX-License-Identifier: Apache-2.0
/**
 * Random Hadamard transform of runs of sixteen elements: spreads outliers before quantization.
 *
 * y_j = 1/4 * sum_i sign_i x_i (-1)^popcount(i AND j), a product of a random diagonal and an
 * orthogonal matrix, so that applying it to both operands of a product changes nothing.
 *
 * - RHT-1  the sum runs as a butterfly over strides 1, 2, 4, 8, each addition rounded to f32; then
 *          one multiplication by 1/4, which is exact but for denormals.
 *
 * Complexity: O(n), 64 additions a run. Source: TransformerEngine's NVFP4 recipe (16-point, column
 * wise operand).
 */
import { inMemory } from "../arena";
import { BAD_ARGUMENT, OK } from "../status";
import { apart, readable } from "./codec";
import { wide } from "./codec/lanes";
import { canonical4 } from "./codec/values";
import { element, elementBytes } from "./formats";

/**
 * Transforms x[0..n) run by run into out (f32). Bit i of `negative` flips the sign of element i of
 * each run. n is a multiple of 16.
 */
export function hadamard16(x: usize, dtype: u32, n: u32, negative: u32, out: usize): i32 {
  if (n & 15 || negative > 0xffff || !readable(x, dtype, n)) return BAD_ARGUMENT;
  if (!readable(out, 0, n)) return BAD_ARGUMENT;
  if (!apart(x, <u64>n * elementBytes(dtype), out, <u64>n << 2)) return BAD_ARGUMENT;
  for (let first: usize = 0; first < <usize>n; first += 16) {
    const y = out + (first << 2);
    if (ASC_FEATURE_SIMD) {
      transform(x, dtype, first, negative, y);
      continue;
    }
    for (let i: usize = 0; i < 16; i++) {
      const v = element(x, dtype, first + i);
      store<f32>(y + (i << 2), (negative >> <u32>i) & 1 ? -v : v);
    }
    butterfly(y);
  }
  return OK;
}

function butterfly(y: usize): void {
  for (let stride: usize = 4; stride < 64; stride <<= 1) {
    for (let i: usize = 0; i < 64; i += 4) {
      if (i & stride) continue;
      const a = load<f32>(y + i);
      const b = load<f32>(y + i + stride);
      store<f32>(y + i, a + b);
      store<f32>(y + i + stride, a - b);
    }
  }
  for (let i: usize = 0; i < 64; i += 4) {
    const v: f32 = load<f32>(y + i) * <f32>0.25;
    store<f32>(y + i, isNaN<f32>(v) ? f32.NaN : v);
  }
}

/** The same in lanes: strides 1 and 2 within a vector, 4 and 8 between vectors. */
function transform(x: usize, dtype: u32, first: usize, negative: u32, y: usize): void {
  const from = wide(x, dtype, first, 16);
  const a = within(v128.xor(v128.load(from), signs(negative)));
  const b = within(v128.xor(v128.load(from, 16), signs(negative >> 4)));
  const c = within(v128.xor(v128.load(from, 32), signs(negative >> 8)));
  const d = within(v128.xor(v128.load(from, 48), signs(negative >> 12)));
  const ab = f32x4.add(a, b);
  const ba = f32x4.sub(a, b);
  const cd = f32x4.add(c, d);
  const dc = f32x4.sub(c, d);
  const quarter = f32x4.splat(0.25);
  v128.store(y, canonical4(f32x4.mul(f32x4.add(ab, cd), quarter)));
  v128.store(y, canonical4(f32x4.mul(f32x4.add(ba, dc), quarter)), 16);
  v128.store(y, canonical4(f32x4.mul(f32x4.sub(ab, cd), quarter)), 32);
  v128.store(y, canonical4(f32x4.mul(f32x4.sub(ba, dc), quarter)), 48);
}

/** Sign bits of four lanes: bit i for lane i. */
// @ts-ignore: decorator
@inline
function signs(negative: u32): v128 {
  const bits = v128.and(i32x4.splat(negative), i32x4(1, 2, 4, 8));
  return v128.and(i32x4.ne(bits, i32x4.splat(0)), i32x4.splat(0x80000000));
}

/** Strides 1 and 2 of four elements. */
// @ts-ignore: decorator
@inline
function within(v: v128): v128 {
  const one = i8x16.shuffle(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
  const w = i8x16.shuffle(
    f32x4.add(v, one), f32x4.sub(one, v),
    0, 1, 2, 3, 20, 21, 22, 23, 8, 9, 10, 11, 28, 29, 30, 31,
  );
  const two = i8x16.shuffle(w, w, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  return i8x16.shuffle(
    f32x4.add(w, two), f32x4.sub(two, w),
    0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31,
  );
}
