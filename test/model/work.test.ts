// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { findDevice, ridgePoint } from '../../src/hardware/index.js';
import {
  attentionIntensity,
  attentionWork,
  decodeFlopsPerToken,
  findModel,
  kvBytesPerToken,
  type ModelArchitecture,
} from '../../src/model/index.js';

function model(name: string): ModelArchitecture {
  return findModel(name)!;
}

describe('attention intensity', () => {
  it('is 242 FLOP a byte for 64 latent heads in FP8 and 484 for 128', () => {
    expect(attentionIntensity(model('kimi-k2'), 'fp8', 1)).toBeCloseTo(242, 0);
    expect(attentionIntensity(model('deepseek-v3'), 'fp8', 1)).toBeCloseTo(484, 0);
  });

  it('two verified tokens make V3 compute-bound on GB200, and not Kimi-K2', () => {
    const ridge = ridgePoint(findDevice('gb200')!, 'fp8')!;
    expect(attentionIntensity(model('deepseek-v3'), 'fp8', 2)).toBeGreaterThan(ridge);
    expect(attentionIntensity(model('kimi-k2'), 'fp8', 2)).toBeLessThan(ridge);
    expect(attentionIntensity(model('deepseek-v3'), 'fp8', 1)).toBeLessThan(ridge);
  });
});

describe('attention of one decoded token', () => {
  it('reads all of a plain cache', () => {
    for (const name of ['llama-2-7b', 'qwen3-32b', 'deepseek-v3']) {
      for (const dtype of ['bf16', 'fp8', 'nvfp4'] as const) {
        const { bytes } = attentionWork(model(name), dtype, 1000);
        expect(bytes, name).toBe(1000 * kvBytesPerToken(model(name), dtype));
      }
    }
    expect(attentionWork(model('llama-2-7b'), 'bf16', 10).flops).toBe(4 * 32 * 32 * 128 * 10);
  });

  it('stops growing at a window, and grows by index keys alone beyond a top-k', () => {
    const growth = (name: string, from: number): number =>
      attentionWork(model(name), 'fp8', from + 128).bytes
        - attentionWork(model(name), 'fp8', from).bytes;
    // Twelve of the 24 layers of gpt-oss-20b slide.
    expect(growth('gpt-oss-20b', 1024)).toBe(128 * kvBytesPerToken(model('gpt-oss-20b'), 'fp8'));
    expect(growth('deepseek-v3.2', 4096)).toBe(128 * 61 * 132);
    expect(growth('glm-5.2', 4096)).toBe(128 * 21 * 132);
    // 30 layers with a key per four tokens, 31 with a row per 128.
    expect(growth('deepseek-v4-pro', 8192)).toBe(30 * 32 * 128 + 31 * 512);
  });

  it('does not depend on context where there is state alone', () => {
    const [, linear] = model('qwen3.5-397b-a17b').layerGroups!;
    const recurrent = { ...model('qwen3.5-397b-a17b'), layers: 45, layerGroups: [linear] };
    expect(attentionWork(recurrent, 'fp8', 10)).toEqual(attentionWork(recurrent, 'fp8', 1e6));
  });
});

describe('FLOP a token', () => {
  it('is twice the active weights, input embedding left out, and the attention', () => {
    const llama = model('llama-3.1-8b');
    expect(decodeFlopsPerToken(llama, 0) / 1e9).toBeCloseTo(15.01, 1);
    const attention = decodeFlopsPerToken(llama, 8192) - decodeFlopsPerToken(llama, 0);
    expect(attention).toBe(32 * 4 * 32 * 128 * 8192);
  });
});
