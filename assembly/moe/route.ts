// SPDX-License-Identifier: Apache-2.0
/**
 * Expert routing: which k of E experts each token goes to, and with what weight.
 *
 * Problem: choose as the model families do (softmax, softmax over the chosen, Llama-4's sigmoid,
 * groups with or without bias), with one tie rule everywhere: the lowest expert. Libraries leave
 * ties open, and with bf16 logits one row in thirteen has one at the cut.
 *
 * ```
 *  scores, one row of E a token ──► choice = score + bias ──► groups: best tg of ng by the sum of
 *  their two best (or their best) ──► best k of what is left ──► weights from scores, without bias
 * ```
 *
 * - MR-1  ids of a row are distinct, ordered by choice, ties by the lower id; NaN comes last.
 * - MR-2  no chosen expert lies outside the kept groups.
 * - MR-3  renormalised weights of a row sum to `scale` (within rounding).
 * - MR-4  a refused call writes nothing.
 * - MR-5  shared experts follow the chosen ones, as ids E, E + 1, ... of equal weight.
 *
 * exp and log run in f64 and are rounded once to f32; weights are summed in f64 in order of choice.
 *
 * Complexity: O(E) a token, plus O(k) for each expert that enters the best k.
 * Source: vLLM and SGLang fused_topk, grouped_topk, biased_grouped_topk; gpt-oss; Llama 4.
 */
import { math_exp, math_log } from "../math";
import { BAD_ARGUMENT, OK } from "../status";
import { READ, WRITE, claim, f32At, put, putF32 } from "./buffers";
import { power, shares, sigmoid, sigmoids, single, sumOfPowers } from "./route/powers";
import { MAX_K, begin, bestIndex, keyOf, select } from "./topk";

/** Kinds. */
const SOFTMAX: u32 = 0;
const TOPK_SOFTMAX: u32 = 1;
const LLAMA4: u32 = 2;
const GROUPED: u32 = 3;

/** Scorings of GROUPED. */
const SIGMOID: u32 = 0;
const SOFTMAX_SCORE: u32 = 1;
const SQRT_SOFTPLUS: u32 = 2;
const GIVEN: u32 = 3;

/** Bits of `options`. */
const RENORM: u32 = 1;
const GROUP_MAX: u32 = 2;

const MAX_EXPERTS: u32 = 4096;
const MAX_GROUPS: u32 = 256;

/** Scores (f32) and keys (i32) of one token; keys of its groups. Scratch, no state. */
const SCORES: usize = memory.data(16384, 16);
const KEYS: usize = memory.data(16384, 16);
const GROUP_KEYS: usize = memory.data(1024, 16);
const KEPT: usize = memory.data(1024, 16);

/**
 * Routes `tokens` rows of E logits (scores, with scoring 3). ids, weights: k + shared a token;
 * groupIds: 0 or `keptGroups` a token; scoresOut: 0 or E a token. bias: 0 or E. options: 1
 * renormalise, 2 a group's score is its best instead of the sum of its two best. shared: experts
 * E, E + 1, ... behind the chosen, each with the sum of the chosen scores over sharedFactor.
 */
export function moe_route(
  kind: u32,
  scoring: u32,
  logits: usize,
  tokens: u32,
  experts: u32,
  k: u32,
  bias: usize,
  groups: u32,
  keptGroups: u32,
  scale: f32,
  options: u32,
  shared: u32,
  sharedFactor: f32,
  ids: usize,
  weights: usize,
  groupIds: usize,
  scoresOut: usize,
): i32 {
  if (scoring > GIVEN || options > 3 || tokens > 0xffffff || shared > MAX_K) return BAD_ARGUMENT;
  if (!isRule(kind, experts, k, groups, keptGroups)) return BAD_ARGUMENT;
  if (kind != GROUPED && (bias || groupIds || scoresOut || shared)) return BAD_ARGUMENT;
  if (shared && !(sharedFactor > 0)) return BAD_ARGUMENT;
  const width = k + shared;
  const cells = <u64>tokens * experts;
  if (
    !claim(0, logits, cells, READ) || !claim(1, bias, bias ? experts : 0, READ) ||
    !claim(2, ids, <u64>tokens * width, WRITE) || !claim(3, weights, <u64>tokens * width, WRITE) ||
    !claim(4, groupIds, groupIds ? <u64>tokens * keptGroups : 0, WRITE) ||
    !claim(5, scoresOut, scoresOut ? cells : 0, WRITE)
  ) {
    return BAD_ARGUMENT;
  }
  for (let t: u32 = 0; t < tokens; t++) {
    const row = logits + (<usize>(t * experts) << 2);
    const rowIds = ids + (<usize>(t * width) << 2);
    const rowWeights = weights + (<usize>(t * width) << 2);
    if (kind == GROUPED) {
      score(scoring, row, experts);
      keysOf(bias, experts);
      if (scoresOut) copyWords(scoresOut, t, SCORES, experts);
      chooseGrouped(experts, k, groups, keptGroups, options);
      if (groupIds) copyWords(groupIds, t, KEPT, keptGroups);
      chosenIds(k, rowIds);
      for (let i: u32 = 0; i < shared; i++) put(rowIds, k + i, experts + i);
      chosenScores(k, rowWeights, scale, options, shared, sharedFactor);
    } else {
      chooseLogits(kind, row, experts, k, rowIds, rowWeights, options);
    }
  }
  return OK;
}

