// SPDX-License-Identifier: Apache-2.0
import { dtypeOf } from './dtype.js';
import type { Constant, Form, OperationCost } from './form.js';
import { norm15 } from './numbers.js';
import type { Operation } from './operation.js';
import { flopsPerUs, type Peaks } from './peaks.js';

/** Causal attention of new tokens over themselves and a cached prefix. */
export type ContextShape = Pick<
  Operation,
  'dtype' | 'kvDtype' | 'batch' | 'isl' | 'pastKv' | 'heads' | 'kvHeads' | 'headDim' | 'window'
>;

export const PAIRS: Constant = {
  name: 'compute', unit: 'share', low: 0.2, high: 1.5, centre: 0.9,
  means: 'share of products and exponentials one after the other; above 1 where they overlap',
};
export const LONGEST: Constant = {
  name: 'longest', unit: 'factor', low: 0, high: 4, centre: 0.9,
  means: 'weight of the longest block of the causal mask',
};

/** Twice the query-key pairs of a causal mask of S new tokens after p cached ones. */
export function causalPairs(isl: number, past: number, window: number): number {
  const full = isl * (isl + 2 * past);
  if (window <= 0 || window >= isl + past) return full;
  // Tokens whose window is cut off see `window` keys each, those before it a triangle.
  const free = Math.max(0, window - past);
  return free * (free + 2 * past) + 2 * (isl - free) * window;
}

/**
 * us of one query-key pair and head on the whole device: `flops` of both products at the peak of
 * the format, then one exponential.
 */
export function pairUs(flops: number, dtype: string, peaks: Peaks): number {
  return flops / flopsPerUs(peaks, dtype) + peaks.flopsPerExp / (peaks.bf16 * 1e-6);
}

/** Queries of one block: two tiles of 128 in flight on Blackwell, one on older parts. */
export function queryTile(peaks: Peaks): number {
  return peaks.generation === 'blackwell' ? 256 : 128;
}

/**
 * us: `fixed + norm1.5(C/compute + B/(SMs*tokens), longest*ser/compute)`. C is the time of all
 * pairs, B the tokens' bytes, ser the longest block of the mask when few blocks exist. Rope, KV
 * write and layout are kernels of their own, linear in tokens and bound by the SMs, not by HBM:
 * their time adds. An fp8 cache makes the products fp8 as well.
 */
export function contextAttention(
  shape: ContextShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
): number {
  const { batch, isl, pastKv, heads, kvHeads, headDim, window } = shape;
  const fp8 = shape.kvDtype !== '' && dtypeOf(shape.kvDtype).unit === 'fp8';
  const pair = pairUs(4 * headDim, fp8 ? 'fp8' : shape.dtype, peaks) / c[0];
  const pairs = causalPairs(isl, pastKv, window) / 2;
  const reach = window > 0 ? Math.min(isl + pastKv, window) : isl + pastKv;
  cost.computeUs = batch * heads * pairs * pair;
  cost.memoryUs = (4 * batch * isl * (heads + kvHeads) * headDim) / (peaks.sms * 1000) / c[1];
  cost.linkUs = 0;
  const longest = queryTile(peaks) * reach * peaks.sms * pair * c[3];
  cost.us = c[2] + norm15(cost.computeUs + cost.memoryUs, longest);
  cost.fixedUs = c[2] + longest;
  return cost.us;
}

export const contextAttentionForm: Form = {
  pull: 0.3,
  constants: [
    PAIRS,
    {
      name: 'tokens', unit: 'factor', low: 2, high: 40, centre: 9,
      means: 'bytes a ns and SM in rope, KV write and layout work',
    },
    { name: 'fixed', unit: 'us', low: 0, high: 60, centre: 15, means: 'launch' },
    LONGEST,
  ],
  evaluate: contextAttention,
  shapeOf: ({ heads, kvHeads, headDim }) => `heads ${heads}/${kvHeads} of ${headDim}`,
  beyond({ heads, kvHeads, headDim, isl, pastKv, window }) {
    if (headDim !== 128) return 'head size other than 128';
    if (heads === kvHeads) return 'one KV head a query head';
    if (window > 0) return 'sliding window';
    if (pastKv > 0) return 'cached prefix';
    return isl < 256 ? 'fewer than 256 new tokens' : '';
  },
};
