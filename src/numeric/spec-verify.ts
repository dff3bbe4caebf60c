// SPDX-License-Identifier: Apache-2.0
import { check } from '../core/index.js';
import type { NumericCore } from './numeric-core.js';
import type { Item } from './scratch.js';
import {
  MOST_TOKENS, between, distributions, integers, uniforms, weights, whole,
} from './spec-arguments.js';
import type { Numbers } from './spec-arguments.js';

/** Drafts of several requests, one request behind the other. */
export interface DraftBatch {
  /** Drafted tokens; -1 where a drafter proposed none, which is never kept. */
  readonly drafts: Numbers;
  /** Number of drafts of each request. */
  readonly counts: Numbers;
  /** What each request gets behind its drafts when all of them are kept. */
  readonly bonus: Numbers;
  /** Width of the result less one; default: the largest of `counts`. */
  readonly maxDrafts?: number;
}

export interface Verified {
  /** `width` entries a request: the drafts kept, one token more, then -1. */
  readonly tokens: Int32Array;
  readonly width: number;
  /** Drafts kept of each request. */
  readonly kept: Int32Array;
}

export interface GreedyBatch extends DraftBatch {
  /** The target's most likely token at each drafted position. */
  readonly argmax: Numbers;
}

export interface RejectionBatch extends DraftBatch {
  readonly vocab: number;
  /** A row of `vocab` probabilities a drafted position. */
  readonly target: Numbers;
  /** The same of the drafter; null or absent: drafts are certain (n-grams, suffixes). */
  readonly draft?: Numbers | null;
  /** One draw from [0, 1) a drafted position. */
  readonly uniform: Numbers;
  /** A row of 1 / Exp(1) a request: what replaces a rejected draft is drawn with it. */
  readonly noise: Numbers;
  /** Keep when p / q >= u (default), or when log p > log u + log q. */
  readonly form?: 'division' | 'log';
  /** Synthetic acceptance: keep when u < rate of the position, whatever the probabilities. */
  readonly rates?: Numbers | null;
  /** Report what would replace the draft at every position. */
  readonly recovered?: boolean;
  /** Skip the check that rows are distributions. */
  readonly trusted?: boolean;
}

export interface TypicalBatch extends DraftBatch {
  readonly vocab: number;
  readonly target: Numbers;
  readonly noise: Numbers;
  /** Keep when p > min(epsilon, delta * e^-H), H the entropy of the row; default 0.3, 0.09. */
  readonly epsilon?: number;
  readonly delta?: number;
  readonly trusted?: boolean;
}

const MOST_REQUESTS = 0xffffff;
const MOST_DRAFTS = 0xffff;

/** A batch with its counts checked, in the form the kernels take. */
export class Ragged {
  readonly requests: number;
  /** Drafts of all requests. */
  readonly positions: number;
  readonly width: number;
  readonly counts: Int32Array;
  readonly drafts: Int32Array;
  readonly bonus: Int32Array;
  /** Where the drafts of each request end. */
  readonly ends: Int32Array;

  constructor(batch: DraftBatch, vocab: number, least = -1) {
    const { counts, bonus } = batch;
    this.requests = whole('counts.length', counts.length, 0, MOST_REQUESTS);
    this.counts = integers('counts', counts, this.requests, 0, MOST_DRAFTS + 1);
    const largest = this.counts.reduce((most, n) => Math.max(most, n), 0);
    const { maxDrafts = largest } = batch;
    this.width = whole('maxDrafts', maxDrafts, largest, MOST_DRAFTS) + 1;
    let end = 0;
    this.ends = this.counts.map((n) => (end += n));
    this.positions = whole('sum of counts', end, 0, 0xfffffff);
    this.drafts = integers('drafts', batch.drafts, end, least, vocab);
    this.bonus = integers('bonus', bonus, this.requests, 0, 0x80000000);
  }

  /** The result of a kernel that wrote `width` entries a request at `at`. */
  verified(core: NumericCore, at: number): Verified {
    const { requests, width } = this;
    const tokens = core.scratch.i32(at, requests * width);
    const kept = Int32Array.from({ length: requests }, (_, r) => {
      const end = tokens.subarray(r * width, (r + 1) * width).indexOf(-1);
      return (end < 0 ? width : end) - 1;
    });
    return { tokens, width, kept };
  }
}

/**
 * Keeps the drafts that equal the target's most likely token, and that token where they part.
 *
 * @example
 * verifyGreedy(core, { drafts: [5, 6], counts: [2], argmax: [5, 7], bonus: [8] }).tokens; // 5 7 -1
 */
