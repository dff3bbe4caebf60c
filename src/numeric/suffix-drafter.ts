// SPDX-License-Identifier: Apache-2.0
import { check, KernelError, Status } from '../core/index.js';
import type { NumericCore } from './numeric-core.js';
import { between, integers, whole } from './spec-arguments.js';
import type { Numbers } from './spec-arguments.js';

export interface SuffixOptions {
  /** Longest run of tokens that is counted, 2 to 128; default 24. */
  readonly depth?: number;
  /** Runs that can be known, with the root: 24 to 32 bytes each; default 65536. */
  readonly nodes?: number;
}

export interface SuffixDraftOptions {
  /** Tokens to draft at most; default 16. */
  readonly most?: number;
  /** A draft is at most this many times as long as the ending it was found by; default 4. */
  readonly factor?: number;
  /** A draft ends before its probability falls below this; default 0.1. */
  readonly least?: number;
}

export interface SuffixDraft {
  readonly tokens: Int32Array;
  /** Estimated probability that the target follows the draft up to each token. */
  readonly probabilities: Float32Array;
}

const MOST = 0xfffffff;

/**
 * Drafts what most often followed the ending of the context in all text learnt: prompts and outputs
 * of earlier turns, other agents of the same job. See docs/kernels/suffix-drafter.md.
 *
 * @example
 * const drafter = new SuffixDrafter(core);
 * drafter.learn([1, 2, 3, 4, 5]);
 * drafter.draft([2, 3]).tokens; // 4 5
 */
export class SuffixDrafter {
  readonly handle: number;
  readonly depth: number;
  readonly capacity: number;
  #dropped = 0;

  constructor(
    private readonly core: NumericCore,
    options: SuffixOptions = {},
  ) {
    const { depth = 24, nodes = 65536 } = options;
    this.depth = whole('depth', depth, 2, 128);
    this.capacity = whole('nodes', nodes, 16, 0x3ffffff);
    core.reserve((core.exports.suffix_bytes(depth, nodes) >>> 0) + 4096);
    this.handle = core.exports.suffix_create(depth, nodes) >>> 0;
    if (this.handle === 0) throw new KernelError('suffix_create', Status.noMemory);
  }

  /** Learns tokens that follow those learnt last, or with `fresh` begin another text. */
  learn(tokens: Numbers, fresh = false): void {
    const n = whole('tokens.length', tokens.length, 0, MOST);
    const [at] = this.core.scratch.place([words('tokens', tokens)]);
    const { exports } = this.core;
    this.#dropped = check('suffix_learn', exports.suffix_learn(this.handle, at, n, fresh ? 1 : 0));
  }

  /** The draft behind `context`; empty when none of its endings was seen. */
  draft(context: Numbers, options: SuffixDraftOptions = {}): SuffixDraft {
    const { most = 16, factor = 4, least = 0.1 } = options;
    whole('most', most, 0, 0xffff);
    between('factor', factor, Number.MIN_VALUE, Infinity);
    between('least', least, 0, Infinity);
    // Only so many tokens can be an ending that was counted.
    const from = Math.max(0, context.length - this.depth);
    const ending = words('context', Array.prototype.slice.call(context, from) as number[]);
    const { scratch, exports } = this.core;
    const [at, out, p] = scratch.place([ending, most * 4, most * 4]);
    const n = check(
      'suffix_draft',
      exports.suffix_draft(this.handle, at, ending.length, most, factor, least, out, p),
    );
    return { tokens: scratch.i32(out, n), probabilities: scratch.f32(p, n) };
  }

  /** Runs known. */
  get nodes(): number {
    return check('suffix_nodes', this.core.exports.suffix_nodes(this.handle));
  }

  /** Times a run was not learnt because all nodes are used up, as of the last `learn`. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Forgets everything. */
  clear(): void {
    check('suffix_clear', this.core.exports.suffix_clear(this.handle));
    this.#dropped = 0;
  }

  /** Number of the first invariant that does not hold, 0 when all do. */
  check(): number {
    return check('suffix_check', this.core.exports.suffix_check(this.handle));
  }

  dispose(): void {
    check('suffix_destroy', this.core.exports.suffix_destroy(this.handle));
  }
}

function words(name: string, tokens: Numbers): Int32Array {
  return integers(name, tokens, tokens.length, 0, 0x80000000);
}
