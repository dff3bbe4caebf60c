// SPDX-License-Identifier: Apache-2.0
/**
 * NVFP4: blocks of sixteen E2M1 codes under an E4M3 scale, under one f32 scale a tensor or row.
 *
 * Problem: quantize and dequantize tensors bit for bit as TransformerEngine's reference does (or
 * vLLM's emulation, by a switch), at the speed of memory.
 *
 * ```
 *  row of x      │ 16 elements │ 16 elements │ ... │ rest │        f32, bf16 or f16
 *  codes         │   8 bytes   │   8 bytes   │ ... │      │        even element: low nibble
 *  scales        │  1 byte     │  1 byte     │ ... │ 1 byte │      linear, or 128x4 swizzled
 * ```
 *
 * - NVF-1  codes and scales do not depend on the build, the dtype that holds a value, or on how a
 *          tensor is cut into calls of whole rows (whole tiles of 16 rows in tile mode).
 * - NVF-2  a refused call writes nothing; no call writes outside codes, scales, amax and stats.
 *
 * One table of 128 multipliers replaces the division of each block. Each step is rounded to f32 in
 * the order of the reference. Sums of the statistics run in f64 over the elements in row order.
 *
 * Complexity: O(elements), a pass more for the absolute maximum unless it is given.
 * Source: NVIDIA TransformerEngine, NVFP4QuantizerRef; vLLM nvfp4_emulation_utils; 4over6: Cook et
 * al. 2025.
 */
import { inMemory } from "../arena";
import { math_log } from "../math";
import { BAD_ARGUMENT, OK } from "../status";
import { apart, readable } from "./codec";
import {
  DTYPES,
  e2m1Decode,
  e2m1Encode,
  e2m1Stochastic,
  e4m3Decode,
  e4m3Encode,
  element,
  elementBytes,
} from "./formats";
import {
  anyNaN,
  areNumbers,
  bytes4,
  bytesAt,
  codesAt,
  decodeGroup,
  e4m3Codes,
  encodeGroup,
  groupAt,
  largest4,
  largestOf,
  takeBytes,
  takeValues,
  valuesAt,
} from "./nvfp4/lanes";
import { layoutBytes, swizzledAt } from "./nvfp4/layout";
import {
  AMAX_GIVEN,
  E256,
  ENCODE,
  FINITE_AMAX,
  FOUR_OVER_SIX,
  MODES,
  POW2,
  ROW_SCALED,
  RULE_TE,
  SQUARED,
  SWIZZLED,
  TILES,
  VLLM,
  FLT_MAX,
  current,
  cut,
  decodeFactor,
  decodeMask,
  decodeTable,
  elementRule,
  encodeFactor,
  pow2Code,
  prepare,
  scaleOf,
} from "./nvfp4/scales";

const INFINITE: u32 = 0x7f800000;

/** A call in progress. Scratch, no state. */
@unmanaged
class Job {
  x: usize;
  dtype: u32;
  rows: u32;
  cols: u32;
  codes: usize;
  scales: usize;
  mode: u32;
  random: usize;
  stats: usize;
  /** Bytes of codes and number of scales a row. */
  rowBytes: u32;
  blocks: u32;
}
const JOB: usize = memory.data(64, 8);

// @ts-ignore: decorator
@inline
function job(): Job {
  return changetype<Job>(JOB);
}

/** Bytes of the scales of a rows x cols tensor; 0xffffffff: more than a memory holds. */
export function nvfp4_scale_bytes(rows: u32, cols: u32, mode: u32): u32 {
  return <u32>min<u64>(scaleBytes(rows, cols, mode), 0xffffffff);
}

function scaleBytes(rows: u32, cols: u32, mode: u32): u64 {
  return layoutBytes(rows, (cols >> 4) + u32((cols & 15) != 0), (mode & SWIZZLED) != 0);
}

/** 10 log10 of signal over noise, both sums of squares: the signal-to-quantization-noise in dB. */
export function nvfp4_sqnr(signal: f64, noise: f64): f64 {
  return 4.3429448190325182765 * (math_log(signal) - math_log(noise));
}

