// SPDX-License-Identifier: Apache-2.0
/**
 * Block verification of one request: judges all drafts together and keeps at least as many in
 * expectation as token by token.
 *
 * ```
 *  p_0 = 1,  p_i = min(p_{i-1} P_i(d_i) / Q_i(d_i), 1)
 *  R_i = sum_v max(p_i P_{i+1}(v) - Q_{i+1}(v), 0)         without draft probabilities:
 *  h_i = R_i / (R_i + 1 - p_i),  h_k = p_k                  R_i = p_i (1 - P_{i+1}(d_{i+1}))
 *  kept = the last i with u_i <= h_i, or 0
 * ```
 *
 * - BV-1  all arithmetic is f64 on the f32 probabilities, sums in the order of rows.ts.
 * - BV-2  a refused call writes nothing.
 *
 * Source: Sun et al. 2024, Block Verification Accelerates Speculative Decoding (arXiv 2403.10444);
 * vLLM.
 */
import { inMemory } from "../arena";
import { BAD_ARGUMENT } from "../status";
import {
  apart, f32At, i32At, isVocab, range, residualMass, scaledArgmax, words,
} from "./rows";

/**
 * `target`, `draft`: k rows of `vocab` f32, draft 0 = drafts are certain. `thresholds`: k f64,
 * `joint`: k + 1 f64. Returns the number of drafts kept.
 */
export function spec_block(
  drafts: usize,
  k: u32,
  vocab: u32,
  target: usize,
  draft: usize,
  uniform: usize,
  thresholds: usize,
  joint: usize,
): i32 {
  if (k > 0xffff || !isVocab(vocab)) return BAD_ARGUMENT;
  const cells = <u64>k * vocab;
  if (!words(drafts, k) || !words(uniform, k) || !words(target, cells)) return BAD_ARGUMENT;
  if ((draft && !words(draft, cells)) || (thresholds | joint) & 7) return BAD_ARGUMENT;
  if (!inMemory(thresholds, k << 3) || !inMemory(joint, (k + 1) << 3)) return BAD_ARGUMENT;
  range(0, thresholds, k << 3);
  range(1, joint, (k + 1) << 3);
  range(2, drafts, k << 2);
  range(3, uniform, k << 2);
  range(4, target, cells << 2);
  range(5, draft, draft ? cells << 2 : 0);
  if (!apart(2, 6)) return BAD_ARGUMENT;
  for (let i: u32 = 0; i < k; i++) if (<u32>i32At(drafts, i) >= vocab) return BAD_ARGUMENT;
  let p: f64 = 1;
  store<f64>(joint, p);
  for (let i: u32 = 0; i < k; i++) {
    const at = (<usize>i * vocab + <usize>i32At(drafts, i)) << 2;
    const q: f64 = draft ? <f64>load<f32>(draft + at) : 1;
    p = min(p * <f64>load<f32>(target + at) / q, 1);
    if (isNaN(p)) p = 0;
    store<f64>(joint + (<usize>(i + 1) << 3), p);
  }
  let kept: i32 = 0;
  for (let i: u32 = 1; i <= k; i++) {
    const h = threshold(drafts, k, vocab, target, draft, joint, i);
    store<f64>(thresholds + (<usize>(i - 1) << 3), h);
    if (<f64>f32At(uniform, i - 1) <= h) kept = i;
  }
  return kept;
}

function threshold(
  drafts: usize,
  k: u32,
  vocab: u32,
  target: usize,
  draft: usize,
  joint: usize,
  i: u32,
): f64 {
  const p = load<f64>(joint + (<usize>i << 3));
  if (i == k) return p;
  const row = <usize>i * vocab << 2;
  let mass: f64;
  if (draft) mass = residualMass(p, target + row, draft + row, vocab);
  else mass = p * (1 - <f64>f32At(target + row, i32At(drafts, i)));
  const whole = mass + 1 - p;
  return whole == 0 ? 1 : mass / whole;
}

/**
 * Token behind `kept` < k drafts: a draw from norm(max(p_kept P - Q, 0)) by the noise 1 / Exp(1).
 * With certain drafts Q is 1 at the draft.
 */
export function spec_block_token(
  draftToken: u32,
  vocab: u32,
  target: usize,
  draft: usize,
  scale: f64,
  noise: usize,
): i32 {
  if (!isVocab(vocab) || draftToken >= vocab || !(scale >= 0)) return BAD_ARGUMENT;
  if (!words(target, vocab) || !words(noise, vocab)) return BAD_ARGUMENT;
  if (draft && !words(draft, vocab)) return BAD_ARGUMENT;
  if (draft) return <i32>scaledArgmax(scale, target, draft, noise, vocab);
  let best: f64 = 0;
  let index: u32 = 0;
  for (let v: u32 = 0; v < vocab; v++) {
    const w = v == draftToken ? 0 : <f64>f32At(target, v) * <f64>f32At(noise, v);
    if (w > best) {
      best = w;
      index = v;
    }
  }
  return <i32>index;
}
