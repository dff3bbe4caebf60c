// SPDX-License-Identifier: Apache-2.0
import { Rng } from '../core/index.js';
import type { Core } from '../core/index.js';
import type { AcceptanceModel } from './acceptance-model.js';
import { verifyBlock } from './block-verify.js';
import type { NumericCore } from './numeric-core.js';
import { whole } from './spec-arguments.js';
import { verifyRejection } from './spec-verify.js';

/** How drafts are judged; `synthetic` by rates alone, the others by probabilities. */
export type AcceptanceMethod = 'rejection' | 'oneHot' | 'block' | 'synthetic';

export interface SamplerOptions {
  readonly model: AcceptanceModel;
  readonly seed: number;
  /** Default: rejection. */
  readonly method?: AcceptanceMethod;
  /** Tokens that the rows have, even, 2 to 256; default 8; of no influence beyond rounding. */
  readonly vocab?: number;
  /** Tells the draws of several samplers of one seed apart; default 0. */
  readonly purpose?: number;
}

/** A request of a step. The same entity and step always give the same result. */
export interface StepRequest {
  readonly entity: number;
  readonly step: number;
  readonly drafts: number;
  readonly context?: number;
}

export interface StepResult {
  /** Drafts kept of each request; it gets one token more. */
  readonly kept: Int32Array;
  /** How they were judged, for reports. */
  readonly method: AcceptanceMethod;
  /** Probabilities were drawn from an acceptance model: no token was looked at. */
  readonly source: 'model';
}

const METHODS: readonly AcceptanceMethod[] = ['rejection', 'oneHot', 'block', 'synthetic'];
const MOST_DRAFTS = 64;
/** Least weight of a token: no row is empty. */
const FLOOR = 1 / 2 ** 20;

/** Lanes of the draws of one position. */
const UNIFORM = 0;
const DRAFT = 1;
const ROWS = 2;

/**
 * Draws target and draft rows from an acceptance model and judges them by the kernels, so that a
 * run without tokens still goes through real verification.
 *
 * ```
 *  q   │ weights over the first half          │ 0                                │
 *  p   │ c q                                  │ (1 - c) weights                  │
 * ```
 *
 * Each position has 1 - TV(p, q) = c, its conditional rate, for any draft that q may draw: p / q is
 * c everywhere. No ratio exceeds 1, so that block verification keeps as many as token-wise.
 */
export class AcceptanceSampler {
  readonly method: AcceptanceMethod;
  readonly #model: AcceptanceModel;
  readonly #rng: Rng;
  readonly #half: number;
  readonly #purpose: number;

  constructor(
    core: Core,
    private readonly numeric: NumericCore,
    options: SamplerOptions,
  ) {
    const { model, seed, method = 'rejection', vocab = 8, purpose = 0 } = options;
    if (!METHODS.includes(method)) {
      throw new RangeError(`method: must be ${METHODS.join(', ')}, got ${String(method)}`);
    }
    this.method = method;
    this.#model = model;
    this.#rng = new Rng(core, seed);
    this.#half = whole('vocab / 2', vocab / 2, 1, 128);
    this.#purpose = whole('purpose', purpose, 0, 0xffffffff);
  }

  /** One step of a batch. */
  step(requests: readonly StepRequest[]): StepResult {
    const counts = requests.map(({ drafts }) => whole('drafts', drafts, 0, MOST_DRAFTS));
    const n = counts.reduce((a, b) => a + b, 0);
    const half = this.#half;
    const vocab = half * 2;
    const batch = {
      counts,
      vocab,
      bonus: new Int32Array(requests.length),
      drafts: new Int32Array(n),
      target: new Float32Array(n * vocab),
      draft: this.method === 'oneHot' ? null : new Float32Array(n * vocab),
      uniform: new Float32Array(n),
      // Which token replaces a draft is of no interest here, so that noise may be constant.
      noise: new Float32Array(requests.length * vocab).fill(1),
      trusted: true,
    };
    let at = 0;
    for (const request of requests) {
      const { conditional } = this.#model.rates(request.drafts, request.context ?? 0);
      for (let i = 0; i < request.drafts; i++, at++) {
        const rate = this.method === 'synthetic' ? 0.5 : conditional[i];
        this.#draw(batch, at, request, i, rate);
      }
    }
    return { kept: this.#judge(requests, batch), method: this.method, source: 'model' };
  }

  /** Rows, draft and uniform of one position whose draft is kept with probability `rate`. */
  #draw(batch: Rows, at: number, request: StepRequest, place: number, rate: number): void {
    const { entity, step } = request;
    const rng = this.#rng;
    const half = this.#half;
    // Positions of a step have 1024 lanes each.
    const lane = (which: number): number => place * 1024 + which;
    const uniform = (which: number): number =>
      rng.uniform(this.#purpose, entity, step, lane(which));
    batch.uniform[at] = (rng.u32(this.#purpose, entity, step, lane(UNIFORM)) >>> 8) / 2 ** 24;
    const first = at * half * 2;
    const weights = Array.from({ length: half * 2 }, (_, v) => uniform(ROWS + v) + FLOOR);
    const sums = [0, 1].map((side) =>
      weights.slice(side * half, (side + 1) * half).reduce((a, b) => a + b, 0));
    let left = uniform(DRAFT) * sums[0];
    let drafted = half - 1;
    for (let v = 0; v < half; v++) {
      left -= weights[v];
      if (left < 0) {
        drafted = v;
        break;
      }
    }
    batch.drafts[at] = drafted;
    for (let v = 0; v < half; v++) {
      const [q, rest] = [weights[v] / sums[0], weights[half + v] / sums[1]];
      if (batch.draft !== null) batch.draft[first + v] = q;
      // A certain draft is kept with p of its token alone.
      batch.target[first + v] = batch.draft === null ? (v === drafted ? rate : 0) : rate * q;
      batch.target[first + half + v] = (1 - rate) * rest;
    }
  }

  #judge(requests: readonly StepRequest[], batch: Rows): Int32Array {
    if (this.method === 'block') return verifyBlock(this.numeric, batch).kept;
    if (this.method !== 'synthetic') return verifyRejection(this.numeric, batch).kept;
    // The kernel takes one list of rates a call: requests of equal rates go together.
    const kept = new Int32Array(requests.length);
    let first = 0;
    requests.forEach(({ drafts, context = 0 }, r) => {
      const { vocab } = batch;
      const rows = (list: Float32Array): Float32Array =>
        list.subarray(first * vocab, (first + drafts) * vocab);
      const { conditional } = this.#model.rates(drafts, context);
      kept[r] = verifyRejection(this.numeric, {
        ...batch,
        counts: [drafts],
        bonus: [0],
        rates: conditional,
        drafts: batch.drafts.subarray(first, first + drafts),
        target: rows(batch.target),
        draft: rows(batch.draft!),
        uniform: batch.uniform.subarray(first, first + drafts),
        noise: batch.noise.subarray(0, vocab),
      }).kept[0];
      first += drafts;
    });
    return kept;
  }

  dispose(): void {
    this.#rng.dispose();
  }
}

interface Rows {
  readonly counts: readonly number[];
  readonly vocab: number;
  readonly bonus: Int32Array;
  readonly drafts: Int32Array;
  readonly target: Float32Array;
  readonly draft: Float32Array | null;
  readonly uniform: Float32Array;
  readonly noise: Float32Array;
  readonly trusted: boolean;
}
