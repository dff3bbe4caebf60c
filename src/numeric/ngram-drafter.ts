// SPDX-License-Identifier: Apache-2.0
import { check, Status } from '../core/index.js';
import type { NumericCore } from './numeric-core.js';
import { integers, whole } from './spec-arguments.js';
import type { Numbers } from './spec-arguments.js';

export interface NgramOptions {
  /** Shortest ending that must occur earlier; default 1. */
  readonly minN?: number;
  /** Longest ending that is looked for; default 3. */
  readonly maxN?: number;
  /** Tokens to draft at most; default 5. */
  readonly drafts?: number;
  /** Tokens that a sequence may have; drafts that would exceed it are not made. */
  readonly maxModelLen?: number;
}

const MOST = 0xfffffff;

/**
 * Drafts what followed the longest earlier occurrence of the context's own ending (prompt lookup).
 * O(context) a call, whatever the lengths looked for. Drafts are certain: verify them without draft
 * probabilities.
 *
 * @example
 * new NgramDrafter(core, { drafts: 2 }).draft([1, 2, 3, 9, 1, 2]); // 3 9
 */
export class NgramDrafter {
  readonly minN: number;
  readonly maxN: number;
  readonly drafts: number;
  readonly maxModelLen: number;

  constructor(
    private readonly core: NumericCore,
    options: NgramOptions = {},
  ) {
    const { minN = 1, maxN = Math.max(3, minN), drafts = 5, maxModelLen = MOST } = options;
    this.minN = whole('minN', minN, 1, MOST);
    this.maxN = whole('maxN', maxN, minN, MOST);
    this.drafts = whole('drafts', drafts, 0, 0xffff);
    this.maxModelLen = whole('maxModelLen', maxModelLen, 0, 0x7fffffff);
  }

  /** The draft behind `tokens`: as many as `drafts`, fewer at the end of what is known, or none. */
  draft(tokens: Numbers): Int32Array {
    const n = whole('tokens.length', tokens.length, 0, MOST);
    const text = integers('tokens', tokens, n, -0x80000000, 0x80000000);
    const { core, drafts, minN, maxN, maxModelLen } = this;
    const call = (): [number, number] => {
      const [at, out] = core.scratch.place([text, drafts * 4]);
      return [core.exports.spec_ngram(at, n, minN, maxN, maxModelLen, drafts, out), out];
    };
    let [length, out] = call();
    if (length === Status.noMemory) {
      core.reserve(Math.min(n, maxN) * 5 + 4096);
      [length, out] = call();
    }
    return core.scratch.i32(out, check('spec_ngram', length));
  }

  /** Token comparisons of the last draft: at most twice the context. */
  get compared(): number {
    return this.core.exports.spec_ngram_compared() >>> 0;
  }
}
