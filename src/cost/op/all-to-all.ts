// SPDX-License-Identifier: Apache-2.0
import type { Form, OperationCost } from './form.js';
import { log2 } from './numbers.js';
import type { Operation } from './operation.js';
import type { Peaks } from './peaks.js';

/** Expert all-to-all inside an NVLink domain. */
export type AllToAllShape = Pick<
  Operation,
  'op' | 'kernelSource' | 'tokens' | 'hidden' | 'topk' | 'moeEp'
>;

/**
 * What a rank waits for: counts go out in doublings, two-sided kernels hear from the ranks that a
 * token goes to, one-sided ones look at the flag of every other rank.
 */
function waits({ op, kernelSource, topk, moeEp }: AllToAllShape): number {
  if (op === 'alltoall_prepare') return log2(moeEp);
  return (kernelSource === 'NVLinkOneSided' ? moeEp : Math.min(topk, moeEp)) - 1;
}

/**
 * us: `fixed + wait*waits + (2TH/NVLink)*(copies*min(k, ep)*(ep-1)/ep + local)`: a token goes to at
 * most k ranks; what does not depend on the number of ranks is in `local`.
 */
export function allToAll(
  shape: AllToAllShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
): number {
  const { tokens, hidden, topk, moeEp } = shape;
  const token = (2 * tokens * hidden) / (peaks.nvlink * 1e-6);
  cost.fixedUs = c[0] + c[1] * waits(shape);
  cost.linkUs = token * ((c[2] * Math.min(topk, moeEp) * (moeEp - 1)) / moeEp + c[3]);
  cost.computeUs = 0;
  cost.memoryUs = 0;
  cost.us = cost.fixedUs + cost.linkUs;
  return cost.us;
}

export const allToAllForm: Form = {
  pull: 0.05,
  constants: [
    { name: 'fixed', unit: 'us', low: 0, high: 60, centre: 11, means: 'launch' },
    // Rows of one token with a rank that came late tell little, so the range is narrow.
    { name: 'wait', unit: 'us', low: 0.1, high: 0.7, centre: 0.4, means: 'per rank waited for' },
    {
      name: 'copies', unit: 'factor', low: 0, high: 6, centre: 0.8,
      means: 'bytes a copy over those of bf16, through the share of NVLink reached',
    },
    {
      name: 'local', unit: 'factor', low: 0, high: 10, centre: 0.5,
      means: 'the same for work that each token costs once',
    },
  ],
  evaluate: allToAll,
  shapeOf: ({ tokens }) => `${tokens} tokens`,
  beyond: ({ moeEp }) => (moeEp > 64 ? 'more than 64 ranks' : ''),
};
