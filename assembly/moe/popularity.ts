// SPDX-License-Identifier: Apache-2.0
/**
 * Router logits drawn from the popularity of experts, so that imbalance comes out of real routing.
 *
 * ```
 *  logit[t, e] = log share of e where token t belongs + noise * G(t, e)
 *  G = -ln(-ln u), u = (word + 1/2) / 2^32
 *  word: number e mod 4 of the Philox block at (seed, purpose, entity, first + t, lane e div 4)
 * ```
 *
 * With noise 1 the best logit is that of expert e with a chance of its share exactly, and the best
 * k are k draws without replacement (Gumbel top-k). With noise 0 every token of a domain agrees.
 *
 * - MP-1  a logit depends on its address, its share and the noise alone: cut batches anywhere.
 * - MP-2  a refused call writes nothing.
 *
 * Complexity: O(tokens experts): a quarter of a Philox block and two logarithms each.
 * Source: Yellott 1977; Kool, van Hoof, Welling, Stochastic beams, ICML 2019.
 */
import { math_log } from "../math";
import { philox, words } from "../rng/philox";
import { BAD_ARGUMENT, OK } from "../status";
import { isShape } from "./align";
import { READ, WRITE, claim, f32At, get, putF32 } from "./buffers";

/**
 * Logits of `tokens` tokens to out[tokens x experts]. shares: `domains` rows of log shares; domain:
 * 0, or the row of each token.
 */
export function moe_logits(
  seedLo: u32,
  seedHi: u32,
  purpose: u32,
  entity: u32,
  first: u32,
  tokens: u32,
  experts: u32,
  shares: usize,
  domains: u32,
  domain: usize,
  noise: f32,
  out: usize,
): i32 {
  if (!isShape(tokens, 1, experts) || domains == 0 || !(noise >= 0)) return BAD_ARGUMENT;
  if (noise == f32.POSITIVE_INFINITY) return BAD_ARGUMENT;
  if (
    !claim(0, shares, <u64>domains * experts, READ) ||
    !claim(1, domain, domain ? tokens : 0, READ) ||
    !claim(2, out, <u64>tokens * experts, WRITE)
  ) {
    return BAD_ARGUMENT;
  }
  if (domain) {
    for (let t: u32 = 0; t < tokens; t++) if (get(domain, t) >= domains) return BAD_ARGUMENT;
  }
  for (let t: u32 = 0; t < tokens; t++) {
    const row = shares + (<usize>((domain ? get(domain, t) : 0) * experts) << 2);
    const to = out + (<usize>(t * experts) << 2);
    for (let e: u32 = 0; e < experts; e++) {
      if ((e & 3) == 0) philox(seedLo, seedHi, purpose, entity, first + t, e >> 2);
      const u = (<f64>load<u32>(words + (<usize>(e & 3) << 2)) + 0.5) * 2.3283064365386963e-10;
      const x = <f64>f32At(row, e) - <f64>noise * math_log(-math_log(u));
      putF32(to, e, isNaN(x) ? f32.NaN : <f32>x);
    }
  }
  return OK;
}