/** Place of scale (row, block). */
// @ts-ignore: decorator
@inline
function scaleAt(j: Job, row: u32, block: u32): usize {
  if (j.mode & SWIZZLED) return j.scales + swizzledAt(row, block, j.blocks);
  return j.scales + <usize>(row * j.blocks + block);
}

function describe(
  x: usize,
  dtype: u32,
  rows: u32,
  cols: u32,
  codes: usize,
  scales: usize,
  amax: usize,
  mode: u32,
): bool {
  const j = job();
  j.x = x;
  j.dtype = dtype;
  j.rows = rows;
  j.cols = cols;
  j.codes = codes;
  j.scales = scales;
  j.mode = mode;
  j.rowBytes = (cols >> 1) + (cols & 1);
  j.blocks = (cols >> 4) + u32((cols & 15) != 0);
  if (mode > MODES || dtype >= DTYPES || !apartModes(mode)) return false;
  if (<u64>rows * <u64>cols > 0x3fffffff) return false;
  const xBytes = <u64>rows * cols * elementBytes(dtype);
  const codeBytes = <u64>rows * j.rowBytes;
  const bytes = scaleBytes(rows, cols, mode);
  const amaxBytes = <u64>(mode & ROW_SCALED ? rows : 1) << 2;
  return (
    readable(x, dtype, <u64>rows * cols) &&
    inMemory(codes, codeBytes) &&
    inMemory(scales, bytes) &&
    (amax & 3) == 0 &&
    inMemory(amax, amaxBytes) &&
    apart(x, xBytes, codes, codeBytes) &&
    apart(x, xBytes, scales, bytes) &&
    apart(x, xBytes, amax, amaxBytes) &&
    apart(codes, codeBytes, scales, bytes) &&
    apart(codes, codeBytes, amax, amaxBytes) &&
    apart(scales, bytes, amax, amaxBytes)
  );
}

/** Combinations that no reference defines are refused. */
function apartModes(mode: u32): bool {
  if (mode & (SQUARED | E256) && !(mode & FOUR_OVER_SIX)) return false;
  if (mode & POW2) return (mode & (ROW_SCALED | FOUR_OVER_SIX | VLLM)) == 0;
  if (mode & VLLM) return (mode & (FOUR_OVER_SIX | TILES)) == 0 && (mode & AMAX_GIVEN) != 0;
  return !((mode & TILES) && (mode & ROW_SCALED));
}

/** Largest magnitude of elements [from, to), NaN if one is; only of the finite ones on request. */
function amaxOf(from: usize, to: usize, finite: bool): f32 {
  const j = job();
  let bits: u32 = 0;
  let i = from;
  if (ASC_FEATURE_SIMD && !finite) {
    i += (to - from) & ~15;
    bits = largestOf(j.x, j.dtype, from, i);
  }
  for (; i < to; i++) {
    const a = reinterpret<u32>(element(j.x, j.dtype, i)) & 0x7fffffff;
    if (!finite || a < INFINITE) bits = max(bits, a);
  }
  return bits > INFINITE ? f32.NaN : reinterpret<f32>(bits);
}

/**
 * Quantizes x[rows][cols]. `amax` points at one f32, or one a row (ROW_SCALED): written, or read
 * with AMAX_GIVEN (the global scale in vLLM order). `random`: a byte an element for stochastic
 * rounding, or 0. `stats`: five f64 (squared error, squared value, largest error, elements, not
 * finite) that this call adds to, or 0.
 */
