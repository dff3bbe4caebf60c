// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { findDevice, findPart, parts, rackTotals, type Part } from '../../src/hardware/index.js';

function totals(name: string): Record<string, number> {
  const facts = rackTotals(findPart(name)!);
  return Object.fromEntries(facts.map((fact) => [fact.name, fact.value!]));
}

describe('rack totals', () => {
  it('VR NVL72: 20.7 TB, 1.58 PB/s, 3,600 PF headline, 2,520 PF dense, 54 TB of LPDDR5X', () => {
    const rack = totals('vr_nvl72');
    expect(rack['memoryBytes'] / 1e12).toBeCloseTo(20.7, 1);
    expect(rack['memoryBandwidthBytesPerS'] / 1e15).toBeCloseTo(1.58, 2);
    expect(rack['nvfp4HeadlineFlopsPerS']).toBe(3600e15);
    expect(rack['nvfp4FlopsPerS']).toBe(2520e15);
    expect(rack['hostMemoryBytes']).toBe(54e12);
    expect(rack['scaleUpBytesPerS'] * 2).toBeCloseTo(259.2e12, -9);
  });

  it('LPX: 128 GB, 38.4 PB/s, 315 PF', () => {
    const rack = totals('lpx_rack');
    expect(rack['memoryBytes']).toBe(128e9);
    expect(rack['memoryBandwidthBytesPerS']).toBe(38.4e15);
    expect(rack['fp8FlopsPerS'] / 1e15).toBeCloseTo(315, 0);
    expect(rack['nvfp4FlopsPerS']).toBeUndefined();
  });

  it.each([
    ['gb200_nvl72', 13.4, 576, 720],
    ['gb300_nvl72', 20.7, 576, 1080],
  ])('%s: %f TB, %f TB/s, %f PF', (name, terabytes, rate, petaflops) => {
    const rack = totals(name);
    expect(rack['memoryBytes'] / 1e12).toBeCloseTo(terabytes, 1);
    expect(rack['memoryBandwidthBytesPerS'] / 1e12).toBeCloseTo(rate, 6);
    expect(rack['nvfp4FlopsPerS'] / 1e15).toBeCloseTo(petaflops, 6);
  });

  it('knows the contents of every rack, and is no better than its weakest term', () => {
    for (const rack of parts.filter(({ kind }) => kind === 'rack')) {
      expect(rackTotals(rack).length, rack.id).toBeGreaterThan(3);
    }
    const compute = rackTotals(findPart('vr_nvl72')!).find(({ name }) => name === 'fp8FlopsPerS');
    expect(compute?.status).toBe(findDevice('rubin')!.compute.status);
  });

  it('names contents that nobody knows', () => {
    const rack: Part = { ...findPart('vr_nvl72')!, contents: { warp_core: 1 } };
    expect(() => rackTotals(rack)).toThrow('vr_nvl72: contents: no device or part "warp_core"');
  });
});
