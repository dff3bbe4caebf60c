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