export function nvfp4_quantize(
  x: usize,
  dtype: u32,
  rows: u32,
  cols: u32,
  codes: usize,
  scales: usize,
  amax: usize,
  mode: u32,
  random: usize,
  stats: usize,
): i32 {
  if (!describe(x, dtype, rows, cols, codes, scales, amax, mode)) return BAD_ARGUMENT;
  const j = job();
  const n = <u64>rows * cols;
  if (random && (!inMemory(random, n) || (mode & FOUR_OVER_SIX) || !outside(random, n, amax))) {
    return BAD_ARGUMENT;
  }
  if (stats && ((stats & 7) || !inMemory(stats, 40) || !outside(stats, 40, amax))) {
    return BAD_ARGUMENT;
  }
  if (stats && random && !apart(random, n, stats, 40)) return BAD_ARGUMENT;
  if (!givenAmax(amax, mode & ROW_SCALED ? rows : 1, mode)) return BAD_ARGUMENT;
  j.random = random;
  j.stats = stats;
  if (mode & SWIZZLED) memory.fill(scales, 0, <usize>scaleBytes(rows, cols, mode));
  if (!(mode & (ROW_SCALED | AMAX_GIVEN | POW2))) {
    store<f32>(amax, amaxOf(0, <usize>n, (mode & FINITE_AMAX) != 0));
  }
  if (!(mode & ROW_SCALED)) prepare(load<f32>(amax), mode);
  const band: u32 = mode & TILES ? 16 : 1;
  const end: u32 = n || mode & ROW_SCALED ? rows : 0;
  for (let row: u32 = 0; row < end; row += band) {
    if (mode & ROW_SCALED) {
      const at = amax + (<usize>row << 2);
      const first = <usize>row * cols;
      const finite = (mode & FINITE_AMAX) != 0;
      if (!(mode & AMAX_GIVEN)) store<f32>(at, amaxOf(first, first + cols, finite));
      prepare(load<f32>(at), mode);
    }
    quantizeBand(j, row, min(row + band, rows));
  }
  return OK;
}

/** A given maximum is not negative and not NaN; a given global scale is finite and above 0. */
function givenAmax(amax: usize, count: u32, mode: u32): bool {
  if (!(mode & AMAX_GIVEN)) return true;
  for (let i: usize = 0; i < <usize>count; i++) {
    const a = load<f32>(amax + (i << 2));
    if (!(a >= 0) || (mode & VLLM && !(a > 0 && a <= FLT_MAX))) return false;
  }
  return true;
}

/** True when a buffer of the job in progress and amax have no byte in [at, at+bytes). */
function outside(at: usize, bytes: u64, amax: usize): bool {
  const j = job();
  const rows = <u64>j.rows;
  return (
    apart(at, bytes, j.x, rows * j.cols * elementBytes(j.dtype)) &&
    apart(at, bytes, j.codes, rows * j.rowBytes) &&
    apart(at, bytes, j.scales, scaleBytes(j.rows, j.cols, j.mode)) &&
    apart(at, bytes, amax, j.mode & ROW_SCALED ? rows << 2 : 4)
  );
}

function quantizeBand(j: Job, row: u32, end: u32): void {
  const mode = j.mode;
  const plain = !(mode & (TILES | FOUR_OVER_SIX | POW2)) && !j.random && !j.stats;
  for (let block: u32 = 0; block < j.blocks; block++) {
    if (ASC_FEATURE_SIMD && plain && (block & 3) == 0) {
      block = quantizeRow(j, row, block);
      if (block == j.blocks) break;
    }
    const col = block << 4;
    const width = min(j.cols - col, 16);
    let b: u32 = 0;
    for (let r = row; r < end; r++) {
      const first = <usize>r * j.cols + col;
      for (let i: u32 = 0; i < width; i++) {
        b = max(b, reinterpret<u32>(element(j.x, j.dtype, first + i)) & 0x7fffffff);
      }
    }
    const largest: f32 = b > INFINITE ? f32.NaN : reinterpret<f32>(b);
    const code = mode & FOUR_OVER_SIX
      ? fourOverSix(j, row, end, col, width, largest)
      : blockCode(largest, mode);
    for (let r = row; r < end; r++) {
      store<u8>(scaleAt(j, r, block), code);
      encodeRun(j, r, col, width, code);
    }
  }
}

// @ts-ignore: decorator
@inline
function blockCode(b: f32, mode: u32): u32 {
  return mode & POW2 ? pow2Code(b) : e4m3Encode(cut(scaleOf(b, mode)));
}

/**
 * The blocks of a row by fours, in lanes, up to the first group that needs another way. The scales
 * of the next group are found before this one is encoded: their long chain then waits for nobody.
 */
