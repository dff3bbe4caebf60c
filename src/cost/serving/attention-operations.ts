// SPDX-License-Identifier: Apache-2.0
import type {
  GroupedAttention, LatentAttention, LayerGroup, LinearLayers, SparseLayers,
} from '../../model/index.js';
import type { StepBuilder } from './step-list.js';

/** Share of HBM that reads and writes of recurrent state reach, and of FLOP in chunked prefill. */
const STATE_SHARE = 0.7;
const CHUNK_SHARE = 0.3;
/** Arithmetic of a query-key pair and head that the MLA prefill form is made for. */
const FORM_WIDTH = 320;
/** Share of the fp8 peak that index scores reach. */
const INDEX_SHARE = 0.3;

/** Attention part of one group of layers: projections, attention itself, output. */
export function attentionOperations(b: StepBuilder, group: LayerGroup): void {
  if (group.kind === 'ffn') return;
  if (group.kind === 'linear') linearLayers(b, group);
  else if (group.kind === 'mamba') mambaLayers(b, group);
  else if (b.model.attention.kind === 'MLA') latent(b, b.model.attention, group);
  else grouped(b, b.model.attention, group);
}

/** Tokens in reach of a query of the group, at most `length`. */
function reach(group: LayerGroup, length: number): number {
  if (group.kind === 'sparse') return Math.min(length, group.topTokens);
  if (group.kind === 'sliding') return Math.min(length, group.windowTokens);
  if (group.kind !== 'compressed') return length;
  const rows = Math.floor(length / group.ratio);
  return Math.min(rows, group.topRows ?? rows) + Math.min(length, group.windowTokens);
}

function grouped(b: StepBuilder, a: GroupedAttention, group: LayerGroup): void {
  const { layout, formats, shape, model } = b;
  const { layers } = group;
  const heads = Math.max(1, Math.ceil(a.heads / layout.tp));
  const kvHeads = Math.max(1, Math.ceil(a.kvHeads / layout.tp));
  const gate = a.outputGate === true ? heads : 0;
  b.gemm(layers, formats.linear, (heads + gate + 2 * kvHeads) * a.headDim, model.hiddenSize);
  const common = {
    kernelSource: 'torch_flow', dtype: 'bfloat16', kvDtype: formats.kv, heads, kvHeads,
    headDim: a.headDim, batch: shape.sequences,
  };
  if (shape.kind === 'decode') {
    const pastKv = Math.max(1, reach(group, shape.past));
    // Drafts of a sequence share its cache: their queries count as more heads.
    const queries = heads * shape.newTokens;
    const op = { op: 'generation_attention', ...common, heads: queries, pastKv } as const;
    b.add('attention', layers, op);
  } else {
    const window = group.kind === 'full' ? 0 : Math.max(1, reach(group, 2 ** 30));
    const op = { op: 'context_attention', ...common, isl: shape.newTokens } as const;
    b.add('attention', layers, { ...op, pastKv: shape.past, window });
  }
  b.gemm(layers, formats.linear, model.hiddenSize, heads * a.headDim);
}

