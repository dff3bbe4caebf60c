// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  findModel,
  kvBytesPerToken,
  kvBytesPerTokenPerRank,
  modelNames,
  models,
  weightBytes,
  weightBytesPerRank,
  type ModelArchitecture,
} from '../../src/model/index.js';

function model(name: string): ModelArchitecture {
  const found = findModel(name);
  if (found === undefined) throw new Error(name);
  return found;
}

describe('model catalogue', () => {
  it('finds a model by id, name and hub path', () => {
    expect(model('deepseek-ai/DeepSeek-R1').id).toBe('deepseek-v3');
    expect(model('Qwen3-32B').id).toBe('qwen3-32b');
    expect(model('meta-llama/Llama-3.1-8B-Instruct').id).toBe('llama-3.1-8b');
    expect(model('Llama 2 7B').id).toBe('llama-2-7b');
    expect(findModel('llama')).toBeUndefined();
    expect(modelNames()).toHaveLength(models.length);
  });
});

describe('KV bytes a token', () => {
  it.each([
    ['deepseek-v3', 70272, 35136, 19764],
    ['qwen3-32b', 262144, 131072, 73728],
    ['llama-3.1-8b', 131072, 65536, 36864],
    ['llama-2-7b', 524288, 262144, 147456],
  ])('%s', (name, bf16, fp8, nvfp4) => {
    expect(kvBytesPerToken(model(name), 'bf16')).toBe(bf16);
    expect(kvBytesPerToken(model(name), 'fp8')).toBe(fp8);
    expect(kvBytesPerToken(model(name), 'nvfp4')).toBe(nvfp4);
  });

  it('splits KV heads over ranks but never below one, and replicates a latent row', () => {
    const qwen = model('qwen3-32b');
    expect(kvBytesPerTokenPerRank(qwen, 'fp8', 4)).toBe(32768);
    expect(kvBytesPerTokenPerRank(qwen, 'fp8', 8)).toBe(16384);
    expect(kvBytesPerTokenPerRank(qwen, 'fp8', 16)).toBe(16384);
    expect(kvBytesPerTokenPerRank(model('deepseek-v3'), 'bf16', 8)).toBe(70272);
  });
});

describe('weight bytes', () => {
  it('keeps embedding and LM head in bf16: Qwen3-32B fp8 takes 34.32 GB', () => {
    expect(weightBytes(model('qwen3-32b'), 'fp8') / 1e9).toBeCloseTo(34.32, 2);
    expect(weightBytes(model('llama-3.1-8b'), 'bf16') / 1e9).toBeCloseTo(16.06, 2);
  });

  it('shrinks with each smaller format and added rank, but never below the split share', () => {
    for (const each of models) {
      const [bf16, fp8, nvfp4] = (['bf16', 'fp8', 'nvfp4'] as const).map((dtype) =>
        weightBytes(each, dtype));
      expect(bf16).toBeGreaterThan(fp8);
      expect(fp8).toBeGreaterThan(nvfp4);
      for (const ranks of [2, 4, 8]) {
        const share = weightBytesPerRank(each, 'fp8', ranks);
        expect(share).toBeGreaterThanOrEqual(fp8 / ranks);
        expect(share).toBeLessThan((fp8 / ranks) * 1.02);
      }
    }
  });
});
