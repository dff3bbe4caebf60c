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
  { name: 'hop', unit: 'us', low: 0, high: 15, centre: 4, means: 'per hop (below)' },
  { name: 'ring', unit: 'share', low: 0.2, high: 1, centre: 0.62, means: 'share of NVLink' },
  {
    name: 'ringGain', unit: 'share', low: 0, high: 0.3, centre: 0.1, optional: true,
    means: 'gain of that share per doubling of GPUs; once in all for all-reduce and all-to-all',
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

/** What the two lines of a collective count. */
export interface TwoLines {
  /** How often its latency grows. */
  readonly hops: number;
  /** How many times the bytes of a ring the low-latency line sends. */
  readonly oneShot: number;
  /** Fixed costs that the high-bandwidth line pays. */
  readonly steps: number;
  /** How often the share of NVLink gains. */
  readonly gains: number;
}

/**
 * us: the soft minimum of a low-latency line `lat + oneShot*X/low` and a high-bandwidth line
 * `lat + switch*steps + X/(ring + ringGain*gains)`, where `lat = fixed + hop*hops`.
 */
export function twoProtocols(
  shape: CollectiveShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
  { hops, oneShot, steps, gains }: TwoLines,
): number {
  const latency = c[0] + c[1] * hops;
  const ring = ringUs(shape, peaks);
  const low = latency + (ring * oneShot) / c[4];
  const high = latency + c[5] * steps + ring / (c[2] + c[3] * gains);
  cost.us = softMinimum(low, high);
  cost.fixedUs = Math.min(latency, cost.us);
  cost.linkUs = cost.us - cost.fixedUs;
  cost.computeUs = 0;
  cost.memoryUs = 0;
  return cost.us;
}

export function doublingsBeyondTwo({ gpus }: Pick<CollectiveShape, 'gpus'>): number {
  return Math.max(0, log2(gpus) - 1);
}

/**
 * NCCL collectives, us. Gathering and scattering go around a ring, sends go to each GPU in turn: a
 * hop for every GPU beyond two. An all-reduce takes a hop a doubling, and steps as below.
 */
export function nccl(
  shape: CollectiveShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
): number {
  const { op, gpus } = shape;
  const both = bothWays(op);
  const doublings = doublingsBeyondTwo(shape);
  return twoProtocols(shape, peaks, c, cost, {
    hops: both ? doublings : Math.max(0, gpus - 2),
    oneShot: 1,
    steps: both ? reductionSteps(gpus) : 1,
    gains: both || op === 'nccl_alltoall' ? Math.min(1, doublings) : doublings,
  });
}

/** GPUs up to which NCCL reduces in a ring; above, the switch does. Measured: 2, 4 and 8. */
const RING_GPUS = 4;
/** What a reduction in the switch costs, in steps of a ring. */
const SWITCH_STEPS = 1.25;

/**
 * Steps of an all-reduce. Each round of a ring waits for the last, so that four Blackwell GPUs take
 * 85 us for 4M elements where eight, which reduce in the switch (NVLS), take 71.
 */
function reductionSteps(gpus: number): number {
  return gpus > RING_GPUS ? SWITCH_STEPS : gpus - 1;
}

/** All-to-all is grouped sends: its low line is slow, its switch early. */
const SENDS: Readonly<Record<string, number>> = {
  hop: 0.5, ring: 0.45, low: 0.05, switch: 6,
};

function withCentres(centres: Readonly<Record<string, number>>): readonly Constant[] {
  return COLLECTIVE_CONSTANTS.map((c) => ({ ...c, centre: centres[c.name] ?? c.centre }));
}

export const ncclForm: Form = {
  pull: 0.1,
  constants: withCentres({ hop: 1.2, switch: 10 }),
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
  pull: 0.2,
  constants: withCentres({ switch: 20, ring: 0.66 }),
};
