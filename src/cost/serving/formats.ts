// SPDX-License-Identifier: Apache-2.0
import type { ModelArchitecture } from '../../model/index.js';
import type { Generation } from '../op/peaks.js';
import { type ModelKind, modelKind } from './model-kind.js';

/** Weight precision of a served model, as published rows name it. */
export type Precision = 'bf16' | 'fp8' | 'fp4' | 'int4';
export const PRECISIONS: readonly Precision[] = ['bf16', 'fp8', 'fp4', 'int4'];

/** Number formats of the operations of a step, in the names of the operation forms. */
export interface StepFormats {
  /** Projections of attention and dense FFNs. */
  readonly linear: string;
  /** Dense layers and shared experts of a model with experts. */
  readonly denseFfn: string;
  readonly experts: string;
  readonly kv: 'bfloat16' | 'fp8' | 'nvfp4';
}

/** What decides the formats. */
export interface Served {
  readonly model: ModelArchitecture;
  readonly engine: string;
  readonly precision: Precision;
}

/** Published with experts in mxfp4 and the rest in bf16, which is what every engine serves. */
export function isMxfp4({ id }: Pick<ModelArchitecture, 'id'>): boolean {
  return id.startsWith('gpt-oss');
}

/**
 * Formats of a checkpoint of that precision. Models with experts quantise fp8 by block, dense ones
 * by tensor; fp4 models with experts keep attention in bf16. gpt-oss is mxfp4 whatever is stated.
 * KV formats are no column: fp8 for fp8 and fp4 checkpoints, bf16 where engines default to that.
 */
export function stepFormats(served: Served, generation: Generation): StepFormats {
  const { model, engine, precision } = served;
  const kind = modelKind(model);
  const kv = kvFormat(kind, engine, precision, model, generation);
  if (isMxfp4(model)) {
    const experts = generation === 'hopper' ? 'w4a16_mxfp4' : 'w4a8_mxfp4_mxfp8';
    return { linear: 'bfloat16', denseFfn: 'bfloat16', experts, kv };
  }
  if (precision === 'bf16') {
    return { linear: 'bfloat16', denseFfn: 'bfloat16', experts: 'bfloat16', kv };
  }
  if (kind === 'dense') {
    const linear = precision === 'fp8' ? 'fp8' : precision === 'fp4' ? 'nvfp4' : 'bfloat16';
    return { linear, denseFfn: linear, experts: linear, kv };
  }
  if (precision === 'fp8') {
    return { linear: 'fp8_block', denseFfn: 'fp8_block', experts: 'fp8_block', kv };
  }
  const experts = precision === 'fp4' ? 'nvfp4' : 'w4a16_mxfp4';
  return { linear: 'bfloat16', denseFfn: precision === 'fp4' ? 'nvfp4' : 'bfloat16', experts, kv };
}

function kvFormat(
  kind: ModelKind,
  engine: string,
  precision: Precision,
  model: ModelArchitecture,
  generation: Generation,
): StepFormats['kv'] {
  if (precision === 'bf16' || kind === 'hybrid' || kind === 'sparse-mla') return 'bfloat16';
  if (engine === 'sglang' && generation === 'hopper') return 'bfloat16';
  if (model.id.startsWith('kimi')) return 'bfloat16';
  return 'fp8';
}