function quantizeRow(j: Job, row: u32, from: u32): u32 {
  const s = current();
  if (!s.plain) return from;
  const before = f32x4.splat(s.before);
  const mult = f32x4.splat(s.mult);
  const dropZero = (j.mode & RULE_TE) != 0;
  const blocks = j.blocks;
  const codes = j.codes + <usize>row * j.rowBytes;
  let at = groupOf(j, row, from);
  let bits = largest4(at);
  for (let block = from; block < blocks; block += 4) {
    if (anyNaN(bits)) return block;
    const scales = e4m3Codes(f32x4.mul(f32x4.mul(bits, before), mult));
    const here = at;
    if (block + 4 < blocks) at = groupOf(j, row, block + 4);
    bits = largest4(at);
    const n = min(j.cols - (block << 4), 64);
    const place = scaleAt(j, row, block);
    const to = codes + (block << 3);
    const out = bytesAt(to, n);
    if (dropZero) encodeGroup(here, scales, ENCODE, true, out);
    else encodeGroup(here, scales, ENCODE, false, out);
    if (n == 64) {
      store<u32>(place, bytes4(scales));
      continue;
    }
    takeBytes(to, n);
    let rest = bytes4(scales);
    for (let i: u32 = 0; i < (n + 15) >> 4; i++) {
      store<u8>(place + i, rest);
      rest >>= 8;
    }
  }
  return blocks;
}

/** Address of the group of four blocks from `block` on, as f32. */
// @ts-ignore: decorator
@inline
function groupOf(j: Job, row: u32, block: u32): usize {
  const col = block << 4;
  const n = min(j.cols - col, 64);
  return groupAt(j.x, j.dtype, <usize>row * j.cols + col, n, (block & 4) << 6);
}

/** Encodes one run of at most sixteen elements under a scale, one by one. */
function encodeRun(j: Job, row: u32, col: u32, width: u32, scale: u32): void {
  const mode = j.mode;
  const factor = encodeFactor(scale, mode);
  const rule = elementRule(mode);
  const first = <usize>row * j.cols + col;
  const out = j.codes + <usize>row * j.rowBytes + (col >> 1);
  let low: u32 = 0;
  for (let i: u32 = 0; i < width; i++) {
    const y = element(j.x, j.dtype, first + i) * factor;
    const code = j.random
      ? e2m1Stochastic(y, load<u8>(j.random + first + i))
      : e2m1Encode(y, rule);
    if (i & 1) store<u8>(out + (i >> 1), low | code << 4);
    else low = code;
    if (j.stats) account(j, element(j.x, j.dtype, first + i), code, scale);
  }
  if (width & 1) store<u8>(out + (width >> 1), low);
}

/** Adds the error of one element to the statistics. */
function account(j: Job, x: f32, code: u32, scale: u32): void {
  const error = <f64>(e2m1Decode(code) * decodeFactor(scale, j.mode)) - <f64>x;
  const s = j.stats;
  if (!(abs(error) < f64.MAX_VALUE)) {
    store<f64>(s, load<f64>(s, 32) + 1, 32);
    return;
  }
  store<f64>(s, load<f64>(s) + error * error);
  store<f64>(s, load<f64>(s, 8) + <f64>x * <f64>x, 8);
  store<f64>(s, max(load<f64>(s, 16), abs(error)), 16);
  store<f64>(s, load<f64>(s, 24) + 1, 24);
}

/**
 * Scale code of a block by 4over6: maps the largest element to 6, or to 4 if that gives a strictly
 * smaller error.
 */
function fourOverSix(j: Job, row: u32, end: u32, col: u32, width: u32, b: f32): u32 {
  const base = scaleOf(b, j.mode);
  const six = e4m3Encode(cut(base));
  const four = e4m3Encode(cut(base * <f32>1.5));
  const sixError = bandError(j, row, end, col, width, six);
  const fourError = bandError(j, row, end, col, width, four);
  return fourError < sixError ? four : six;
}

/** Row errors, added pairwise: row r and r + 8, then + 4, + 2, + 1. */
function bandError(j: Job, row: u32, end: u32, col: u32, width: u32, scale: u32): f32 {
  if (end - row == 1) return rowError(j, row, col, width, scale);
  return errorTree(j, row, end, 1, col, width, scale);
}

