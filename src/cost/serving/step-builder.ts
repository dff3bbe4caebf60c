// SPDX-License-Identifier: Apache-2.0
import type { ModelArchitecture } from '../../model/index.js';
import { operation, type Operation, type OperationName } from '../op/operation.js';
import type { StepFormats } from './formats.js';
import type { Layout } from './layout.js';
import type { StepOperation, StepPart, StepTraffic } from './step-operation.js';

/** A model spread over GPUs in the formats it is served in. */
export interface ServedLayout {
  readonly model: ModelArchitecture;
  readonly layout: Layout;
  readonly formats: StepFormats;
}

/** Kernels that the fits are richest in; engines differ by scales on top of them. */
export const REFERENCE = { framework: 'TRTLLM', version: '1.3.0rc20' } as const;

/** Collects the operations of a step. */
export class StepBuilder {
  readonly operations: StepOperation[] = [];
  readonly traffic: StepTraffic[] = [];
  readonly model: ModelArchitecture;
  readonly layout: Layout;
  readonly formats: StepFormats;

  /** `tokens` of a rank pass through the layers. */
  constructor(
    served: ServedLayout,
    readonly tokens: number,
  ) {
    this.model = served.model;
    this.layout = served.layout;
    this.formats = served.formats;
  }

  add(
    part: StepPart,
    count: number,
    fields: Partial<Operation> & { readonly op: OperationName },
    { fixedShare = 1, load, other }: Partial<StepOperation> = {},
  ): void {
    if (count <= 0) return;
    const made = operation(fields, REFERENCE);
    this.operations.push({ part, count, operation: made, fixedShare, load, other });
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
    const other = operation({ ...nccl, gpus, elements }, REFERENCE);
    this.add('comm', count, { ...custom, gpus, elements }, { other });
  }

  collective(count: number, op: OperationName, gpus: number, elements: number): void {
    if (gpus === 1) return;
    this.add('comm', count, { op, dtype: 'half', kernelSource: 'NCCL', gpus, elements });
  }
}
