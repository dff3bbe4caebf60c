// SPDX-License-Identifier: Apache-2.0
import {
  type DecodeSteps, emptyStepLoad, type StepCost, type StepLoad, type StepModel,
} from '../cost/index.js';
import { type Speculation, stepsOfToken } from '../cost/serving/index.js';

/**
 * Steps that verify drafts, told as steps of one token: each costs its share of a step that yields
 * the accepted tokens of every sequence. Verified tokens count as sequences that read the cache
 * between them, which leaves the arithmetic of their attention out; a draft costs a layer.
 */
export class SpeculativeSteps implements StepModel {
  readonly #load = emptyStepLoad();
  readonly #cost: StepCost = {
    totalNs: 0, attentionNs: 0, gemmNs: 0, communicationNs: 0, overheadNs: 0, bound: 0,
  };
  /** Share of a step that an accepted token takes. */
  readonly #share: number;
  readonly #verified: number;

  constructor(
    private readonly steps: StepModel,
    speculation: Speculation,
    layers: number,
  ) {
    this.#share = stepsOfToken(layers, speculation);
    this.#verified = 1 + speculation.drafts;
  }

  price(load: Readonly<StepLoad>, out: StepCost): number {
    const { decodeSequences, decodeContext, sampledSequences, prefillTokens } = load;
    if (decodeSequences === 0) return this.steps.price(load, out);
    const decodeNs = this.#decode(decodeSequences, decodeContext);
    const verified = decodeSequences * this.#verified;
    const drafted = verified - decodeSequences;
    const both = {
      ...load, decodeSequences: verified, sampledSequences: sampledSequences + drafted,
    };
    const totalNs = this.steps.price(both, out);
    const promptNs = prefillTokens === 0 ? 0 : totalNs - decodeNs;
    out.totalNs = Math.round(decodeNs * this.#share) + promptNs;
    const scale = out.totalNs / totalNs;
    out.attentionNs *= scale;
    out.gemmNs *= scale;
    out.communicationNs *= scale;
    out.overheadNs *= scale;
    return out.totalNs;
  }

  decodeEnds({ steps, sequences, context, startNs }: DecodeSteps, ends: Float64Array, at: number) {
    let time = startNs;
    for (let i = 0; i < steps; i++) {
      time += Math.round(this.#decode(sequences, context + i * sequences) * this.#share);
      ends[at + i] = time;
    }
    return time;
  }

  /** A whole step that verifies drafts, ns. */
  #decode(sequences: number, context: number): number {
    const load = this.#load;
    load.decodeSequences = sequences * this.#verified;
    load.decodeContext = context;
    load.sampledSequences = load.decodeSequences;
    return this.steps.price(load, this.#cost);
  }
}
