// SPDX-License-Identifier: Apache-2.0
import type { Form, OperationCost } from './form.js';
import {
  COLLECTIVE_CONSTANTS, type CollectiveShape, doublingsBeyondTwo, ncclForm, twoProtocols,
} from './nccl.js';
import { log2 } from './numbers.js';
import type { Peaks } from './peaks.js';

/**
 * All-reduce kernels of the engines, us: one-shot for small messages, where every GPU reads all
 * others whole (n/2 times the bytes of a ring), two-shot or NCCL above, whose fixed cost grows with
 * the root of log2(n).
 */
export function customAllReduce(
  shape: CollectiveShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
): number {
  const { gpus } = shape;
  const steps = Math.sqrt(log2(gpus));
  const doublings = doublingsBeyondTwo(shape);
  const lines = { hops: doublings, oneShot: gpus / 2, steps, gains: doublings };
  return twoProtocols(shape, peaks, c, cost, lines);
}

export const customAllReduceForm: Form = {
  ...ncclForm,
  pull: 0.02,
  systemPull: 0.2,
  constants: COLLECTIVE_CONSTANTS.map((c) => (c.name === 'fixed' ? { ...c, centre: 4 } : c)),
  evaluate: customAllReduce,
};
