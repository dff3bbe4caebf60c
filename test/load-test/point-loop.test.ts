// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { loadCore, Rng } from '../../src/core/index.js';
import { findServingDevice, findServingModel } from '../../src/cost/serving/index.js';
import { pointLoop, requestLengths } from '../../src/load-test/index.js';
import { row } from './rows.js';
import { linearSteps } from './support.js';

const rng = new Rng(loadCore(), 3);
const stepModel = linearSteps({ step: 1, sequence: 1, promptToken: 1 });

describe('requests of a row', () => {
  it('are drawn from [0.8, 1] of nominal where the public benchmark draws them', () => {
    const lengths = requestLengths({ isl: 1024, osl: 8192 }, 400, rng);
    const outputs = lengths.map(({ outputTokens }) => outputTokens);
    expect(Math.min(...outputs)).toBeGreaterThanOrEqual(Math.round(0.8 * 8192));
    expect(Math.max(...outputs)).toBeLessThanOrEqual(8192);
    const mean = outputs.reduce((a, b) => a + b, 0) / outputs.length;
    expect(mean / 8192).toBeCloseTo(0.9, 2);
    expect(requestLengths({ isl: 1024, osl: 8192 }, 400, rng)).toEqual(lengths);
  });

  it('are of nominal length on average elsewhere', () => {
    const inputs = requestLengths({ isl: 1000, osl: 100 }, 400, rng).map((l) => l.inputTokens);
    expect(Math.min(...inputs)).toBeGreaterThanOrEqual(900);
    expect(Math.max(...inputs)).toBeLessThanOrEqual(1100);
    expect(inputs.reduce((a, b) => a + b, 0) / 400 / 1000).toBeCloseTo(1, 2);
  });
});

describe('closed loop of a row', () => {
  it('measures ten requests a user', () => {
    const { users, requests } = pointLoop(row(), stepModel, rng);
    expect([users, requests.length]).toEqual([8, 80]);
  });

  it('is scheduled as the engine does', () => {
    const loops = (['vllm', 'sglang', 'trtllm'] as const)
      .map((engine) => pointLoop(row({ engine }), stepModel, rng));
    expect(loops.map(({ scheduler }) => scheduler))
      .toEqual(['mixed', 'prefill-first', 'whole-prompts']);
    expect(loops.map(({ maxBatchedTokens }) => maxBatchedTokens)).toEqual([8192, 8192, 8192]);
    const device = findServingDevice('b200_sxm')!;
    expect(pointLoop(row({ engine: 'sglang', device }), stepModel, rng).maxBatchedTokens)
      .toBe(16384);
  });

  it('has the users and the KV memory of one attention replica', () => {
    const columns = { tpSize: 1, attentionDpSize: 8, moeTpSize: 1, moeEpSize: 8 };
    const model = findServingModel('deepseek-v3')!;
    const device = findServingDevice('b200_sxm')!;
    const { users, kvTokens } = pointLoop(row({ model, device, columns }), stepModel, rng);
    expect(users).toBe(8);
    // 0.9 of HBM less weights and 4 GB, at 61 layers of 576 bytes a token.
    const { parts } = row({ model, device, columns, batch: 4096 });
    expect(kvTokens / (parts.isl + 0.55 * parts.osl) / parts.resident).toBeCloseTo(1, 6);
  });
});
