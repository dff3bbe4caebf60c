// SPDX-License-Identifier: Apache-2.0
/**
 * Acceptance rates: from a mean acceptance length to a rate a position, and expected lengths.
 *
 * - SR-1  the unconditional rates are the ones of least variance of the length: ones, one
 *         remainder, zeros; conditional_i = unconditional_i / unconditional_{i-1}.
 * - SR-2  1 + sum of the unconditional rates is the mean length, unless that exceeds n + 1.
 *
 * Source: vLLM synthetic_acceptance_length; Leviathan et al. 2023, equation 1.
 */
import { inMemory } from "../arena";
import { BAD_ARGUMENT, OK } from "../status";
import { apart, range } from "./rows";

/** Rates of n drafts for mean length `length` (>= 1), f64: unconditional, then conditional. */
export function spec_rates(length: f64, n: u32, unconditional: usize, conditional: usize): i32 {
  if (!(length >= 1) || n > 0xffff || (unconditional | conditional) & 7) return BAD_ARGUMENT;
  if (!inMemory(unconditional, n << 3) || !inMemory(conditional, n << 3)) return BAD_ARGUMENT;
  range(0, unconditional, n << 3);
  range(1, conditional, n << 3);
  if (!apart(1, 2)) return BAD_ARGUMENT;
  const total = length - 1;
  const ones = trunc(total);
  let before: f64 = 1;
  for (let i: u32 = 0; i < n; i++) {
    let rate: f64 = 0;
    if (<f64>i < ones) rate = 1;
    else if (<f64>i == ones) rate = total - ones;
    store<f64>(unconditional + (<usize>i << 3), rate);
    store<f64>(conditional + (<usize>i << 3), before == 0 ? 0 : rate / before);
    before = rate;
  }
  return OK;
}

/** Expected tokens a step of `drafts` drafts, each kept with probability alpha; NaN if none. */
export function spec_expected_length(alpha: f64, drafts: u32): f64 {
  if (!(alpha >= 0 && alpha <= 1)) return f64.NaN;
  // The geometric sum itself: no cancellation near 1, where the closed form loses digits.
  let sum: f64 = 1;
  let power: f64 = 1;
  for (let i: u32 = 0; i < drafts; i++) {
    power *= alpha;
    sum += power;
    if (power == 0) break;
  }
  return sum;
}
