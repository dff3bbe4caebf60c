// SPDX-License-Identifier: Apache-2.0
import { NS_PER_S } from '../hardware/index.js';
import {
  expertOperation,
  layerOperations,
  touchedShare,
  type ExpertOperation,
  type LinearOperation,
} from './operations.js';
import type { StepModelOptions } from './options.js';

/** Element-wise traffic (norms, residuals, activation): bytes a token, hidden element and layer. */
export const GLUE_BYTES_PER_ELEMENT = 16;
/** Share of HBM bandwidth that element-wise kernels and samplers reach. */
export const GLUE_EFFICIENCY = 0.7;

/** Token counts above this are priced each time instead of kept: 1 MiB for the two columns. */
const MEMO_TOKENS = 65536;

/**
 * GEMMs, experts and element-wise traffic of a step by its token count. A lookup for counts seen
 * before, which the steps of a simulation nearly always are.
 */
export class GemmTable {
  private readonly operations: readonly LinearOperation[];
  private readonly experts: ExpertOperation | undefined;
  private readonly glueNsPerToken: number;
  /** 0 = not priced yet; a real step costs more than nothing. */
  private totals = new Float64Array(256);
  private computeBound = new Float64Array(256);
  private lastComputeNs = 0;

  constructor(options: StepModelOptions) {
    const { device, model } = options;
    this.operations = layerOperations(options);
    this.experts = expertOperation(options);
    const glueBytes = GLUE_BYTES_PER_ELEMENT * model.layers * model.hiddenSize;
    const bytesPerS = device.memory.bandwidthBytesPerS * GLUE_EFFICIENCY;
    this.glueNsPerToken = (glueBytes / bytesPerS) * NS_PER_S;
  }

  /** Time of `tokens` tokens, ns, over all layers. */
  totalNs(tokens: number): number {
    const known = this.totals[tokens];
    return known > 0 ? known : this.priceAndKeep(tokens);
  }

  /** The part of `totalNs` spent in operations that compute binds, ns. */
  computeNs(tokens: number): number {
    if (this.totals[tokens] > 0) return this.computeBound[tokens];
    this.priceAndKeep(tokens);
    return this.lastComputeNs;
  }

  private priceAndKeep(tokens: number): number {
    if (!Number.isSafeInteger(tokens) || tokens < 1) {
      throw new RangeError(`tokens in a step: must be a whole number of 1 or more, got ${tokens}`);
    }
    const totalNs = this.price(tokens);
    if (tokens < MEMO_TOKENS) {
      if (tokens >= this.totals.length) this.grow(tokens);
      this.totals[tokens] = totalNs;
      this.computeBound[tokens] = this.lastComputeNs;
    }
    return totalNs;
  }

  private grow(tokens: number): void {
    let length = this.totals.length;
    while (length <= tokens) length *= 2;
    const totals = new Float64Array(length);
    totals.set(this.totals);
    const computeBound = new Float64Array(length);
    computeBound.set(this.computeBound);
    this.totals = totals;
    this.computeBound = computeBound;
  }

  /** Also leaves the compute-bound part in `lastComputeNs`. */
  private price(tokens: number): number {
    let totalNs = tokens * this.glueNsPerToken;
    let computeBoundNs = 0;
    for (const operation of this.operations) {
      const compute = operation.count * (tokens * operation.computeNsPerToken);
      const memory =
        operation.count * (operation.weightNs + tokens * operation.trafficNsPerToken);
      totalNs += Math.max(compute, memory);
      if (compute > memory) computeBoundNs += compute;
    }
    if (this.experts !== undefined) {
      const { count, computeNsPerToken, allWeightsNs, trafficNsPerToken } = this.experts;
      const touched =
        touchedShare(this.experts.expertsPerToken, this.experts.routedExperts, tokens);
      const compute = count * (tokens * computeNsPerToken);
      const memory = count * (touched * allWeightsNs + tokens * trafficNsPerToken);
      totalNs += Math.max(compute, memory);
      if (compute > memory) computeBoundNs += compute;
    }
    this.lastComputeNs = computeBoundNs;
    return totalNs;
  }
}
