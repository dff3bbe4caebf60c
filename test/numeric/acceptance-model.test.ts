// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { loadCore } from '../../src/core/index.js';
import {
  AcceptanceModel, AcceptanceSampler, acceptanceCurve, acceptanceCurves, acceptancePoints,
  contextCurve, contextCurves, contextFactor, lengthAt, loadNumeric, scaledSurvival, survivalOf,
  type AcceptanceMethod,
} from '../../src/numeric/index.js';
import { Draws, chiSquare, chiSquareBound } from '../support/distributions.js';

const core = loadCore();
const numeric = loadNumeric();
const sum = (list: ArrayLike<number>): number => Array.from(list).reduce((a, b) => a + b, 0);
const falls = (list: Float64Array): boolean =>
  list.every((s, i) => s >= 0 && s <= (i === 0 ? 1 : list[i - 1]));

describe('survival curves', () => {
  it.each(acceptanceCurves)('of $name have every measured length', (c) => {
    expect(c.lengths).toHaveLength(8);
    expect(c.source).not.toBe('');
    for (let k = 0; k <= 8; k++) {
      const curve = survivalOf(c.lengths, k);
      expect(curve).toHaveLength(k);
      expect(falls(curve)).toBe(true);
      expect(1 + sum(curve)).toBeCloseTo(k === 0 ? 1 : c.lengths[k - 1], 12);
    }
  });

  it('are the gains themselves where those fall', () => {
    const { lengths } = acceptanceCurve('kimi-k2.5-nvfp4-eagle3-think');
    const curve = survivalOf(lengths, 3);
    [0.83, 0.60, 0.45].forEach((s, i) => expect(curve[i]).toBeCloseTo(s, 12));
    // From the spec: conditional rates .93 .86 .83 .88 of Qwen3.5, whose gains fall as well.
    const [a, b] = survivalOf(acceptanceCurve('qwen3.5-397b-mtp-think').lengths, 2);
    expect(b / a).toBeCloseTo(0.86, 2);
  });

  it('are the nearest that do not rise, have the sum and stay above 0', () => {
    const draws = new Draws(91);
    const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
      sum(Array.from(a, (x, i) => (x - b[i]) ** 2));
    for (let round = 0; round < 200; round++) {
      const k = 1 + draws.below(6);
      let length = 1;
      const lengths = Array.from({ length: k }, () => {
        length = Math.max(1, length + draws.uniform() * 0.8 - (draws.below(4) === 0 ? 0.5 : 0));
        return length;
      });
      const gains = lengths.map((l, i) => l - (i === 0 ? 1 : lengths[i - 1]));
      const curve = survivalOf(lengths, k);
      expect(falls(curve)).toBe(true);
      expect(1 + sum(curve)).toBeCloseTo(lengths[k - 1], 12);
      // No random curve of the same kind is nearer to the gains.
      for (let i = 0; i < 20; i++) {
        const other = Array.from({ length: k }, () => draws.uniform()).sort((x, y) => y - x);
        const scale = (lengths[k - 1] - 1) / sum(other);
        if (other[0] * scale > 1) continue;
        const moved = other.map((x) => x * scale);
        expect(distance(curve, gains)).toBeLessThanOrEqual(distance(moved, gains) + 1e-12);
      }
    }
  });

  it('refuse what no drafter can do', () => {
    expect(() => survivalOf([1.5, 3.5], 2)).toThrow('lengths[1]: must be from 1 to 3');
    expect(() => survivalOf([0.5], 1)).toThrow('lengths[0]: must be from 1');
    expect(() => survivalOf([1.5], 2)).toThrow('drafts: must be an integer from 0 to 1');
    expect(() => acceptanceCurve('none')).toThrow('name: must be one of deepseek-v4-pro-mtp-think');
  });
});

describe('context', () => {
  const full = contextCurve('eagle3-full-attention');

  it('is what was measured at its points, linear between, flat beyond', () => {
    for (const curve of contextCurves) {
      for (const [at, length] of curve.points) expect(lengthAt(curve, at)).toBe(length);
    }
    expect(lengthAt(full, 3000)).toBeCloseTo((2.295 + 2.04) / 2, 12);
    expect([lengthAt(full, 0), lengthAt(full, 1e6)]).toEqual([2.295, 1.08]);
    expect(contextFactor(full, 1000)).toBe(1);
    expect(contextFactor(full, 16_000)).toBeCloseTo(0.09 / 1.295, 12);
    expect(contextFactor(contextCurve('eagle3-sliding-window'), 20_000)).toBeCloseTo(54 / 58, 12);
    expect(() => lengthAt(full, -1)).toThrow('context: must be >= 0');
    expect(() => contextCurve('none')).toThrow('name: must be one of eagle3-full-attention');
  });

  it('scales the drafts kept and keeps the curve falling', () => {
    const curve = survivalOf(acceptanceCurve('glm-5.2-fp8-mtp-think').lengths, 5);
    for (const factor of [1, 0.9, 0.5, 0.07, 0]) {
      const scaled = scaledSurvival(curve, factor);
      expect(sum(scaled)).toBeCloseTo(factor * sum(curve), 12);
      expect(falls(scaled)).toBe(true);
    }
    expect(() => scaledSurvival(curve, 1.1)).toThrow('factor: must be from 0 to 1');
  });
});

