// SPDX-License-Identifier: Apache-2.0
import { dtypeOf } from './dtype.js';
import type { Constant, Form, OperationCost } from './form.js';
import { norm15 } from './numbers.js';
import type { Operation } from './operation.js';
import { flopsPerUs, type Peaks } from './peaks.js';
import { rankLoad, type RankLoad } from './routing.js';

/** Gated experts of one rank: two products up, one down. */
export type MoeShape = Pick<
  Operation,
  | 'dtype' | 'kernelSource' | 'tokens' | 'hidden' | 'inter' | 'topk' | 'experts' | 'moeTp'
  | 'moeEp' | 'distribution'
>;

const CONSTANTS: readonly Constant[] = [
  { name: 'compute', unit: 'share', low: 0.05, high: 1, centre: 0.5, means: 'share of peak' },
  {
    name: 'memory', unit: 'share', low: 0.4, high: 1.3, centre: 1,
    means: 'share of HBM for weights; just above 1 offsets the soft maximum',
  },
  { name: 'fixed', unit: 'us', low: 0, high: 120, centre: 30, means: 'launches' },
  {
    name: 'rows', unit: 'share', low: 0.05, high: 3, centre: 0.7,
    means: 'share of HBM for activations of routed rows',
  },
  {
    name: 'tokens', unit: 'share', low: 0.1, high: 5, centre: 1.5,
    means: 'share of HBM for permuting and summing tokens',
  },
];

/** Rows that a kernel pads each expert to. */
function tiles128({ kernelSource, dtype }: MoeShape): boolean {
  return kernelSource === 'deepgemm' || dtype === 'nvfp4';
}

/**
 * us: `fixed + norm1.5(C/compute, W/memory) + R*(4H + 6I/tp)/rows + 2T(k+2)H/tokens` on a rank
 * with A touched experts and R routed rows: C is 6*H*I/tp FLOP a padded row, W the weights of the
 * touched experts.
 */
export function moeWithLoad(
  shape: MoeShape,
  load: RankLoad,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
): number {
  const { hidden, topk, tokens, dtype } = shape;
  const inter = shape.inter / shape.moeTp;
  const hbm = peaks.hbm * 1e-6;
  const padded = tiles128(shape) ? load.padded128 : load.padded64;
  cost.computeUs = (6 * hidden * inter * padded) / flopsPerUs(peaks, dtype) / c[0];
  const weights = (3 * load.touched * hidden * inter * dtypeOf(dtype).bytes) / hbm / c[1];
  const rows = (load.rows * (4 * hidden + 6 * inter)) / hbm / c[3];
  const perToken = (2 * tokens * (topk + 2) * hidden) / hbm / c[4];
  cost.memoryUs = weights + rows + perToken;
  cost.linkUs = 0;
  cost.fixedUs = c[2];
  cost.us = c[2] + norm15(cost.computeUs, weights) + rows + perToken;
  return cost.us;
}

/** As `moeWithLoad`, with the load that the shape's distribution gives. */
export function moe(
  shape: MoeShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
): number {
  const { tokens, topk, experts, moeEp, distribution } = shape;
  return moeWithLoad(shape, rankLoad(tokens, topk, experts, moeEp, distribution), peaks, c, cost);
}

export const moeForm: Form = {
  pull: 0.05,
  constants: CONSTANTS,
  evaluate: moe,
  shapeOf: ({ hidden, inter, topk, experts, moeTp, moeEp }) =>
    `${experts} experts top ${topk} of ${hidden} x ${inter}, ep ${moeEp}, tp ${moeTp}`,
  beyond: ({ moeTp }) => (moeTp > 1 ? 'experts split by tensor parallelism' : ''),
};

/** mxfp4 weights are widened in the kernel: less of the peak, and a slow path per row. */
const WIDENED: Readonly<Record<string, number>> = { compute: 0.25, fixed: 45, rows: 0.15 };
export const moeWidenedForm: Form = {
  ...moeForm,
  constants: CONSTANTS.map((c) => ({ ...c, centre: WIDENED[c.name] ?? c.centre })),
};
