// SPDX-License-Identifier: Apache-2.0
import { layerGroups, moeLayers, type ModelArchitecture } from '../../model/index.js';
import { operation, type Operation, type OperationName } from '../op/operation.js';
import { attentionOperations } from './attention-operations.js';
import { expectedLoad } from './expert-load.js';
import type { StepFormats } from './formats.js';
import type { Layout } from './layout.js';
import type { StepList, StepOperation, StepPart, StepTraffic } from './step-operation.js';

/** What a rank's sequences do in a step. Sequences are those of one attention replica. */
export interface StepShape {
  readonly kind: 'decode' | 'prefill';
  /** Sequences a replica. */
  readonly sequences: number;
  /** New tokens a sequence: 1 in plain decode, more when drafts are verified or in prefill. */
  readonly newTokens: number;
  /** Tokens of each sequence that are cached already. */
  readonly past: number;
}

/** Kernels that the fits are richest in; engines differ by scales on top of them. */
export const REFERENCE = { framework: 'TRTLLM', version: '1.3.0rc20' } as const;

/** Collects the operations of a step. */
export class StepBuilder {
  readonly operations: StepOperation[] = [];
  readonly traffic: StepTraffic[] = [];
  readonly tokens: number;

  constructor(
    readonly model: ModelArchitecture,
    readonly layout: Layout,
    readonly formats: StepFormats,
    readonly shape: StepShape,
  ) {
    this.tokens = shape.sequences * shape.newTokens;
  }

  add(
    part: StepPart,
    count: number,
    fields: Partial<Operation> & { readonly op: OperationName },
    more: Partial<Pick<StepOperation, 'fixedShare' | 'load' | 'other'>> = {},
  ): void {
    if (count <= 0) return;
    const made = operation({ ...REFERENCE, ...fields });
    this.operations.push({ part, count, operation: made, fixedShare: 1, ...more });
  }

  gemm(count: number, dtype: string, n: number, k: number, m = this.tokens, fixedShare = 1): void {
    const kernelSource = 'torch_flow';
    const sizes = { m, n: Math.ceil(n), k: Math.ceil(k) };
    this.add('gemm', count, { op: 'gemm', kernelSource, dtype, ...sizes }, { fixedShare });
  }

  /** Sum over the ranks of a replica of `elements` bf16 values. */
  allReduce(count: number, elements: number): void {
    const gpus = this.layout.tp;
    if (gpus === 1) return;
    const custom = { op: 'custom_allreduce', dtype: 'bfloat16', kernelSource: 'TRTLLM' } as const;
    const nccl = { op: 'nccl_all_reduce', dtype: 'half', kernelSource: 'NCCL' } as const;
    const other = operation({ ...REFERENCE, ...nccl, gpus, elements });
    this.add('comm', count, { ...custom, gpus, elements }, { other });
  }

  collective(count: number, op: OperationName, gpus: number, elements: number): void {
    if (gpus === 1) return;
    this.add('comm', count, { op, dtype: 'half', kernelSource: 'NCCL', gpus, elements });
  }
}

/** Gate and up in one product, then down. */
function ffn(
  b: StepBuilder,
  count: number,
  dtype: string,
  inter: number,
  split: number,
  fixedShare = 1,
): void {
  const hidden = b.model.hiddenSize;
  b.gemm(count, dtype, (2 * inter) / split, hidden, b.tokens, fixedShare);
  b.gemm(count, dtype, hidden, inter / split, b.tokens, fixedShare);
}

function experts(b: StepBuilder): void {
  const { model, layout, formats } = b;
  if (model.ffn.kind !== 'MoE') return;
  const count = moeLayers(model);
  const { routedExperts, expertsPerToken, expertIntermediateSize, latentSize } = model.ffn;
  const { hiddenSize } = model;
  const all = b.tokens * layout.dp;
  b.gemm(count, 'bfloat16', routedExperts, hiddenSize);
  const { moeTp, moeEp } = layout;
  const plain = formats.experts === 'nvfp4' || formats.experts === 'bfloat16';
  const kernelSource = plain || formats.experts === 'fp8_block'
    ? 'moe_torch_flow_cutlass' : 'moe_torch_flow';
  const shape = {
    tokens: all, hidden: latentSize ?? hiddenSize, inter: expertIntermediateSize,
    topk: expertsPerToken, experts: routedExperts, moeTp, moeEp,
  };
  const load = expectedLoad(all, expertsPerToken, routedExperts, moeEp);
  const routed = { op: 'moe', dtype: formats.experts, kernelSource, ...shape } as const;
  const fewTokens = { ...REFERENCE, ...routed, kernelSource: 'moe_torch_flow_min_latency' };
  const other = formats.experts === 'nvfp4' ? { other: operation(fewTokens) } : {};
  b.add('experts', count, routed, { load, ...other });
  const shared =
    model.ffn.sharedIntermediateSize ?? model.ffn.sharedExperts * expertIntermediateSize;
  // Runs beside the routed experts: half of its launches hide.
  if (shared > 0) ffn(b, count, formats.denseFfn, shared, layout.tp, 0.5);
  if (layout.dp === 1) b.allReduce(count, b.tokens * hiddenSize);
  else {
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
 * What one rank runs in a decode step or for a chunk of prefill, from the model's fields alone.
 * The LM head runs once, on one row a sequence.
 */
export function stepList(
  model: ModelArchitecture,
  layout: Layout,
  formats: StepFormats,
  shape: StepShape,
): StepList {
  const b = new StepBuilder(model, layout, formats, shape);
  for (const group of layerGroups(model)) attentionOperations(b, group);
  const { ffn: width, layers, hiddenSize } = model;
  b.allReduce(layers, b.tokens * hiddenSize);
  const dense = width.kind === 'dense' ? width.ffnLayers ?? layers : width.denseLayers;
  const inter = width.kind === 'dense' ? width.intermediateSize : width.denseIntermediateSize;
  if (dense > 0) {
    ffn(b, dense, width.kind === 'dense' ? formats.linear : formats.denseFfn, inter, layout.tp);
    b.allReduce(dense, b.tokens * hiddenSize);
  }
  experts(b);
  const heads = shape.kind === 'decode' ? b.tokens : shape.sequences;
  b.gemm(1, 'bfloat16', model.vocabularySize / layout.tp, hiddenSize, heads);
  const bytes = GLUE_BYTES * b.tokens * hiddenSize * layers;
  b.traffic.push({ part: 'glue', bytes, flops: 0, share: GLUE_SHARE });
  return { operations: b.operations, traffic: b.traffic };
}
