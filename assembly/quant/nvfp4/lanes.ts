// SPDX-License-Identifier: Apache-2.0
/**
 * Groups of four blocks at a time in 128-bit lanes, so that the chain from a block's largest
 * element over its scale to its multiplier runs four times side by side.
 *
 * ```
 *  64 elements ─► four maxima in the lanes of one vector ─► four scale codes ─► four multipliers
 *  of the table ─► 32 bytes of codes
 * ```
 *
 * Integer comparisons order the magnitudes of floats as the floats themselves, with NaN above
 * everything, in one instruction each. A group shorter than 64 elements is widened to 64 with zeros
 * in a scratch run, which codes as zeros.
 */
import { BF16, F32 } from "../formats";

/** Elements of two groups, f32; bytes of codes of one. Scratch, no state. */
const RUN: usize = memory.data(512, 16);
const BYTES: usize = memory.data(32, 16);
/**
 * Maxima of a group on their way. Stores between blocks also keep an optimising compiler from
 * starting on the whole group at once, which takes more registers than there are.
 */
const STEPS: usize = memory.data(64, 16);

const MAGNITUDE: u32 = 0x7fffffff;
const INFINITE: u32 = 0x7f800000;

/** Four elements of a dtype as f32. */
// @ts-ignore: decorator
@inline
export function load4(at: usize, dtype: u32, index: usize): v128 {
  if (dtype == F32) return v128.load(at + (index << 2));
  const halves = v128.load_ext<u16>(at + (index << 1));
  if (dtype == BF16) return i32x4.shl(halves, 16);
  const rest = v128.and(halves, i32x4.splat(0x7fff));
  const sign = i32x4.shl(v128.and(halves, i32x4.splat(0x8000)), 16);
  const shifted = i32x4.shl(rest, 13);
  const scaled = f32x4.mul(shifted, i32x4.splat(0x77800000));
  const special = i32x4.gt_s(rest, i32x4.splat(0x7bff));
  const wide = v128.or(shifted, i32x4.splat(0x7f800000));
  return v128.or(v128.bitselect(wide, scaled, special), sign);
}

