// SPDX-License-Identifier: Apache-2.0
/**
 * Rows of probabilities: the passes over a vocabulary that verification needs.
 *
 * Order of every reduction is fixed, so that the SIMD and the scalar build agree: maxima keep the
 * lowest index, sums run in f64 over even and odd entries apart.
 */
import { inMemory } from "../arena";
import { math_log } from "../math";
import { BAD_ARGUMENT } from "../status";

/** Left out of no row. */
export const NO_TOKEN: u32 = 0xffffffff;

/** Most tokens of a vocabulary. */
const MOST_TOKENS: u32 = 0x7ffffff;

/** Ranges of one call: 16 bytes each, the end as u64. Scratch, no state. */
const RANGES: usize = memory.data(256, 8);

// @ts-ignore: decorator
@inline
export function i32At(at: usize, index: u32): i32 {
  return load<i32>(at + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
export function f32At(at: usize, index: u32): f32 {
  return load<f32>(at + (<usize>index << 2));
}

/** True when n words at `at` lie in memory, aligned. */
export function words(at: usize, n: u64): bool {
  return (at & 3) == 0 && inMemory(at, n << 2);
}

/** True for the size of a vocabulary. */
// @ts-ignore: decorator
@inline
export function isVocab(vocab: u32): bool {
  return vocab != 0 && vocab <= MOST_TOKENS;
}

/** Notes the `index`-th range (of at most 16) of a call for `apart`. */
export function range(index: u32, at: usize, bytes: u64): void {
  const slot = RANGES + (<usize>index << 4);
  store<u64>(slot, <u64>at);
  store<u64>(slot, <u64>at + bytes, 8);
}

/** True when each of the first `outputs` of `count` ranges has no byte in common with another. */
export function apart(outputs: u32, count: u32): bool {
  for (let i: u32 = 0; i < outputs; i++) {
    const out = RANGES + (<usize>i << 4);
    for (let j: u32 = i + 1; j < count; j++) {
      const other = RANGES + (<usize>j << 4);
      const from = max(load<u64>(out), load<u64>(other));
      if (from < min(load<u64>(out, 8), load<u64>(other, 8))) return false;
    }
  }
  return true;
}

/** Sixteen maxima and their indices, on their way out of the lanes. Scratch, no state. */
const LANES: usize = memory.data(128, 16);

// @ts-ignore: decorator
@inline
function residual(p: f32, q: f32): f32 {
  const w = p - q;
  return w > 0 ? w : 0;
}

// @ts-ignore: decorator
@inline
function residual4(p: usize, q: usize, r: usize): v128 {
  // pmax(0, x) is x > 0 ? x : 0 here, NaN included.
  const w = f32x4.pmax(f32x4.splat(0), f32x4.sub(v128.load(p), v128.load(q)));
  return f32x4.mul(w, v128.load(r));
}

/**
 * Index of the largest max(p - q, 0) * r of a row; the lowest on ties, 0 when there is none above
 * 0. A product that is NaN does not count.
 */
export function residualArgmax(p: usize, q: usize, r: usize, vocab: u32): u32 {
  let best: f32 = 0;
  let index: u32 = 0;
  let v: u32 = 0;
  if (ASC_FEATURE_SIMD && vocab >= 16) {
    v = residualLanes(p, q, r, vocab);
    index = load<u32>(LANES);
    best = load<f32>(LANES, 64);
  }
  for (; v < vocab; v++) {
    const at = <usize>v << 2;
    const w: f32 = residual(load<f32>(p + at), load<f32>(q + at)) * load<f32>(r + at);
    if (w > best) {
      best = w;
      index = v;
    }
  }
  return index;
}

/** The whole sixteens of a row; leaves index and maximum in the first lane of LANES. */
function residualLanes(p: usize, q: usize, r: usize, vocab: u32): u32 {
  let b0 = f32x4.splat(0);
  let b1 = b0;
  let b2 = b0;
  let b3 = b0;
  let i0 = i32x4.splat(0);
  let i1 = i0;
  let i2 = i0;
  let i3 = i0;
  let at = i32x4(0, 1, 2, 3);
  const four = i32x4.splat(4);
  const whole = vocab & ~15;
  for (let v: u32 = 0; v < whole; v += 16) {
    const o = <usize>v << 2;
    const w0 = residual4(p + o, q + o, r + o);
    const w1 = residual4(p + o + 16, q + o + 16, r + o + 16);
    const w2 = residual4(p + o + 32, q + o + 32, r + o + 32);
    const w3 = residual4(p + o + 48, q + o + 48, r + o + 48);
    i0 = v128.bitselect(at, i0, f32x4.gt(w0, b0));
    b0 = f32x4.pmax(b0, w0);
    at = i32x4.add(at, four);
    i1 = v128.bitselect(at, i1, f32x4.gt(w1, b1));
    b1 = f32x4.pmax(b1, w1);
    at = i32x4.add(at, four);
    i2 = v128.bitselect(at, i2, f32x4.gt(w2, b2));
    b2 = f32x4.pmax(b2, w2);
    at = i32x4.add(at, four);
    i3 = v128.bitselect(at, i3, f32x4.gt(w3, b3));
    b3 = f32x4.pmax(b3, w3);
    at = i32x4.add(at, four);
  }
  v128.store(LANES, i0);
  v128.store(LANES, i1, 16);
  v128.store(LANES, i2, 32);
  v128.store(LANES, i3, 48);
  v128.store(LANES, b0, 64);
  v128.store(LANES, b1, 80);
  v128.store(LANES, b2, 96);
  v128.store(LANES, b3, 112);
  let best: f32 = 0;
  let index: u32 = 0;
  for (let lane: usize = 0; lane < 64; lane += 4) {
    const w = load<f32>(LANES + lane, 64);
    const i = load<u32>(LANES + lane);
    // A lane without a weight above 0 still holds index 0 and weight 0.
    if (w > best || (w == best && i < index)) {
      best = w;
      index = i;
    }
  }
  store<u32>(LANES, index);
  store<f32>(LANES, best, 64);
  return whole;
}

/** As residualArgmax with q = 0 but for entry `without`, whose weight is 0. */
export function weightedArgmax(p: usize, r: usize, vocab: u32, without: u32): u32 {
  let best: f32 = 0;
  let index: u32 = 0;
  for (let v: u32 = 0; v < vocab; v++) {
    const at = <usize>v << 2;
    const w: f32 = (v == without ? 0 : load<f32>(p + at)) * load<f32>(r + at);
    if (w > best) {
      best = w;
      index = v;
    }
  }
  return index;
}

/** Index of the largest max(scale * p - q, 0) * r, in f64; ties as above. */
export function scaledArgmax(scale: f64, p: usize, q: usize, r: usize, vocab: u32): u32 {
  let best: f64 = 0;
  let index: u32 = 0;
  for (let v: u32 = 0; v < vocab; v++) {
    const at = <usize>v << 2;
    const w = scale * <f64>load<f32>(p + at) - <f64>load<f32>(q + at);
    const product = (w > 0 ? w : 0) * <f64>load<f32>(r + at);
    if (product > best) {
      best = product;
      index = v;
    }
  }
  return index;
}

/** Sum of max(scale * p - q, 0): even entries, then odd ones, f64. */
export function residualMass(scale: f64, p: usize, q: usize, vocab: u32): f64 {
  let even: f64 = 0;
  let odd: f64 = 0;
  for (let v: u32 = 0; v < vocab; v++) {
    const at = <usize>v << 2;
    const w = scale * <f64>load<f32>(p + at) - <f64>load<f32>(q + at);
    if (w > 0) {
      if (v & 1) odd += w;
      else even += w;
    }
  }
  return even + odd;
}

/** Entropy of a row in nats, f64. */
export function entropy(p: usize, vocab: u32): f64 {
  let sum: f64 = 0;
  for (let v: u32 = 0; v < vocab; v++) {
    const x = <f64>load<f32>(p + (<usize>v << 2));
    if (x > 0) sum -= x * math_log(x);
  }
  return sum;
}

/**
 * 0 when each of `rows` rows is a distribution: no entry negative or NaN, and a sum within
 * `tolerance` of 1. Otherwise 1 + the number of the first row that is not.
 */
export function spec_check_rows(p: usize, rows: u32, vocab: u32, tolerance: f64): i32 {
  if (!isVocab(vocab) || rows > 0xffffff || !(tolerance >= 0)) return BAD_ARGUMENT;
  if (!words(p, <u64>rows * vocab)) return BAD_ARGUMENT;
  for (let row: u32 = 0; row < rows; row++) {
    const first = p + (<usize>row * vocab << 2);
    let even: f64 = 0;
    let odd: f64 = 0;
    let bad = false;
    for (let v: u32 = 0; v < vocab; v++) {
      const x = <f64>load<f32>(first + (<usize>v << 2));
      if (!(x >= 0)) bad = true;
      if (v & 1) odd += x;
      else even += x;
    }
    if (bad || !(abs(even + odd - 1) <= tolerance)) return <i32>row + 1;
  }
  return 0;
}
