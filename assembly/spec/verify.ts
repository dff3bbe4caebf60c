// SPDX-License-Identifier: Apache-2.0
/**
 * Speculative verification of linear drafts: which drafted tokens a target model keeps.
 *
 * Problem: given the target's distribution at each drafted position, keep a prefix of the drafts
 * and one token more such that the output is distributed as the target's own (or as the named rule
 * wants), bit for bit as the engines decide it, over a batch of requests with ragged drafts.
 *
 * ```
 *  request r owns positions cu[r-1] .. cu[r]-1 of all per-position arrays (cu inclusive)
 *  drafts   │ r0: d d d │ r1: │ r2: d │          probabilities: one row of `vocab` f32 a position
 *  out      │ kept ..., recovered or bonus, -1 ... │   maxSpec + 1 entries a request
 * ```
 *
 * - SV-1  out[r] is a prefix of the drafts of r, then exactly one token, then -1.
 * - SV-2  lowest token on ties; a draft of -1 is never kept; a token id out of range is refused.
 * - SV-3  with drafts drawn from q, and uniforms and exponentials independent of them, the first
 *         token is distributed as p: Leviathan et al. 2023, theorem 1.
 * - SV-4  a refused call writes nothing.
 *
 * Complexity: O(positions) plus one pass over the vocabulary a request.
 * Source: vLLM v1 rejection_sampler.py; Sun et al. 2024 (block verification, arXiv 2403.10444);
 * Cai et al. 2024 (typical acceptance, Medusa).
 */
import { inMemory } from "../arena";
import { math_log } from "../math";
import { BAD_ARGUMENT, OK } from "../status";
import {
  NO_TOKEN, apart, entropy, f32At, i32At, isVocab, range, residualArgmax, weightedArgmax, words,
} from "./rows";

/** Accept when log p > log u + log q, instead of p / q >= u. */
const LOG_FORM: u32 = 1;

/** True when cu is a cumulative count with steps of at most maxSpec. */
function isRagged(cu: usize, batch: u32, maxSpec: u32): bool {
  let before: u32 = 0;
  for (let r: u32 = 0; r < batch; r++) {
    const here = <u32>i32At(cu, r);
    if (here < before || here - before > maxSpec) return false;
    before = here;
  }
  return before < 0x10000000;
}

/** True when drafts are tokens below `vocab` or -1. */
function areTokens(tokens: usize, n: u32, vocab: u32): bool {
  for (let i: u32 = 0; i < n; i++) {
    const token = i32At(tokens, i);
    if (token < -1 || token >= <i32>vocab) return false;
  }
  return true;
}

/** Bounds of a batch; the number of positions, or -1. */
function positions(
  drafts: usize,
  cu: usize,
  batch: u32,
  maxSpec: u32,
  bonus: usize,
  out: usize,
): i32 {
  if (batch == 0) return 0;
  if (batch > 0xffffff || maxSpec > 0xffff) return -1;
  if (!words(cu, batch) || !words(bonus, batch) || !words(out, <u64>batch * (maxSpec + 1))) {
    return -1;
  }
  if (!isRagged(cu, batch, maxSpec)) return -1;
  const n = i32At(cu, batch - 1);
  return words(drafts, n) ? n : -1;
}

/** Notes what every verifier reads and writes, out first: 4 ranges. */
function ranges(drafts: usize, cu: usize, batch: u32, bonus: usize, max: u32, out: usize): void {
  range(0, out, <u64>batch * (max + 1) << 2);
  range(1, drafts, batch ? <u64>i32At(cu, batch - 1) << 2 : 0);
  range(2, cu, <u64>batch << 2);
  range(3, bonus, <u64>batch << 2);
}

/** Pads a row with -1 from `length` on. */
function pad(row: usize, length: u32, width: u32): void {
  for (let i = length; i < width; i++) store<i32>(row + (<usize>i << 2), -1);
}

