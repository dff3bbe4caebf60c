// SPDX-License-Identifier: Apache-2.0
import type { Form, OperationCost } from './form.js';
import type { Operation } from './operation.js';
import type { Peaks } from './peaks.js';

/** m x k bf16 activations read for their scale. */
export type QuantizeShape = Pick<Operation, 'm' | 'k'>;

/** Threads of the grid that looks for the largest value, each with one element at a time. */
const GRID = 1 << 20;

/**
 * us: `fixed + spread*min(1, mk/2^20) + 2mk/SMs*(hit/warm + (1-hit)/memory)`,
 * `hit = 1/(1 + (3mk/(0.8*L2))^4)`. A scale alone, the difference of quantising with and without
 * one: reads of 2 bytes a thread, so that SMs bound it and not HBM, over a grid of 1,024 blocks,
 * of which few sizes keep all busy. Source and fp8 copy (3mk bytes) are in L2 from the last run.
 */
export function computeScale(
  { m, k }: QuantizeShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
  cold = false,
): number {
  const fill = (3 * m * k) / (0.8 * peaks.l2);
  const hit = cold ? 0 : 1 / (1 + fill * fill * fill * fill);
  const perSm = (2 * m * k) / (peaks.sms * 1e3);
  cost.memoryUs = perSm * (hit / c[2] + (1 - hit) / c[1]);
  cost.fixedUs = c[0] + c[3] * Math.min(1, (m * k) / GRID);
  cost.computeUs = 0;
  cost.linkUs = 0;
  cost.us = cost.fixedUs + cost.memoryUs;
  return cost.us;
}

export const computeScaleForm: Form = {
  pull: 0.05,
  constants: [
    { name: 'fixed', unit: 'us', low: 0, high: 30, centre: 8, means: 'launch' },
    {
      name: 'memory', unit: 'factor', low: 2, high: 50, centre: 15,
      means: 'bytes a ns and SM, from HBM',
    },
    {
      name: 'warm', unit: 'factor', low: 2, high: 150, centre: 30,
      means: 'bytes a ns and SM, from L2',
    },
    { name: 'spread', unit: 'us', low: 0, high: 6, centre: 2, means: 'blocks that have work' },
  ],
  evaluate: computeScale,
  shapeOf: ({ k }) => `k ${k}`,
  beyond: () => '',
};
