// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  assumptionRanking,
  describeAssumptions,
  makeStepModel,
  memoryAssumptions,
  rankAssumptions,
  type LoadShare,
} from '../../src/cost/index.js';
import { stepScales } from '../../src/cost/step/index.js';
import { decodeLoad, device, emptyCost, LAYOUTS, model, prefillLoad } from './support.js';

const decodes: readonly LoadShare[] = [{ load: decodeLoad(64, 64 * 8192), steps: 100 }];
const prefills: readonly LoadShare[] = [{ load: prefillLoad(8192, 0), steps: 10 }];

const options = {
  device: device('h200'),
  model: model('qwen3-32b'),
  tensorParallel: 2,
  weightDtype: 'fp8',
  kvDtype: 'fp8',
} as const;

function influence(what: RegExp, mix: readonly LoadShare[]): number {
  const found = rankAssumptions(options, mix).find((each) => what.test(each.what));
  return found?.influence ?? NaN;
}

describe('one-at-a-time sensitivity', () => {
  it.each(LAYOUTS)('varies the inputs of %s, %s, TP %i, %s, kv %s', (on, name, ranks, w, kv) => {
    const layout = {
      device: device(on), model: model(name), tensorParallel: ranks, weightDtype: w, kvDtype: kv,
    };
    const ranked = rankAssumptions(layout, [...decodes, ...prefills]);
    const plain = ranked.map(({ influence: _, influenceOn: __, ...rest }) => rest);
    const byName = (a: { what: string }, b: { what: string }): number =>
      a.what < b.what ? -1 : 1;
    expect([...plain].sort(byName)).toEqual([...describeAssumptions(layout)].sort(byName));
    const sizes = ranked.map((each) => Math.abs(each.influence ?? 0));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    // No single input can move the time by more than itself.
    for (const size of sizes) expect(size).toBeLessThanOrEqual(0.1 + 1e-9);
    // Peaks and bandwidths speed up, times and factors slow down.
    for (const each of ranked) {
      const speeds = /dense peak|bandwidth|one direction/.test(each.what);
      expect((each.influence ?? 0) * (speeds ? -1 : 1), each.what).toBeGreaterThanOrEqual(-1e-12);
    }
  });

  it('finds what binds: bandwidth in decode, peaks in prefill', () => {
    expect(influence(/HBM3e bandwidth/, decodes)).toBeLessThan(-0.03);
    expect(influence(/generation_attention/, decodes)).toBeGreaterThan(0.02);
    // Products of 64 rows are bound by bytes, but not wholly: the forms are soft maxima.
    expect(influence(/fp8 dense peak/, decodes)).toBeGreaterThan(-0.01);
    expect(influence(/fp8 dense peak/, prefills)).toBeLessThan(-0.02);
    expect(influence(/generation_attention/, prefills)).toBe(0);
    expect(influence(/factor on prompts/, decodes)).toBe(0);
    expect(influence(/factor on prompts/, prefills)).toBeGreaterThan(0.05);
  });

  it('is the change of the price itself', () => {
    const { memory } = options.device;
    const bandwidthBytesPerS = 1.1 * memory.bandwidthBytesPerS;
    const fast = { ...options.device, memory: { ...memory, bandwidthBytesPerS } };
    const price = (on: typeof fast): number =>
      makeStepModel({ ...options, device: on }).price(decodes[0].load, emptyCost());
    const change = price(fast) / price(options.device) - 1;
    expect(influence(/HBM3e bandwidth/, decodes)).toBeCloseTo(change, 12);
  });

  it('is the change of the sum where loads differ, whoever was priced before', () => {
    const others = [{ load: decodeLoad(7, 7 * 333), steps: 9 }];
    const mix = [...decodes, ...prefills, ...others, ...decodes];
    const { memory } = options.device;
    const bandwidthBytesPerS = 1.1 * memory.bandwidthBytesPerS;
    const fast = { ...options.device, memory: { ...memory, bandwidthBytesPerS } };
    const total = (on: typeof fast): number => mix.reduce((sum, { load, steps }) =>
      sum + steps * makeStepModel({ ...options, device: on }).price(load, emptyCost()), 0);
    expect(influence(/HBM3e bandwidth/, mix)).toBe(total(fast) / total(options.device) - 1);
  });

  it('ranks one mix after another', () => {
    const rank = assumptionRanking(options);
    rank([]);
    rank(decodes);
    expect(rank(prefills)).toEqual(rankAssumptions(options, prefills));
  });

  it('counts fixed times by what they are of a step', () => {
    const total = makeStepModel(options).price(decodes[0].load, emptyCost());
    const { glueUs, sequenceUs } = stepScales('vllm', 'hopper', options.model);
    expect(influence(/fixed time a layer/, decodes))
      .toBeCloseTo((0.1 * 64 * glueUs * 1e3) / total, 6);
    expect(influence(/host time a sequence/, decodes))
      .toBeCloseTo((0.1 * 64 * sequenceUs * 1e3) / total, 6);
  });

  it('varies nothing without steps', () => {
    for (const each of rankAssumptions(options, [])) expect(each.influence).toBeUndefined();
  });

  it('puts what changes the KV capacity behind what changes the time', () => {
    const memory = memoryAssumptions({ ...options, blockSize: 16 });
    const ranked = rankAssumptions(options, decodes, memory);
    const kinds = ranked.map((each) => each.influenceOn ?? 'none');
    const first = kinds.indexOf('KV capacity');
    expect(kinds.slice(0, first).every((kind) => kind === 'time')).toBe(true);
    const weights = memory.find(({ what }) => what === 'memory: weights');
    expect(weights?.influence).toBeLessThan(0);
    const [share] = memory;
    expect(share.influence).toBeGreaterThan(0.1);
  });
});
