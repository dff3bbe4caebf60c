// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  FITTED, OperationEstimator, operation, peaksOf, type Peaks,
} from '../../../src/cost/op/index.js';
import { b200, h100, typical } from './support.js';

const estimator = new OperationEstimator(FITTED);
const gemm = operation({
  op: 'gemm', framework: 'TRTLLM', version: '1.3.0rc20', kernelSource: 'torch_flow',
  dtype: 'bfloat16', m: 4096, n: 16384, k: 8192,
});

describe('estimate', () => {
  it('uses the constants of the kernel on its system', () => {
    const estimate = estimator.estimate(gemm, h100);
    expect(estimate.borrowed).toBe('');
    expect(estimate.ms).toBe(estimate.us / 1000);
    // 2mnk at 0.7 to 0.85 of 989 TFLOP/s.
    expect(estimate.ms).toBeGreaterThan(1.3);
    expect(estimate.ms).toBeLessThan(1.6);
    expect(estimate.bound).toBe('compute');
  });

  it('says which kernel and version stood in', () => {
    const other = { ...gemm, kernelSource: 'new_kernel', version: '2.0' };
    const { borrowed, us } = estimator.estimate(other, h100);
    expect(borrowed).toBe('kernel torch_flow for new_kernel, version 1.3.0rc20 for 2.0');
    expect(us).toBe(estimator.estimate(gemm, h100).us);
  });

  it('scales a generation to the peaks of a system that it has not seen', () => {
    const faster: Peaks = { ...b200, id: 'b500', bf16: 2 * b200.bf16 };
    const { borrowed, us } = estimator.estimate(gemm, faster);
    expect(borrowed).toBe('system blackwell for b500');
    expect(us / estimator.estimate(gemm, b200).us).toBeLessThan(0.6);
  });

  it('takes the nearest generation when its own was never measured', () => {
    const { borrowed } = estimator.estimate(gemm, peaksOf('a100_sxm') as Peaks);
    expect(borrowed).toBe('system hopper for a100_sxm');
  });

  it('says what lies beyond the checked range', () => {
    expect(estimator.estimate({ ...gemm, n: 256 }, h100).beyond).toBe('n or k below 512');
    const small = { ...typical('generation_attention', 'bfloat16', 'fp8'), headDim: 64 };
    expect(estimator.estimate(small, h100).beyond).toBe('head size other than 128');
  });

  it('says when a kernel has few rows of its own', () => {
    const kernelSource = 'CutlassFP8ScaledMMLinearKernel';
    const vllm = { ...gemm, dtype: 'fp8', framework: 'VLLM', version: '0.24.0', kernelSource };
    expect(estimator.estimate(vllm, b200).beyond).toBe(`few rows of ${kernelSource}`);
  });

  it('finds nothing in L2 when cold, as in serving', () => {
    const cold = new OperationEstimator(FITTED, true);
    const words = { framework: 'TRTLLM', version: '1.3.0rc20', kernelSource: 'torch_flow' };
    const decode = { ...typical('generation_attention', 'bfloat16', 'fp8'), ...words, batch: 1 };
    const ratio = cold.estimate(decode, b200).memoryUs / estimator.estimate(decode, b200).memoryUs;
    expect(ratio).toBeGreaterThan(1.2);
    expect(cold.bind(decode, b200).us(decode)).toBe(cold.estimate(decode, b200).us);
    expect(cold.estimate(gemm, b200)).toEqual(estimator.estimate(gemm, b200));
  });

  it('refuses an operation without any constants', () => {
    const none = new OperationEstimator({ ...FITTED, families: [] });
    expect(() => none.estimate(gemm, h100)).toThrow('no constants were fitted for gemm');
  });
});

describe('a bound operation', () => {
  it('remembers what it computed, by sizes and distribution', () => {
    const moe = { ...typical('moe', 'fp8'), kernelSource: 'moe_torch_flow_cutlass' };
    const bound = estimator.bind(moe, h100);
    for (const tokens of [1, 16, 128, 1]) {
      for (const distribution of ['balanced', 'power_law_1.2']) {
        const o = { ...moe, tokens, distribution };
        expect(bound.us(o)).toBe(bound.estimate(o).us);
        expect(bound.us({ ...o })).toBe(bound.estimate(o).us);
      }
    }
  });

  it('tells thousands of sizes apart', () => {
    const bound = estimator.bind(gemm, h100);
    for (let round = 0; round < 2; round++) {
      for (let m = 1; m < 6000; m++) {
        const o = { ...gemm, m };
        if (bound.us(o) !== bound.estimate(o).us) expect.fail(`m ${m}`);
      }
    }
  });
});
