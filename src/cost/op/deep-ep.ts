// SPDX-License-Identifier: Apache-2.0
import { dtypeOf } from './dtype.js';
import type { Constant, Form, OperationCost } from './form.js';
import { log2, power } from './numbers.js';
import type { Operation } from './operation.js';
import type { Peaks } from './peaks.js';

/** Tokens to the GPUs of their experts and back, over NVLink inside a node and NICs between. */
export type DeepEpShape = Pick<
  Operation,
  'dtype' | 'tokens' | 'hidden' | 'topk' | 'experts' | 'gpus'
>;

/** GPUs that share a node in these kernels. */
const NODE = 8;

const FIXED: Constant = {
  name: 'fixed', unit: 'us', low: 0, high: 150, centre: 20, means: 'launch',
};
const NODES: Constant = {
  name: 'nodes', unit: 'us', low: 0, high: 60, centre: 8, means: 'per doubling of nodes',
};
const INSIDE: Constant = {
  name: 'nvlink', unit: 'share', low: 0.05, high: 1.2, centre: 0.5, means: 'share of NVLink',
};
const OUTSIDE: Constant = {
  name: 'nic', unit: 'share', low: 0.05, high: 2, centre: 0.8, means: 'share of the NIC',
};
const CROWD: Constant = {
  name: 'crowd', unit: 'factor', low: 0, high: 3, centre: 0.2, optional: true,
  means: 'slower NICs, per node beyond four',
};

function nodesOf({ gpus }: DeepEpShape): number {
  return Math.max(1, gpus / NODE);
}

function finish(
  fixedUs: number,
  inside: number,
  outside: number,
  cost: OperationCost,
): number {
  cost.fixedUs = fixedUs;
  cost.linkUs = inside + outside;
  cost.computeUs = 0;
  cost.memoryUs = 0;
  cost.us = fixedUs + cost.linkUs;
  return cost.us;
}

/**
 * Low-latency kernels, one leg, us: `fixed + nodes*log2(N) + in/nvlink + out/nic`. Every token is
 * sent once per expert; 1/N of that stays in the node.
 */
export function deepEpLowLatency(
  shape: DeepEpShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
): number {
  const nodes = nodesOf(shape);
  const bytes = shape.tokens * shape.topk * shape.hidden * dtypeOf(shape.dtype || 'bfloat16').bytes;
  const stays = nodes === 1 ? (Math.min(NODE, shape.gpus) - 1) / Math.min(NODE, shape.gpus) : 1;
  const inside = ((bytes / nodes) * stays) / (peaks.nvlink * 1e-6) / c[2];
  const outside = (bytes * (1 - 1 / nodes)) / (peaks.nic * 1e-6) / c[3];
  return finish(c[0] + c[1] * log2(nodes), inside, outside, cost);
}

/**
 * Normal kernels, dispatch (1 byte an element) and combine (2 bytes) together, us. A token crosses
 * to each remote node once and is spread there over NVLink.
 */
export function deepEpNormal(
  shape: DeepEpShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
): number {
  const nodes = nodesOf(shape);
  const bytes = shape.tokens * shape.hidden * 3;
  const local = Math.min(NODE, shape.gpus);
  const copies = local * (1 - power((local - 1) / local, shape.topk));
  const remote = nodes === 1 ? 0 : (nodes - 1) * (1 - power(1 - 1 / nodes, shape.topk));
  const inside = (bytes * copies) / (peaks.nvlink * 1e-6) / c[2];
  const crowd = 1 + c[4] * Math.max(0, nodes - 4);
  const outside = ((bytes * remote) / (peaks.nic * 1e-6) / c[3]) * crowd;
  return finish(c[0] + c[1] * log2(nodes), inside, outside, cost);
}

const shared: Pick<Form, 'shapeOf' | 'beyond' | 'pull' | 'systemPull'> = {
  pull: 0.02,
  // Boards of eight and racks of 72 GPUs differ more than their GPUs do.
  systemPull: 0.1,
  shapeOf: ({ tokens }) => `${tokens} tokens`,
  beyond: ({ hidden, topk, experts, gpus }) => {
    if (gpus > 64) return 'more than 64 GPUs';
    return hidden === 7168 && topk === 8 && experts === 256 ? '' : 'not 256 experts top 8 of 7168';
  },
};
export const deepEpLowLatencyForm: Form = {
  ...shared, evaluate: deepEpLowLatency, constants: [FIXED, NODES, INSIDE, OUTSIDE],
};
export const deepEpNormalForm: Form = {
  ...shared, evaluate: deepEpNormal, constants: [
    { ...FIXED, centre: 80 }, NODES, INSIDE, OUTSIDE, CROWD,
  ],
};