function latent(b: StepBuilder, a: LatentAttention, group: LayerGroup): void {
  const { layout, formats, shape, model } = b;
  const { layers } = group;
  const { linear } = formats;
  const heads = Math.max(1, Math.ceil(a.heads / layout.tp));
  const queryDim = a.qkNopeHeadDim + a.qkRopeHeadDim;
  // Not split by tensor parallelism: every rank needs the whole latent row.
  const down = a.kvLoraRank + a.qkRopeHeadDim;
  b.gemm(layers, linear, a.qLoraRank + down, model.hiddenSize);
  b.gemm(layers, linear, heads * queryDim, a.qLoraRank > 0 ? a.qLoraRank : model.hiddenSize);
  const sparse = group.kind === 'sparse';
  if (sparse) index(b, a, group);
  const common = {
    kernelSource: 'default', dtype: 'bfloat16', kvDtype: formats.kv, batch: shape.sequences,
  };
  const absorbed = (): void => {
    b.gemm(layers, 'bfloat16', heads * a.kvLoraRank, a.qkNopeHeadDim);
    b.gemm(layers, 'bfloat16', heads * a.vHeadDim, a.kvLoraRank);
  };
  if (shape.kind === 'decode') {
    absorbed();
    const pastKv = Math.max(1, reach(group, shape.past));
    const op = { op: 'generation_mla', ...common, heads: heads * shape.newTokens } as const;
    b.add('attention', layers, { ...op, pastKv });
  } else {
    const { newTokens, past, sequences } = shape;
    const expand = heads * (a.qkNopeHeadDim + a.vHeadDim);
    b.gemm(layers, linear, expand, a.kvLoraRank, sequences * (past + newTokens));
    // Heads of other widths count as so many of the form's.
    const width = Math.max(1, Math.round((heads * (queryDim + a.vHeadDim)) / FORM_WIDTH));
    const pastKv = sparse ? sparsePast(group, newTokens, past) : past;
    const op = { op: 'context_mla', ...common, heads: width } as const;
    b.add('attention', layers, { ...op, isl: newTokens, pastKv });
  }
  b.gemm(layers, linear, model.hiddenSize, heads * a.vHeadDim);
}

/** Cached tokens at which a causal mask has the pairs that the sparse choice leaves. */
function sparsePast(group: SparseLayers, isl: number, past: number): number {
  let pairs = 0;
  const free = Math.min(isl, Math.max(0, group.topTokens - past));
  pairs += free * (past + free / 2) + (isl - free) * group.topTokens;
  return pairs / isl - isl / 2;
}

/** Index products and scores of the layers that have an indexer, not split by parallelism. */
function index(b: StepBuilder, a: LatentAttention, group: SparseLayers): void {
  const { heads, headDim, layers, keyBytes } = group.indexer;
  const { hiddenSize } = b.model;
  const { sequences, newTokens, past, kind } = b.shape;
  b.gemm(layers, b.formats.linear, heads * headDim, a.qLoraRank > 0 ? a.qLoraRank : hiddenSize);
  b.gemm(layers, 'bfloat16', headDim + heads, hiddenSize);
  const keys = kind === 'decode' ? past : past + newTokens / 2;
  const flops = layers * 2 * heads * headDim * b.tokens * keys;
  const bytes = layers * keyBytes * sequences * (past + newTokens);
  b.traffic.push({ part: 'attention', bytes, flops, share: INDEX_SHARE });
}

/** Gated delta rule: products, and in decode one read and write of the fp32 state. */
function linearLayers(b: StepBuilder, group: LinearLayers): void {
  const { layout, formats, model, shape } = b;
  const { layers, keyHeads, valueHeads, keyHeadDim, valueHeadDim } = group;
  const key = (keyHeads * keyHeadDim) / layout.tp;
  const value = (valueHeads * valueHeadDim) / layout.tp;
  b.gemm(layers, formats.linear, 2 * key + value, model.hiddenSize);
  b.gemm(layers, formats.linear, value, model.hiddenSize);
  b.gemm(layers, formats.linear, model.hiddenSize, value);
  const state = (valueHeads * keyHeadDim * valueHeadDim) / layout.tp;
  recurrent(b, layers * state, shape.sequences);
}

function mambaLayers(b: StepBuilder, group: Extract<LayerGroup, { kind: 'mamba' }>): void {
  const { layout, formats, model, shape } = b;
  const { layers, heads, headDim, stateSize, groups } = group;
  const inner = (heads * headDim) / layout.tp;
  b.gemm(layers, formats.linear, 2 * inner + 2 * groups * stateSize, model.hiddenSize);
  b.gemm(layers, formats.linear, model.hiddenSize, inner);
  recurrent(b, layers * inner * stateSize, shape.sequences);
}

function recurrent(b: StepBuilder, elements: number, sequences: number): void {
  const bytes = 2 * 4 * elements * sequences;
  if (b.shape.kind === 'decode') {
    b.traffic.push({ part: 'attention', bytes, flops: 0, share: STATE_SHARE });
  } else {
    const flops = 6 * elements * b.tokens;
    b.traffic.push({ part: 'attention', bytes, flops, share: CHUNK_SHARE });
  }
}
