// SPDX-License-Identifier: Apache-2.0
/**
 * NVFP4 in plain JavaScript, as one writes it down from the reference: typed arrays, one element
 * after another, each step rounded by Math.fround. What the kernels save their users.
 */
import type { BenchTask } from '../case.js';
import { checksumOf, largestMagnitude, normals, SEED } from './inputs.js';

const { fround } = Math;
const FLT_MAX = 3.4028234663852886e38;
const E2M1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6, -0, -0.5, -1, -1.5, -2, -3, -4, -6];

function e4m3Value(code: number): number {
  const exponent = code >> 3;
  const mantissa = code & 7;
  if (exponent === 0) return mantissa / 512;
  return (1 + mantissa / 8) * 2 ** (exponent - 7);
}
const E4M3 = Float32Array.from({ length: 127 }, (_, code) => e4m3Value(code));

/** Code of the nearest value of E4M3 to x in [0, 448], the even one of two. */
function e4m3Code(x: number): number {
  let low = 0;
  let high = 126;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (E4M3[middle] <= x) low = middle;
    else high = middle;
  }
  const below = x - E4M3[low];
  const above = E4M3[high] - x;
  return below < above || (below === above && low % 2 === 0) ? low : high;
}

function e2m1Code(y: number): number {
  const a = Math.abs(y);
  const sign = y < 0 || Object.is(y, -0) ? 8 : 0;
  if (a <= 0.25) return sign;
  if (a < 0.75) return sign + 1;
  if (a <= 1.25) return sign + 2;
  if (a < 1.75) return sign + 3;
  if (a <= 2.5) return sign + 4;
  if (a < 3.5) return sign + 5;
  return sign + (a <= 5 ? 6 : 7);
}

function quantize(x: Float32Array, amax: number, codes: Uint8Array, scales: Uint8Array): void {
  const s = Math.min(fround(2688 / amax), FLT_MAX);
  const d = fround(1 / s);
  const mult = fround(s * fround(1 / 6));
  for (let block = 0; block < x.length; block += 16) {
    let largest = 0;
    for (let i = block; i < block + 16; i++) largest = Math.max(largest, Math.abs(x[i]));
    const scale = e4m3Code(Math.min(fround(largest * mult), 448));
    scales[block / 16] = scale;
    const factor = Math.min(fround(1 / fround(E4M3[scale] * d)), FLT_MAX);
    for (let i = block; i < block + 16; i += 2) {
      const low = e2m1Code(fround(x[i] * factor));
      const high = e2m1Code(fround(x[i + 1] * factor));
      codes[i / 2] = low | (high << 4);
    }
  }
}

function dequantize(
  codes: Uint8Array,
  scales: Uint8Array,
  amax: number,
  out: Float32Array,
): void {
  const inverse = fround(1 / 2688);
  for (let i = 0; i < out.length; i++) {
    const code = i % 2 === 0 ? codes[i >> 1] & 15 : codes[i >> 1] >> 4;
    const factor = fround(fround(E4M3[scales[i >> 4]] * amax) * inverse);
    out[i] = E2M1[code] * factor;
  }
}

const idle = (): void => {};

export function plainQuantize(n: number): BenchTask {
  const x = normals(n, SEED);
  const amax = largestMagnitude(x);
  const codes = new Uint8Array(n / 2);
  const scales = new Uint8Array(n / 16);
  const run = (): void => quantize(x, amax, codes, scales);
  return { units: n, setup: idle, run, check: () => checksumOf(codes, scales) };
}

export function plainDequantize(n: number): BenchTask {
  const x = normals(n, SEED);
  const amax = largestMagnitude(x);
  const codes = new Uint8Array(n / 2);
  const scales = new Uint8Array(n / 16);
  const out = new Float32Array(n);
  quantize(x, amax, codes, scales);
  const run = (): void => dequantize(codes, scales, amax, out);
  return { units: n, setup: idle, run, check: () => checksumOf(out) };
}