describe('acceptance model', () => {
  const { lengths } = acceptanceCurve('deepseek-v4-pro-mtp-think');

  it('has the measured lengths, which fall with context', () => {
    const model = new AcceptanceModel(numeric, { lengths, context: contextCurves[0] });
    expect(model.mostDrafts).toBe(8);
    expect(model.length(3)).toBeCloseTo(2.49, 12);
    const far = 1 + (1.49 * 0.4) / 1.295;
    expect(model.length(3, 10_000)).toBeCloseTo(far, 12);
    expect(model.rates(3, 10_000)).toBe(model.rates(3, 10_000));
    expect(model.length(0)).toBe(1);
  });

  it('schedules with least variance when asked to', () => {
    const model = new AcceptanceModel(numeric, { lengths, schedule: 'leastVariance' });
    const { unconditional } = model.rates(3);
    expect([...unconditional].map((x) => Math.round(x * 1e9) / 1e9)).toEqual([1, 0.49, 0]);
  });

  it('takes a survival curve of its own and refuses others', () => {
    const model = new AcceptanceModel(numeric, { survival: [0.8, 0.5] });
    expect([...model.rates(2).conditional]).toEqual([0.8, 0.625]);
    expect(() => model.rates(3)).toThrow('drafts: must be an integer from 0 to 2');
    expect(() => new AcceptanceModel(numeric, {})).toThrow('exactly one must be given');
    const rising = { survival: [0.5, 0.6] };
    const message = 'survival[1]: must be from 0 to 0.5';
    expect(() => new AcceptanceModel(numeric, rising)).toThrow(message);
    const odd = { lengths, schedule: 'other' as 'survival' };
    expect(() => new AcceptanceModel(numeric, odd)).toThrow('schedule: must be survival');
  });

  it('ships each figure with its source', () => {
    for (const entry of [...acceptanceCurves, ...contextCurves, ...acceptancePoints]) {
      expect(entry.source).toMatch(/InferenceX|speculators|vllm|sglang/);
    }
    const names = [...acceptanceCurves, ...contextCurves, ...acceptancePoints].map((e) => e.name);
    expect(new Set(names).size).toBe(names.length);
  });
});

/** One in a million that a correct sampler fails any of the comparisons. */
const LEVEL = 1e-6 / 8;

describe('acceptance sampler', () => {
  const { lengths } = acceptanceCurve('qwen3.5-397b-mtp');
  const model = new AcceptanceModel(numeric, { lengths, context: contextCurves[0] });
  const methods: AcceptanceMethod[] = ['rejection', 'oneHot', 'block', 'synthetic'];

  it.each(methods)('by %s keeps drafts as the curve of the context says', (method) => {
    const sampler = new AcceptanceSampler(core, numeric, { model, seed: 5, method, vocab: 6 });
    for (const context of [1000, 8000]) {
      const drafts = 4;
      const n = method === 'synthetic' ? 3000 : 8000;
      const requests = Array.from({ length: n }, (_, i) => ({
        entity: i % 50, step: Math.floor(i / 50), drafts, context,
      }));
      const result = sampler.step(requests);
      expect([result.method, result.source]).toEqual([method, 'model']);
      const counts = new Int32Array(drafts + 1);
      for (const k of result.kept) counts[k]++;
      const survival = [1, ...model.rates(drafts, context).unconditional, 0];
      const chances = Array.from(counts, (_, k) => survival[k] - survival[k + 1]);
      const { value, freedom } = chiSquare(counts, chances);
      expect(value).toBeLessThanOrEqual(chiSquareBound(freedom, LEVEL));
    }
    sampler.dispose();
  });

  it('gives a request the same whatever its company', () => {
    for (const method of methods) {
      const sampler = new AcceptanceSampler(core, numeric, { model, seed: 6, method });
      const requests = Array.from({ length: 40 }, (_, i) => ({
        entity: i, step: 7, drafts: i % 6, context: i * 500,
      }));
      const together = sampler.step(requests).kept;
      const alone = requests.map((request) => sampler.step([request]).kept[0]);
      expect([...together]).toEqual(alone);
      expect(sum(together)).toBeGreaterThan(10);
      const other = new AcceptanceSampler(core, numeric, { model, seed: 6, method, purpose: 1 });
      expect([...other.step(requests).kept]).not.toEqual(alone);
    }
  });

  it('refuses bad input by name', () => {
    const make = (change: object) => () =>
      new AcceptanceSampler(core, numeric, { model, seed: 1, ...change });
    expect(make({ method: 'other' })).toThrow('method: must be rejection');
    expect(make({ vocab: 3 })).toThrow('vocab / 2: must be an integer');
    expect(make({ seed: -1 })).toThrow('seed: must be');
    const sampler = make({})();
    expect(() => sampler.step([{ entity: 0, step: 0, drafts: 9 }])).toThrow('drafts: must be');
    expect(sampler.step([]).kept).toHaveLength(0);
  });
});
