// SPDX-License-Identifier: Apache-2.0
import { dtypeOf } from './dtype.js';
import type { Constant, Form, OperationCost } from './form.js';
import { log2, softMinimum } from './numbers.js';
import type { Operation } from './operation.js';
import type { Peaks } from './peaks.js';

/** A collective over GPUs of one NVLink domain. */
export type CollectiveShape = Pick<Operation, 'op' | 'dtype' | 'gpus' | 'elements'>;

export const COLLECTIVE_CONSTANTS: readonly Constant[] = [
  { name: 'fixed', unit: 'us', low: 0, high: 60, centre: 8, means: 'latency of two GPUs' },
  { name: 'doubling', unit: 'us', low: 0, high: 15, centre: 4, means: 'per doubling of GPUs' },
  { name: 'ring', unit: 'share', low: 0.2, high: 1, centre: 0.62, means: 'share of NVLink' },
  {
    name: 'ringGain', unit: 'share', low: 0, high: 0.3, centre: 0.1, optional: true,
    means: 'gain of that share per doubling of GPUs',
  },
  {
    name: 'low', unit: 'share', low: 0.02, high: 1, centre: 0.35,
    means: 'share of NVLink of the low-latency protocol',
  },
  {
    name: 'switch', unit: 'us', low: 0, high: 90, centre: 15,
    means: 'fixed cost of the high-bandwidth protocol, per step (below)',
  },
];

function bothWays(op: string): boolean {
  return op === 'nccl_all_reduce' || op === 'custom_allreduce';
}

/** Time of the bytes that a GPU must send at NVLink peak, us. */
export function ringUs(shape: CollectiveShape, peaks: Peaks): number {
  const { op, gpus, elements } = shape;
  const twice = bothWays(op) ? 2 : 1;
  const bytes = elements * dtypeOf(shape.dtype).bytes;
  return (twice * bytes * (gpus - 1)) / gpus / (peaks.nvlink * 1e-6);
}

/**
 * us: the soft minimum of a low-latency line `lat + X/low` and a high-bandwidth line `lat +
 * switch*steps + X/(ring + ringGain*l)`, `lat = fixed + doubling*l`, l doublings beyond two GPUs.
 * Steps are the root of log2(n) where values are reduced and sent back, 1 where they move one way.
 * `oneShot` makes the first line slower by what a one-shot kernel sends more.
 */
export function twoProtocols(
  shape: CollectiveShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
  oneShot: number,
): number {
  const doublings = log2(shape.gpus);
  const beyondTwo = Math.max(0, doublings - 1);
  const latency = c[0] + c[1] * beyondTwo;
  const ring = ringUs(shape, peaks);
  const low = latency + (ring * oneShot) / c[4];
  const steps = bothWays(shape.op) ? Math.sqrt(doublings) : 1;
  const high = latency + c[5] * steps + ring / (c[2] + c[3] * beyondTwo);
  cost.us = softMinimum(low, high);
  cost.fixedUs = Math.min(latency, cost.us);
  cost.linkUs = cost.us - cost.fixedUs;
  cost.computeUs = 0;
  cost.memoryUs = 0;
  return cost.us;
}

/** NCCL all-reduce, all-gather, reduce-scatter, all-to-all, us. */
export function nccl(
  shape: CollectiveShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
): number {
  return twoProtocols(shape, peaks, c, cost, 1);
}

/** All-to-all is grouped sends: its low line is slow, its switch early. */
const SENDS: Readonly<Record<string, number>> = {
  doubling: 0.5, ring: 0.45, low: 0.05, switch: 6,
};

function withCentres(centres: Readonly<Record<string, number>>): readonly Constant[] {
  return COLLECTIVE_CONSTANTS.map((c) => ({ ...c, centre: centres[c.name] ?? c.centre }));
}

export const ncclForm: Form = {
  pull: 0.1,
  constants: COLLECTIVE_CONSTANTS,
  evaluate: nccl,
  shapeOf: ({ elements }) => `${elements} elements`,
  beyond: ({ gpus }) => (gpus > 8 ? 'more than 8 GPUs' : ''),
};

export const ncclAllToAllForm: Form = {
  ...ncclForm,
  constants: withCentres(SENDS),
};
export const ncclAllReduceForm: Form = {
  ...ncclForm,
  constants: withCentres({ switch: 20, ring: 0.66 }),
};
