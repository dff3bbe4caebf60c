// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { deviceNames, devices, findDevice } from '../../src/hardware/index.js';

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
    expect(deviceNames()).toEqual(['h100_sxm', 'h200_sxm', 'b200_sxm', 'gb300']);
  });

  it('says for every group of numbers where it comes from', () => {
    for (const device of devices) {
      const { compute, memory, scaleUp, scaleOut, hostLink, power } = device;
      for (const group of [compute, memory, scaleUp, scaleOut, hostLink, power]) {
        expect(group.source.length).toBeGreaterThan(10);
        expect(['measured', 'vendor claim', 'inferred', 'assumed']).toContain(group.status);
      }
    }
  });

  it('keeps units apart: peaks in order, links below HBM, visible near datasheet bytes', () => {
    for (const { compute, memory, scaleUp, scaleOut, hostLink, power } of devices) {
      expect(compute.fp8FlopsPerS / compute.bf16FlopsPerS).toBeCloseTo(2, 1);
      expect(compute.nvfp4FlopsPerS ?? Infinity).toBeGreaterThan(compute.fp8FlopsPerS);
      expect(scaleUp.bandwidthBytesPerS).toBeLessThan(memory.bandwidthBytesPerS);
      expect(scaleOut.bandwidthBytesPerS).toBeLessThan(scaleUp.bandwidthBytesPerS);
      expect(hostLink.bandwidthBytesPerS).toBeLessThan(scaleUp.bandwidthBytesPerS);
      expect(memory.visibleBytes / memory.capacityBytes).toBeGreaterThan(1);
      expect(memory.visibleBytes / memory.capacityBytes).toBeLessThan(1.08);
      expect(power.allInW).toBeGreaterThan(power.gpuTdpW);
    }
  });
});
