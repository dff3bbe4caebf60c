// SPDX-License-Identifier: Apache-2.0
import { NS_PER_S, NS_PER_US } from '../hardware/index.js';
import { allReduceCost } from './all-reduce.js';
import { attentionCoefficients, type AttentionCoefficients } from './attention.js';
import { GemmTable, GLUE_EFFICIENCY } from './gemm-table.js';
import { HOST_US_PER_STEP, layerFloor, SEQUENCE_US } from './layer-floor.js';
import { gemm, type LinearOperation } from './operations.js';
import { checkLayout, type StepModelOptions } from './options.js';
import type { DecodeSteps, StepCost, StepLoad, StepModel } from './types.js';

/** Bytes that sampling moves an entry of the vocabulary: bf16 logits, fp32 copy, two passes. */
export const SAMPLING_BYTES_PER_LOGIT = 12;

/** Two all-reduces a layer: after attention and after the FFN. */
export const ALL_REDUCES_PER_LAYER = 2;

const NO_OPERATION: LinearOperation = {
  name: 'none',
  count: 0,
  computeNsPerToken: 0,
  weightNs: 0,
  trafficNsPerToken: 0,
};

/**
 * Operations of one rank, one after another: each takes the longer of its arithmetic and its
 * memory traffic at the efficiency that benchmarks of that operation reached; collectives, a fixed
 * time a layer and host time come on top.
 *
 *   step = GEMMs(tokens) + head(sampled) + attention(sums) + all-reduces(tokens)
 *          + layers * floor + host + sequences * per-sequence time
 *
 * No overlap between operations, no imbalance between ranks or experts.
 */
class RooflineStepModel implements StepModel {
  private readonly gemms: GemmTable;
  private readonly head: LinearOperation;
  private readonly samplingNsPerSequence: number;
  private readonly attention: AttentionCoefficients;
  private readonly absorbed: LinearOperation;
  private readonly kvUp: LinearOperation;
  private readonly collectiveLatencyNs: number;
  private readonly collectiveNsPerToken: number;
  private readonly fixedNs: number;
  private readonly sequenceNs = SEQUENCE_US * NS_PER_US;
  // The decode loop reads these on every call: own fields, one load each.
  private readonly decodeComputeNsPerContext: number;
  private readonly decodeKvNsPerContext: number;
  private readonly decodeIoNsPerSequence: number;
  /** All of a decode-only step but the part that depends on context, by sequences; 0 = unknown. */
  private decodeBase = new Float64Array(256);
  /** Scratch of the call in progress: time in operations that compute binds. */
  private computeBoundNs = 0;

  constructor(options: StepModelOptions) {
    const { device, model, tensorParallel: ranks } = options;
    this.gemms = new GemmTable(options);
    this.attention = attentionCoefficients(options);
    this.absorbed = this.attention.absorbed ?? NO_OPERATION;
    this.kvUp = this.attention.kvUp ?? NO_OPERATION;
    this.decodeComputeNsPerContext = this.attention.decodeComputeNsPerContext;
    this.decodeKvNsPerContext = this.attention.decodeKvNsPerContext;
    this.decodeIoNsPerSequence = this.attention.decodeIoNsPerSequence;
    const vocabulary = model.vocabularySize / ranks;
    this.head = gemm(device, 'lm head', 'bf16', 1, model.hiddenSize, vocabulary);
    const glueBytesPerS = device.memory.bandwidthBytesPerS * GLUE_EFFICIENCY;
    this.samplingNsPerSequence =
      ((SAMPLING_BYTES_PER_LOGIT * model.vocabularySize) / glueBytesPerS) * NS_PER_S;
    const reduce = allReduceCost(device, ranks);
    const reduces = ALL_REDUCES_PER_LAYER * model.layers;
    this.collectiveLatencyNs = reduces * reduce.latencyNs;
    this.collectiveNsPerToken = reduces * (2 * model.hiddenSize) * reduce.nsPerByte;
    const floor = layerFloor(options.engine ?? 'vllm', device.architecture, model);
    this.fixedNs =
      model.layers * (floor.deviceUsPerLayer * NS_PER_US) + HOST_US_PER_STEP * NS_PER_US;
  }

