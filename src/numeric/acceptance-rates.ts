// SPDX-License-Identifier: Apache-2.0
import { check } from '../core/index.js';
import type { NumericCore } from './numeric-core.js';
import { between, whole } from './spec-arguments.js';
import type { Numbers } from './spec-arguments.js';

/** Rates of a step with some drafts, position by position. */
export interface AcceptanceRates {
  /** Probability that the draft at this position is kept: the survival curve. */
  readonly unconditional: Float64Array;
  /** The same given that all before it were kept: what `verifyRejection` takes as `rates`. */
  readonly conditional: Float64Array;
}

const MOST_DRAFTS = 0xffff;

/**
 * Rates of `drafts` drafts for a mean acceptance length (tokens a step, the guaranteed one
 * included), such that the length varies as little as it can: ones, one remainder, zeros.
 *
 * @example
 * ratesOfLength(core, 2.4, 3).unconditional; // 1 0.4 0
 */
export function ratesOfLength(core: NumericCore, length: number, drafts: number): AcceptanceRates {
  between('length', length, 1, Infinity);
  const n = whole('drafts', drafts, 0, MOST_DRAFTS);
  const [u, c] = core.scratch.place([n * 8, n * 8]);
  check('spec_rates', core.exports.spec_rates(length, n, u, c));
  return { unconditional: core.scratch.f64(u, n), conditional: core.scratch.f64(c, n) };
}

/** Expected tokens a step of `drafts` drafts, each kept with probability alpha. */
export function expectedLength(core: NumericCore, alpha: number, drafts: number): number {
  between('alpha', alpha, 0, 1);
  return core.exports.spec_expected_length(alpha, whole('drafts', drafts, 0, MOST_DRAFTS));
}

/** Rates from a survival curve, which must not rise. */
export function ratesOfSurvival(survival: Numbers): AcceptanceRates {
  const unconditional = Float64Array.from(survival);
  const conditional = unconditional.map((rate, i) => {
    const before = i === 0 ? 1 : unconditional[i - 1];
    between(`survival[${i}]`, rate, 0, before);
    return before === 0 ? 0 : rate / before;
  });
  return { unconditional, conditional };
}

/** Rates from conditional ones. */
export function ratesOfConditional(rates: Numbers): AcceptanceRates {
  const conditional = Float64Array.from(rates, (rate, i) => between(`rates[${i}]`, rate, 0, 1));
  let survival = 1;
  return { unconditional: conditional.map((rate) => (survival *= rate)), conditional };
}

/** Mean acceptance length of a survival curve: 1 and its sum. */
export function lengthOf({ unconditional }: Pick<AcceptanceRates, 'unconditional'>): number {
  return unconditional.reduce((sum, rate) => sum + rate, 1);
}

export interface StepCost {
  /** Time of a target step that verifies all drafts, over one without drafts. */
  readonly verify: number;
  /** Time of one draft over that of a target step without drafts; default 0. */
  readonly draft?: number;
}

/**
 * Tokens a time, over decoding without drafts: length / (verify + drafts * draft). Leviathan et al.
 * 2023, theorem 3.8, with the price of verification kept.
 */
export function speedup(length: number, drafts: number, cost: StepCost): number {
  between('length', length, 1, Infinity);
  whole('drafts', drafts, 0, MOST_DRAFTS);
  const { verify, draft = 0 } = cost;
  between('verify', verify, Number.MIN_VALUE, Infinity);
  between('draft', draft, 0, Infinity);
  return length / (verify + drafts * draft);
}

/**
 * Number of drafts with the largest speed-up, the smallest on ties: 0 when drafting does not pay.
 * `verify(k)` is the time of a step that verifies k drafts, over one without.
 */
export function bestDrafts(
  survival: Numbers,
  verify: (drafts: number) => number,
  draft = 0,
): { readonly drafts: number; readonly speedup: number } {
  const { unconditional } = ratesOfSurvival(survival);
  let best = { drafts: 0, speedup: 1 };
  for (let k = 1; k <= unconditional.length; k++) {
    const length = lengthOf({ unconditional: unconditional.subarray(0, k) });
    const gain = speedup(length, k, { verify: verify(k), draft });
    if (gain > best.speedup) best = { drafts: k, speedup: gain };
  }
  return best;
}
