// SPDX-License-Identifier: Apache-2.0
import type {
  GroupedAttention, LatentAttention, LayerGroup, LinearLayers, MambaLayers,
} from '../../model/index.js';
import type { StepBuilder } from './step-builder.js';

/** Products around the attention of one group of layers, on every new token. */
export function projections(b: StepBuilder, group: LayerGroup): void {
  if (group.kind === 'ffn') return;
  if (group.kind === 'linear') linear(b, group);
  else if (group.kind === 'mamba') mamba(b, group);
  else if (b.model.attention.kind === 'MLA') latent(b, b.model.attention, group);
  else grouped(b, b.model.attention, group);
}

function grouped(b: StepBuilder, a: GroupedAttention, group: LayerGroup): void {
  const { layout, formats: { linear: dtype }, model: { hiddenSize } } = b;
  const { layers } = group;
  const heads = Math.max(1, Math.ceil(a.heads / layout.tp));
  const kvHeads = Math.max(1, Math.ceil(a.kvHeads / layout.tp));
  const gate = a.outputGate === true ? heads : 0;
  const keyValue = (a.keyIsValue === true ? 1 : 2) * kvHeads;
  if (a.qLoraRank === undefined) {
    b.gemm(layers, dtype, (heads + gate + keyValue) * a.headDim, hiddenSize);
  } else {
    b.gemm(layers, dtype, a.qLoraRank + (gate + keyValue) * a.headDim, hiddenSize);
    b.gemm(layers, dtype, heads * a.headDim, a.qLoraRank);
  }
  indexProducts(b, group, a.qLoraRank ?? hiddenSize);
  const bottleneck = a.outputBottleneck;
  if (bottleneck === undefined) {
    b.gemm(layers, dtype, hiddenSize, heads * a.headDim);
  } else {
    const { groups, rank } = bottleneck;
    const own = groups / layout.tp;
    b.gemm(layers * own, dtype, rank, (a.heads * a.headDim) / groups);
    b.gemm(layers, dtype, hiddenSize, own * rank);
  }
}

function latent(b: StepBuilder, a: LatentAttention, group: LayerGroup): void {
  const { hiddenSize } = b.model;
  const { layers } = group;
  const { linear } = b.formats;
  const heads = Math.max(1, Math.ceil(a.heads / b.layout.tp));
  // Not split by tensor parallelism: every rank needs the whole latent row.
  const down = a.kvLoraRank + a.qkRopeHeadDim;
  const query = a.qLoraRank > 0 ? a.qLoraRank : hiddenSize;
  b.gemm(layers, linear, a.qLoraRank + down, hiddenSize);
  b.gemm(layers, linear, heads * (a.qkNopeHeadDim + a.qkRopeHeadDim), query);
  indexProducts(b, group, query);
  b.gemm(layers, linear, hiddenSize, heads * a.vHeadDim);
}

/** Queries and keys of layers that have an indexer, not split by parallelism. */
function indexProducts(b: StepBuilder, group: LayerGroup, query: number): void {
  const indexer = 'indexer' in group ? group.indexer : undefined;
  if (indexer === undefined) return;
  b.gemm(indexer.layers, b.formats.linear, indexer.heads * indexer.headDim, query);
  b.gemm(indexer.layers, 'bfloat16', indexer.headDim + indexer.heads, b.model.hiddenSize);
}

/** Gated delta rule; KDA has its gates behind a bottleneck. */
function linear(b: StepBuilder, group: LinearLayers): void {
  const { layout, formats, model } = b;
  const { layers, keyHeads, valueHeads, keyHeadDim, valueHeadDim } = group;
  const key = (keyHeads * keyHeadDim) / layout.tp;
  const value = (valueHeads * valueHeadDim) / layout.tp;
  b.gemm(layers, formats.linear, 2 * key + value, model.hiddenSize);
  if (group.gateRank === undefined) {
    b.gemm(layers, formats.linear, value, model.hiddenSize);
  } else {
    b.gemm(layers, formats.linear, 2 * group.gateRank, model.hiddenSize);
    b.gemm(layers, formats.linear, key + value, group.gateRank);
  }
  b.gemm(layers, formats.linear, model.hiddenSize, value);
}

function mamba(b: StepBuilder, group: MambaLayers): void {
  const { layout, formats, model } = b;
  const { layers, heads, headDim, stateSize, groups } = group;
  const inner = (heads * headDim) / layout.tp;
  b.gemm(layers, formats.linear, 2 * inner + 2 * groups * stateSize, model.hiddenSize);
  b.gemm(layers, formats.linear, model.hiddenSize, inner);
}
