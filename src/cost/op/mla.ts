// SPDX-License-Identifier: Apache-2.0
import { LONGEST, PAIRS, pairUs, queryTile } from './context-attention.js';
import { warmShare } from './decode-attention.js';
import { dtypeOf } from './dtype.js';
import type { Constant, Form, OperationCost } from './form.js';
import { norm15, norm4 } from './numbers.js';
import type { Operation } from './operation.js';
import type { Peaks } from './peaks.js';

/** Multi-head latent attention of the DeepSeek-V3 geometry: latent 512, rope 64, values 128. */
export type MlaShape = Pick<Operation, 'kvDtype' | 'batch' | 'isl' | 'pastKv' | 'heads'>;

/** Latent and rope elements that a token keeps. */
const LATENT = 576;

const FIXED: Constant = {
  name: 'fixed', unit: 'us', low: 0, high: 60, centre: 13, means: 'launch',
};

const CONTEXT: readonly Constant[] = [
  PAIRS,
  {
    name: 'tokens', unit: 'factor', low: 1, high: 60, centre: 15,
    means: 'bytes a ns and SM in work that is linear in tokens',
  },
  FIXED,
  { ...LONGEST, optional: true },
  { name: 'walk', unit: 'us', low: 0, high: 8, centre: 2, means: 'per root of 1000 new tokens' },
];

const DECODE: readonly Constant[] = [
  { name: 'compute', unit: 'share', low: 0.2, high: 1.2, centre: 0.75, means: 'share of peak' },
  { name: 'memory', unit: 'share', low: 0.4, high: 1, centre: 0.8, means: 'share of HBM' },
  {
    name: 'spill', unit: 'us', low: 0, high: 15, centre: 5, optional: true,
    means: 'extra once the cache no longer fits in L2',
  },
  {
    name: 'split', unit: 'us', low: 0, high: 8, centre: 2.5,
    means: 'limited split of few long sequences, per root of 1000 tokens',
  },
  FIXED,
  {
    name: 'queries', unit: 'share', low: 0.2, high: 0.8, centre: 0.4,
    means: 'share of HBM for queries and outputs',
  },
];

/** fp8 caches compute in fp8, except on Hopper, whose kernels widen them first. */
function computesFp8({ kvDtype }: MlaShape, peaks: Peaks): boolean {
  return peaks.generation !== 'hopper' && dtypeOf(kvDtype || 'bfloat16').unit !== 'bf16';
}

/**
 * Prefill with expanded keys, us: `fixed + norm1.5(C/compute + L/(SMs*tokens),
 * longest*ser/compute) + walk*sqrt(S/1000)`; a pair and head takes 640 FLOP (192 + 128 twice) and
 * an exponential, a token and head 1280 bytes.
 */
export function contextMla(
  shape: MlaShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
): number {
  const { batch, isl, pastKv, heads } = shape;
  const pair = pairUs(640, computesFp8(shape, peaks) ? 'fp8' : 'bfloat16', peaks) / c[0];
  cost.computeUs = ((batch * heads * isl * (isl + 2 * pastKv)) / 2) * pair;
  cost.memoryUs = (1280 * batch * isl * heads) / (peaks.sms * 1000) / c[1];
  cost.linkUs = 0;
  const longest = queryTile(peaks) * (isl + pastKv) * peaks.sms * pair * c[3];
  const walk = c[4] * Math.sqrt(isl / 1000);
  cost.us = c[2] + norm15(cost.computeUs + cost.memoryUs, longest) + walk;
  cost.fixedUs = c[2] + longest + walk;
  return cost.us;
}

/**
 * Decode on the latent cache with absorbed projections, us: `fixed + norm1.5(tm + IO/queries,
 * split*sqrt(L*(1 + heads/64)/2000))`, `tm = norm4(C/compute, K*(h/1.5 + 1-h)/memory) +
 * (1-h)*spill`: 2176 FLOP a token and head, 576 elements a token once for all heads. fp8 caches
 * compute at twice the bf16 peak, except on Hopper, whose kernels widen them first. h is the warm
 * share, 0 when `cold`.
 */
export function decodeMla(
  shape: MlaShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
  cold = false,
): number {
  const { batch, heads } = shape;
  const length = shape.pastKv + 1;
  const { bytes } = dtypeOf(shape.kvDtype || 'bfloat16');
  const hbm = peaks.hbm * 1e-6;
  const kvBytes = LATENT * batch * length * bytes;
  const hit = cold ? 0 : warmShare(kvBytes, peaks);
  const peak = peaks.bf16 * 1e-6 * (computesFp8(shape, peaks) ? 2 : 1);
  cost.computeUs = (2176 * batch * heads * length) / peak / c[0];
  const cache = ((kvBytes / hbm) * (hit / 1.5 + 1 - hit)) / c[1];
  const queries = (2176 * batch * heads) / hbm / c[5];
  const spill = (1 - hit) * c[2];
  cost.memoryUs = cache + queries + spill;
  cost.linkUs = 0;
  const serial = c[3] * Math.sqrt((length * (1 + heads / 64)) / 2000);
  cost.fixedUs = c[4] + serial;
  cost.us = c[4] + norm15(norm4(cost.computeUs, cache) + spill + queries, serial);
  return cost.us;
}

const shapeOf = ({ heads }: Operation): string => `heads ${heads}`;

export const contextMlaForm: Form = {
  pull: 0.3,
  constants: CONTEXT,
  evaluate: contextMla,
  shapeOf,
  beyond: ({ isl, pastKv }) =>
    pastKv > 0 ? 'cached prefix' : isl < 256 ? 'fewer than 256 new tokens' : '',
};
export const decodeMlaForm: Form = {
  pull: 0.1,
  constants: DECODE,
  evaluate: decodeMla,
  shapeOf,
  beyond: ({ pastKv }) => (pastKv < 127 ? 'fewer than 127 cached tokens' : ''),
};
