// SPDX-License-Identifier: Apache-2.0
import { attends, layerGroups } from './layers.js';
import { parameters } from './parameters.js';
import type { Attention, KvDtype, LayerGroup, ModelArchitecture, WeightDtype } from './types.js';

/**
 * Bytes an element. NVFP4 is 4.5 bits: a 4-bit value and one FP8 scale per 16 values. The scales
 * of block FP8 (one float per 128x128 weights, 0.02 %) are left out.
 */
export const BYTES_PER_ELEMENT: Readonly<Record<WeightDtype, number>> = {
  bf16: 2,
  fp8: 1,
  nvfp4: 0.5625,
};

/**
 * How an engine lays out a cached row. `plain`: elements times bytes. `flashmla`: FlashMLA's FP8
 * rows of latent attention, whose rope part stays bf16 and whose latent part has a float scale per
 * 128 values: 512 + 16 + 128 = 656 bytes instead of 576.
 */
export type KvLayout = 'plain' | 'flashmla';

/** Type of recurrent state; engines keep it in bf16 or fp32, never smaller. */
export type StateDtype = 'bf16' | 'fp32';

const STATE_BYTES: Readonly<Record<StateDtype, number>> = { bf16: 2, fp32: 4 };
const FLASHMLA_SCALE_BLOCK = 128;

/** Elements cached for one token in one attention layer, over all KV heads. */
export function kvElementsPerTokenPerLayer(model: ModelArchitecture): number {
  const { attention } = model;
  if (attention.kind === 'MLA') return attention.kvLoraRank + attention.qkRopeHeadDim;
  const row = attention.kvHeads * attention.headDim;
  return attention.keyIsValue === true ? row : 2 * row;
}

/** Bytes of one token in one attention layer, index keys apart. */
function rowBytes(model: ModelArchitecture, dtype: KvDtype, layout: KvLayout): number {
  const { attention } = model;
  if (layout === 'flashmla' && attention.kind === 'MLA' && dtype === 'fp8') {
    const { kvLoraRank, qkRopeHeadDim } = attention;
    return kvLoraRank + 4 * Math.ceil(kvLoraRank / FLASHMLA_SCALE_BLOCK) + 2 * qkRopeHeadDim;
  }
  return kvElementsPerTokenPerLayer(model) * BYTES_PER_ELEMENT[dtype];
}

/** Rows that a token adds to each layer of a group for good; a sliding window adds none. */
function rowsPerToken(group: LayerGroup): number {
  if (group.kind === 'full' || group.kind === 'sparse') return group.layers;
  return group.kind === 'compressed' ? group.layers / group.ratio : 0;
}

/** Rows that a sequence keeps beside those, once it is as long as the window. */
function windowOf(group: LayerGroup): number {
  return group.kind === 'sliding' || group.kind === 'compressed' ? group.windowTokens : 0;
}

/** Elements of recurrent state of one sequence; short convolutions (under 1 %) are left out. */
function recurrentElements(group: LayerGroup): number {
  if (group.kind === 'linear') {
    return group.layers * group.valueHeads * group.keyHeadDim * group.valueHeadDim;
  }
  if (group.kind === 'mamba') return group.layers * group.heads * group.headDim * group.stateSize;
  return 0;
}

/** Index keys of one token over all layers, bytes. */
export function indexKeyBytesPerToken(model: ModelArchitecture): number {
  let bytes = 0;
  for (const group of layerGroups(model)) {
    if (group.kind === 'sparse') bytes += group.indexer.layers * group.indexer.keyBytes;
    if (group.kind !== 'compressed' || group.indexer === undefined) continue;
    bytes += (group.indexer.layers * group.indexer.keyBytes) / group.ratio;
  }
  return bytes;
}

/** Rows that one more token adds over all layers, index keys apart. */
function growingRows(model: ModelArchitecture): number {
  let rows = 0;
  for (const group of layerGroups(model)) rows += rowsPerToken(group);
  return rows;
}

/** KV cache bytes that one more token takes over all layers, index keys included. */
export function kvBytesPerToken(
  model: ModelArchitecture,
  dtype: KvDtype,
  layout: KvLayout = 'plain',
): number {
  return growingRows(model) * rowBytes(model, dtype, layout) + indexKeyBytesPerToken(model);
}

/**
 * Share of the cached rows on one tensor-parallel rank: KV heads are split but never below one, a
 * latent row is replicated.
 */
