// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  devicePeaks, expectedLoad, findServingDevice, FITTED_SERVING, inputDefect, NEUTRAL_SCALES,
  pointParts, servingScales, suspicion, tpot,
} from '../../../src/cost/serving/index.js';
import { cold, point } from './support.js';

describe('TPOT', () => {
  it('grows with users, with and without fitted constants', () => {
    for (const name of ['llama-3.1-70b', 'deepseek-v3', 'gpt-oss-120b']) {
      const last = [0, 0];
      for (const batch of [1, 4, 16, 64]) {
        const parts = pointParts(point(name, { batch }), cold);
        const scales = [NEUTRAL_SCALES, servingScales(FITTED_SERVING.effects, parts)];
        scales.forEach((s, i) => {
          const { us } = tpot(parts, s);
          expect(us, `${name} ${batch}`).toBeGreaterThan(last[i]);
          last[i] = us;
        });
      }
    }
  });

  it('has no interference from prompts at one user', () => {
    const parts = pointParts(point('llama-3.1-70b', { batch: 1 }), cold);
    expect(tpot(parts, NEUTRAL_SCALES).prefillUs).toBe(0);
  });

  it('caps sequences by the KV cache', () => {
    const small = point('llama-3.1-70b', {
      device: findServingDevice('h100_sxm')!, batch: 512, isl: 8192,
      columns: { tpSize: 2, attentionDpSize: 1, moeTpSize: 1, moeEpSize: 1 },
    });
    const { resident, wanted } = pointParts(small, cold);
    expect(wanted).toBe(512);
    // 0.9 * (80 GiB - 36 GB) over 8294 tokens of 80 KiB each.
    expect(resident).toBeGreaterThan(40);
    expect(resident).toBeLessThan(80);
  });

  it('knows drafts by engine version, and lists them', () => {
    const drafting = point('deepseek-v3', { version: '1.2.0rc6.post3' });
    const plain = point('deepseek-v3', { version: '1.2.0rc6.post2' });
    expect(suspicion(drafting, 1)).toContain('3 drafts');
    expect(suspicion(plain, 1)).toBe('');
    const [fast, slow] = [drafting, plain].map((p) => tpot(pointParts(p, cold), NEUTRAL_SCALES).us);
    expect(fast).toBeLessThan(0.7 * slow);
  });

  it('sets apart inputs that cannot be meant', () => {
    const device = findServingDevice('h100_sxm')!;
    const waiting = point('gpt-oss-120b', { engine: 'vllm', device, concurrency: 512 });
    expect(inputDefect(waiting)).toContain('512 users');
    expect(inputDefect({ ...waiting, concurrency: 256 })).toBe('');
  });
});

describe('parts of the model', () => {
  it('touches few experts with few tokens and all with many', () => {
    expect(expectedLoad(1, 8, 256, 1).touched).toBeCloseTo(8, 9);
    expect(expectedLoad(4096, 8, 256, 4).touched).toBeCloseTo(64, 6);
    expect(expectedLoad(4096, 8, 256, 4).rows).toBe(8192);
  });

  it('borrows Blackwell shares for Rubin and says so', () => {
    const { peaks, borrowed } = devicePeaks(findServingDevice('rubin')!);
    expect(peaks.hbm).toBe(22e12);
    expect(borrowed).toContain('gb300');
    expect(devicePeaks(findServingDevice('h200_sxm')!).borrowed).toBe('');
  });
});
