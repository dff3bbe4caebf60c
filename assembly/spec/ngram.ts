// SPDX-License-Identifier: Apache-2.0
/**
 * N-gram drafter (prompt lookup): proposes what followed the longest earlier occurrence of the
 * context's own ending.
 *
 * Read backwards, the ending is a prefix, so the failure function of Knuth, Morris and Pratt finds
 * at every position the longest match in one linear pass; matches longer than maxN are cut to it.
 *
 * ```
 *  tokens   a b c d e f  a b c d  x  a b c        ending "a b c" (n = 3), earliest start s = 0
 *           └─s          └─        └─ suffix      draft: d e f ...
 * ```
 *
 * - NG-1  the draft is tokens[s+n .. s+n+k) for the longest n in [minN, maxN], the earliest s.
 * - NG-2  overlap of the occurrence with the ending is allowed, the ending itself is not.
 * - NG-3  a draft takes at most 2 length comparisons of tokens, whatever maxN.
 *
 * Complexity: O(length) time, O(maxN) scratch, out of the arena when maxN > 256.
 * Source: vLLM ngram_proposer.py; Knuth, Morris and Pratt 1977.
 */
import { give, take } from "../arena";
import { BAD_ARGUMENT, NO_MEMORY } from "../status";
import { apart, i32At, range, words } from "./rows";

/** Failure functions up to so many entries need no arena. Scratch, no state. */
const SHORT: u32 = 256;
const FAILURE: usize = memory.data(1024, 4);

/** Token comparisons of the last draft: a second result, no state. */
let compared: u32 = 0;

/** Token comparisons of the last call of spec_ngram: at most 2 length. */
export function spec_ngram_compared(): u32 {
  return compared;
}

/** Writes the draft to out[0..k) and returns its length, 0 when nothing matches. */
export function spec_ngram(
  tokens: usize,
  length: u32,
  minN: u32,
  maxN: u32,
  maxModelLen: u32,
  k: u32,
  out: usize,
): i32 {
  if (!words(tokens, length) || !words(out, k) || k > 0xffff) return BAD_ARGUMENT;
  if (minN == 0 || maxN < minN || length > 0xfffffff) return BAD_ARGUMENT;
  range(0, out, <u64>k << 2);
  range(1, tokens, <u64>length << 2);
  if (!apart(1, 2)) return BAD_ARGUMENT;
  compared = 0;
  if (length >= maxModelLen || length < minN + 1) return 0;
  const room = min(k, maxModelLen - length);
  const most = min(maxN, length - 1);
  if (room == 0 || most < minN) return 0;
  const failure = most <= SHORT ? FAILURE : take(most << 2);
  if (!failure) return NO_MEMORY;
  const last = length - 1;
  let best: u32 = 0;
  let bestEnd: u32 = 0;
  let matched: u32 = 0;
  let comparisons: u32 = 0;
  store<u32>(failure, 0);
  for (let i: u32 = 1; i < length; i++) {
    const token = i32At(tokens, last - i);
    // A match of full length goes on from its own longest border.
    if (matched == most) matched = load<u32>(failure + (<usize>(most - 1) << 2));
    let same = i32At(tokens, last - matched) == token;
    comparisons++;
    while (matched > 0 && !same) {
      matched = load<u32>(failure + (<usize>(matched - 1) << 2));
      same = i32At(tokens, last - matched) == token;
      comparisons++;
    }
    if (same) matched++;
    if (i < most) store<u32>(failure + (<usize>i << 2), matched);
    if (matched >= best) {
      best = matched;
      bestEnd = i;
    }
  }
  if (most > SHORT) give(failure, most << 2);
  compared = comparisons;
  if (best < minN) return 0;
  const next = last - bestEnd + best;
  const n = min(room, length - next);
  memory.copy(out, tokens + (<usize>next << 2), <usize>n << 2);
  return <i32>n;
}
