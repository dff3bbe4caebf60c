// SPDX-License-Identifier: Apache-2.0
/**
 * How the tokens of an expert layer fall on the experts of the rank that is timed. The published
 * benchmarks either stride tokens over experts (`balanced`) or sample shares from a power law and
 * time the most loaded rank; both are redone here.
 */
import { canLimit, columnPicks, groupLimitedCounts, type Picks } from './group-limited.js';
import { power } from './numbers.js';

/** Tokens on the timed rank. */
export interface RankLoad {
  /** Experts with at least one token. */
  readonly touched: number;
  /** (token, expert) pairs. */
  readonly rows: number;
  /** The same with each expert's rows rounded up to the tile, by tile. */
  readonly padded64: number;
  readonly padded128: number;
}

/** Draws that a power law is averaged over. */
const DRAWS = 12;
const CACHE_LIMIT = 4096;
const cache = new Map<string, RankLoad>();

/**
 * Load of the timed rank. `tokens` counts all tokens of the layer, over all ranks. `grouped` passes
 * the choice through DeepSeek's router, as the benchmark of kernels that route themselves does.
 * @throws RangeError for an unknown distribution.
 */
export function rankLoad(
  tokens: number,
  topk: number,
  experts: number,
  ranks: number,
  distribution: string,
  grouped = false,
): RankLoad {
  const key = `${tokens} ${topk} ${experts} ${ranks} ${distribution} ${grouped}`;
  let load = cache.get(key);
  if (load === undefined) {
    load = compute(tokens, topk, experts, ranks, distribution, grouped);
    if (cache.size >= CACHE_LIMIT) cache.clear();
    cache.set(key, load);
  }
  return load;
}

/** Exponent of `power_law_X`, 0 for `balanced`, NaN for anything else. */
export function powerLawExponent(distribution: string): number {
  if (distribution === '' || distribution === 'balanced') return 0;
  const match = /^power_law_(\d+(?:\.\d+)?)$/.exec(distribution);
  return match === null ? NaN : Number(match[1]);
}

function compute(
  tokens: number,
  topk: number,
  experts: number,
  ranks: number,
  distribution: string,
  grouped: boolean,
): RankLoad {
  const exponent = powerLawExponent(distribution);
  if (Number.isNaN(exponent)) {
    throw new RangeError(
      `unknown distribution "${distribution}" (allowed: balanced, power_law_X, as power_law_1.2)`,
    );
  }
  const size = Math.max(1, Math.floor(experts / ranks));
  const limit = grouped && canLimit(experts, topk);
  if (exponent === 0) {
    if (!limit) return summarise([balancedCounts(tokens, topk, experts, size)]);
    const counts = groupLimitedCounts(balancedPicks(tokens, topk, experts), experts);
    return summarise([counts.subarray(0, size)]);
  }
  const draws = Array.from({ length: DRAWS }, (_, draw) => {
    const counts = powerLawCounts(tokens, topk, experts, size, exponent, draw);
    if (!limit) return fullestRank(counts, size);
    swapRanks(counts, fullestRank(counts, size));
    const routed = groupLimitedCounts(columnPicks(counts, tokens, topk), experts);
    return routed.subarray(0, size);
  });
  return summarise(draws);
}

/** Makes `full`, a part of `counts`, the first rank. */
function swapRanks(counts: Float64Array, full: Float64Array): void {
  const first = counts.slice(0, full.length);
  counts.copyWithin(0, full.byteOffset / 8, full.byteOffset / 8 + full.length);
  if (full.byteOffset > 0) full.set(first);
}

/** Experts of each token when tokens stride over the experts; the pattern repeats. */
function balancedPicks(tokens: number, topk: number, experts: number): Picks[] {
  const stride = Math.ceil(experts / topk);
  const distinct = Math.min(tokens, tokens >= stride ? experts : tokens);
  return Array.from({ length: distinct }, (_, token) => {
    const first = tokens >= stride ? token : Math.floor((token * stride) / tokens);
    return {
      experts: Array.from({ length: topk }, (_, i) => (first + i * stride) % experts),
      tokens: Math.floor((tokens - token - 1) / distinct) + 1,
    };
  });
}

/** Tokens of each expert of rank 0 when tokens stride over the experts. */
function balancedCounts(
  tokens: number,
  topk: number,
  experts: number,
  size: number,
): Float64Array {
  const counts = new Float64Array(size);
  const stride = Math.ceil(experts / topk);
  // The pattern repeats every `experts` tokens; whole repeats give each expert the same.
  const repeats = tokens >= stride ? Math.floor(tokens / experts) : 0;
  counts.fill(repeats * topk);
  for (let token = repeats * experts; token < tokens; token++) {
    const first = tokens >= stride ? token : Math.floor((token * stride) / tokens);
    for (let i = 0; i < topk; i++) {
      const expert = (first + i * stride) % experts;
      if (expert < size) counts[expert]++;
    }
  }
  return counts;
}

