// SPDX-License-Identifier: Apache-2.0
import {
  attends, type GroupedAttention, type LatentAttention, type LayerGroup, type SparseLayers,
} from '../../model/index.js';
import type { StepBuilder } from './step-builder.js';
import type { StepTraffic } from './step-operation.js';

/** What the sequences of a rank attend to in a step. */
export interface AttentionShape {
  readonly kind: 'decode' | 'prefill';
  /** Sequences a replica. */
  readonly sequences: number;
  /** New tokens a sequence: 1 in plain decode, more when drafts are verified or in prefill. */
  readonly newTokens: number;
  /** Tokens of each sequence that are cached already. */
  readonly past: number;
  /** Cached and new tokens of all sequences, where they are not alike. */
  readonly context?: number;
}

/** Share of HBM that reads and writes of recurrent state reach, and of FLOP in chunked prefill. */
const STATE_SHARE = 0.7;
const CHUNK_SHARE = 0.3;
/** Arithmetic of a query-key pair and head that the MLA prefill form is made for. */
const FORM_WIDTH = 320;
/** Share of the fp8 peak that index scores reach. */
const INDEX_SHARE = 0.3;

/** Attention of one group of layers to what its sequences have cached. */
export function attentionOperations(
  b: StepBuilder,
  group: LayerGroup,
  shape: AttentionShape,
): void {
  const traffic = attentionTraffic(group, shape, b.layout.tp);
  if (traffic !== undefined) b.traffic.push(traffic);
  if (!attends(group)) return;
  const { attention } = b.model;
  if (attention.kind === 'MLA') latent(b, attention, group, shape);
  else grouped(b, attention, group, shape);
}

/** What of a group is priced by traffic or arithmetic alone: recurrent state, index scores. */
export function attentionTraffic(
  group: LayerGroup,
  shape: AttentionShape,
  tp: number,
): StepTraffic | undefined {
  if (group.kind === 'ffn') return undefined;
  if (group.kind === 'linear') {
    const { layers, valueHeads, keyHeadDim, valueHeadDim } = group;
    return recurrent(layers * ((valueHeads * keyHeadDim * valueHeadDim) / tp), shape);
  }
  if (group.kind === 'mamba') {
    return recurrent(group.layers * ((group.heads * group.headDim) / tp) * group.stateSize, shape);
  }
  return indexScores(group, shape);
}

/** Sizes of an attention operation that its sequences decide. */
export interface AttentionSizes {
  batch: number;
  isl: number;
  pastKv: number;
}

/** Fills the sizes of a group's attention in place. */
export function attentionSizes(
  group: LayerGroup,
  { kind, sequences, newTokens, past }: AttentionShape,
  sizes: AttentionSizes,
  latentRows: boolean,
): void {
  sizes.batch = sequences;
  if (kind === 'decode') {
    sizes.isl = 0;
    sizes.pastKv = Math.max(1, reach(group, past));
    return;
  }
  sizes.isl = newTokens;
  const sparse = latentRows && group.kind === 'sparse';
  sizes.pastKv = sparse ? sparsePast(group, newTokens, past) : past;
}

function sized(group: LayerGroup, shape: AttentionShape, latentRows: boolean): AttentionSizes {
  const sizes = { batch: 0, isl: 0, pastKv: 0 };
  attentionSizes(group, shape, sizes, latentRows);
  return sizes;
}

/** Tokens in reach of a query of the group, at most `length`. */
function reach(group: LayerGroup, length: number): number {
  if (group.kind === 'sparse') return Math.min(length, group.topTokens);
  if (group.kind === 'sliding') return Math.min(length, group.windowTokens);
  if (group.kind !== 'compressed') return length;
  const rows = Math.floor(length / group.ratio);
  return Math.min(rows, group.topRows ?? rows) + Math.min(length, group.windowTokens);
}

