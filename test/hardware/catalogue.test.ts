// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  deviceFacts,
  deviceNames,
  devices,
  findDevice,
  findPart,
  partFacts,
  parts,
} from '../../src/hardware/index.js';

describe('device catalogue', () => {
  it('finds a device by id, name and alias', () => {
    for (const [name, id] of [
      ['H100', 'h100_sxm'],
      ['h200', 'h200_sxm'],
      ['H200-SXM', 'h200_sxm'],
      ['B200', 'b200_sxm'],
      ['GB300', 'gb300'],
      ['NVIDIA H100 SXM', 'h100_sxm'],
    ] as const) {
      expect(findDevice(name)?.id).toBe(id);
    }
    expect(findDevice('h101')).toBeUndefined();
    expect(findDevice('')).toBeUndefined();
  });

  it('gives every name of two devices to one of them only', () => {
    const names = devices.flatMap((device) => [device.id, device.name, ...device.aliases]);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
    for (const device of devices) {
      for (const name of [device.id, device.name, ...device.aliases]) {
        expect(findDevice(name)).toBe(device);
      }
    }
    expect(deviceNames()).toEqual([
      'h100_sxm', 'h200_sxm', 'b200_sxm', 'b300_sxm', 'gb200', 'gb300', 'rubin', 'rubin_19_2',
    ]);
  });

  it('says for every number of a device and a part where it comes from, and when', () => {
    const facts = [...devices.flatMap(deviceFacts), ...parts.flatMap(partFacts)];
    expect(facts.length).toBeGreaterThan(180);
    for (const { name, value, unit, source, date, status, low, high } of facts) {
      expect(unit.length, name).toBeGreaterThan(0);
      expect(source.length, name).toBeGreaterThan(5);
      expect(date, name).toMatch(/^20\d\d(-\d\d){0,2}$/);
      expect(['measured', 'vendor claim', 'inferred', 'assumed']).toContain(status);
      if (value !== null && low !== undefined) expect(value, name).toBeGreaterThanOrEqual(low);
      if (value !== null && high !== undefined) expect(value, name).toBeLessThanOrEqual(high);
    }
  });

  it('shows every number that a device has', () => {
    for (const device of devices) {
      const numbers = JSON.stringify(device).match(/":[\d.e+]+[,}]/g)!.length;
      const known = deviceFacts(device).filter(({ value }) => value !== null);
      expect(known.length, device.id).toBe(numbers);
    }
  });

  it('keeps units apart: peaks in order, links below HBM, visible near datasheet bytes', () => {
    for (const each of devices) {
      const { compute, memory, scaleUp, scaleOut, hostLink, power, dataCentrePower } = each;
      const ratio = compute.fp8FlopsPerS / compute.bf16FlopsPerS;
      expect(ratio).toBeCloseTo(each.architecture === 'rubin' ? 4.375 : 2, 1);
      expect(compute.nvfp4FlopsPerS ?? Infinity).toBeGreaterThan(compute.fp8FlopsPerS);
      expect(scaleUp.bandwidthBytesPerS).toBeLessThan(memory.bandwidthBytesPerS);
      expect(scaleOut.bandwidthBytesPerS).toBeLessThan(scaleUp.bandwidthBytesPerS);
      expect(hostLink.bandwidthBytesPerS).toBeLessThan(scaleUp.bandwidthBytesPerS);
      expect(memory.visibleBytes / memory.capacityBytes).toBeGreaterThan(1);
      expect(memory.visibleBytes / memory.capacityBytes).toBeLessThan(1.08);
      expect(dataCentrePower.allInW ?? Infinity).toBeGreaterThan(power.gpuTdpW);
    }
  });

  it('gives every name of two parts to one of them only', () => {
    const ids = [...parts.map(({ id }) => id), ...devices.map(({ id }) => id)];
    expect(new Set(ids).size).toBe(ids.length);
    for (const part of parts) {
      for (const name of [part.id, part.name, ...part.aliases]) expect(findPart(name)).toBe(part);
    }
  });
});
