// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { hostUs, quantizeUs, samplingUs, smallKernelsUs } from '../../../src/cost/op/index.js';
import { h100 } from './support.js';

it('quantises at the element-wise share of HBM bandwidth', () => {
  const bytes = 8192 * 8192 * 3;
  expect(quantizeUs(8192 * 8192, 2, 1, h100)).toBeCloseTo(2.05 + bytes / (3.35e6 * 0.8), 6);
});

it('samples nothing for no sequence, and reads the logits once a pass', () => {
  expect(samplingUs(0, 128_256, h100)).toBe(0);
  const bytes = 4 * 64 * 128_256;
  const difference = samplingUs(64, 128_256, h100, 3) - samplingUs(64, 128_256, h100, 2);
  expect(difference).toBeCloseTo(2.05 + bytes / (3.35e6 * 0.8), 6);
});

it('launches small kernels three times as fast in a graph', () => {
  expect(smallKernelsUs(6, 80, 'graph')).toBeCloseTo(984, 9);
  expect(smallKernelsUs(6, 80, 'eager') / smallKernelsUs(6, 80, 'graph')).toBeGreaterThan(3);
});

it('charges the host for a step and for each sequence', () => {
  expect(hostUs(0)).toBe(500);
  expect(hostUs(100)).toBe(900);
});
