// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { DoesNotFitError, kvCapacity } from '../../src/cost/index.js';
import {
  attentionWork,
  decodeFlopsPerToken,
  kvBytesOfSequence,
  parameters,
  weightBytesPerRank,
} from '../../src/model/index.js';
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

  it('takes the memory fraction of each engine: of the total, or of what weights leave', () => {
    const bytes = (engine: 'vllm' | 'sglang' | 'trtllm'): number => {
      const { tokens, kvBytesPerTokenPerGpu } = kvCapacity({ ...qwen, engine });
      return tokens * kvBytesPerTokenPerGpu;
    };
    const { parts } = kvCapacity(qwen);
    const rest = parts.reduce((sum, part) => sum + part.bytes, 0);
    const { visibleBytes } = qwen.device.memory;
    expect(bytes('vllm') / (0.9 * visibleBytes - rest)).toBeCloseTo(1, 4);
    expect(bytes('sglang') / (0.88 * visibleBytes - rest)).toBeCloseTo(1, 4);
    expect(bytes('trtllm') / (0.9 * (visibleBytes - rest))).toBeCloseTo(1, 4);
  });

  it('names every part of the memory, largest first, with source and status', () => {
    const deepseek = { ...qwen, model: model('deepseek-v3'), tensorParallel: 8 };
    const { parts, weightBytesPerGpu, reservedBytes } = kvCapacity(deepseek);
    expect(parts[0]).toMatchObject({ what: 'weights', bytes: weightBytesPerGpu });
    expect(parts.map(({ what }) => what).join()).toMatch(/graphs.*activations.*communication/);
    const sum = parts.slice(1).reduce((total, part) => total + part.bytes, 0);
    expect(sum / reservedBytes).toBeCloseTo(1, 12);
    for (const { source, status } of parts) {
      expect(source.length).toBeGreaterThan(3);
      expect(status).toBe('inferred');
    }
  });

  it('keeps room for windows and recurrent state of the sequences that run', () => {
    const nemotron = { ...qwen, model: model('nemotron-3-super'), tensorParallel: 2 };
    const few = kvCapacity({ ...nemotron, maxSequences: 16 });
    const many = kvCapacity({ ...nemotron, maxSequences: 256 });
    expect(many.stateBytes).toBe(16 * few.stateBytes);
    expect(few.tokens).toBeGreaterThan(many.tokens);
    expect(() => kvCapacity({ ...nemotron, maxSequences: 4096 })).toThrow(/maxSequences 16 fits/);
  });

  it('tells knobs that help from knobs that do not', () => {
    const v4 = { ...qwen, model: model('deepseek-v4-pro'), device: device('gb200') } as const;
    const options = { ...v4, tensorParallel: 4, weightDtype: 'nvfp4' } as const;
    expect(() => kvCapacity(options)).toThrow(
      /tensorParallel 8 fits, gpuMemoryUtilization 0.97 is still short of \d+\.\d GB/,
    );
    expect(kvCapacity({ ...options, device: device('gb300') }).tokens).toBeGreaterThan(1e6);
  });
});

/** A roofline of one decode step on `ranks` GPUs, s: 70 % of HBM, half of the FP8 peak. */
function decodeSeconds(name: string, ranks: number, sequences: number, context: number): number {
  const { compute, memory } = device(name);
  const v4 = model('deepseek-v4-pro');
  // Sequences at 6 of 384 experts: all are touched long before capacity binds.
  const perToken = attentionWork(v4, 'fp8', context);
  const bytes = weightBytesPerRank(v4, 'nvfp4', ranks) + sequences * perToken.bytes;
  const flops = (sequences * decodeFlopsPerToken(v4, context)) / ranks;
  const work = Math.max(
    bytes / (0.7 * memory.bandwidthBytesPerS),
    flops / (0.5 * compute.fp8FlopsPerS),
  );
  return work + v4.layers * 60e-6;
}

describe('capacity cliff', () => {
  it('half as much HBM again gives GB300 over twice GB200 on V4-Pro at 27 tok/s a user', () => {
    const ranks = 8;
    const context = 8192 + 1024;
    const perGpu = (name: string): number => {
      const v4 = model('deepseek-v4-pro');
      const layout = {
        ...qwen, model: v4, device: device(name), tensorParallel: ranks, weightDtype: 'nvfp4',
      } as const;
      const { tokens, kvBytesPerTokenPerGpu } = kvCapacity({ ...layout, maxSequences: 1 });
      const one = kvBytesOfSequence(v4, context, { dtype: 'fp8', tensorParallel: ranks });
      let sequences = Math.floor((tokens * kvBytesPerTokenPerGpu) / one);
      while (decodeSeconds(name, ranks, sequences, context) > 1 / 27) sequences--;
      return (27 * sequences) / ranks;
    };
    expect(perGpu('gb300') / perGpu('gb200')).toBeGreaterThan(2);
    expect(perGpu('gb300') / perGpu('gb200')).toBeLessThan(3);
  });
});

it('spreads experts over all attention replicas, attention over the ranks of one', () => {
  const options = {
    device: device('b200'), model: model('deepseek-v3'), weightDtype: 'fp8', kvDtype: 'fp8',
    blockSize: 64,
  } as const;
  const { attention, latentDown, denseFfn, sharedExperts, routedExperts } =
    parameters(options.model);
  const weights = (tensorParallel: number, attentionDataParallel: number): number =>
    kvCapacity({ ...options, tensorParallel, attentionDataParallel }).weightBytesPerGpu;
  const split = attention - latentDown + denseFfn + sharedExperts;
  // fp8 halves of embeddings apart: bf16 embedding and head are split with attention.
  const { embedding } = parameters(options.model);
  const more = weights(1, 8) - weights(8, 1);
  expect(more).toBeCloseTo((7 / 8) * (split + 2 * embedding), 0);
  expect(weights(1, 8)).toBeGreaterThan(routedExperts / 8);
  // Width or whole experts: the same bytes.
  const whole = kvCapacity({ ...options, tensorParallel: 8 });
  const width = kvCapacity({ ...options, tensorParallel: 8, expertParallel: 1 });
  expect(width.weightBytesPerGpu).toBe(whole.weightBytesPerGpu);
});