/** A number in (0, 1) addressed by (draw, index): a 32-bit integer hash, the same everywhere. */
function uniform(draw: number, index: number): number {
  let x = (Math.imul(draw + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b) >>> 0;
  return (((x ^ (x >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}

/** Tokens of every expert when shares follow a bounded power law. */
function powerLawCounts(
  tokens: number,
  topk: number,
  experts: number,
  size: number,
  exponent: number,
  draw: number,
): Float64Array {
  const target = tokens * topk;
  const [low, high] = target > experts ? [1, Math.max(1, 0.8 * tokens)] : [0.01, 2];
  // The exponent 1 is the limit of its neighbours.
  const shape = 1 - (exponent === 1 ? 1.000001 : exponent);
  const [from, to] = [power(low, shape), power(high, shape)];
  const counts = new Float64Array(experts);
  let sum = 0;
  for (let e = 0; e < experts; e++) {
    counts[e] = power(from + (to - from) * uniform(draw, e), 1 / shape);
    sum += counts[e];
  }
  let missing = target;
  for (let e = 0; e < experts; e++) {
    counts[e] = Math.min(tokens, Math.round((counts[e] / sum) * target));
    missing -= counts[e];
  }
  settle(counts, size, missing, tokens);
  return counts;
}

/**
 * What rounding and the cap (a token picks an expert once) left over is dealt to the ranks in turn:
 * each adds to its idlest expert, or takes from its busiest. So one token touches one expert a
 * rank.
 */
function settle(counts: Float64Array, size: number, missing: number, cap: number): void {
  const ranks = Math.floor(counts.length / size);
  const rank = (r: number): Float64Array => counts.subarray(r * size, (r + 1) * size);
  // Many at once, so that the rest takes few rounds.
  const each = Math.floor(missing / ranks);
  let left = missing;
  for (let r = 0; each > 0 && r < ranks; r++) left -= fill(rank(r), each, cap);
  for (let idle = 0, r = 0; left !== 0 && idle < ranks; r = (r + 1) % ranks) {
    const moved = left > 0 ? fill(rank(r), 1, cap) : -take(rank(r));
    idle = moved === 0 ? idle + 1 : 0;
    left -= moved;
  }
}

/** Adds `amount` to the lowest counts, one by one up to the cap; returns what found room. */
function fill(counts: Float64Array, amount: number, cap: number): number {
  const order = Array.from(counts.keys()).sort((a, b) => counts[a] - counts[b] || a - b);
  let [level, width, left] = [counts[order[0]], 0, amount];
  while (left > 0 && level < cap) {
    while (width < order.length && counts[order[width]] <= level) width++;
    const next = width < order.length ? Math.min(cap, counts[order[width]]) : cap;
    const step = Math.min(next - level, Math.floor(left / width));
    if (step === 0) break;
    level += step;
    left -= step * width;
  }
  for (let i = 0; i < width; i++) counts[order[i]] = Math.max(counts[order[i]], level);
  for (let i = 0; i < width && left > 0 && level < cap; i++, left--) counts[order[i]]++;
  return amount - left;
}

/** Takes one from the largest count; returns 0 when all are 0. */
function take(counts: Float64Array): number {
  let most = 0;
  for (let e = 1; e < counts.length; e++) if (counts[e] > counts[most]) most = e;
  if (counts[most] === 0) return 0;
  counts[most]--;
  return 1;
}

/** Counts of the rank with the most tokens. */
function fullestRank(counts: Float64Array, size: number): Float64Array {
  let best = counts.subarray(0, size);
  let most = -1;
  for (let at = 0; at + size <= counts.length; at += size) {
    const rank = counts.subarray(at, at + size);
    const sum = rank.reduce((a, b) => a + b, 0);
    if (sum > most) [best, most] = [rank, sum];
  }
  return best;
}

function summarise(draws: readonly Float64Array[]): RankLoad {
  let [touched, rows, padded64, padded128] = [0, 0, 0, 0];
  for (const counts of draws) {
    for (const count of counts) {
      if (count > 0) touched++;
      rows += count;
      padded64 += Math.ceil(count / 64) * 64;
      padded128 += Math.ceil(count / 128) * 128;
    }
  }
  const n = draws.length;
  return {
    touched: touched / n, rows: rows / n, padded64: padded64 / n, padded128: padded128 / n,
  };
}
