// SPDX-License-Identifier: Apache-2.0
import { check } from '../core/index.js';
import type { NumericCore } from './numeric-core.js';
import { MOST_TOKENS, distributions, uniforms, weights, whole } from './spec-arguments.js';
import type { Numbers } from './spec-arguments.js';
import { Ragged, draftRows } from './spec-verify.js';
import type { DraftBatch, Verified } from './spec-verify.js';

export interface BlockBatch extends DraftBatch {
  readonly vocab: number;
  /** A row of `vocab` probabilities a drafted position. */
  readonly target: Numbers;
  /** The same of the drafter; null or absent: drafts are certain. */
  readonly draft?: Numbers | null;
  /** One draw from [0, 1) a drafted position. */
  readonly uniform: Numbers;
  /** A row of 1 / Exp(1) a request. */
  readonly noise: Numbers;
  /** Skip the check that rows are distributions. */
  readonly trusted?: boolean;
}

export interface BlockVerified extends Verified {
  /** h_1 .. h_k of each request, one behind the other: a draft ends the block when u <= h. */
  readonly thresholds: Float64Array;
  /** p_1 .. p_k of each request: the joint ratio up to each draft. */
  readonly joint: Float64Array;
}

/**
 * Block verification: judges all drafts of a request together. The output is distributed as the
 * target's own, and at least as many drafts are kept in expectation as by `verifyRejection`. All
 * drafts must be tokens. See docs/kernels/block-verify.md.
 */
export function verifyBlock(core: NumericCore, batch: BlockBatch): BlockVerified {
  const { trusted = false } = batch;
  const vocab = whole('vocab', batch.vocab, 1, MOST_TOKENS);
  const ragged = new Ragged(batch, vocab, 0);
  const { requests, positions: n, width } = ragged;
  const target = distributions(core, 'target', batch.target, n, vocab, trusted);
  const draft = draftRows(core, batch, n, trusted);
  const noise = weights('noise', batch.noise, requests * vocab);
  const uniform = uniforms('uniform', batch.uniform, n);
  const [drafts, p, q, rows, u, h, joint] = core.scratch.place([
    ragged.drafts, target, draft ?? 0, noise, uniform, n * 8, width * 8,
  ]);
  const tokens = new Int32Array(requests * width).fill(-1);
  const joints = new Float64Array(n);
  const kept = new Int32Array(requests);
  const { exports } = core;
  for (let r = 0, first = 0; r < requests; r++) {
    const k = ragged.counts[r];
    const row = (start: number, position: number): number => start + position * vocab * 4;
    const qs = (position: number): number => (draft === null ? 0 : row(q, position));
    const n = check(
      'spec_block',
      exports.spec_block(
        drafts + first * 4, k, vocab, row(p, first), qs(first), u + first * 4, h + first * 8, joint,
      ),
    );
    const ratios = core.scratch.f64(joint, k + 1);
    joints.set(ratios.subarray(1), first);
    let last = ragged.bonus[r];
    if (n < k) {
      const at = first + n;
      last = check(
        'spec_block_token',
        exports.spec_block_token(
          ragged.drafts[at], vocab, row(p, at), qs(at), ratios[n], row(rows, r),
        ),
      );
    }
    tokens.set(ragged.drafts.subarray(first, first + n), r * width);
    tokens[r * width + n] = last;
    kept[r] = n;
    first += k;
  }
  return { tokens, width, kept, thresholds: core.scratch.f64(h, n), joint: joints };
}
