// SPDX-License-Identifier: Apache-2.0
import { dtypeOf } from './dtype.js';
import type { Constant, Form, OperationCost } from './form.js';
import { norm2, norm4 } from './numbers.js';
import type { Operation } from './operation.js';
import type { Peaks } from './peaks.js';

/** One new token a sequence against its cached keys and values. */
export type DecodeShape = Pick<
  Operation,
  'kvDtype' | 'batch' | 'pastKv' | 'heads' | 'kvHeads' | 'headDim' | 'window'
>;

const CONSTANTS: readonly Constant[] = [
  { name: 'memory', unit: 'share', low: 0.7, high: 1, centre: 0.9, means: 'share of HBM' },
  { name: 'warm', unit: 'share', low: 0.4, high: 2, centre: 1.1, means: 'L2 rate over HBM peak' },
  {
    name: 'spill', unit: 'us', low: 0, high: 15, centre: 6, optional: true,
    means: 'extra once the cache no longer fits in L2',
  },
  {
    name: 'split', unit: 'us', low: 0, high: 5, centre: 1.7,
    means: 'limited split of few long sequences, per root of 1000 tokens',
  },
  {
    name: 'block', unit: 'us', low: 0, high: 6, centre: 2, optional: true,
    means: 'per sequence and KV head, spread over the SMs',
  },
  { name: 'fixed', unit: 'us', low: 0, high: 40, centre: 10, means: 'launch' },
];

/**
 * Share of the KV bytes that a benchmark finds in L2 because it repeats on the same cache. In
 * serving every layer has a cache of its own: there the share is 0.
 */
export function warmShare(kvBytes: number, peaks: Peaks): number {
  const fill = kvBytes / (0.8 * peaks.l2);
  const square = fill * fill;
  const fourth = square * square;
  return 1 / (1 + fourth * fourth);
}

/**
 * us: `fixed + norm2(norm4(block*n/SMs, tm), split*sqrt(L/1000))`, where M are KV, query and output
 * bytes at HBM peak, h the warm share, `tm = M*(h/warm + (1-h)/memory) + (1-h)*spill`, n sequences
 * times KV heads, L tokens of KV a sequence. `cold` sets h to 0, as in serving.
 */
export function decodeAttention(
  shape: DecodeShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
  cold = false,
): number {
  const { batch, heads, kvHeads, headDim, pastKv, window } = shape;
  const length = window > 0 ? Math.min(pastKv + 1, window) : pastKv + 1;
  const element = dtypeOf(shape.kvDtype || 'bfloat16').bytes;
  const bytes = batch * headDim * (4 * heads + 2 * kvHeads * length * element);
  const hit = cold ? 0 : warmShare(bytes, peaks);
  const moved = bytes / (peaks.hbm * 1e-6);
  cost.computeUs = 0;
  cost.linkUs = 0;
  cost.memoryUs = moved * (hit / c[1] + (1 - hit) / c[0]) + (1 - hit) * c[2];
  const blocks = (c[4] * batch * kvHeads) / peaks.sms;
  const serial = c[3] * Math.sqrt(length / 1000);
  cost.fixedUs = c[5] + serial;
  cost.us = c[5] + norm2(norm4(blocks, cost.memoryUs), serial);
  return cost.us;
}

export const decodeAttentionForm: Form = {
  pull: 0.05,
  constants: CONSTANTS,
  evaluate: decodeAttention,
  shapeOf: ({ heads, kvHeads, headDim }) => `heads ${heads}/${kvHeads} of ${headDim}`,
  beyond({ heads, kvHeads, headDim, pastKv, window }) {
    if (headDim !== 128) return 'head size other than 128';
    if (heads === kvHeads) return 'one KV head a query head';
    if (window > 0) return 'sliding window';
    return pastKv < 127 ? 'fewer than 127 cached tokens' : '';
  },
};
