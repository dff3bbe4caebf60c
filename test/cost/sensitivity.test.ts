// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  describeAssumptions,
  makeStepModel,
  memoryAssumptions,
  rankAssumptions,
  type LoadShare,
} from '../../src/cost/index.js';
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
    // Bandwidths and shares speed up, fixed times slow down.
    for (const each of ranked) {
      const slows = /fixed time|host time|latency/.test(each.what);
      expect((each.influence ?? 0) * (slows ? 1 : -1), each.what).toBeGreaterThanOrEqual(-1e-12);
    }
  });

  it('finds what binds: bandwidth in decode, peaks in prefill', () => {
    expect(influence(/HBM3e bandwidth/, decodes)).toBeLessThan(-0.03);
    expect(influence(/generation_attention.*HBM/, decodes)).toBeLessThan(-0.02);
    expect(influence(/fp8 dense peak/, decodes)).toBe(0);
    expect(influence(/fp8 dense peak/, prefills)).toBeLessThan(-0.02);
    expect(influence(/generation_attention.*HBM/, prefills)).toBe(0);
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

  it('counts fixed times by what they are of a step', () => {
    const total = makeStepModel(options).price(decodes[0].load, emptyCost());
    // vLLM's floor of dense models on Hopper: 50 us a layer.
    expect(influence(/fixed time a layer/, decodes)).toBeCloseTo((0.1 * 64 * 50e3) / total, 6);
    expect(influence(/host time a sequence/, decodes)).toBeCloseTo((0.1 * 64 * 4e3) / total, 6);
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