  price(load: Readonly<StepLoad>, out: StepCost): number {
    const tokens = load.decodeSequences + load.prefillTokens;
    const sequences = load.decodeSequences + load.prefillSequences;
    if (!(tokens > 0)) {
      throw new RangeError('a step needs at least one decoding sequence or prompt token');
    }
    this.computeBoundNs = 0;
    const gemmNs = this.gemms.totalNs(tokens) + this.headNs(load.sampledSequences);
    const communicationNs = this.communicationNs(tokens);
    const overheadNs = this.fixedNs + sequences * this.sequenceNs;
    const fixed = gemmNs + communicationNs + overheadNs;
    const absorbedNs = this.absorbedNs(load.decodeSequences);
    const base = fixed + absorbedNs;
    const coreNs = this.decodeCoreNs(load.decodeSequences, load.decodeContext)
      + this.prefillAttentionNs(load);
    const totalNs = Math.round(base + coreNs);
    const attentionNs = absorbedNs + coreNs;
    out.totalNs = totalNs;
    out.attentionNs = attentionNs;
    out.gemmNs = gemmNs;
    out.communicationNs = communicationNs;
    out.overheadNs = overheadNs;
    const computeNs = this.computeBoundNs + this.gemms.computeNs(tokens);
    out.bound = boundOf(
      computeNs,
      gemmNs + attentionNs - computeNs,
      communicationNs - this.collectiveLatencyNs,
      overheadNs + this.collectiveLatencyNs,
    );
    return totalNs;
  }

  decodeEnds(run: DecodeSteps, ends: Float64Array, at: number): number {
    const { sequences, steps, startNs } = run;
    const known = this.decodeBase[sequences];
    const base = known > 0 ? known : this.priceDecodeBase(sequences);
    const perContext = this.decodeKvNsPerContext;
    const computePerContext = this.decodeComputeNsPerContext;
    const io = sequences * this.decodeIoNsPerSequence;
    let { context } = run;
    let time = startNs;
    for (let i = 0; i < steps; i++) {
      const compute = context * computePerContext;
      const memory = context * perContext + io;
      time += Math.round(base + (compute > memory ? compute : memory));
      ends[at + i] = time;
      context += sequences;
    }
    return time;
  }

  /** The same expressions in the same order as in `price`: the two must agree to the last bit. */
  private priceDecodeBase(sequences: number): number {
    const gemmNs = this.gemms.totalNs(sequences) + this.headNs(sequences);
    const overheadNs = this.fixedNs + sequences * this.sequenceNs;
    const fixed = gemmNs + this.communicationNs(sequences) + overheadNs;
    const base = fixed + this.absorbedNs(sequences);
    if (sequences >= this.decodeBase.length) {
      let length = this.decodeBase.length;
      while (length <= sequences) length *= 2;
      const grown = new Float64Array(length);
      grown.set(this.decodeBase);
      this.decodeBase = grown;
    }
    this.decodeBase[sequences] = base;
    return base;
  }

  private communicationNs(tokens: number): number {
    return this.collectiveLatencyNs + tokens * this.collectiveNsPerToken;
  }

  /** LM head and sampling of the sequences whose next token is wanted. */
  private headNs(sampled: number): number {
    if (sampled === 0) return 0;
    return this.linearNs(this.head, sampled) + sampled * this.samplingNsPerSequence;
  }

  private linearNs(operation: LinearOperation, rows: number): number {
    const { count } = operation;
    const compute = count * (rows * operation.computeNsPerToken);
    const memory = count * (operation.weightNs + rows * operation.trafficNsPerToken);
    if (compute > memory) this.computeBoundNs += compute;
    return Math.max(compute, memory);
  }

  /** MLA only: depends on sequences alone, so that decode keeps it with the fixed part. */
  private absorbedNs(sequences: number): number {
    return sequences === 0 ? 0 : this.linearNs(this.absorbed, sequences);
  }

  private decodeCoreNs(sequences: number, context: number): number {
    const compute = context * this.decodeComputeNsPerContext;
    const memory = context * this.decodeKvNsPerContext + sequences * this.decodeIoNsPerSequence;
    if (compute > memory) this.computeBoundNs += compute;
    return compute > memory ? compute : memory;
  }

  private prefillAttentionNs(load: Readonly<StepLoad>): number {
    if (load.prefillTokens === 0) return 0;
    const past = Math.max(0, load.prefillContext - load.prefillTokens);
    const compute = load.prefillPairs * this.attention.prefillComputeNsPerPair;
    const memory = load.prefillTokens * this.attention.prefillNsPerNewToken
      + past * this.attention.prefillNsPerPastToken;
    if (compute > memory) this.computeBoundNs += compute;
    return Math.max(compute, memory) + this.linearNs(this.kvUp, load.prefillContext);
  }
}

/** Index into `BOUNDS` of the largest share; the earlier name wins a tie. */
function boundOf(compute: number, hbm: number, link: number, latency: number): number {
  let bound = 0;
  let largest = compute;
  if (hbm > largest) {
    bound = 1;
    largest = hbm;
  }
  if (link > largest) {
    bound = 2;
    largest = link;
  }
  return latency > largest ? 3 : bound;
}

/**
 * The step model of one model on one parallel layout.
 * @throws RangeError when the layout cannot exist on that device.
 */
export function makeStepModel(options: StepModelOptions): StepModel {
  checkLayout(options);
  return new RooflineStepModel(options);
}
