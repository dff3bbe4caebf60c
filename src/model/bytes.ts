// SPDX-License-Identifier: Apache-2.0
import { parameters } from './parameters.js';
import type { KvDtype, ModelArchitecture, WeightDtype } from './types.js';

/**
 * Bytes an element. NVFP4 is 4.5 bits: a 4-bit value and one FP8 scale per 16 values. The scales
 * of block FP8 (one float per 128x128 weights, 0.02 %) are left out.
 */
export const BYTES_PER_ELEMENT: Readonly<Record<WeightDtype, number>> = {
  bf16: 2,
  fp8: 1,
  nvfp4: 0.5625,
};

/** Elements cached for one token in one layer, over all KV heads. */
export function kvElementsPerTokenPerLayer(model: ModelArchitecture): number {
  const { attention } = model;
  if (attention.kind === 'MLA') return attention.kvLoraRank + attention.qkRopeHeadDim;
  return 2 * attention.kvHeads * attention.headDim;
}

/** KV cache bytes of one token over all layers, without an engine's padding and scales. */
export function kvBytesPerToken(model: ModelArchitecture, dtype: KvDtype): number {
  return model.layers * kvElementsPerTokenPerLayer(model) * BYTES_PER_ELEMENT[dtype];
}

/** KV cache bytes of one token on one tensor-parallel rank: MLA's latent row is replicated. */
export function kvBytesPerTokenPerRank(
  model: ModelArchitecture,
  dtype: KvDtype,
  tensorParallel: number,
): number {
  const { attention } = model;
  if (attention.kind === 'MLA') return kvBytesPerToken(model, dtype);
  const kvHeads = Math.ceil(attention.kvHeads / tensorParallel);
  return kvBytesPerToken(model, dtype) * (kvHeads / attention.kvHeads);
}

/**
 * Weight bytes on one tensor-parallel rank. What stays bf16: embedding, LM head, router and norms,
 * and the attention of an NVFP4 mixture-of-experts checkpoint. What is not split: MLA's
 * down-projections, router and norms.
 */
export function weightBytesPerRank(
  model: ModelArchitecture,
  dtype: WeightDtype,
  tensorParallel: number,
): number {
  const count = parameters(model);
  const bytes = BYTES_PER_ELEMENT[dtype];
  const attentionBytes = model.ffn.kind === 'MoE' && dtype === 'nvfp4' ? 2 : bytes;
  const split = 2 * count.embedding
    + attentionBytes * (count.attention - count.latentDown)
    + bytes * (count.denseFfn + count.routedExperts + count.sharedExperts);
  const replicated = attentionBytes * count.latentDown + 2 * (count.router + count.norms);
  return split / tensorParallel + replicated;
}

/** Weight bytes of the whole model. */
export function weightBytes(model: ModelArchitecture, dtype: WeightDtype): number {
  return weightBytesPerRank(model, dtype, 1);
}
