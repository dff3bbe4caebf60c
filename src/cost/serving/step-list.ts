// SPDX-License-Identifier: Apache-2.0
import { layerGroups, moeLayers, type ModelArchitecture } from '../../model/index.js';
import { operation } from '../op/operation.js';
import {
  attentionOperations, type AttentionShape, latentProducts,
} from './attention-operations.js';
import { expectedLoad } from './expert-load.js';
import type { StepFormats } from './formats.js';
import type { Layout } from './layout.js';
import { projections } from './projections.js';
import { REFERENCE, type ServedLayout, StepBuilder } from './step-builder.js';
import type { StepList } from './step-operation.js';

/** What a rank's sequences do in a step. Sequences are those of one attention replica. */
export type StepShape = Omit<AttentionShape, 'context'>;

/** Gate and up in one product, then down; without a gate just up and down. */
function ffn(
  b: StepBuilder,
  count: number,
  dtype: string,
  inter: number,
  split: number,
  fixedShare = 1,
): void {
  const { hiddenSize: hidden, ffn: { matrices = 3 } } = b.model;
  b.gemm(count, dtype, ((matrices - 1) * inter) / split, hidden, b.tokens, fixedShare);
  b.gemm(count, dtype, hidden, inter / split, b.tokens, fixedShare);
}

function experts(b: StepBuilder): void {
  const { model, layout, formats } = b;
  if (model.ffn.kind !== 'MoE') return;
  const count = moeLayers(model);
  const { routedExperts, expertsPerToken, expertIntermediateSize, latentSize } = model.ffn;
  const { hiddenSize } = model;
  // The form is made for three matrices: two are as many products of a smaller width.
  const inter = (expertIntermediateSize * (model.ffn.matrices ?? 3)) / 3;
  const all = b.tokens * layout.dp;
  b.gemm(count, 'bfloat16', routedExperts, hiddenSize);
  const { moeTp, moeEp } = layout;
  const plain = formats.experts === 'nvfp4' || formats.experts === 'bfloat16';
  const kernelSource = plain || formats.experts === 'fp8_block'
    ? 'moe_torch_flow_cutlass' : 'moe_torch_flow';
  const shape = {
    tokens: all, hidden: latentSize ?? hiddenSize, inter,
    topk: expertsPerToken, experts: routedExperts, moeTp, moeEp,
  };
  const load = expectedLoad(all, expertsPerToken, routedExperts, moeEp);
  const routed = { op: 'moe', dtype: formats.experts, kernelSource, ...shape } as const;
  const fewTokens = { ...routed, kernelSource: 'moe_torch_flow_min_latency' };
  const other = formats.experts === 'nvfp4' ? { other: operation(fewTokens, REFERENCE) } : {};
  b.add('experts', count, routed, { load, ...other });
  const shared =
    model.ffn.sharedIntermediateSize ?? model.ffn.sharedExperts * expertIntermediateSize;
  // Runs beside the routed experts: half of its launches hide.
  if (shared > 0) ffn(b, count, formats.denseFfn, shared, layout.tp, 0.5);
  if (latentSize !== undefined) {
    b.gemm(count, formats.denseFfn, latentSize / layout.tp, hiddenSize);
    b.gemm(count, formats.denseFfn, hiddenSize, latentSize / layout.tp);
  }
  if (layout.dp === 1) {
    b.allReduce(count, b.tokens * hiddenSize);
  } else {
    const gpus = layout.dp * layout.tp;
    const dispatched = formats.experts === 'bfloat16' ? 1 : 0.5;
    b.collective(count, 'nccl_all_gather', gpus, all * hiddenSize * dispatched);
    b.collective(count, 'nccl_reduce_scatter', gpus, all * hiddenSize);
  }
}

/** Bytes a token and layer that norms, rope and residuals move, in units of the hidden size. */
const GLUE_BYTES = 16;
const GLUE_SHARE = 0.7;

/**
 * All that every new token of a step passes through, on one rank: projections, FFNs, experts,
 * collectives, elementwise work. Attention itself and the LM head are apart.
 */
export function passList(served: ServedLayout, tokens: number): StepList {
  const b = new StepBuilder(served, tokens);
  const { model, layout, formats } = served;
  const { ffn: width, layers, hiddenSize } = model;
  let mixers = 0;
  for (const group of layerGroups(model)) {
    projections(b, group);
    if (group.kind !== 'ffn') mixers += group.layers;
  }
  b.allReduce(mixers, tokens * hiddenSize);
  const dense = width.kind === 'dense' ? width.ffnLayers ?? layers : width.denseLayers;
  const inter = width.kind === 'dense' ? width.intermediateSize : width.denseIntermediateSize;
  if (dense > 0) {
    ffn(b, dense, width.kind === 'dense' ? formats.linear : formats.denseFfn, inter, layout.tp);
    b.allReduce(dense, tokens * hiddenSize);
  }
  experts(b);
  const bytes = GLUE_BYTES * tokens * hiddenSize * layers;
  b.traffic.push({ part: 'glue', bytes, flops: 0, share: GLUE_SHARE });
  return b;
}

/** LM head on so many rows, in bf16. */
export function headList(served: ServedLayout, rows: number): StepList {
  const b = new StepBuilder(served, rows);
  const { vocabularySize, hiddenSize } = served.model;
  b.gemm(1, 'bfloat16', vocabularySize / served.layout.tp, hiddenSize);
  return b;
}

/** Attention of all layers to what is cached. */
export function attentionList(served: ServedLayout, shape: AttentionShape): StepList {
  const b = new StepBuilder(served, shape.sequences * shape.newTokens);
  for (const group of layerGroups(served.model)) attentionOperations(b, group, shape);
  return b;
}

/** What latent attention computes beside that: nothing in other models. */
export function latentList(served: ServedLayout, shape: AttentionShape): StepList {
  const b = new StepBuilder(served, shape.sequences * shape.newTokens);
  for (const group of layerGroups(served.model)) latentProducts(b, group, shape);
  return b;
}

/**
 * What one rank runs in a decode step or for a chunk of prefill, from the model's fields alone.
 * The LM head runs once, on one row a sequence.
 */
export function stepList(
  model: ModelArchitecture,
  layout: Layout,
  formats: StepFormats,
  shape: StepShape,
): StepList {
  const served = { model, layout, formats };
  const { sequences, newTokens } = shape;
  const tokens = sequences * newTokens;
  const lists = [
    passList(served, tokens),
    latentList(served, shape),
    attentionList(served, shape),
    headList(served, shape.kind === 'decode' ? tokens : sequences),
  ];
  return {
    operations: lists.flatMap(({ operations }) => operations),
    traffic: lists.flatMap(({ traffic }) => traffic),
  };
}
