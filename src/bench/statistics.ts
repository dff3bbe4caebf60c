// SPDX-License-Identifier: Apache-2.0

/** Times of one build on one benchmark, in ns per unit of work. */
export interface Timing {
  readonly p50: number;
  readonly p99: number;
  readonly min: number;
  readonly samples: number;
  /** 95 % interval of the median: within a round and between rounds, whichever is wider. */
  readonly low: number;
  readonly high: number;
}

/** Value at a quantile of sorted samples. */
function quantile(sorted: ArrayLike<number>, q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(q * (sorted.length - 1))))];
}

function sort(samples: Iterable<number>): Float64Array {
  return Float64Array.from(samples).sort();
}

/**
 * Summary of several rounds of samples. Samples of a round resemble each other more than those of
 * two rounds (the machine changes its mind in between), so the medians of the rounds count too.
 */
export function summarize(rounds: readonly ArrayLike<number>[]): Timing {
  const sorted = sort(rounds.flatMap((round) => Array.from(round)));
  const medians = sort(rounds.map((round) => quantile(sort(Array.from(round)), 0.5)));
  // Ranks of the 95 % interval of a median: n/2 -+ 0.98 sqrt(n).
  const reach = 0.98 / Math.sqrt(sorted.length);
  return {
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    min: sorted[0],
    samples: sorted.length,
    low: Math.min(quantile(sorted, 0.5 - reach), medians[0]),
    high: Math.max(quantile(sorted, 0.5 + reach), medians[medians.length - 1]),
  };
}

/**
 * Median of a / b over rounds. The two sides of a round ran one after the other, so what the
 * machine did to one it mostly did to the other: steadier than a ratio of overall medians. Of a
 * round the quick samples count, since others on the machine only ever slow one down.
 */
export function pairedRatio(
  a: readonly ArrayLike<number>[],
  b: readonly ArrayLike<number>[],
): number {
  const quick = (round: ArrayLike<number>): number => quantile(sort(Array.from(round)), 0.1);
  return quantile(sort(a.map((round, i) => quick(round) / quick(b[i]))), 0.5);
}

export interface Ratio {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** a / b with an interval: relative half-widths add in quadrature. */
export function ratio(a: Timing, b: Timing): Ratio {
  const value = a.p50 / b.p50;
  const spread = (t: Timing): number => (t.high - t.low) / 2 / t.p50;
  const reach = Math.sqrt(spread(a) * spread(a) + spread(b) * spread(b));
  return { value, low: value * Math.max(0, 1 - reach), high: value * (1 + reach) };
}
