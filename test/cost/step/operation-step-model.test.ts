// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOUNDS, type StepCost, type StepLoad } from '../../../src/cost/index.js';
import {
  FITTED_SERVING, pointParts, servingScales, type ServingPoint, tpot,
} from '../../../src/cost/serving/index.js';
import { makeOperationStepModel } from '../../../src/cost/step/index.js';
import { models } from '../../../src/model/index.js';
import { cold, point } from '../serving/support.js';
import { decodeLoad, decodeNs, emptyCost, prefillLoad } from '../support.js';
import { operationSteps, STEP_LAYOUTS, stepOptions } from './support.js';

/** Both loads in one step. */
function together(decodes: StepLoad, chunks: StepLoad): StepLoad {
  const sum = { ...decodes };
  for (const key of Object.keys(sum) as (keyof StepLoad)[]) sum[key] += chunks[key];
  return sum;
}

const decodes = fc
  .record({ count: fc.integer({ min: 1, max: 600 }), each: fc.nat({ max: 60_000 }) })
  .map(({ count, each }) => decodeLoad(count, count * each));
const chunk = fc
  .record({ tokens: fc.integer({ min: 1, max: 8192 }), past: fc.nat({ max: 60_000 }) })
  .map(({ tokens, past }) => prefillLoad(tokens, past));
const load: fc.Arbitrary<StepLoad> = fc.oneof(
  decodes, chunk, fc.tuple(decodes, chunk).map(([a, b]) => together(a, b)),
);

describe.each(STEP_LAYOUTS)('%s, %s, TP %i, %s, kv %s', (...layout) => {
  const steps = operationSteps(...layout);
  const out = emptyCost();
  const price = (step: StepLoad): number => steps.price(step, out);

  it('prices a run of decode steps to the bit as one at a time, from any context', () => {
    const fresh = operationSteps(...layout);
    fc.assert(fc.property(
      fc.integer({ min: 1, max: 600 }), fc.nat({ max: 5e7 }), fc.integer({ min: 1, max: 256 }),
      (sequences, context, count) => {
        const ends = new Float64Array(count);
        fresh.decodeEnds({ steps: count, sequences, context, startNs: 7 }, ends, 0);
        let time = 7;
        for (let i = 0; i < count; i++) {
          time += price(decodeLoad(sequences, context + i * sequences));
          expect(ends[i]).toBe(time);
        }
      },
    ), { numRuns: 30 });
  });

  it('returns a whole number of ns that its parts add up to', () => {
    fc.assert(fc.property(load, (step) => {
      const total = price(step);
      const parts = [out.attentionNs, out.gemmNs, out.communicationNs, out.overheadNs];
      for (const part of parts) expect(part).toBeGreaterThanOrEqual(0);
      expect(Number.isSafeInteger(total)).toBe(true);
      expect(out.totalNs).toBe(total);
      expect(Math.abs(parts.reduce((a, b) => a + b, 0) - total)).toBeLessThanOrEqual(0.501);
      expect(BOUNDS[out.bound]).toBeDefined();
    }));
  });

  it('grows with sequences and context of decodes', () => {
    fc.assert(fc.property(decodes, fc.integer({ min: 1, max: 5000 }), (step, more) => {
      const before = price(step);
      const { decodeSequences: count, decodeContext: context } = step;
      expect(price(decodeLoad(count, context + more))).toBeGreaterThanOrEqual(before);
      const mean = context / count;
      // Where a collective changes its kernel, less of the other one's time is a launch, of which
      // graphs leave a share: up to 3 % less in one place.
      const grown = price(decodeLoad(count + 1, context + Math.ceil(mean)));
      expect(grown).toBeGreaterThan(0.97 * before);
      expect(price(decodeLoad(2 * count, 2 * context))).toBeGreaterThan(before);
    }));
  });

  it('grows with tokens and past of a chunk', () => {
    fc.assert(fc.property(chunk, fc.integer({ min: 1, max: 5000 }), (step, more) => {
      const before = price(step);
      const { prefillTokens: tokens, prefillContext } = step;
      const past = prefillContext - tokens;
      expect(price(prefillLoad(tokens + more, past))).toBeGreaterThan(before);
      expect(price(prefillLoad(tokens, past + more))).toBeGreaterThanOrEqual(before);
    }));
  });

  it('takes for both at least what each takes, and less than one after the other', () => {
    fc.assert(fc.property(decodes, chunk, (a, b) => {
      const both = price(together(a, b));
      expect(both).toBeGreaterThanOrEqual(price(a));
      expect(both).toBeGreaterThanOrEqual(price(b));
      expect(both).toBeLessThan(price(a) + price(b));
    }));
  });

  it('does not depend on what was priced before', () => {
    fc.assert(fc.property(fc.array(load, { minLength: 1, maxLength: 5 }), (loads) => {
      const fresh = operationSteps(...layout);
      const backward = [...loads].reverse().map((step) => fresh.price(step, out)).reverse();
      expect(loads.map(price)).toEqual(backward);
    }), { numRuns: 20 });
  });

  it('rejects a step without tokens', () => {
    expect(() => price(decodeLoad(0, 0))).toThrow(RangeError);
    for (const sequences of [0, -1, 1.5, NaN]) {
      expect(() => decodeNs(steps, sequences, 10)).toThrow(RangeError);
    }
  });
});

/** The step of a published load on a model of the layout that its columns mean. */
function published(name: string, more: Partial<ServingPoint>) {
  const row = point(name, more);
  const parts = pointParts(row, cold);
  const { us, decodeUs } = tpot(parts, servingScales(FITTED_SERVING.effects, parts));
  return { row, parts, us, decodeUs };
}

