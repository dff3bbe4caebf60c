// SPDX-License-Identifier: Apache-2.0
/**
 * Acceptance for simulation: how many drafts a step keeps when there are no tokens to look at.
 *
 * A curve of measured lengths becomes a survival curve, a context makes it fall, and a step draws
 * probabilities from it and sends them through the verification kernels. See
 * docs/kernels/acceptance-rates.md.
 */
import { acceptanceCurves, contextCurves } from './acceptance-data.js';
import type { AcceptanceCurve, ContextCurve } from './acceptance-data.js';
import { ratesOfConditional, ratesOfLength, ratesOfSurvival } from './acceptance-rates.js';
import type { AcceptanceRates } from './acceptance-rates.js';
import type { NumericCore } from './numeric-core.js';
import { between, whole } from './spec-arguments.js';
import type { Numbers } from './spec-arguments.js';

function named<T extends { readonly name: string }>(list: readonly T[], name: string): T {
  const found = list.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  const allowed = list.map((entry) => entry.name).join(', ');
  throw new RangeError(`name: must be one of ${allowed}, got ${name}`);
}

/** A measured curve by its name. */
export const acceptanceCurve = (name: string): AcceptanceCurve => named(acceptanceCurves, name);

/** A measured fall with context by its name. */
export const contextCurve = (name: string): ContextCurve => named(contextCurves, name);

/**
 * Survival curve of `drafts` drafts for measured lengths (entry k - 1: with k drafts).
 *
 * The gains from one more draft are the survival probabilities, but each comes from runs of their
 * own: they are noisy, and some are negative. This is the curve that does not rise, stays in [0, 1]
 * and has exactly the length measured with `drafts` drafts, nearest to the gains: pools of equal
 * values where they rise, then one amount taken off all, never below 0.
 */
export function survivalOf(lengths: Numbers, drafts: number): Float64Array {
  const k = whole('drafts', drafts, 0, lengths.length);
  if (k === 0) return new Float64Array(0);
  const list = Array.from(lengths).slice(0, k);
  list.forEach((length, i) => between(`lengths[${i}]`, length, 1, i + 2));
  const gains = list.map((length, i) => length - (i === 0 ? 1 : list[i - 1]));
  const pools: { sum: number; n: number }[] = [];
  for (const gain of gains) {
    let pool = { sum: gain, n: 1 };
    for (let last = pools.at(-1); last !== undefined; last = pools.at(-1)) {
      if (last.sum * pool.n >= pool.sum * last.n) break;
      pools.pop();
      pool = { sum: last.sum + pool.sum, n: last.n + pool.n };
    }
    pools.push(pool);
  }
  const smooth = pools.flatMap(({ sum, n }) => Array<number>(n).fill(Math.min(1, sum / n)));
  return lowered(smooth, list[k - 1] - 1);
}

/** max(s_i - t, 0) for a curve that does not rise, with t such that it sums to `total`. */
function lowered(curve: readonly number[], total: number): Float64Array {
  // With the first n entries above 0: t = (their sum - total) / n.
  let best = 0;
  for (let n = 1, sum = 0; n <= curve.length; n++) {
    sum += curve[n - 1];
    const t = (sum - total) / n;
    if (curve[n - 1] < t) break;
    best = t;
  }
  return Float64Array.from(curve, (s) => Math.min(1, Math.max(0, s - best)));
}

/** Piecewise linear through the points of a context curve, flat beyond its ends. */
export function lengthAt(curve: ContextCurve, context: number): number {
  between('context', context, 0, Infinity);
  const { points } = curve;
  const next = points.findIndex(([at]) => at >= context);
  if (next <= 0) return points.at(next)![1];
  const [[x0, y0], [x1, y1]] = [points[next - 1], points[next]];
  return y0 + ((y1 - y0) * (context - x0)) / (x1 - x0);
}

/**
 * What is left of the drafts kept at a context: 1 up to the first point of the curve, and the share
 * of its (length - 1) beyond.
 */
export function contextFactor(curve: ContextCurve, context: number): number {
  const shortest = curve.points[0][1] - 1;
  return Math.min(1, (lengthAt(curve, context) - 1) / shortest);
}

/**
 * A survival curve whose sum is `factor` times as large: every conditional rate times the same
 * number. Found by halving, with + * / alone, so the same everywhere.
 */
export function scaledSurvival(survival: Numbers, factor: number): Float64Array {
  between('factor', factor, 0, 1);
  const { conditional, unconditional } = ratesOfSurvival(survival);
  if (factor === 1) return unconditional;
  const total = (g: number): number => {
    let [sum, s] = [0, 1];
    for (const rate of conditional) sum += s *= rate * g;
    return sum;
  };
  const wanted = factor * total(1);
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (total(middle) > wanted) high = middle;
    else low = middle;
  }
  return ratesOfConditional(conditional.map((rate) => rate * low)).unconditional;
}

export interface AcceptanceModelOptions {
  /** Survival curve at short contexts; or `lengths`. */
  readonly survival?: Numbers;
  /** Measured lengths by number of drafts, as in `acceptanceCurves`. */
  readonly lengths?: Numbers;
  /** How acceptance falls with context; default: not at all. */
  readonly context?: ContextCurve;
  /**
   * `survival` (default): positions are kept as the curve says. `leastVariance`: only its mean
   * counts, as engines do when told an acceptance length.
   */
  readonly schedule?: 'survival' | 'leastVariance';
}

/** How many drafts are kept, by number of drafts and context. */
export class AcceptanceModel {
  /** Most drafts that it knows rates for. */
  readonly mostDrafts: number;
  readonly #rates = new Map<string, AcceptanceRates>();

  constructor(
    private readonly core: NumericCore,
    private readonly options: AcceptanceModelOptions,
  ) {
    const { survival, lengths, schedule = 'survival' } = options;
    if ((survival === undefined) === (lengths === undefined)) {
      throw new RangeError('survival, lengths: exactly one must be given');
    }
    if (schedule !== 'survival' && schedule !== 'leastVariance') {
      throw new RangeError(`schedule: must be survival or leastVariance, got ${String(schedule)}`);
    }
    if (survival !== undefined) ratesOfSurvival(survival);
    this.mostDrafts = (survival ?? lengths)!.length;
    this.rates(this.mostDrafts);
  }

  /** Rates of a step with `drafts` drafts at a context of so many tokens. */
  rates(drafts: number, context = 0): AcceptanceRates {
    whole('drafts', drafts, 0, this.mostDrafts);
    const { context: fall } = this.options;
    const factor = fall === undefined ? 1 : contextFactor(fall, context);
    const key = `${drafts} ${factor}`;
    let found = this.#rates.get(key);
    if (found === undefined) {
      found = this.#make(drafts, factor);
      // Contexts grow token by token: what was asked for long ago is not asked for again.
      if (this.#rates.size >= 4096) this.#rates.clear();
      this.#rates.set(key, found);
    }
    return found;
  }

  #make(drafts: number, factor: number): AcceptanceRates {
    const { survival, lengths, schedule } = this.options;
    const short = survival === undefined
      ? survivalOf(lengths!, drafts)
      : Float64Array.from(survival).subarray(0, drafts);
    const curve = scaledSurvival(short, factor);
    if (schedule !== 'leastVariance') return ratesOfSurvival(curve);
    const mean = curve.reduce((sum, s) => sum + s, 1);
    return ratesOfLength(this.core, mean, drafts);
  }

  /** Expected tokens a step. */
  length(drafts: number, context = 0): number {
    return this.rates(drafts, context).unconditional.reduce((sum, s) => sum + s, 1);
  }
}
