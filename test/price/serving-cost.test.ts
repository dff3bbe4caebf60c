// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { devices } from '../../src/hardware/index.js';
import { gpuHours, gpuHoursOf, ownedUsdPerGpuHour, servingCost } from '../../src/price/index.js';

const owned = {
  capexUsd: 40000,
  lifetimeYears: 4,
  powerW: 1500,
  pue: 1.2,
  usdPerKwh: 0.1,
  utilisation: 1,
};

describe('an owned GPU', () => {
  it('costs its share of the purchase and its power', () => {
    expect(ownedUsdPerGpuHour(owned)).toBeCloseTo(40000 / 4 / 8760 + 1.5 * 1.2 * 0.1, 12);
  });

  it('spreads the purchase over the hours it serves, and pays power in them only', () => {
    const half = ownedUsdPerGpuHour({ ...owned, utilisation: 0.5 });
    expect(half - ownedUsdPerGpuHour(owned)).toBeCloseTo(40000 / 4 / 8760, 12);
    const staffed = ownedUsdPerGpuHour({ ...owned, yearlyOperationShare: 0.05 });
    expect(staffed - ownedUsdPerGpuHour(owned)).toBeCloseTo(2000 / 8760, 12);
  });

  it.each([
    ['utilisation', 0], ['utilisation', 1.1], ['pue', 0.9], ['capexUsd', 0], ['powerW', NaN],
    ['lifetimeYears', -1], ['usdPerKwh', -0.1],
  ])('refuses %s %f', (name, value) => {
    expect(() => ownedUsdPerGpuHour({ ...owned, [name]: value })).toThrow(name);
  });
});

describe('cost of serving', () => {
  const work = {
    usdPerGpuHour: 3.6,
    gpus: 8,
    seconds: 1000,
    cachedInputTokens: 6e6,
    uncachedInputTokens: 3e6,
    outputTokens: 1e6,
    busy: { cachedInput: 0, uncachedInput: 30, output: 10 },
  };

  it('names the denominator of every price', () => {
    expect(servingCost(work)).toEqual({
      totalUsd: 8,
      usdPerMtokOfInputAndOutput: 0.8,
      totalUsdPerMtokOfOutput: 8,
      cachedInputUsdPerMtokOfCachedInput: 0,
      uncachedInputUsdPerMtokOfUncachedInput: 2,
      outputUsdPerMtokOfOutput: 2,
    });
  });

  it('agrees with USD a GPU-hour over tokens a GPU-second', () => {
    const rate = 10e6 / (8 * 1000);
    const expected = (3.6 / (3600 * rate)) * 1e6;
    expect(servingCost(work).usdPerMtokOfInputAndOutput).toBeCloseTo(expected, 12);
  });

  it('splits nothing that it does not know', () => {
    const cost = servingCost({ ...work, busy: null, cachedInputTokens: 0 });
    expect(cost.outputUsdPerMtokOfOutput).toBeNull();
    expect(cost.cachedInputUsdPerMtokOfCachedInput).toBeNull();
    expect(cost.totalUsdPerMtokOfOutput).toBe(8);
  });
});

describe('hourly prices', () => {
  it('belong to devices of the catalogue and say what they are', () => {
    for (const { id, device, usdPerGpuHour, low, high, source, date } of gpuHours) {
      expect(devices.map((each) => each.id), id).toContain(device);
      expect(usdPerGpuHour).toBeGreaterThanOrEqual(low ?? 0);
      expect(usdPerGpuHour).toBeLessThanOrEqual(high ?? Infinity);
      expect(source.length).toBeGreaterThan(5);
      expect(date).toMatch(/^20\d\d/);
    }
    expect(gpuHoursOf('gb200').map(({ basis }) => basis)).toContain('tco');
    expect(gpuHoursOf('gb200').map(({ basis }) => basis)).toContain('market');
  });
});
