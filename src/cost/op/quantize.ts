// SPDX-License-Identifier: Apache-2.0
import type { Form, OperationCost } from './form.js';
import type { Operation } from './operation.js';
import type { Peaks } from './peaks.js';

/** m x k bf16 activations read for their scale. */
export type QuantizeShape = Pick<Operation, 'm' | 'k'>;

/** us: `fixed + bytes/memory`, bytes being 2 an element. A scale alone: the copy is not written. */
export function computeScale(
  { m, k }: QuantizeShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
): number {
  cost.memoryUs = (2 * m * k) / (peaks.hbm * 1e-6) / c[1];
  cost.fixedUs = c[0];
  cost.computeUs = 0;
  cost.linkUs = 0;
  cost.us = cost.fixedUs + cost.memoryUs;
  return cost.us;
}

export const computeScaleForm: Form = {
  pull: 0.05,
  constants: [
    { name: 'fixed', unit: 'us', low: 0, high: 30, centre: 8, means: 'launch' },
    { name: 'memory', unit: 'share', low: 0.1, high: 2, centre: 0.6, means: 'share of HBM' },
  ],
  evaluate: computeScale,
  shapeOf: ({ k }) => `k ${k}`,
  beyond: () => '',
};
