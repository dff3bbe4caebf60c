// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  derateHbm,
  findDevice,
  findPart,
  MissingInputError,
  requiredInputs,
  resolveFacts,
  ridgePoint,
  RUBIN_COPY_BYTES_PER_S,
} from '../../src/hardware/index.js';

const lpx = findPart('lpx')!;

describe('required inputs', () => {
  it('asks for what nobody has published, and names the range', () => {
    expect(requiredInputs(lpx).map(({ name }) => name)).toContain('gpuLinkLatencyS');
    expect(() => resolveFacts(lpx, ['powerW', 'gpuLinkLatencyS'])).toThrow(MissingInputError);
    expect(() => resolveFacts(lpx, ['powerW', 'gpuLinkLatencyS'])).toThrow(
      /lpx_rack: .*powerW \(120000 to 230000 W.*gpuLinkLatencyS \(0.000002 to 0.000004 s/,
    );
  });

  it('takes given numbers before its own', () => {
    const values = resolveFacts(lpx, ['powerW', 'gpuLinkLatencyS'], {
      powerW: 160e3, gpuLinkLatencyS: 3e-6,
    });
    expect(values).toEqual({ powerW: 160e3, gpuLinkLatencyS: 3e-6 });
    const rack = findPart('vr_nvl72')!;
    expect(resolveFacts(rack, ['powerW'])).toEqual({ powerW: 230e3 });
    expect(resolveFacts(rack, ['powerW'], { powerW: 190e3 })).toEqual({ powerW: 190e3 });
    expect(() => resolveFacts(rack, ['warp'])).toThrow(/no fact "warp"/);
  });
});

describe('derating', () => {
  const rubin = findDevice('rubin')!;

  it('takes a share of the HBM bandwidth and marks it as assumed', () => {
    const share = RUBIN_COPY_BYTES_PER_S / rubin.memory.bandwidthBytesPerS;
    const slow = derateHbm(rubin, share);
    expect(slow.memory.bandwidthBytesPerS).toBeCloseTo(10.24e12, -6);
    expect(slow.memory.status).toBe('assumed');
    expect(slow.memory.source).toContain('22 TB/s');
    expect(derateHbm(rubin, 1)).toBe(rubin);
  });

  it.each([0, -1, 1.01, NaN])('refuses a share of %f', (share) => {
    expect(() => derateHbm(rubin, share)).toThrow(/hbmBandwidthShare/);
  });
});

describe('ridge point', () => {
  it.each([
    ['h200', 412],
    ['gb200', 625],
    ['rubin', 795],
    ['rubin_19_2', 911],
  ])('%s: %i FLOP a byte in fp8', (name, ridge) => {
    expect(Math.round(ridgePoint(findDevice(name)!, 'fp8')!)).toBe(ridge);
    expect(ridgePoint(findDevice('h200')!, 'nvfp4')).toBeNull();
  });
});