/** Largest lane. */
// @ts-ignore: decorator
@inline
function largestLane(x: v128): u32 {
  let m = x;
  m = i32x4.max_s(m, i8x16.shuffle(m, m, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  m = i32x4.max_s(m, i8x16.shuffle(m, m, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  return i32x4.extract_lane(m, 0);
}

/** Bits of the largest magnitude of elements [from, to), a multiple of sixteen of them. */
export function largestOf(x: usize, dtype: u32, from: usize, to: usize): u32 {
  const magnitude = i32x4.splat(MAGNITUDE);
  let a = i32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (let i = from; i < to; i += 16) {
    a = i32x4.max_s(a, v128.and(load4(x, dtype, i), magnitude));
    b = i32x4.max_s(b, v128.and(load4(x, dtype, i + 4), magnitude));
    c = i32x4.max_s(c, v128.and(load4(x, dtype, i + 8), magnitude));
    d = i32x4.max_s(d, v128.and(load4(x, dtype, i + 12), magnitude));
  }
  return largestLane(i32x4.max_s(i32x4.max_s(a, b), i32x4.max_s(c, d)));
}

/**
 * Address of n <= 64 elements from `index` on as a whole group of f32: where they are, or in the
 * scratch run, its first half or, `half` 256, its second.
 */
// @ts-ignore: decorator
@inline
export function groupAt(x: usize, dtype: u32, index: usize, n: u32, half: usize): usize {
  if (dtype == F32 && n == 64) return x + (index << 2);
  return widen(x, dtype, index, n, RUN + half);
}

function widen(x: usize, dtype: u32, index: usize, n: u32, to: usize): usize {
  if (n == 64) {
    if (dtype == BF16) widenAll(x, BF16, index, to);
    else widenAll(x, dtype, index, to);
    return to;
  }
  // Elements behind the last may lie outside the memory: copied, not loaded by fours.
  const shift: usize = dtype == F32 ? 2 : 1;
  const raw = to + (dtype == F32 ? 0 : 128);
  memory.fill(to, 0, 256);
  memory.copy(raw, x + (index << shift), <usize>n << shift);
  if (dtype != F32) widenAll(raw, dtype, 0, to);
  return to;
}

/** In ascending order: what a store overwrites was loaded before. */
// @ts-ignore: decorator
@inline
function widenAll(x: usize, dtype: u32, index: usize, to: usize): void {
  for (let i: usize = 0; i < 64; i += 16) {
    const a = load4(x, dtype, index + i);
    const b = load4(x, dtype, index + i + 4);
    const c = load4(x, dtype, index + i + 8);
    const d = load4(x, dtype, index + i + 12);
    v128.store(to + (i << 2), a);
    v128.store(to + (i << 2), b, 16);
    v128.store(to + (i << 2), c, 32);
    v128.store(to + (i << 2), d, 48);
  }
}

/** In each lane the largest magnitude of what is in the lanes of four vectors. */
// @ts-ignore: decorator
@inline
function blockLargest(at: usize, magnitude: v128): v128 {
  return i32x4.max_s(
    i32x4.max_s(v128.and(v128.load(at), magnitude), v128.and(v128.load(at, 16), magnitude)),
    i32x4.max_s(v128.and(v128.load(at, 32), magnitude), v128.and(v128.load(at, 48), magnitude)),
  );
}

/** Largest lane of x in lanes 0 and 2, of y in lanes 1 and 3, halfway. */
// @ts-ignore: decorator
@inline
function fold(x: v128, y: v128): v128 {
  return i32x4.max_s(
    i8x16.shuffle(x, y, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23),
    i8x16.shuffle(x, y, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31),
  );
}

/** Bits of the largest magnitude of each of the four blocks of a group. */
// @ts-ignore: decorator
@inline
export function largest4(at: usize): v128 {
  const magnitude = i32x4.splat(MAGNITUDE);
  v128.store(STEPS, blockLargest(at, magnitude));
  v128.store(STEPS, blockLargest(at + 64, magnitude), 16);
  v128.store(STEPS, blockLargest(at + 128, magnitude), 32);
  v128.store(STEPS, blockLargest(at + 192, magnitude), 48);
  const x = fold(v128.load(STEPS), v128.load(STEPS, 16));
  const y = fold(v128.load(STEPS, 32), v128.load(STEPS, 48));
  return i32x4.max_s(
    i8x16.shuffle(x, y, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
    i8x16.shuffle(x, y, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
  );
}

/** True when a lane holds the bits of a NaN without its sign. */
// @ts-ignore: decorator
@inline
export function anyNaN(bits: v128): bool {
  return v128.any_true(i32x4.gt_s(bits, i32x4.splat(INFINITE)));
}

/** E4M3 codes of four numbers >= 0, cut at 448. */
// @ts-ignore: decorator
@inline
export function e4m3Codes(x: v128): v128 {
  const d = f32x4.pmin(x, f32x4.splat(448));
  const odd = v128.and(i32x4.shr_u(d, 20), i32x4.splat(1));
  const up = i32x4.add(i32x4.add(d, i32x4.splat(0x7ffff)), odd);
  const normal = i32x4.sub(i32x4.shr_u(up, 20), i32x4.splat(120 << 3));
  const small = i32x4.sub(f32x4.add(d, f32x4.splat(16384)), i32x4.splat(0x46800000));
  return v128.bitselect(normal, small, i32x4.gt_s(d, i32x4.splat((121 << 23) - 1)));
}

/**
 * E2M1 magnitudes of four numbers; 7 or more beyond 6. Rounded to steps of 1/2, 1 and 2, each by an
 * addition that leaves the code in the lowest bits of its sum, all under one exponent; the least of
 * the three codes is that of the interval of the number.
 */
// @ts-ignore: decorator
@inline
function magnitudes4(x: v128): v128 {
  const half = f32x4.splat(0.5);
  const a = v128.and(x, i32x4.splat(MAGNITUDE));
  const b = f32x4.mul(a, half);
  const halves = f32x4.add(a, f32x4.splat(4194304));
  const ones = f32x4.add(b, f32x4.splat(4194305));
  const twos = f32x4.add(f32x4.mul(b, half), f32x4.splat(4194306));
  const least = i32x4.min_s(halves, i32x4.min_s(ones, twos));
  return i32x4.sub(least, i32x4.splat(0x4a800000));
}

/** Encodes one block into eight bytes. */
// @ts-ignore: decorator
@inline
function encodeBlock(at: usize, factor: v128, dropZero: bool, out: usize): void {
  const a = f32x4.mul(v128.load(at), factor);
  const b = f32x4.mul(v128.load(at, 16), factor);
  const c = f32x4.mul(v128.load(at, 32), factor);
  const d = f32x4.mul(v128.load(at, 48), factor);
  const codes = i8x16.narrow_i16x8_s(
    i16x8.narrow_i32x4_s(magnitudes4(a), magnitudes4(b)),
    i16x8.narrow_i32x4_s(magnitudes4(c), magnitudes4(d)),
  );
  // Narrowing with saturation keeps signs; a comparison with zero drops that of -0.
  const zero = f32x4.splat(0);
  const signs = dropZero
    ? i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(f32x4.lt(a, zero), f32x4.lt(b, zero)),
      i16x8.narrow_i32x4_s(f32x4.lt(c, zero), f32x4.lt(d, zero)),
    )
    : i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
  const eights = i16x8.shr_u(v128.and(signs, i8x16.splat(-128)), 4);
  const both = v128.or(i8x16.min_u(codes, i8x16.splat(7)), eights);
  const pairs = v128.and(v128.or(both, i16x8.shr_u(both, 4)), i16x8.splat(255));
  v128.store64_lane(out, i8x16.narrow_i16x8_u(pairs, pairs), 0);
}

/** Entry of a table by scale code. */
// @ts-ignore: decorator
@inline
function factorOf(table: usize, code: u32): v128 {
  return v128.load32_splat(table + (<usize>code << 2));
}

/**
 * Encodes a group without NaN by the multipliers of its four scale codes, all of them positive
 * numbers, into 32 bytes.
 */
// @ts-ignore: decorator
@inline
export function encodeGroup(
  at: usize,
  codes: v128,
  table: usize,
  dropZero: bool,
  out: usize,
): void {
  encodeBlock(at, factorOf(table, i32x4.extract_lane(codes, 0)), dropZero, out);
  encodeBlock(at + 64, factorOf(table, i32x4.extract_lane(codes, 1)), dropZero, out + 8);
  encodeBlock(at + 128, factorOf(table, i32x4.extract_lane(codes, 2)), dropZero, out + 16);
  encodeBlock(at + 192, factorOf(table, i32x4.extract_lane(codes, 3)), dropZero, out + 24);
}

/** Four codes as the four bytes of a word. */
// @ts-ignore: decorator
@inline
export function bytes4(codes: v128): u32 {
  const halves = i16x8.narrow_i32x4_s(codes, codes);
  return i32x4.extract_lane(i8x16.narrow_i16x8_u(halves, halves), 0);
}

/** Where a group of n elements is encoded to: its place, or 32 bytes of scratch. */
// @ts-ignore: decorator
@inline
export function bytesAt(out: usize, n: u32): usize {
  return n == 64 ? out : BYTES;
}

/** Copies what belongs to n elements out of the scratch bytes. */
export function takeBytes(out: usize, n: u32): void {
  memory.copy(out, BYTES, (n + 1) >> 1);
}

/** Codes of n <= 64 elements as a whole group: where they are, or in the scratch bytes. */
// @ts-ignore: decorator
@inline
export function codesAt(from: usize, n: u32): usize {
  if (n == 64) return from;
  memory.fill(BYTES, 0, 32);
  memory.copy(BYTES, from, (n + 1) >> 1);
  return BYTES;
}

/** Where n elements are decoded to: their place, or the scratch run. */
// @ts-ignore: decorator
@inline
export function valuesAt(out: usize, n: u32): usize {
  return n == 64 ? out : RUN;
}

/** Copies n elements out of the scratch run. */
export function takeValues(out: usize, n: u32): void {
  memory.copy(out, RUN, <usize>n << 2);
}

/**
 * Values times a factor of sixteen codes, one a byte, in the order 0 4 1 5 2 6 3 7 of each eight:
 * so the halves of a lane's 32 bits are elements that belong into two vectors, and a shift and a
 * mask take them apart where an unpacking would wait for the one unit that shuffles.
 */
// @ts-ignore: decorator
@inline
function decode16(codes: v128, factor: v128, out: usize): void {
  // The two upper bytes of the floats 0 0.5 1 1.5 2 3 4 6 and their negatives.
  const tops = i8x16(
    0, 0x3f, 0x3f, 0x3f, 0x40, 0x40, 0x40, 0x40,
    -128, -65, -65, -65, -64, -64, -64, -64,
  );
  const nexts = i8x16(0, 0, -128, -64, 0, 64, -128, -64, 0, 0, -128, -64, 0, 64, -128, -64);
  const top = i8x16.swizzle(tops, codes);
  const next = i8x16.swizzle(nexts, codes);
  const upper = i32x4.splat(0xffff0000);
  const first = lowBytes(next, top);
  const second = highBytes(next, top);
  v128.store(out, f32x4.mul(i32x4.shl(first, 16), factor));
  v128.store(out, f32x4.mul(v128.and(first, upper), factor), 16);
  v128.store(out, f32x4.mul(i32x4.shl(second, 16), factor), 32);
  v128.store(out, f32x4.mul(v128.and(second, upper), factor), 48);
}

/** Decodes the sixteen bytes of two blocks. */
// @ts-ignore: decorator
@inline
function decode32(from: usize, a: v128, b: v128, out: usize): void {
  const raw = v128.load(from);
  const nibble = i8x16.splat(15);
  const packed = i8x16.shuffle(raw, raw, 0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15);
  const low = v128.and(packed, nibble);
  const high = v128.and(i16x8.shr_u(packed, 4), nibble);
  decode16(lowHalves(low, high), a, out);
  decode16(highHalves(low, high), b, out + 64);
}

/** True when the values of a unit code under all four scales of a word are numbers. */
// @ts-ignore: decorator
@inline
export function areNumbers(scales: u32, limit: u32, signs: u32): bool {
  // Bytes above the limit carry into their highest bit.
  return ((scales & 0x7f7f7f7f) + limit & (scales | signs) & 0x80808080) == 0;
}

/** Decodes a group of 32 bytes by the values of a unit code under its four scales. */
// @ts-ignore: decorator
@inline
export function decodeGroup(from: usize, scales: u32, mask: u32, table: usize, out: usize): void {
  const a = factorOf(table, scales & mask);
  const b = factorOf(table, scales >> 8 & mask);
  decode32(from, a, b, out);
  const c = factorOf(table, scales >> 16 & mask);
  const d = factorOf(table, scales >> 24 & mask);
  decode32(from + 16, c, d, out + 128);
}

// @ts-ignore: decorator
@inline
function lowBytes(x: v128, y: v128): v128 {
  return i8x16.shuffle(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: decorator
@inline
function highBytes(x: v128, y: v128): v128 {
  return i8x16.shuffle(x, y, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

// @ts-ignore: decorator
@inline
function lowHalves(x: v128, y: v128): v128 {
  return i8x16.shuffle(x, y, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
}

// @ts-ignore: decorator
@inline
function highHalves(x: v128, y: v128): v128 {
  return i8x16.shuffle(x, y, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
}
