// SPDX-License-Identifier: Apache-2.0
import {
  BOUNDS,
  emptyStepLoad,
  type StepCost,
  type StepModel,
} from '../cost/index.js';
import type { ReplicaState } from './replica-state.js';
import { copyStepWork, emptyStepWork, type StepWork } from './step-work.js';

/**
 * Books where step time went. Parts are rounded to whole ns per step, so that their sums are exact
 * integers and do not depend on whether steps were booked one by one or as a run.
 */
export class StepLedger {
  readonly #cost: StepCost = {
    totalNs: 0,
    attentionNs: 0,
    gemmNs: 0,
    communicationNs: 0,
    overheadNs: 0,
    bound: 0,
  };
  readonly #load = emptyStepLoad();
  /** A step with a part of it left out. */
  readonly #part = emptyStepWork();
  readonly #partCost: StepCost = { ...this.#cost };

  constructor(private readonly replicas: ReplicaState) {}

  /** Prices a step and books it. Returns its duration, ns. */
  step(replica: number, model: StepModel, load: Readonly<StepWork>): number {
    const { replicas } = this;
    const cost = this.#cost;
    const total = model.price(load, cost);
    this.#book(replica, 1, total);
    replicas.boundNs[replica * BOUNDS.length + cost.bound] += total;
    replicas.prefillTokens[replica] += load.prefillTokens;
    replicas.decodeTokens[replica] += load.decodeSequences;
    if (load.prefillTokens > 0) {
      replicas.prefillSteps[replica]++;
      this.#bookInput(replica, model, load, total);
    }
    return total;
  }

  /**
   * What prompts add to a step: cached input the time that goes when their prefixes do, uncached
   * input what is left above the decodes alone. The weights that decodes read anyway are theirs.
   */
  #bookInput(
    replica: number,
    model: StepModel,
    load: Readonly<StepWork>,
    total: number,
  ): void {
    const part = this.#part;
    copyStepWork(load, part);
    const price = (): number => Math.min(total, model.price(part, this.#partCost));
    part.prefillPairs -= load.foundPairs;
    part.prefillContext -= load.foundContext;
    const computed = load.foundContext > 0 ? price() : total;
    part.prefillTokens = 0;
    part.prefillSequences = 0;
    part.prefillPairs = 0;
    part.prefillContext = 0;
    part.sampledSequences = load.decodeSequences;
    const decodes = load.decodeSequences > 0 ? Math.min(computed, price()) : 0;
    this.replicas.cachedInputNs[replica] += total - computed;
    this.replicas.uncachedInputNs[replica] += computed - decodes;
  }

  /**
   * Books decode-only steps: `steps` of them with `sequences` each, the first at `context` (sum of
   * context lengths, which grows by `sequences` a step), `totalNs` in all.
   */
  decodeRun(
    replica: number,
    model: StepModel,
    sequences: number,
    context: number,
    steps: number,
    totalNs: number,
  ): void {
    const { replicas } = this;
    const cost = this.#cost;
    const last = this.#decode(model, sequences, context + (steps - 1) * sequences).bound;
    const first = this.#decode(model, sequences, context).bound;
    this.#book(replica, steps, totalNs);
    replicas.decodeTokens[replica] += steps * sequences;
    const bounds = replica * BOUNDS.length;
    if (first === last) {
      // Only the attention share grows along a run: equal ends mean equal in between.
      replicas.boundNs[bounds + first] += totalNs;
      return;
    }
    for (let i = 0; i < steps; i++) {
      this.#decode(model, sequences, context + i * sequences);
      replicas.boundNs[bounds + cost.bound] += cost.totalNs;
    }
  }

  #decode(model: StepModel, sequences: number, context: number): StepCost {
    const load = this.#load;
    load.decodeSequences = sequences;
    load.decodeContext = context;
    load.sampledSequences = sequences;
    model.price(load, this.#cost);
    return this.#cost;
  }

  #book(replica: number, steps: number, totalNs: number): void {
    const { replicas } = this;
    const cost = this.#cost;
    const gemm = Math.round(cost.gemmNs) * steps;
    const communication = Math.round(cost.communicationNs) * steps;
    const overhead = Math.round(cost.overheadNs) * steps;
    replicas.steps[replica] += steps;
    replicas.busyNs[replica] += totalNs;
    replicas.gemmNs[replica] += gemm;
    replicas.communicationNs[replica] += communication;
    replicas.overheadNs[replica] += overhead;
    // Attention takes what is left: it is the part that varies along a run.
    replicas.attentionNs[replica] += totalNs - gemm - communication - overhead;
  }
}