function grouped(
  b: StepBuilder,
  a: GroupedAttention,
  group: LayerGroup,
  shape: AttentionShape,
): void {
  const { tp } = b.layout;
  const { layers } = group;
  const heads = Math.max(1, Math.ceil(a.heads / tp));
  // A row that is key and value at once is read once: half of a KV head.
  const rows = a.keyIsValue === true ? 0.5 : 1;
  const kvHeads = rows * Math.max(1, Math.ceil(a.kvHeads / tp));
  const common = {
    kernelSource: 'torch_flow', dtype: 'bfloat16', kvDtype: b.formats.kv, kvHeads,
    headDim: a.headDim, ...sized(group, shape, false),
  };
  if (shape.kind === 'decode') {
    // Drafts of a sequence share its cache: their queries count as more heads.
    const op = { op: 'generation_attention', heads: heads * shape.newTokens } as const;
    b.add('attention', layers, { ...common, ...op });
  } else {
    const window = group.kind === 'full' ? 0 : Math.max(1, reach(group, 2 ** 30));
    b.add('attention', layers, { ...common, op: 'context_attention', heads, window });
  }
}

function latent(
  b: StepBuilder,
  a: LatentAttention,
  group: LayerGroup,
  shape: AttentionShape,
): void {
  const heads = Math.max(1, Math.ceil(a.heads / b.layout.tp));
  const common = {
    kernelSource: 'default', dtype: 'bfloat16', kvDtype: b.formats.kv,
    ...sized(group, shape, true),
  };
  if (shape.kind === 'decode') {
    const op = { op: 'generation_mla', heads: heads * shape.newTokens } as const;
    b.add('attention', group.layers, { ...common, ...op });
    return;
  }
  // Heads of other widths count as so many of the form's.
  const queryDim = a.qkNopeHeadDim + a.qkRopeHeadDim;
  const width = Math.max(1, Math.round((heads * (queryDim + a.vHeadDim)) / FORM_WIDTH));
  b.add('attention', group.layers, { ...common, op: 'context_mla', heads: width });
}

/** Products of MLA on what is attended to: absorbed in decode, keys and values expanded before. */
export function latentProducts(b: StepBuilder, group: LayerGroup, shape: AttentionShape): void {
  const a = b.model.attention;
  if (a.kind !== 'MLA' || !attends(group)) return;
  const { layers } = group;
  const heads = Math.max(1, Math.ceil(a.heads / b.layout.tp));
  if (shape.kind === 'decode') {
    b.gemm(layers, 'bfloat16', heads * a.kvLoraRank, a.qkNopeHeadDim);
    b.gemm(layers, 'bfloat16', heads * a.vHeadDim, a.kvLoraRank);
  } else {
    const expand = heads * (a.qkNopeHeadDim + a.vHeadDim);
    b.gemm(layers, b.formats.linear, expand, a.kvLoraRank, allContext(shape));
  }
}

function allContext({ context, sequences, past, newTokens }: AttentionShape): number {
  return context ?? sequences * (past + newTokens);
}

/** Cached tokens at which a causal mask has the pairs that the sparse choice leaves. */
function sparsePast(group: SparseLayers, isl: number, past: number): number {
  let pairs = 0;
  const free = Math.min(isl, Math.max(0, group.topTokens - past));
  pairs += free * (past + free / 2) + (isl - free) * group.topTokens;
  return pairs / isl - isl / 2;
}

/** Scores of the layers that have an indexer, not split by parallelism. */
function indexScores(group: LayerGroup, shape: AttentionShape): StepTraffic | undefined {
  const indexer = 'indexer' in group ? group.indexer : undefined;
  if (indexer === undefined) return undefined;
  const { heads, headDim, layers, keyBytes } = indexer;
  const { newTokens, past, kind, sequences } = shape;
  // One key stands for so many tokens.
  const ratio = group.kind === 'compressed' ? group.ratio : 1;
  const keys = (kind === 'decode' ? past : past + newTokens / 2) / ratio;
  const flops = layers * 2 * heads * headDim * sequences * newTokens * keys;
  const bytes = (layers * keyBytes * allContext(shape)) / ratio;
  return { part: 'attention', bytes, flops, share: INDEX_SHARE };
}

/** One read and write of fp32 state a sequence; prefill computes in chunks. */
function recurrent(elements: number, { kind, sequences, newTokens }: AttentionShape): StepTraffic {
  const bytes = 2 * 4 * elements * sequences;
  if (kind === 'decode') return { part: 'attention', bytes, flops: 0, share: STATE_SHARE };
  const flops = 6 * elements * sequences * newTokens;
  return { part: 'attention', bytes, flops, share: CHUNK_SHARE };
}
