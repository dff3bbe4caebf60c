// SPDX-License-Identifier: Apache-2.0
import { kvBytesOfSequence, splitWeightBytes } from '../../model/index.js';
import type { StepFormats } from './formats.js';
import type { Layout } from './layout.js';
import { dtypeOf } from '../op/dtype.js';
import type { ServingPoint } from './point.js';

/** Share of a sequence's output that its reservation counts: engines grow it, TRT-LLM does not. */
const RESERVED: Readonly<Record<ServingPoint['engine'], number>> = {
  vllm: 0.55, sglang: 0.65, trtllm: 1,
};
const MEMORY_SHARE = 0.9;
const OTHER_BYTES = { grows: 4e9, whole: 5e9 } as const;

/** Weight bytes of one rank of the layout. */
export function rankWeightBytes(
  { model }: Pick<ServingPoint, 'model'>,
  layout: Layout,
  { linear, denseFfn, experts }: StepFormats,
): number {
  const formats = {
    attention: dtypeOf(linear).bytes, dense: dtypeOf(denseFfn).bytes,
    experts: dtypeOf(experts).bytes,
  };
  return splitWeightBytes(model, formats, layout.tp, layout.moeTp * layout.moeEp);
}

/**
 * Sequences of a replica that its KV cache holds at once, at least 1; those above wait.
 * `isl` and `osl` are mean tokens.
 */
export function residentSequences(
  point: ServingPoint,
  layout: Layout,
  formats: StepFormats,
  isl: number,
  osl: number,
): number {
  const tokens = isl + RESERVED[point.engine] * osl;
  return Math.max(1, kvTokens(point, layout, formats, tokens) / tokens);
}

/**
 * Tokens that the KV cache of a replica holds, in sequences of that mean length: windows and
 * recurrent state make short ones dearer a token.
 */
export function kvTokens(
  point: ServingPoint,
  layout: Layout,
  formats: StepFormats,
  length: number,
): number {
  const weights = rankWeightBytes(point, layout, formats);
  const hbm = point.device.memory.visibleBytes;
  const room = point.engine === 'trtllm'
    ? MEMORY_SHARE * (hbm - weights - OTHER_BYTES.whole)
    : MEMORY_SHARE * hbm - weights - OTHER_BYTES.grows;
  const dtype = formats.kv === 'fp8' ? 'fp8' : 'bf16';
  const options = { dtype, tensorParallel: layout.tp, stateDtype: 'fp32' } as const;
  return (room / kvBytesOfSequence(point.model, length, options)) * length;
}
