// SPDX-License-Identifier: Apache-2.0
import type { Constant, Form, OperationCost } from './form.js';
import { norm2 } from './numbers.js';
import type { Operation } from './operation.js';
import { flopsPerUs, type Peaks } from './peaks.js';

/** Causal attention of new tokens over themselves and a cached prefix. */
export type ContextShape = Pick<
  Operation,
  'dtype' | 'batch' | 'isl' | 'pastKv' | 'heads' | 'kvHeads' | 'headDim' | 'window'
>;

const CONSTANTS: readonly Constant[] = [
  { name: 'compute', unit: 'share', low: 0.2, high: 1, centre: 0.55, means: 'share of peak' },
  {
    name: 'tokens', unit: 'share', low: 0.05, high: 1.2, centre: 0.2,
    means: 'share of HBM in rope, KV write and layout work',
  },
  { name: 'fixed', unit: 'us', low: 0, high: 60, centre: 15, means: 'launch' },
  {
    name: 'longest', unit: 'factor', low: 0, high: 4, centre: 1.6,
    means: 'weight of the longest block of the causal mask',
  },
];

/** Twice the query-key pairs of a causal mask of S new tokens after p cached ones. */
export function causalPairs(isl: number, past: number, window: number): number {
  const full = isl * (isl + 2 * past);
  if (window <= 0 || window >= isl + past) return full;
  // Tokens whose window is cut off see `window` keys each, those before it a triangle.
  const free = Math.max(0, window - past);
  return free * (free + 2 * past) + 2 * (isl - free) * window;
}

/**
 * us: `fixed + norm2(C/compute + B/tokens, longest*ser/compute)`. C is the arithmetic of both
 * products at peak, B the tokens' bytes at HBM peak, ser the longest block of the mask when few
 * blocks exist. Rope, KV write and layout are kernels of their own, linear in tokens: their time
 * adds to the arithmetic.
 */
export function contextAttention(
  shape: ContextShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
): number {
  const { batch, isl, pastKv, heads, kvHeads, headDim, window } = shape;
  const peak = flopsPerUs(peaks, shape.dtype);
  const pairs = causalPairs(isl, pastKv, window);
  const reach = window > 0 ? Math.min(isl + pastKv, window) : isl + pastKv;
  cost.computeUs = (2 * batch * pairs * heads * headDim) / peak / c[0];
  cost.memoryUs = (4 * batch * isl * (heads + kvHeads) * headDim) / (peaks.hbm * 1e-6) / c[1];
  cost.linkUs = 0;
  const longest = ((4 * 128 * reach * headDim * peaks.sms) / peak / c[0]) * c[3];
  cost.us = c[2] + norm2(cost.computeUs + cost.memoryUs, longest);
  cost.fixedUs = c[2] + longest;
  return cost.us;
}

export const contextAttentionForm: Form = {
  pull: 0.1,
  constants: CONSTANTS,
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

/** On fp8 arithmetic the exponentials bind: a smaller share of a peak twice as high. */
export const contextAttentionFp8Form: Form = {
  ...contextAttentionForm,
  constants: CONSTANTS.map((c) => (c.name === 'compute' ? { ...c, centre: 0.4 } : c)),
};
