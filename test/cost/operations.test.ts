// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { allReduceCost } from '../../src/cost/all-reduce.js';
import { gemm, touchedShare } from '../../src/cost/operations.js';
import { device } from './support.js';

describe('operations', () => {
  it('touches 1 - (1 - k/E)^n of the experts', () => {
    expect(touchedShare(8, 256, 1)).toBe(8 / 256);
    // 102 of 256 experts at 16 tokens: the weight bytes of the published benchmark row.
    expect(Math.round(256 * touchedShare(8, 256, 16))).toBe(102);
    for (const n of [2, 3, 7, 100]) {
      let untouched = 1;
      for (let i = 0; i < n; i++) untouched *= 1 - 8 / 256;
      expect(touchedShare(8, 256, n)).toBeCloseTo(1 - untouched, 12);
    }
    expect(touchedShare(8, 256, 1e6)).toBe(1);
  });

  it('prices a large H100 bf16 GEMM within 15 % of its 1.62 ms', () => {
    const { computeNsPerToken, weightNs, trafficNsPerToken } =
      gemm(device('h100'), 'test', 'bf16', 1, 8192, 16384);
    const ns = Math.max(4096 * computeNsPerToken, weightNs + 4096 * trafficNsPerToken);
    expect(Math.abs(ns / 1.6177e6 - 1)).toBeLessThan(0.15);
  });

  it('gives a collective of one rank nothing to do', () => {
    expect(allReduceCost(device('h100'), 1)).toMatchObject({ latencyNs: 0, nsPerByte: 0 });
    expect(allReduceCost(device('gb300'), 16).fittedOn).toBe('8 GPUs');
  });
});
