// SPDX-License-Identifier: Apache-2.0
import { ExpertLayout } from './expert-layout.js';
import type { CopyRule, TrafficRule } from './expert-layout.js';
import type { Placement } from './expert-placement.js';
import type { ExpertPopularity, TokenRun } from './expert-popularity.js';
import type { ExpertRouter } from './expert-router.js';
import { exchangeOf, imbalance, rankLoads } from './expert-traffic.js';
import type { Exchange } from './expert-traffic.js';
import type { NumericCore } from './numeric-core.js';
import { divides, whole } from './expert-arguments.js';

export interface ExpertStepOptions {
  readonly router: ExpertRouter;
  readonly popularity: ExpertPopularity;
  readonly ranks: number;
  readonly ranksPerNode?: number;
  /** Where copies of experts stand; without, rank r holds experts r E / ranks and on, once. */
  readonly placement?: Placement | null;
  readonly copyRule?: CopyRule;
  readonly trafficRule?: TrafficRule;
  /** Bytes of a token on its way to the experts, and of an answer. */
  readonly dispatchBytes: number;
  readonly combineBytes: number;
}

export interface StepTokens extends TokenRun {
  /** Rank of each token; default: tokens in equal runs. */
  readonly source?: ArrayLike<number> | null;
}

/** What one expert layer of one step puts on the ranks. */
export interface StepLoad {
  /** Slots that each rank computes, each expert was chosen for, each physical expert computes. */
  readonly ranks: Float64Array;
  readonly experts: Int32Array;
  readonly physical: Int32Array;
  /** Load of the busiest rank over the mean. */
  readonly imbalance: number;
  readonly exchange: Exchange;
}

/**
 * One expert-parallel layer of one engine step: logits drawn from the popularity, routed, sent to
 * copies, counted. Nothing is averaged.
 *
 * @example
 * const step = new ExpertStep(core, { router, popularity, ranks: 32, ranksPerNode: 8, ...bytes });
 * const { imbalance, exchange } = step.run(layer, { tokens: 512, first: done, domain: agents });
 */
export class ExpertStep {
  readonly #logical: ExpertLayout;
  readonly #physical: ExpertLayout;

  constructor(
    core: NumericCore,
    private readonly options: ExpertStepOptions,
  ) {
    const { router, popularity, placement, ranks } = options;
    const { experts, k } = router;
    if (router.width !== k) {
      throw new RangeError('router: shared experts stand on every rank, route without them');
    }
    whole('popularity.experts', popularity.experts, experts, experts);
    const slots = placement?.shape.slots ?? experts;
    if (placement) whole('placement.shape.experts', placement.shape.experts, experts, experts);
    divides(placement ? 'placement.shape.slots' : 'router.experts', slots, 'ranks', ranks);
    this.#logical = new ExpertLayout(core, { experts, k });
    this.#physical = new ExpertLayout(core, { experts: slots, k });
  }

  /** Routes the tokens of a step through one layer. */
  run(layer: number, tokens: StepTokens): StepLoad {
    const { router, popularity, ranks, ranksPerNode = ranks, trafficRule } = this.options;
    const { ids } = router.route(popularity.logits(layer, tokens));
    const grid = { ranks, ranksPerNode };
    const source = tokens.source ?? null;
    const places = this.#places(ids, layer, source);
    const { slotsPerExpert } = this.#physical.dispatch(places, grid);
    const loads = rankLoads(slotsPerExpert, ranks);
    return {
      ranks: loads,
      experts: this.#logical.dispatch(ids, { ranks: 1 }).slotsPerExpert,
      physical: slotsPerExpert,
      imbalance: imbalance(loads),
      exchange: exchangeOf(this.#physical, places, {
        ...grid, source,
        rule: trafficRule ?? 'onceARank',
        dispatchBytes: this.options.dispatchBytes,
        combineBytes: this.options.combineBytes,
      }),
    };
  }

  #places(ids: Int32Array, layer: number, source: ArrayLike<number> | null): Int32Array {
    const { placement, copyRule, ranks, ranksPerNode = ranks } = this.options;
    if (!placement) return ids;
    const { experts, slots } = placement.shape;
    whole('layer', layer, 0, placement.layers - 1);
    const size = experts * placement.width;
    return this.#logical.physical(ids, {
      slots, ranks, ranksPerNode, source,
      rule: copyRule ?? 'spread',
      copies: placement.log2phy.subarray(layer * size, (layer + 1) * size),
    });
  }
}
