// SPDX-License-Identifier: Apache-2.0
import { dtypeOf } from './dtype.js';
import type { Constant, Form, OperationCost } from './form.js';
import { norm15 } from './numbers.js';
import type { Operation } from './operation.js';
import { flopsPerUs, isUltra, type Peaks } from './peaks.js';
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

/** Kernels that fill tiles of rows an expert; the others stream weights, then work row by row. */
function tileOf({ kernelSource, dtype }: MoeShape): 0 | 64 | 128 {
  if (routesItself(kernelSource)) return 0;
  if (kernelSource === 'deepgemm' || dtype === 'nvfp4') return 128;
  return dtype === 'fp8_block' ? 64 : 0;
}

/** Whether the benchmark leaves routing to the kernel, which knows DeepSeek's router only. */
function routesItself(kernelSource: string): boolean {
  return kernelSource.endsWith('min_latency');
}

/**
 * us: `fixed + E + R*(4H + 6I/tp)/rows + 2T(k+2)H/tokens` on a rank with A touched experts and R
 * routed rows. E is `C/compute + W/memory`: 6*H*I/tp FLOP a row, the weights of the touched
 * experts. Kernels that fill tiles pad rows to them and overlap: `norm1.5(C/compute, W/memory)`.
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
  const tile = tileOf(shape);
  const computed = tile === 0 ? load.rows : tile === 64 ? load.padded64 : load.padded128;
  cost.computeUs = (6 * hidden * inter * computed) / flopsPerUs(peaks, dtype) / c[0];
  const weights = (3 * load.touched * hidden * inter * dtypeOf(dtype).bytes) / hbm / c[1];
  const rows = (load.rows * (4 * hidden + 6 * inter)) / hbm / c[3];
  const perToken = (2 * tokens * (topk + 2) * hidden) / hbm / c[4];
  const products = tile === 0 ? cost.computeUs + weights : norm15(cost.computeUs, weights);
  cost.memoryUs = weights + rows + perToken;
  cost.linkUs = 0;
  cost.fixedUs = c[2];
  cost.us = c[2] + products + rows + perToken;
  return cost.us;
}

/** Load of the timed rank by the shape's distribution. */
function loadOf(shape: MoeShape): RankLoad {
  const { tokens, topk, experts, moeEp, distribution, kernelSource } = shape;
  return rankLoad(tokens, topk, experts, moeEp, distribution, routesItself(kernelSource));
}

/** As `moeWithLoad`, with the load that the shape's distribution gives. */
export function moe(
  shape: MoeShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
): number {
  return moeWithLoad(shape, loadOf(shape), peaks, c, cost);
}

/**
 * As `moe`, `+ idle*(experts/ep - A)`: grouped kernels with block scales come by every expert of
 * the rank, also where no token is. Not counted when `cold`, nor by `moeWithLoad`: engines have
 * other kernels for few tokens, and measured serving says that it does not show.
 */
export function moeBlock(
  shape: MoeShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
  cold = false,
): number {
  const load = loadOf(shape);
  moeWithLoad(shape, load, peaks, c, cost);
  const idle = cold ? 0 : c[5] * (shape.experts / shape.moeEp - load.touched);
  cost.fixedUs += idle;
  cost.us += idle;
  return cost.us;
}

export const moeForm: Form = {
  pull: 0.05,
  constants: CONSTANTS,
  evaluate: moe,
  shapeOf: ({ hidden, inter, topk, experts, moeTp, moeEp }) =>
    `${experts} experts top ${topk} of ${hidden} x ${inter}, ep ${moeEp}, tp ${moeTp}`,
  beyond: ({ moeTp }) => (moeTp > 1 ? 'experts split by tensor parallelism' : ''),
};

export const moeBlockForm: Form = {
  ...moeForm,
  constants: [
    ...CONSTANTS,
    {
      name: 'idle', unit: 'us', low: 0, high: 1, centre: 0.2,
      means: 'per expert of the rank without a token',
    },
  ],
  evaluate: moeBlock,
};

/**
 * As `moe`, times `untuned`. The benchmark keeps what the autotuner picked in one file a layer's
 * sizes, which CUTLASS and min-latency kernels share: where the other kind came first a case runs
 * with default tactics. B300 and GB300 lack min-latency kernels, so that all their rows are tuned.
 * An engine tunes what it runs: not counted when `cold`, nor by `moeWithLoad`.
 */
export function moeFp4(
  shape: MoeShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
  cold = false,
): number {
  moe(shape, peaks, c, cost);
  const untuned = cold ? 1 : c[5];
  cost.computeUs *= untuned;
  cost.memoryUs *= untuned;
  cost.fixedUs *= untuned;
  cost.us *= untuned;
  return cost.us;
}

export const moeFp4Form: Form = {
  ...moeForm,
  constants: [
    ...CONSTANTS,
    {
      name: 'untuned', unit: 'factor', low: 0.5, high: 2.5, centre: 1, perSystem: true,
      means: 'time over that of tuned kernels',
    },
  ],
  evaluate: moeFp4,
  pools: isUltra,
};

/** Weights of mxfp4 are widened for bf16 products: less of the peak, and less of HBM. */
const WIDENED: Readonly<Record<string, Partial<Constant>>> = {
  compute: { centre: 0.2 },
  memory: { centre: 0.6, low: 0.1, means: 'share of HBM for weights, widening included' },
  fixed: { centre: 45 },
};
export const moeWidenedForm: Form = {
  ...moeForm,
  pull: 0.1,
  constants: CONSTANTS.map((c) => ({ ...c, ...WIDENED[c.name] })),
};
