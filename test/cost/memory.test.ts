// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { DoesNotFitError, kvCapacity } from '../../src/cost/index.js';
import { device, model } from './support.js';

const qwen = {
  device: device('h200'),
  model: model('qwen3-32b'),
  tensorParallel: 1,
  weightDtype: 'fp8',
  kvDtype: 'fp8',
  blockSize: 16,
} as const;

describe('KV capacity', () => {
  it('gives Qwen3-32B fp8 on one H200 737,808 tokens within 3 %', () => {
    const capacity = kvCapacity(qwen);
    expect(Math.abs(capacity.tokens / 737808 - 1)).toBeLessThan(0.03);
    expect(capacity.tokens).toBe(capacity.blocks * 16);
    expect(capacity.kvBytesPerTokenPerGpu).toBe(131072);
  });

  it('grows with ranks, utilisation and smaller caches', () => {
    const base = kvCapacity(qwen).tokens;
    expect(kvCapacity({ ...qwen, tensorParallel: 2 }).tokens).toBeGreaterThan(2 * base);
    expect(kvCapacity({ ...qwen, gpuMemoryUtilization: 0.95 }).tokens).toBeGreaterThan(base);
    expect(kvCapacity({ ...qwen, kvDtype: 'bf16' }).blocks).toBeLessThan(base / 16 / 1.9);
    expect(kvCapacity({ ...qwen, maxBatchedTokens: 65536 }).tokens).toBeLessThan(base);
  });

  it('fits DeepSeek-V3 fp8 on 8 x H200', () => {
    const deepseek = { ...qwen, model: model('deepseek-v3'), tensorParallel: 8 };
    const { tokens, weightBytesPerGpu } = kvCapacity(deepseek);
    expect(weightBytesPerGpu / 1e9).toBeGreaterThan(83);
    expect(weightBytesPerGpu / 1e9).toBeLessThan(87);
    expect(tokens).toBeGreaterThan(1e6);
  });

  it('says by how much a model does not fit, and what helps', () => {
    const tooLarge = { ...qwen, device: device('h100'), model: model('deepseek-v3') };
    let error: unknown;
    try {
      kvCapacity({ ...tooLarge, tensorParallel: 8 });
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(DoesNotFitError);
    const { message, missingBytes } = error as DoesNotFitError;
    expect(missingBytes).toBeGreaterThan(5e9);
    expect(message).toMatch(/short of \d+\.\d GB/);
    expect(message).toContain('tensorParallel');
    expect(message).toContain('gpuMemoryUtilization');
  });

  it('rejects options out of range', () => {
    expect(() => kvCapacity({ ...qwen, blockSize: 0 })).toThrow(/blockSize/);
    expect(() => kvCapacity({ ...qwen, gpuMemoryUtilization: 1.1 })).toThrow(/Utilization/);
    expect(() => kvCapacity({ ...qwen, gpuMemoryUtilization: NaN })).toThrow(/Utilization/);
    expect(() => kvCapacity({ ...qwen, maxBatchedTokens: 0 })).toThrow(/maxBatchedTokens/);
    expect(() => kvCapacity({ ...qwen, tensorParallel: 5 })).toThrow(/tensorParallel/);
  });
});
