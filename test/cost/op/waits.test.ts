// SPDX-License-Identifier: Apache-2.0
/** What latencies and tiles of operations count. */
import { describe, expect, it } from 'vitest';
import {
  emptyCost, formOf, type Operation, peaksOf, type Peaks,
} from '../../../src/cost/op/index.js';
import { b200, h100, typical } from './support.js';

function usOf(o: Operation, constants: readonly number[], peaks = b200): number {
  return formOf(o).evaluate(o, peaks, constants, emptyCost());
}

describe('expert all-to-all of one rank more', () => {
  const constants = [10, 0.5, 0, 0];
  const more = (fields: Partial<Operation>): number => {
    const o = { ...typical('alltoall_combine', 'nvfp4'), ...fields };
    return usOf({ ...o, moeEp: 64 }, constants) - usOf({ ...o, moeEp: 32 }, constants);
  };

  it('waits for its flag one-sided', () => {
    expect(more({ kernelSource: 'NVLinkOneSided' })).toBeCloseTo(0.5 * 32, 9);
  });

  it('waits two-sided for the ranks that a token goes to alone', () => {
    expect(more({ kernelSource: 'NVLinkTwoSided' })).toBe(0);
  });

  it('sends counts in doublings', () => {
    expect(more({ op: 'alltoall_prepare', kernelSource: 'NVLinkTwoSided' })).toBeCloseTo(0.5, 9);
  });
});

describe('latency of NCCL', () => {
  const constants = [8, 2, 0.6, 0, 1, 0];
  const latency = (op: 'nccl_all_gather' | 'nccl_all_reduce', gpus: number): number => {
    const cost = emptyCost();
    const o = { ...typical(op), gpus, elements: 1 << 30 };
    formOf(o).evaluate(o, b200, constants, cost);
    return cost.fixedUs;
  };

  it('grows with every GPU of a ring', () => {
    expect([2, 4, 8].map((n) => latency('nccl_all_gather', n))).toEqual([8, 12, 20]);
  });

  it('grows with doublings for all-reduce', () => {
    expect([2, 4, 8].map((n) => latency('nccl_all_reduce', n))).toEqual([8, 10, 12]);
  });
});

describe('block-scaled products', () => {
  const shares = [1, 1, 0, 0, 1e9, 0];
  const loss = (peaks: Peaks): number => {
    const long = { ...typical('gemm', 'fp8_block'), m: 16384, n: 16384, k: 8192 };
    return (2 * usOf({ ...long, k: 4096 }, shares, peaks)) / usOf(long, shares, peaks);
  };

  it('lose more on Hopper when k is halved: tiles there wait to be written', () => {
    expect(loss(h100)).toBeGreaterThan(1.05);
    expect(loss(b200)).toBeLessThan(1.02);
    expect(loss(b200)).toBeGreaterThan(1);
  });
});

describe('the scale of a tensor', () => {
  it('reads as fast on twice the HBM, as SMs bound it', () => {
    const o = { ...typical('compute_scale', 'fp8'), m: 16384, k: 16384 };
    const [h, h200] = [h100, peaksOf('h200_sxm') as Peaks];
    expect(usOf(o, [7, 10, 25, 1], h200)).toBe(usOf(o, [7, 10, 25, 1], h));
  });

  it('reads faster from L2', () => {
    const o = { ...typical('compute_scale', 'fp8'), m: 1024, k: 7168 };
    const cold = formOf(o).evaluate(o, h100, [7, 10, 25, 1], emptyCost(), true);
    expect(usOf(o, [7, 10, 25, 1], h100)).toBeLessThan(0.9 * cold);
  });
});