describe('the validated step', () => {
  const B = { tpSize: 8, attentionDpSize: 1, moeTpSize: 1, moeEpSize: 8 };
  const cases: [string, Parameters<typeof stepOptions>, Partial<ServingPoint>][] = [
    ['llama-3.1-70b', ['b200', 'llama-3.1-70b', 8, 'fp8', 'fp8', 'trtllm'], {}],
    ['deepseek-v3', ['b200', 'deepseek-v3', 8, 'fp8', 'fp8', 'trtllm'], { columns: B }],
    ['deepseek-v3', ['b200', 'deepseek-v3', 1, 'nvfp4', 'fp8', 'trtllm', 8], {
      columns: { ...B, tpSize: 1, attentionDpSize: 8 }, precision: 'fp4',
    }],
    ['glm-5', ['b200', 'glm-5', 8, 'fp8', 'bf16', 'sglang'], { columns: B, engine: 'sglang' }],
    ['qwen3.5-397b-a17b', ['b200', 'qwen3.5-397b-a17b', 8, 'fp8', 'bf16', 'sglang'], {
      columns: B, engine: 'sglang',
    }],
    ['gpt-oss-120b', ['b200', 'gpt-oss-120b', 8, 'fp8', 'fp8', 'vllm'], {
      columns: B, engine: 'vllm',
    }],
  ];

  it.each(cases)('is a decode step: %s %o', (name, layout, more) => {
    for (const batch of [1, 16, 200]) {
      // 1024 + 1024 / 2 is a point of the grid.
      const { decodeUs } = published(name, { ...more, batch, isl: 1280, osl: 512 });
      const ns = decodeNs(operationSteps(...layout), batch, batch * 1536);
      expect(ns / 1000 / decodeUs).toBeCloseTo(1, 5);
    }
  });

  it.each(cases)('is a prompt, beside the fixed time of a step: %s %o', (name, layout, more) => {
    const { parts } = published(name, { ...more, isl: 4096, osl: 100 });
    const scales = servingScales(FITTED_SERVING.effects, parts);
    const { gemm, attention, experts, comm, glue, fixed } = parts.prefill;
    const prompt = scales.prefill * (gemm + attention + experts + comm + glue + fixed);
    const host = parts.layers * scales.glueUs + parts.indexLayers * scales.indexUs
      + scales.hostUs + scales.sequenceUs;
    const ns = operationSteps(...layout).price(prefillLoad(4096, 0), emptyCost());
    expect(ns / 1000 / (prompt + host)).toBeCloseTo(1, 5);
  });

  it('is close to exact between the points of the grid', () => {
    const steps = operationSteps('b200', 'llama-3.1-70b', 8, 'fp8', 'fp8', 'trtllm');
    for (const context of [1090, 5003, 70_007, 400_001]) {
      const { decodeUs } = published('llama-3.1-70b', {
        batch: 4, isl: context - 1, osl: 2,
      });
      expect(decodeNs(steps, 4, 4 * context) / 1000 / decodeUs).toBeCloseTo(1, 3);
    }
  });
});

describe('what binds', () => {
  const boundOf = (layout: Parameters<typeof stepOptions>, step: StepLoad): string => {
    const out: StepCost = emptyCost();
    operationSteps(...layout).price(step, out);
    return BOUNDS[out.bound];
  };

  it('latency at one user of a wide model, HBM at long contexts, compute in prefill', () => {
    const deepseek = ['h200', 'deepseek-v3', 8, 'fp8', 'bf16'] as const;
    expect(boundOf([...deepseek], decodeLoad(1, 1000))).toBe('latency');
    expect(boundOf(['h100', 'llama-3.1-8b', 1, 'bf16', 'bf16'], decodeLoad(1, 1000))).toBe('hbm');
    expect(boundOf(['h100', 'llama-2-7b', 1, 'bf16', 'bf16'], decodeLoad(16, 64000))).toBe('hbm');
    const dense = ['h100', 'llama-3.1-8b', 1, 'bf16', 'bf16'] as const;
    expect(boundOf([...dense], prefillLoad(8192, 0))).toBe('compute');
  });

  it('is arithmetic for latent attention of many sequences with all heads on a rank', () => {
    const replicas = ['h200', 'deepseek-v3', 1, 'fp8', 'fp8', 'trtllm', 8] as const;
    expect(boundOf([...replicas], decodeLoad(256, 256 * 32_768))).toBe('compute');
  });
});

describe('layouts', () => {
  it('price every model of the catalogue', () => {
    for (const { id } of models) {
      const steps = operationSteps('gb300', id, 1, 'fp8', 'bf16');
      const step = together(decodeLoad(4, 4000), prefillLoad(512, 1000));
      expect(steps.price(step, emptyCost()), id).toBeGreaterThan(1e5);
    }
  });

  it('read experts of all attention replicas with the tokens of all', () => {
    const wide = stepOptions('b200', 'deepseek-v3', 1, 'fp8', 'bf16', 'vllm', 8);
    const narrow = { ...wide, layout: { tp: 1, dp: 1, moeTp: 1, moeEp: 1 } };
    const cost = emptyCost();
    makeOperationStepModel(wide).price(decodeLoad(8, 8000), cost);
    expect(cost.communicationNs).toBeGreaterThan(0);
    const { gemmNs } = cost;
    makeOperationStepModel(narrow).price(decodeLoad(8, 8000), cost);
    expect(cost.communicationNs).toBe(0);
    expect(cost.gemmNs).toBeGreaterThan(gemmNs);
  });
});