/** Keeps the drafts that equal the target's argmax, then the argmax; all kept: the bonus token. */
export function spec_greedy(
  drafts: usize,
  cu: usize,
  batch: u32,
  argmax: usize,
  bonus: usize,
  maxSpec: u32,
  out: usize,
): i32 {
  const n = positions(drafts, cu, batch, maxSpec, bonus, out);
  if (n < 0 || !words(argmax, n)) return BAD_ARGUMENT;
  ranges(drafts, cu, batch, bonus, maxSpec, out);
  range(4, argmax, <u64>n << 2);
  if (!apart(1, 5)) return BAD_ARGUMENT;
  let first: u32 = 0;
  for (let r: u32 = 0; r < batch; r++) {
    const end = <u32>i32At(cu, r);
    const row = out + (<usize>r * (maxSpec + 1) << 2);
    let kept: u32 = 0;
    let agreed = true;
    for (let i = first; i < end && agreed; i++) {
      const token = i32At(argmax, i);
      store<i32>(row + (<usize>kept << 2), token);
      kept++;
      agreed = token == i32At(drafts, i);
    }
    if (agreed) {
      store<i32>(row + (<usize>kept << 2), i32At(bonus, r));
      kept++;
    }
    pad(row, kept, maxSpec + 1);
    first = end;
  }
  return OK;
}

/** Inputs of spec_random, so that its parts need not pass fifteen values around. */
@unmanaged
class Random {
  drafts: usize;
  vocab: u32;
  target: usize;
  /** 0: drafts are certain (one-hot), as from n-grams. */
  draft: usize;
  uniform: usize;
  /** 0, or a rate a position: synthetic acceptance. */
  rates: usize;
  mode: u32;
}
const RANDOM: usize = memory.data(64, 8);

/**
 * Rejection sampling. `target` and `draft`: a row of f32 a position; `draft` 0: drafts are certain.
 * `exponentials`: a row of 1 / Exp(1) a request, for all its positions. `uniform`: one a position.
 * `rates`: 0, or `rateCount` f64 that replace the test by u < f32(rate of the position). `mode` 1:
 * the test in logarithms. `recovered`: 0, or one token a position, also where nobody asks for it.
 */
export function spec_random(
  drafts: usize,
  cu: usize,
  batch: u32,
  vocab: u32,
  target: usize,
  draft: usize,
  exponentials: usize,
  uniform: usize,
  bonus: usize,
  rates: usize,
  rateCount: u32,
  mode: u32,
  maxSpec: u32,
  out: usize,
  recovered: usize,
): i32 {
  const n = positions(drafts, cu, batch, maxSpec, bonus, out);
  if (n < 0 || !isVocab(vocab) || mode > 1) return BAD_ARGUMENT;
  const cells = <u64>n * vocab;
  if (!words(target, cells) || (draft && !words(draft, cells)) || !words(uniform, n)) {
    return BAD_ARGUMENT;
  }
  if (!words(exponentials, <u64>batch * vocab) || !areTokens(drafts, n, vocab)) return BAD_ARGUMENT;
  if (rates && ((rates & 7) || !inMemory(rates, <u64>rateCount << 3) || rateCount < maxSpec)) {
    return BAD_ARGUMENT;
  }
  if (recovered && !words(recovered, n)) return BAD_ARGUMENT;
  ranges(drafts, cu, batch, bonus, maxSpec, out);
  // The second output takes the place of the drafts, which move to the end.
  range(1, recovered, recovered ? <u64>n << 2 : 0);
  range(4, target, cells << 2);
  range(5, draft, draft ? cells << 2 : 0);
  range(6, exponentials, <u64>batch * vocab << 2);
  range(7, uniform, <u64>n << 2);
  range(8, rates, rates ? <u64>rateCount << 3 : 0);
  range(9, drafts, <u64>n << 2);
  if (!apart(2, 10)) return BAD_ARGUMENT;
  const c = changetype<Random>(RANDOM);
  c.drafts = drafts;
  c.vocab = vocab;
  c.target = target;
  c.draft = draft;
  c.uniform = uniform;
  c.rates = rates;
  c.mode = mode;
  verifyAll(c, cu, batch, bonus, exponentials, maxSpec, out, recovered);
  return OK;
}

/** All requests of spec_random, whose arguments are known to be legal. */
function verifyAll(
  c: Random,
  cu: usize,
  batch: u32,
  bonus: usize,
  exponentials: usize,
  maxSpec: u32,
  out: usize,
  recovered: usize,
): void {
  const vocab = c.vocab;
  let first: u32 = 0;
  for (let r: u32 = 0; r < batch; r++) {
    const end = <u32>i32At(cu, r);
    const row = out + (<usize>r * (maxSpec + 1) << 2);
    const noise = exponentials + (<usize>r * vocab << 2);
    let kept: u32 = 0;
    while (first + kept < end && accepts(c, first + kept, kept)) {
      store<i32>(row + (<usize>kept << 2), i32At(c.drafts, first + kept));
      kept++;
    }
    const rejected = first + kept;
    const last = rejected == end ? i32At(bonus, r) : <i32>recover(c, rejected, noise);
    store<i32>(row + (<usize>kept << 2), last);
    pad(row, kept + 1, maxSpec + 1);
    if (recovered) {
      for (let i = first; i < end; i++) {
        store<i32>(recovered + (<usize>i << 2), <i32>recover(c, i, noise));
      }
    }
    first = end;
  }
}