function isRule(kind: u32, experts: u32, k: u32, groups: u32, keptGroups: u32): bool {
  if (kind > GROUPED || experts == 0 || experts > MAX_EXPERTS) return false;
  if (k == 0 || k > experts || k > MAX_K || (kind == LLAMA4 && k != 1)) return false;
  if (kind != GROUPED) return true;
  if (groups == 0 || groups > MAX_GROUPS || experts % groups) return false;
  if (keptGroups == 0 || keptGroups > groups || keptGroups > MAX_K) return false;
  return k <= keptGroups * (experts / groups);
}

/** Row `row` of n words at `to`. */
function copyWords(to: usize, row: u32, from: usize, n: u32): void {
  memory.copy(to + (<usize>(row * n) << 2), from, <usize>n << 2);
}

/** Kinds that choose by the logits themselves. */
function chooseLogits(
  kind: u32,
  row: usize,
  experts: u32,
  k: u32,
  ids: usize,
  weights: usize,
  options: u32,
): void {
  for (let e: u32 = 0; e < experts; e++) put(KEYS, e, keyOf(f32At(row, e)));
  begin(k);
  select(k, KEYS, 0, experts);
  chosenIds(k, ids);
  if (kind == LLAMA4) putF32(weights, 0, single(sigmoid(<f64>f32At(row, bestIndex(0)))));
  else softmaxWeights(kind, row, experts, k, weights, options);
}

/** sqrt(log(1 + e^x)); for small e^x by the series of log1p, whose argument 1 + y would lose it. */
function sqrtSoftplus(x: f64): f64 {
  if (x > 40) return sqrt(x);
  const y = math_exp(x);
  const plain = 1 + y;
  // log(1 + y) with the rounding error of the sum put back (Kahan).
  const log1p = plain == 1 ? y : math_log(plain) * (y / (plain - 1));
  return sqrt(log1p);
}

/** Scores of one token into SCORES. */
function score(scoring: u32, row: usize, experts: u32): void {
  if (scoring == GIVEN) {
    memory.copy(SCORES, row, <usize>experts << 2);
    return;
  }
  if (scoring == SIGMOID) {
    sigmoids(row, experts, SCORES);
    return;
  }
  if (scoring == SOFTMAX_SCORE) {
    const most = largest(row, experts);
    shares(row, experts, most, sumOfPowers(row, experts, most), SCORES);
    return;
  }
  for (let e: u32 = 0; e < experts; e++) {
    putF32(SCORES, e, single(sqrtSoftplus(<f64>f32At(row, e))));
  }
}

function largest(row: usize, experts: u32): f64 {
  let most = f64.NEGATIVE_INFINITY;
  for (let e: u32 = 0; e < experts; e++) {
    const x = <f64>f32At(row, e);
    if (x > most) most = x;
  }
  return most;
}

/** Keys of score + bias. */
function keysOf(bias: usize, experts: u32): void {
  let e: u32 = 0;
  if (ASC_FEATURE_SIMD) {
    const zero = f32x4.splat(0);
    for (; e + 4 <= experts; e += 4) {
      const at = <usize>e << 2;
      const x = f32x4.add(v128.load(SCORES + at), bias ? v128.load(bias + at) : zero);
      const flipped = v128.and(i32x4.shr_s(x, 31), i32x4.splat(0x7fffffff));
      const key = v128.xor(x, flipped);
      // -0 (key -1) equals +0; NaN goes below everything.
      const same = v128.andnot(key, f32x4.eq(x, zero));
      v128.store(KEYS + at, v128.bitselect(same, i32x4.splat(i32.MIN_VALUE), f32x4.eq(x, x)));
    }
  }
  for (; e < experts; e++) {
    const x: f32 = f32At(SCORES, e) + (bias ? f32At(bias, e) : 0);
    store<i32>(KEYS + (<usize>e << 2), keyOf(x));
  }
}

/** Number of a key; NaN for the lowest. */
// @ts-ignore: decorator
@inline
function numberOf(key: i32): f32 {
  return key == i32.MIN_VALUE ? f32.NaN : reinterpret<f32>(key ^ ((key >> 31) & 0x7fffffff));
}

