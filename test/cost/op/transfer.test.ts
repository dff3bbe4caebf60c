// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { kvTransferUs, type Path, tierReadUs, transferUs } from '../../../src/cost/op/index.js';

const path: Path = { latencyUs: 10, bytesPerS: 100e9, share: 0.5, inFlight: 4 };

describe('transferUs', () => {
  it('is latency and bytes over the reached rate', () => {
    expect(transferUs(path, 50_000)).toBeCloseTo(11, 12);
    expect(transferUs(path, 0)).toBe(0);
  });

  it('pays a latency for every round of pieces in flight', () => {
    expect(transferUs(path, 50_000, 9)).toBeCloseTo(31, 12);
  });

  it('refuses negative and infinite sizes', () => {
    expect(() => transferUs(path, -1)).toThrow('bytes must be >= 0, got -1');
    expect(() => transferUs(path, Infinity)).toThrow('bytes');
    expect(() => transferUs(path, 1, 0)).toThrow('pieces must be >= 1, got 0');
  });
});

describe('kvTransferUs', () => {
  const transfer = { path, tokens: 1000, bytesPerToken: 1000, layers: 10, layerUs: 12 };

  it('shows one layer when prefill is slower than the link', () => {
    expect(kvTransferUs(transfer)).toBeCloseTo(12, 12);
  });

  it('shows what the link falls behind when it is slower', () => {
    expect(kvTransferUs({ ...transfer, layerUs: 5 })).toBeCloseTo(12 + 9 * 7, 12);
  });
});

it('reads a block of a tier as a request of its own', () => {
  expect(tierReadUs(path, 8, 50_000)).toBeCloseTo(20 + 8, 12);
  expect(tierReadUs(path, 0, 50_000)).toBe(0);
});
