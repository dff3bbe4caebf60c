// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOUNDS, makeStepModel, type StepLoad } from '../../src/cost/index.js';
import {
  decodeNs,
  decodeLoad,
  device,
  emptyCost,
  LAYOUTS,
  model,
  prefillLoad,
  stepModel,
} from './support.js';

const sequences = fc.integer({ min: 0, max: 600 });
const tokens = fc.integer({ min: 0, max: 20000 });

/** Any step that the scheduler could form, zero parts included. */
const load: fc.Arbitrary<StepLoad> = fc
  .record({ decodes: sequences, perDecode: tokens, chunk: tokens, past: tokens })
  .filter(({ decodes, chunk }) => decodes + chunk > 0)
  .map(({ decodes, perDecode, chunk, past }) => ({
    decodeSequences: decodes,
    decodeContext: decodes * (perDecode + 1),
    prefillTokens: chunk,
    prefillSequences: chunk > 0 ? 1 : 0,
    prefillPairs: chunk * (chunk + 2 * past),
    prefillContext: chunk > 0 ? chunk + past : 0,
    sampledSequences: decodes + (chunk > 0 ? 1 : 0),
  }));

describe.each(LAYOUTS)('%s, %s, TP %i, %s, kv %s', (...layout) => {
  const steps = stepModel(...layout);
  const out = emptyCost();

  it('prices a decode step alike by both ways', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat({ max: 5e7 }), (count, context) => {
        const priced = stepModel(...layout).price(decodeLoad(count, context), out);
        expect(decodeNs(steps, count, context)).toBe(priced);
        expect(steps.price(decodeLoad(count, context), out)).toBe(priced);
      }),
    );
  });

  it('returns a whole number of ns that its parts add up to', () => {
    fc.assert(
      fc.property(load, (step) => {
        const total = steps.price(step, out);
        const parts = [out.attentionNs, out.gemmNs, out.communicationNs, out.overheadNs];
        for (const part of parts) expect(part).toBeGreaterThanOrEqual(0);
        const sum = parts.reduce((a, b) => a + b, 0);
        expect(Number.isSafeInteger(total)).toBe(true);
        expect(out.totalNs).toBe(total);
        expect(Math.abs(sum - total)).toBeLessThanOrEqual(0.5 + 1e-3);
        expect(BOUNDS[out.bound]).toBeDefined();
      }),
    );
  });

  it('never gets cheaper as any size grows', () => {
    const sizes = Object.keys(decodeLoad(1, 1)) as (keyof StepLoad)[];
    fc.assert(
      fc.property(
        load,
        fc.constantFrom(...sizes),
        fc.integer({ min: 1, max: 5000 }),
        (step, size, more) => {
          const before = steps.price(step, out);
          const larger = steps.price({ ...step, [size]: step[size] + more }, out);
          expect(larger).toBeGreaterThanOrEqual(before);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('does not depend on what was priced before', () => {
    fc.assert(
      fc.property(fc.array(load, { minLength: 1, maxLength: 5 }), (loads) => {
        const fresh = stepModel(...layout);
        const forward = loads.map((step) => steps.price(step, out));
        const backward = [...loads].reverse().map((step) => fresh.price(step, out)).reverse();
        expect(forward).toEqual(backward);
      }),
      { numRuns: 30 },
    );
  });

  it('rejects a step without tokens', () => {
    expect(() => steps.price(decodeLoad(0, 0), out)).toThrow(RangeError);
    expect(() => steps.price(prefillLoad(0, 0), out)).toThrow(RangeError);
    expect(() => decodeNs(steps, 0, 0)).toThrow(RangeError);
    expect(() => decodeNs(steps, -1, 0)).toThrow(RangeError);
    expect(() => decodeNs(steps, 1.5, 0)).toThrow(RangeError);
    expect(() => decodeNs(steps, NaN, 0)).toThrow(RangeError);
  });
});

/** Milliseconds of a decode step at `count` sequences of `context` tokens each. */
function decodeMs(layout: Parameters<typeof stepModel>, count: number, context: number): number {
  return decodeNs(stepModel(...layout), count, count * context) / 1e6;
}

describe('magnitudes against published ones', () => {
  it('DeepSeek-V3 fp8, TP 8 on H200, 1-4 users: 5.5-12 ms', () => {
    for (const users of [1, 4]) {
      const ms = decodeMs(['h200', 'deepseek-v3', 8, 'fp8', 'bf16', 'sglang'], users, 1536);
      expect(ms).toBeGreaterThan(5.5);
      expect(ms).toBeLessThan(12);
    }
  });

  it('Llama-3.1-8B bf16 on one H100, single stream: 6.5-8 ms', () => {
    const ms = decodeMs(['h100', 'llama-3.1-8b', 1, 'bf16', 'bf16'], 1, 1024);
    expect(ms).toBeGreaterThan(6.5);
    expect(ms).toBeLessThan(8);
  });

  it('Llama-2-7B bf16 on one H100, small batch: about 8 ms', () => {
    const ms = decodeMs(['h100', 'llama-2-7b', 1, 'bf16', 'bf16'], 4, 1500);
    expect(ms).toBeGreaterThan(6);
    expect(ms).toBeLessThan(10);
  });

  it('Qwen3-32B fp8 on one H100, 8 users: TPOT of 16.2-18.7 ms less its share of prefills', () => {
    const ms = decodeMs(['h100', 'qwen3-32b', 1, 'fp8', 'fp8', 'trtllm'], 8, 1152);
    expect(ms).toBeGreaterThan(13);
    expect(ms).toBeLessThan(18);
  });
});

describe('what binds', () => {
  const boundOf = (layout: Parameters<typeof stepModel>, step: StepLoad): string => {
    const out = emptyCost();
    stepModel(...layout).price(step, out);
    return BOUNDS[out.bound];
  };

  it('latency at one user of a wide model, HBM at long contexts, compute in prefill', () => {
    const deepseek = ['h200', 'deepseek-v3', 8, 'fp8', 'bf16'] as const;
    expect(boundOf([...deepseek], decodeLoad(1, 1000))).toBe('latency');
    expect(boundOf(['h100', 'llama-3.1-8b', 1, 'bf16', 'bf16'], decodeLoad(1, 1000))).toBe('hbm');
    expect(boundOf(['h100', 'llama-2-7b', 1, 'bf16', 'bf16'], decodeLoad(16, 64000))).toBe('hbm');
    expect(boundOf([...deepseek], prefillLoad(8192, 0))).toBe('compute');
  });

  it('reads the cache by its bytes: Llama-2-7B has 8 times the fp8 cache of Llama-3.1-8B', () => {
    const out = emptyCost();
    const attention = (name: string, kv: 'bf16' | 'fp8'): number => {
      stepModel('h100', name, 1, 'bf16', kv).price(decodeLoad(1, 100000), out);
      return out.attentionNs;
    };
    expect(attention('llama-2-7b', 'bf16') / attention('llama-3.1-8b', 'bf16')).toBeCloseTo(4, 2);
    expect(attention('llama-2-7b', 'bf16') / attention('llama-3.1-8b', 'fp8')).toBeCloseTo(8, 2);
  });
});

describe('layouts', () => {
  const options = {
    device: device('h100'),
    model: model('qwen3-32b'),
    tensorParallel: 1,
    weightDtype: 'fp8',
    kvDtype: 'fp8',
  } as const;

  it('names the option that cannot be', () => {
    expect(() => makeStepModel({ ...options, tensorParallel: 0 })).toThrow(/tensorParallel/);
    expect(() => makeStepModel({ ...options, tensorParallel: 3 })).toThrow(/64 heads/);
    expect(() => makeStepModel({ ...options, tensorParallel: 16 })).toThrow(/links 8 GPUs/);
    expect(() => makeStepModel({ ...options, weightDtype: 'nvfp4' })).toThrow(/has no nvfp4/);
    expect(() => makeStepModel({ ...options, kvDtype: 'nvfp4' })).toThrow(/has no nvfp4/);
  });

  it('builds every device, model and format that exists together', () => {
    const out = emptyCost();
    for (const deviceName of ['h100', 'h200', 'b200', 'gb300']) {
      for (const modelName of ['deepseek-v3', 'qwen3-32b', 'llama-3.1-8b', 'llama-2-7b']) {
        for (const dtype of ['bf16', 'fp8', 'nvfp4'] as const) {
          if (dtype === 'nvfp4' && device(deviceName).architecture === 'hopper') continue;
          for (const engine of ['vllm', 'sglang', 'trtllm'] as const) {
            const steps = stepModel(deviceName, modelName, 8, dtype, dtype, engine);
            expect(steps.price(decodeLoad(4, 4000), out)).toBeGreaterThan(1e5);
            expect(out.overheadNs).toBeGreaterThan(0);
          }
        }
      }
    }
  });
});
