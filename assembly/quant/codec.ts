// SPDX-License-Identifier: Apache-2.0
/**
 * Codec: encodes and decodes arrays in the number formats of formats.ts, one code a byte.
 *
 * Invariants
 * - QF-1  decode(encode(x)) is the value of the format nearest to x, ties to the even code.
 * - QF-2  encode is monotone over the numbers and saturates (ml_dtypes: overflows to NaN).
 * - QF-3  encode(decode(c)) == c for each code c that is a number.
 * - QF-4  a refused call writes nothing.
 */
import { inMemory } from "../arena";
import { BAD_ARGUMENT, OK } from "../status";
import { encodeLanes } from "./codec/lanes";
import { decodeLanes } from "./codec/values";
import { DTYPES, FORMATS, decode, e2m1Stochastic, element, elementBytes, encode } from "./formats";

/** True when [a, a+n) and [b, b+m) have no byte in common. */
// @ts-ignore: decorator
@inline
export function apart(a: usize, n: u64, b: usize, m: u64): bool {
  return <u64>a + n <= <u64>b || <u64>b + m <= <u64>a;
}

/** True when `n` elements of a dtype may be read at an aligned address. */
export function readable(at: usize, dtype: u32, n: u64): bool {
  const bytes = elementBytes(dtype);
  return dtype < DTYPES && (at & (bytes - 1)) == 0 && inMemory(at, n * bytes);
}

/** Codes of x[0..n), elements of `dtype`, into out[0..n). */
export function codec_encode(format: u32, x: usize, dtype: u32, n: u32, out: usize): i32 {
  if (format >= FORMATS || !readable(x, dtype, n) || !inMemory(out, n)) return BAD_ARGUMENT;
  if (!apart(x, <u64>n * elementBytes(dtype), out, n)) return BAD_ARGUMENT;
  let i: usize = 0;
  if (ASC_FEATURE_SIMD) i = encodeLanes(format, x, dtype, n, 1, out);
  for (; i < <usize>n; i++) {
    store<u8>(out + i, encode(format, element(x, dtype, i)));
  }
  return OK;
}

/** Values of codes[0..n) into out[0..n), f32. */
export function codec_decode(format: u32, codes: usize, n: u32, out: usize): i32 {
  if (format >= FORMATS || !inMemory(codes, n) || !readable(out, 0, n)) return BAD_ARGUMENT;
  if (!apart(codes, n, out, <u64>n << 2)) return BAD_ARGUMENT;
  let i: usize = 0;
  if (ASC_FEATURE_SIMD) i = decodeLanes(format, codes, n, 1, out);
  for (; i < <usize>n; i++) {
    store<f32>(out + (i << 2), decode(format, load<u8>(codes + i)));
  }
  return OK;
}

/** E2M1 codes of x[0..n) (f32), rounded stochastically with one random byte an element. */
export function codec_stochastic(x: usize, random: usize, n: u32, out: usize): i32 {
  if (!readable(x, 0, n) || !inMemory(random, n) || !inMemory(out, n)) return BAD_ARGUMENT;
  if (!apart(x, <u64>n << 2, out, n) || !apart(random, n, out, n)) return BAD_ARGUMENT;
  for (let i: usize = 0; i < <usize>n; i++) {
    store<u8>(out + i, e2m1Stochastic(load<f32>(x + (i << 2)), load<u8>(random + i)));
  }
  return OK;
}