/** Sum of the errors of rows row, row + step, row + 2 step, ... below row + 16. */
function errorTree(j: Job, row: u32, end: u32, step: u32, col: u32, width: u32, scale: u32): f32 {
  if (step == 16) return row < end ? rowError(j, row, col, width, scale) : 0;
  const even = errorTree(j, row, end, step << 1, col, width, scale);
  const odd = errorTree(j, row + step, end, step << 1, col, width, scale);
  return even + odd;
}

function rowError(j: Job, row: u32, col: u32, width: u32, scale: u32): f32 {
  const s = current();
  const f = e4m3Decode(scale);
  const factor = encodeFactor(scale, j.mode);
  const rule = elementRule(j.mode);
  const first = <usize>row * j.cols + col;
  let sum: f32 = 0;
  for (let i: u32 = 0; i < width; i++) {
    const x = element(j.x, j.dtype, first + i);
    const v = e2m1Decode(e2m1Encode(x * factor, rule));
    const error: f32 = ((v * f) * s.amax) / s.full - x;
    sum += j.mode & SQUARED ? error * error : abs<f32>(error);
  }
  return sum;
}

/** Values of codes and scales as nvfp4_quantize wrote them with the same mode, f32 rows x cols. */
export function nvfp4_dequantize(
  codes: usize,
  scales: usize,
  amax: usize,
  rows: u32,
  cols: u32,
  mode: u32,
  out: usize,
): i32 {
  if (!describe(out, 0, rows, cols, codes, scales, amax, mode)) return BAD_ARGUMENT;
  const j = job();
  if (!(mode & ROW_SCALED)) prepare(load<f32>(amax), mode);
  const end: u32 = cols ? rows : 0;
  for (let row: u32 = 0; row < end; row++) {
    if (mode & ROW_SCALED) prepare(load<f32>(amax + (<usize>row << 2)), mode);
    dequantizeRow(j, row);
  }
  return OK;
}

function dequantizeRow(j: Job, row: u32): void {
  const mode = j.mode;
  const from = j.codes + <usize>row * j.rowBytes;
  const out = j.x + (<usize>row * j.cols << 2);
  for (let block: u32 = 0; block < j.blocks; block++) {
    if (ASC_FEATURE_SIMD && (block & 3) == 0) {
      block = dequantizeGroups(j, row, block);
      if (block == j.blocks) break;
    }
    const col = block << 4;
    const factor = decodeFactor(load<u8>(scaleAt(j, row, block)), mode);
    decodeRun(from + (col >> 1), factor, out + (<usize>col << 2), min(j.cols - col, 16));
  }
}

/** The blocks of a row by fours, in lanes, up to the first group that needs another way. */
function dequantizeGroups(j: Job, row: u32, first: u32): u32 {
  const from = j.codes + <usize>row * j.rowBytes;
  const out = j.x + (<usize>row * j.cols << 2);
  const limit = current().limit;
  const table = decodeTable(j.mode);
  const mask = decodeMask(j.mode);
  const signs: u32 = mask == 127 ? 0x80808080 : 0;
  const whole = (j.cols >> 6) << 2;
  let block = first;
  for (; block < whole; block += 4) {
    const scales = load<u32>(scaleAt(j, row, block));
    if (!areNumbers(scales, limit, signs)) return block;
    decodeGroup(from + (block << 3), scales, mask, table, out + (<usize>block << 6));
  }
  if (block == j.blocks) return block;
  const n = j.cols - (block << 4);
  const place = scaleAt(j, row, block);
  let scales: u32 = 0;
  for (let i = (n + 15) >> 4; i > 0; i--) scales = scales << 8 | <u32>load<u8>(place + i - 1);
  if (!areNumbers(scales, limit, signs)) return block;
  const codes = codesAt(from + (block << 3), n);
  decodeGroup(codes, scales, mask, table, valuesAt(out + (<usize>block << 6), n));
  takeValues(out + (<usize>block << 6), n);
  return j.blocks;
}

function decodeRun(from: usize, factor: f32, out: usize, width: u32): void {
  for (let i: u32 = 0; i < width; i++) {
    const code = (<u32>load<u8>(from + (i >> 1)) >> ((i & 1) << 2)) & 15;
    const value: f32 = e2m1Decode(code) * factor;
    store<f32>(out + (<usize>i << 2), isNaN<f32>(value) ? f32.NaN : value);
  }
}
