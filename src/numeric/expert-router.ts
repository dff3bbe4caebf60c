// SPDX-License-Identifier: Apache-2.0
import { check } from '../core/index.js';
import { float32s, positive, rowsOf, sized, whole, wordOf } from './expert-arguments.js';
import type { NumericCore } from './numeric-core.js';

/** How experts are chosen and weighed. The order is that of assembly/moe/route.ts. */
export const ROUTER_KINDS = ['softmax', 'topkSoftmax', 'llama4', 'grouped'] as const;
export type RouterKind = (typeof ROUTER_KINDS)[number];

/** How logits become scores in a grouped router; `given`: they are scores already. */
export const ROUTER_SCORINGS = ['sigmoid', 'softmax', 'sqrtSoftplus', 'given'] as const;
export type RouterScoring = (typeof ROUTER_SCORINGS)[number];

export interface ExpertRouterOptions {
  readonly kind: RouterKind;
  /** Routed experts of the layer. */
  readonly experts: number;
  /** Experts a token goes to. */
  readonly k: number;
  /** Kinds `softmax` and `grouped`: weights of a token are made to sum to 1 (times `scale`). */
  readonly renormalize?: boolean;
  /** What follows is for the kind `grouped`. */
  readonly scoring?: RouterScoring;
  readonly groups?: number;
  readonly keptGroups?: number;
  /** Score of a group: the sum of its two best choices, or its best. */
  readonly groupScore?: 'sumOfTwo' | 'max';
  /** Factor of the weights (routed_scaling_factor). */
  readonly scale?: number;
  /** Added to scores for the choice alone (e_score_correction_bias). */
  readonly bias?: ArrayLike<number> | null;
  /** Shared experts fused into the routed ones, as ids experts, experts + 1, ... */
  readonly sharedExperts?: number;
  /** A shared expert weighs the sum of the chosen scores over this, before renormalising. */
  readonly sharedFactor?: number;
}

/** Where the tokens of a batch go. */
export interface ExpertChoice {
  readonly tokens: number;
  /** Experts a token: k and the shared ones. */
  readonly width: number;
  /** width ids a token, best first, then the shared experts. */
  readonly ids: Int32Array;
  readonly weights: Float32Array;
  /** Kind `grouped`: keptGroups ids a token, best first. */
  readonly groupIds: Int32Array | null;
  /** Kind `grouped`: a score an expert, without bias. */
  readonly scores: Float32Array | null;
}

/** Routers of model families; where the numbers are from: docs/kernels/expert-router.md. */
export const ROUTERS = {
  mixtral: { kind: 'softmax', experts: 8, k: 2, renormalize: true },
  qwen3Moe: { kind: 'softmax', experts: 128, k: 8, renormalize: true },
  gptOss120b: { kind: 'topkSoftmax', experts: 128, k: 4 },
  llama4Maverick: { kind: 'llama4', experts: 128, k: 1 },
  deepseekV2: {
    kind: 'grouped', experts: 160, k: 6, scoring: 'softmax', groups: 8, keptGroups: 3,
    groupScore: 'max', renormalize: false, scale: 16,
  },
  deepseekV3: {
    kind: 'grouped', experts: 256, k: 8, scoring: 'sigmoid', groups: 8, keptGroups: 4, scale: 2.5,
  },
  glm45: { kind: 'grouped', experts: 160, k: 8, scoring: 'sigmoid', scale: 2.5 },
  kimiK2: { kind: 'grouped', experts: 384, k: 8, scoring: 'sigmoid', scale: 2.827 },
} as const satisfies Readonly<Record<string, ExpertRouterOptions>>;

const ONLY_GROUPED = [
  'scoring', 'groups', 'keptGroups', 'groupScore', 'scale', 'bias', 'sharedExperts', 'sharedFactor',
] as const;
const MAX_K = 64;

/**
 * Chooses experts for tokens as the router of a model does; ties go to the lowest id, NaN comes
 * last. See assembly/moe/route.ts.
 *
 * @example
 * const router = new ExpertRouter(loadNumeric(), ROUTERS.deepseekV3);
 * const { ids, weights } = router.route(logits);   // 256 logits a token
 */