/** Whether the draft at a position, the `place`-th of its request, is kept. */
function accepts(c: Random, position: u32, place: u32): bool {
  const token = i32At(c.drafts, position);
  if (token < 0) return false;
  const u = f32At(c.uniform, position);
  if (c.rates) return u < <f32>load<f64>(c.rates + (<usize>place << 3));
  const at = <usize>position * c.vocab + <usize>token;
  const p = load<f32>(c.target + (at << 2));
  const q: f32 = c.draft ? load<f32>(c.draft + (at << 2)) : 1;
  if (!(q > 0)) return false;
  if (c.mode & LOG_FORM) return math_log(p) > math_log(u) + math_log(q);
  return p / q >= u;
}

/** The token that replaces a rejected draft: a draw from norm(max(p - q, 0)). */
function recover(c: Random, position: u32, noise: usize): u32 {
  const row = <usize>position * c.vocab << 2;
  if (c.draft) return residualArgmax(c.target + row, c.draft + row, noise, c.vocab);
  const token = i32At(c.drafts, position);
  const without = token < 0 ? NO_TOKEN : <u32>token;
  return weightedArgmax(c.target + row, noise, c.vocab, without);
}

/**
 * Typical acceptance: a draft is kept when its probability is above min(epsilon, delta * e^-H), H
 * the entropy of the target's row. The first one that is not is replaced by a draw from the row.
 */
export function spec_typical(
  drafts: usize,
  cu: usize,
  batch: u32,
  vocab: u32,
  target: usize,
  exponentials: usize,
  bonus: usize,
  epsilon: f64,
  delta: f64,
  maxSpec: u32,
  out: usize,
): i32 {
  const n = positions(drafts, cu, batch, maxSpec, bonus, out);
  if (n < 0 || !isVocab(vocab)) return BAD_ARGUMENT;
  if (!(epsilon >= 0) || !(delta > 0) || !words(target, <u64>n * vocab)) return BAD_ARGUMENT;
  if (!words(exponentials, <u64>batch * vocab) || !areTokens(drafts, n, vocab)) return BAD_ARGUMENT;
  const c = changetype<Random>(RANDOM);
  memory.fill(RANDOM, 0, offsetof<Random>());
  c.drafts = drafts;
  c.vocab = vocab;
  c.target = target;
  ranges(drafts, cu, batch, bonus, maxSpec, out);
  range(4, target, <u64>n * vocab << 2);
  range(5, exponentials, <u64>batch * vocab << 2);
  if (!apart(1, 6)) return BAD_ARGUMENT;
  let first: u32 = 0;
  for (let r: u32 = 0; r < batch; r++) {
    const end = <u32>i32At(cu, r);
    const row = out + (<usize>r * (maxSpec + 1) << 2);
    const noise = exponentials + (<usize>r * vocab << 2);
    let kept: u32 = 0;
    while (first + kept < end && isTypical(c, first + kept, epsilon, delta)) {
      store<i32>(row + (<usize>kept << 2), i32At(drafts, first + kept));
      kept++;
    }
    let last = i32At(bonus, r);
    if (first + kept < end) {
      const at = <usize>(first + kept) * vocab << 2;
      last = <i32>weightedArgmax(target + at, noise, vocab, NO_TOKEN);
    }
    store<i32>(row + (<usize>kept << 2), last);
    pad(row, kept + 1, maxSpec + 1);
    first = end;
  }
  return OK;
}

function isTypical(c: Random, position: u32, epsilon: f64, delta: f64): bool {
  const token = i32At(c.drafts, position);
  if (token < 0) return false;
  const row = c.target + (<usize>position * c.vocab << 2);
  const p = <f64>f32At(row, token);
  if (p > epsilon) return true;
  // p > delta e^-H without an exponential: log p > log delta - H.
  return p > 0 && math_log(p) > math_log(delta) - entropy(row, c.vocab);
}