function rowShare(attention: Attention, tensorParallel: number): number {
  if (attention.kind === 'MLA') return 1;
  return Math.ceil(attention.kvHeads / tensorParallel) / attention.kvHeads;
}

/** KV cache bytes of one token on one tensor-parallel rank: index keys are replicated. */
export function kvBytesPerTokenPerRank(
  model: ModelArchitecture,
  dtype: KvDtype,
  tensorParallel: number,
  layout: KvLayout = 'plain',
): number {
  const rows = growingRows(model) * rowBytes(model, dtype, layout);
  return rows * rowShare(model.attention, tensorParallel) + indexKeyBytesPerToken(model);
}

export interface SequenceBytesOptions {
  dtype: KvDtype;
  /** Default 1. */
  tensorParallel?: number;
  layout?: KvLayout;
  /** Default bf16. */
  stateDtype?: StateDtype;
}

/**
 * What a sequence holds on one rank however long it grows: full windows and recurrent state, bytes.
 * A prefix cache shares it only where a block boundary keeps a copy.
 */
export function fixedBytesPerSequence(
  model: ModelArchitecture,
  options: SequenceBytesOptions,
): number {
  const { dtype, tensorParallel = 1, layout = 'plain', stateDtype = 'bf16' } = options;
  const row = rowBytes(model, dtype, layout) * rowShare(model.attention, tensorParallel);
  let bytes = 0;
  for (const group of layerGroups(model)) {
    if (attends(group)) bytes += group.layers * windowOf(group) * row;
    bytes += (recurrentElements(group) * STATE_BYTES[stateDtype]) / tensorParallel;
  }
  return bytes;
}

/** Elements of `fixedBytesPerSequence` over all ranks, whatever they are stored in. */
export function fixedElementsPerSequence(model: ModelArchitecture): number {
  const row = kvElementsPerTokenPerLayer(model);
  let elements = 0;
  for (const group of layerGroups(model)) {
    if (attends(group)) elements += group.layers * windowOf(group) * row;
    elements += recurrentElements(group);
  }
  return elements;
}

/** KV cache and state of one sequence of `tokens` tokens on one rank, bytes. */
export function kvBytesOfSequence(
  model: ModelArchitecture,
  tokens: number,
  options: SequenceBytesOptions,
): number {
  const { dtype, tensorParallel = 1, layout = 'plain' } = options;
  const row = rowBytes(model, dtype, layout) * rowShare(model.attention, tensorParallel);
  let unfilled = 0;
  for (const group of layerGroups(model)) {
    if (attends(group)) unfilled += group.layers * Math.max(0, windowOf(group) - tokens) * row;
  }
  return tokens * kvBytesPerTokenPerRank(model, dtype, tensorParallel, layout)
    + fixedBytesPerSequence(model, options)
    - unfilled;
}

/** Bytes of an element of the weights that formats decide. */
export interface WeightFormats {
  readonly attention: number;
  /** Dense layers and shared experts. */
  readonly dense: number;
  readonly experts: number;
}

/**
 * Weight bytes on one rank where attention and dense layers are split over `attentionRanks` and
 * experts over `expertRanks`. What stays bf16: embedding, LM head, router and norms. What is not
 * split: MLA's down-projections, router and norms.
 */
export function splitWeightBytes(
  model: ModelArchitecture,
  formats: WeightFormats,
  attentionRanks: number,
  expertRanks: number,
): number {
  const count = parameters(model);
  const { attention, dense, experts } = formats;
  const split = 2 * count.embedding
    + attention * (count.attention - count.latentDown)
    + dense * (count.denseFfn + count.sharedExperts);
  const replicated = attention * count.latentDown + 2 * (count.router + count.norms);
  return split / attentionRanks + (experts * count.routedExperts) / expertRanks + replicated;
}

/** The same over one number of ranks; NVFP4 mixture-of-experts checkpoints keep bf16 attention. */
export function weightBytesPerRank(
  model: ModelArchitecture,
  dtype: WeightDtype,
  tensorParallel: number,
): number {
  const bytes = BYTES_PER_ELEMENT[dtype];
  const attention = model.ffn.kind === 'MoE' && dtype === 'nvfp4' ? 2 : bytes;
  const formats = { attention, dense: bytes, experts: bytes };
  return splitWeightBytes(model, formats, tensorParallel, tensorParallel);
}

/** Weight bytes of the whole model. */
export function weightBytes(model: ModelArchitecture, dtype: WeightDtype): number {
  return weightBytesPerRank(model, dtype, 1);
}
