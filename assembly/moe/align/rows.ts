// SPDX-License-Identifier: Apache-2.0
/**
 * Rows of f32 into the order of their experts and back.
 *
 * ```
 *  gather    out[p] = x[order[p] / k]                        zeros where order[p] is no slot
 *  combine   out[t] = sum over i of weights[t, i] * y[inverse[t, i]]   in order of choice
 * ```
 *
 * - AR-1  products and sums are rounded one by one, first choice first; lanes are columns, so both
 *         builds give the same bytes. NaN results are canonical.
 * - AR-2  dropped choices (inverse below 0 or from `rows` on) add nothing.
 * - AR-3  a refused call writes nothing.
 */
import { BAD_ARGUMENT, OK } from "../../status";
import { isShape } from "../align";
import { READ, WRITE, claim, f32At, get, putF32 } from "../buffers";

/** Row order[p] / k of x[tokens x cols] to row p of out[n x cols]. */
export function moe_gather(
  x: usize,
  tokens: u32,
  cols: u32,
  k: u32,
  order: usize,
  n: u32,
  out: usize,
): i32 {
  if (!isShape(tokens, k, 1) || k == 0 || n > 0x3fffffff) return BAD_ARGUMENT;
  if (
    !claim(0, x, <u64>tokens * cols, READ) || !claim(1, order, n, READ) ||
    !claim(2, out, <u64>n * cols, WRITE)
  ) {
    return BAD_ARGUMENT;
  }
  const bytes = <usize>cols << 2;
  for (let p: u32 = 0; p < n; p++) {
    const slot = get(order, p);
    const to = out + p * bytes;
    if (slot < tokens * k) memory.copy(to, x + (slot / k) * bytes, bytes);
    else memory.fill(to, 0, bytes);
  }
  return OK;
}

/** Weighted sums of rows of y[rows x cols] to out[tokens x cols]; inverse, weights: k a token. */
export function moe_combine(
  y: usize,
  rows: u32,
  cols: u32,
  inverse: usize,
  weights: usize,
  tokens: u32,
  k: u32,
  out: usize,
): i32 {
  if (!isShape(tokens, k, 1)) return BAD_ARGUMENT;
  const slots = <u64>tokens * k;
  if (
    !claim(0, y, <u64>rows * cols, READ) || !claim(1, inverse, slots, READ) ||
    !claim(2, weights, slots, READ) || !claim(3, out, <u64>tokens * cols, WRITE)
  ) {
    return BAD_ARGUMENT;
  }
  for (let t: u32 = 0; t < tokens; t++) {
    const to = out + (<usize>(t * cols) << 2);
    memory.fill(to, 0, <usize>cols << 2);
    for (let slot = t * k; slot < (t + 1) * k; slot++) {
      const row = get(inverse, slot);
      if (row < rows) addRow(to, y + (<usize>(row * cols) << 2), f32At(weights, slot), cols);
    }
    canonical(to, cols);
  }
  return OK;
}

function addRow(to: usize, from: usize, weight: f32, cols: u32): void {
  let c: u32 = 0;
  if (ASC_FEATURE_SIMD) {
    const w = f32x4.splat(weight);
    for (; c + 4 <= cols; c += 4) {
      const at = <usize>c << 2;
      v128.store(to + at, f32x4.add(v128.load(to + at), f32x4.mul(w, v128.load(from + at))));
    }
  }
  for (; c < cols; c++) putF32(to, c, f32At(to, c) + weight * f32At(from, c));
}

function canonical(at: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) if (isNaN(f32At(at, i))) putF32(at, i, f32.NaN);
}
