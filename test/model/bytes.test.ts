// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  findModel,
  fixedBytesPerSequence,
  fixedElementsPerSequence,
  kvBytesOfSequence,
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
    ['deepseek-v3.2', 78324, 43188, 27816],
    ['deepseek-v4-pro', 8888, 4924, 3189.75],
    ['deepseek-v4-flash', 6208, 3440, 2229],
    ['kimi-k3', 27648, 13824, 7776],
    ['glm-4.7', 376832, 188416, 105984],
    ['glm-5', 100152, 55224, 35568],
    ['glm-5.2', 92628, 47700, 28044],
    ['qwen3.5-397b-a17b', 30720, 15360, 8640],
    ['gpt-oss-120b', 36864, 18432, 10368],
    ['minimax-m3', 130404, 68964, 42084],
    ['nemotron-3-ultra', 12288, 6144, 3456],
  ])('%s', (name, bf16, fp8, nvfp4) => {
    expect(kvBytesPerToken(model(name), 'bf16')).toBe(bf16);
    expect(kvBytesPerToken(model(name), 'fp8')).toBe(fp8);
    expect(kvBytesPerToken(model(name), 'nvfp4')).toBe(nvfp4);
  });

  it.each([
    ['deepseek-v4-pro', 3997696],
    ['kimi-k3', 108527616],
    ['qwen3.5-397b-a17b', 47185920],
    ['gpt-oss-120b', 2359296],
    ['step-3.7-flash', 34603008],
    ['nemotron-3-super', 41943040],
    ['nemotron-3-ultra', 100663296],
    ['deepseek-v3', 0],
  ])('%s keeps %i elements a sequence however long it is', (name, elements) => {
    expect(fixedElementsPerSequence(model(name))).toBe(elements);
  });

  it('DeepSeek-V4-Pro takes 8.7 GiB at 1,048,576 tokens, 11 % of V3.2', () => {
    const tokens = 1048576;
    const bytes = kvBytesOfSequence(model('deepseek-v4-pro'), tokens, { dtype: 'bf16' });
    expect(bytes / 2 ** 30).toBeCloseTo(8.7, 1);
    const older = kvBytesOfSequence(model('deepseek-v3.2'), tokens, { dtype: 'bf16' });
    expect(bytes / older).toBeCloseTo(0.11, 2);
  });

  it('fills a window before it slides', () => {
    const windowed = model('gpt-oss-20b');
    const at = (tokens: number): number => kvBytesOfSequence(windowed, tokens, { dtype: 'bf16' });
    // Before the window is full, every layer keeps every token.
    expect(at(100)).toBe(100 * 2 * kvBytesPerToken(windowed, 'bf16'));
    expect(at(129) - at(128)).toBe(kvBytesPerToken(windowed, 'bf16'));
    expect(at(0)).toBe(0);
  });

  it('pads FP8 rows of latent attention to 656 bytes in the FlashMLA layout', () => {
    const layer = (layout: 'plain' | 'flashmla'): number =>
      kvBytesPerToken(model('deepseek-v3'), 'fp8', layout) / 61;
    expect([layer('plain'), layer('flashmla')]).toEqual([576, 656]);
    for (const dtype of ['bf16', 'nvfp4'] as const) {
      const plain = kvBytesPerToken(model('deepseek-v3'), dtype);
      expect(kvBytesPerToken(model('deepseek-v3'), dtype, 'flashmla')).toBe(plain);
    }
    const grouped = kvBytesPerToken(model('qwen3-32b'), 'fp8', 'flashmla');
    expect(grouped).toBe(kvBytesPerToken(model('qwen3-32b'), 'fp8'));
  });

  it('splits recurrent state over ranks, and a window as its KV heads', () => {
    const nemotron = model('nemotron-3-super');
    const whole = fixedBytesPerSequence(nemotron, { dtype: 'fp8', stateDtype: 'fp32' });
    expect(whole).toBe(4 * 41943040);
    const rank = { dtype: 'fp8', stateDtype: 'fp32', tensorParallel: 8 } as const;
    expect(fixedBytesPerSequence(nemotron, rank)).toBe(whole / 8);
    // One shared KV head is replicated.
    const shared = { dtype: 'fp8', tensorParallel: 8 } as const;
    expect(fixedBytesPerSequence(model('deepseek-v4-pro'), shared)).toBe(3997696);
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
      // Attention stays bf16 in NVFP4 mixtures, so that models of mostly attention gain nothing.
      if (each.attention.kind === 'MLA') expect(fp8).toBeGreaterThan(nvfp4);
      for (const ranks of [2, 4, 8]) {
        const share = weightBytesPerRank(each, 'fp8', ranks);
        expect(share).toBeGreaterThanOrEqual(fp8 / ranks);
        expect(share).toBeLessThan((fp8 / ranks) * 1.02);
      }
    }
  });
});