export function verifyGreedy(core: NumericCore, batch: GreedyBatch): Verified {
  const ragged = new Ragged(batch, 0x80000000);
  const { requests, positions, width } = ragged;
  const argmax = integers('argmax', batch.argmax, positions, 0, 0x80000000);
  const [drafts, ends, most, bonus, out] = core.scratch.place([
    ragged.drafts, ragged.ends, argmax, ragged.bonus, requests * width * 4,
  ]);
  check(
    'spec_greedy',
    core.exports.spec_greedy(drafts, ends, requests, most, bonus, width - 1, out),
  );
  return ragged.verified(core, out);
}

/**
 * Rejection sampling: keeps a draft with probability min(1, p / q) and draws from what is left of
 * the target's row where it does not, so that the output is distributed as the target's own. With
 * `rates` it is synthetic acceptance. See docs/kernels/spec-verify.md.
 */
export function verifyRejection(
  core: NumericCore,
  batch: RejectionBatch,
): Verified & { readonly recovered: Int32Array | null } {
  const { form = 'division', recovered = false, trusted = false } = batch;
  const vocab = whole('vocab', batch.vocab, 1, MOST_TOKENS);
  const ragged = new Ragged(batch, vocab);
  const { requests, positions, width } = ragged;
  if (form !== 'division' && form !== 'log') {
    throw new RangeError(`form: must be division or log, got ${String(form)}`);
  }
  const target = distributions(core, 'target', batch.target, positions, vocab, trusted);
  const draft = draftRows(core, batch, positions, trusted);
  const rates = ratesOf(batch.rates ?? null, width - 1);
  const [drafts, ends, p, q, noise, uniform, bonus, rate, out, other] = core.scratch.place([
    ragged.drafts,
    ragged.ends,
    target,
    draft ?? 0,
    weights('noise', batch.noise, requests * vocab),
    uniforms('uniform', batch.uniform, positions),
    ragged.bonus,
    rates ?? 0,
    requests * width * 4,
    positions * 4,
  ] satisfies Item[]);
  const status = core.exports.spec_random(
    drafts, ends, requests, vocab, p, draft === null ? 0 : q, noise, uniform, bonus,
    rates === null ? 0 : rate, rates?.length ?? 0, form === 'log' ? 1 : 0, width - 1, out,
    recovered ? other : 0,
  );
  check('spec_random', status);
  const result = ragged.verified(core, out);
  return { ...result, recovered: recovered ? core.scratch.i32(other, positions) : null };
}

/** Rows of the drafter, null when its drafts are certain. */
export function draftRows(
  core: NumericCore,
  { draft = null, vocab }: { readonly draft?: Numbers | null; readonly vocab: number },
  positions: number,
  trusted: boolean,
): Float32Array | null {
  return draft === null ? null : distributions(core, 'draft', draft, positions, vocab, trusted);
}

function ratesOf(rates: Numbers | null, least: number): Float64Array | null {
  if (rates === null) return null;
  if (rates.length < least) {
    throw new RangeError(`rates.length: must be at least ${least}, got ${rates.length}`);
  }
  return Float64Array.from(rates, (rate, i) => between(`rates[${i}]`, rate, 0, 1));
}

/**
 * Typical acceptance: keeps a draft that is not improbable for a row of this entropy. The output is
 * not distributed as the target's.
 */
export function verifyTypical(core: NumericCore, batch: TypicalBatch): Verified {
  const { epsilon = 0.3, delta = 0.09, trusted = false } = batch;
  const vocab = whole('vocab', batch.vocab, 1, MOST_TOKENS);
  between('epsilon', epsilon, 0, Infinity);
  between('delta', delta, Number.MIN_VALUE, Infinity);
  const ragged = new Ragged(batch, vocab);
  const { requests, positions, width } = ragged;
  const [drafts, ends, p, noise, bonus, out] = core.scratch.place([
    ragged.drafts,
    ragged.ends,
    distributions(core, 'target', batch.target, positions, vocab, trusted),
    weights('noise', batch.noise, requests * vocab),
    ragged.bonus,
    requests * width * 4,
  ]);
  const status = core.exports.spec_typical(
    drafts, ends, requests, vocab, p, noise, bonus, epsilon, delta, width - 1, out,
  );
  check('spec_typical', status);
  return ragged.verified(core, out);
}