export class ExpertRouter {
  readonly experts: number;
  readonly k: number;
  /** Experts a token: k and the shared ones. */
  readonly width: number;
  readonly #kind: number;
  readonly #scoring: number;
  readonly #groups: number;
  readonly #kept: number;
  readonly #scale: number;
  readonly #flags: number;
  readonly #shared: number;
  readonly #sharedFactor: number;
  readonly #bias: Float32Array | null;

  constructor(
    private readonly core: NumericCore,
    options: ExpertRouterOptions,
  ) {
    refuseUnused(options);
    this.#kind = wordOf('kind', ROUTER_KINDS, options.kind);
    this.experts = whole('experts', options.experts, 1, 4096);
    this.k = whole('k', options.k, 1, Math.min(this.experts, MAX_K));
    if (options.kind === 'llama4') whole('k', options.k, 1, 1);
    this.#scoring = wordOf('scoring', ROUTER_SCORINGS, options.scoring ?? 'sigmoid');
    this.#groups = whole('groups', options.groups ?? 1, 1, Math.min(this.experts, 256));
    if (this.experts % this.#groups !== 0) {
      throw new RangeError(`groups: must divide experts (${this.experts}), got ${this.#groups}`);
    }
    const most = Math.min(this.#groups, MAX_K);
    this.#kept = whole('keptGroups', options.keptGroups ?? most, 1, most);
    whole('k', this.k, 1, this.#kept * (this.experts / this.#groups));
    this.#scale = positive('scale', options.scale ?? 1);
    const max = wordOf('groupScore', ['sumOfTwo', 'max'], options.groupScore ?? 'sumOfTwo') === 1;
    this.#flags = (options.renormalize === false ? 0 : 1) | (max ? 2 : 0);
    this.#shared = whole('sharedExperts', options.sharedExperts ?? 0, 0, MAX_K);
    this.#sharedFactor = positive('sharedFactor', options.sharedFactor ?? this.#scale);
    const bias = options.bias ?? null;
    this.#bias = bias === null ? null : float32s(bias);
    if (this.#bias !== null) sized('bias', this.#bias.length, this.experts);
    this.width = this.k + this.#shared;
  }

  /** Routes rows of `experts` logits. */
  route(logits: ArrayLike<number>): ExpertChoice {
    const input = float32s(logits);
    const tokens = rowsOf('logits', input.length, this.experts);
    const grouped = this.#kind === ROUTER_KINDS.indexOf('grouped');
    const chosen = tokens * this.width;
    const kept = grouped ? tokens * this.#kept : 0;
    const { scratch } = this.core;
    const [at, bias, ids, weights, groupIds, scores] = scratch.place([
      input, this.#bias ?? 0, chosen * 4, chosen * 4, kept * 4, grouped ? input.length * 4 : 0,
    ]);
    const status = this.core.exports.moe_route(
      this.#kind, this.#scoring, at, tokens, this.experts, this.k, this.#bias === null ? 0 : bias,
      this.#groups, this.#kept, this.#scale, this.#flags, this.#shared, this.#sharedFactor, ids,
      weights, grouped ? groupIds : 0, grouped ? scores : 0,
    );
    check('moe_route', status);
    return {
      tokens,
      width: this.width,
      ids: scratch.i32(ids, chosen),
      weights: scratch.f32(weights, chosen),
      groupIds: grouped ? scratch.i32(groupIds, kept) : null,
      scores: grouped ? scratch.f32(scores, input.length) : null,
    };
  }
}

/** An option that the kind has no use for is an error, not a wish. */
function refuseUnused(options: ExpertRouterOptions): void {
  const { kind } = options;
  if (kind === 'grouped') return;
  for (const name of ONLY_GROUPED) {
    if (options[name] === undefined || options[name] === null) continue;
    throw new RangeError(`${name}: only the kind grouped takes it, got kind ${kind}`);
  }
  if (kind !== 'softmax' && options.renormalize !== undefined) {
    throw new RangeError(`renormalize: only softmax and grouped take it, got kind ${kind}`);
  }
}