/** Chooses groups, then experts in them; leaves the kept groups in KEPT. */
function chooseGrouped(experts: u32, k: u32, groups: u32, keptGroups: u32, options: u32): void {
  const size = experts / groups;
  for (let g: u32 = 0; g < groups; g++) {
    store<i32>(GROUP_KEYS + (<usize>g << 2), groupKey(g * size, size, options));
  }
  begin(keptGroups);
  select(keptGroups, GROUP_KEYS, 0, groups);
  let mask: u64 = 0;
  for (let i: u32 = 0; i < keptGroups; i++) {
    store<u32>(KEPT + (<usize>i << 2), bestIndex(i));
    if (groups <= 64) mask |= (<u64>1) << bestIndex(i);
  }
  begin(k);
  for (let g: u32 = 0; g < groups; g++) {
    if (groups <= 64 ? (mask >> g) & 1 : isKept(g, keptGroups)) {
      select(k, KEYS, g * size, (g + 1) * size);
    }
  }
}

function isKept(group: u32, keptGroups: u32): bool {
  for (let i: u32 = 0; i < keptGroups; i++) {
    if (load<u32>(KEPT + (<usize>i << 2)) == group) return true;
  }
  return false;
}

/** Key of a group: its best, or the f32 sum of its two best. */
function groupKey(from: u32, size: u32, options: u32): i32 {
  let first: i32 = i32.MIN_VALUE;
  let second: i32 = i32.MIN_VALUE;
  let e: u32 = 0;
  if (ASC_FEATURE_SIMD && size >= 8 && (from & 3) == 0 && (size & 3) == 0) {
    let high = v128.load(KEYS + (<usize>from << 2));
    let low = i32x4.splat(i32.MIN_VALUE);
    for (e = 4; e < size; e += 4) {
      const x = v128.load(KEYS + (<usize>(from + e) << 2));
      low = i32x4.max_s(low, i32x4.min_s(high, x));
      high = i32x4.max_s(high, x);
    }
    // Fold four lanes of (high, low) into one: of two pairs, the best and the next.
    let h = i8x16.shuffle(high, high, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
    let l = i8x16.shuffle(low, low, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
    low = i32x4.max_s(i32x4.max_s(low, l), i32x4.min_s(high, h));
    high = i32x4.max_s(high, h);
    h = i8x16.shuffle(high, high, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
    l = i8x16.shuffle(low, low, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
    low = i32x4.max_s(i32x4.max_s(low, l), i32x4.min_s(high, h));
    high = i32x4.max_s(high, h);
    first = i32x4.extract_lane(high, 0);
    second = i32x4.extract_lane(low, 0);
  }
  for (; e < size; e++) {
    const key = load<i32>(KEYS + (<usize>(from + e) << 2));
    if (key > first) {
      second = first;
      first = key;
    } else if (key > second) {
      second = key;
    }
  }
  if (options & GROUP_MAX || size == 1) return first;
  return keyOf(numberOf(first) + numberOf(second));
}

function chosenIds(k: u32, ids: usize): void {
  for (let i: u32 = 0; i < k; i++) put(ids, i, bestIndex(i));
}

/** Weights of a grouped choice: scores, renormalised or not, times scale; then the shared ones. */
function chosenScores(
  k: u32,
  weights: usize,
  scale: f32,
  options: u32,
  shared: u32,
  sharedFactor: f32,
): void {
  let sum: f64 = 0;
  for (let i: u32 = 0; i < k; i++) sum += <f64>f32At(SCORES, bestIndex(i));
  const divisor: f64 = options & RENORM ? sum : 1;
  for (let i: u32 = 0; i < k; i++) {
    putF32(weights, i, single((<f64>f32At(SCORES, bestIndex(i)) / divisor) * <f64>scale));
  }
  for (let i: u32 = 0; i < shared; i++) {
    putF32(weights, k + i, single((sum / <f64>sharedFactor / divisor) * <f64>scale));
  }
}

/** Weights of a softmax over all experts or over the chosen ones. */
function softmaxWeights(
  kind: u32,
  row: usize,
  experts: u32,
  k: u32,
  weights: usize,
  options: u32,
): void {
  const most = <f64>f32At(row, bestIndex(0));
  let sum: f64 = 0;
  if (kind == SOFTMAX && !(options & RENORM)) {
    sum = sumOfPowers(row, experts, most);
  } else {
    for (let i: u32 = 0; i < k; i++) sum += power(<f64>f32At(row, bestIndex(i)) - most);
  }
  for (let i: u32 = 0; i < k; i++) {
    putF32(weights, i, single(power(<f64>f32At(row, bestIndex(i)) - most) / sum));
  }
}
