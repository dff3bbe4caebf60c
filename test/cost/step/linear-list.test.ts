// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { devicePeaks, emptyParts, passList, stepParts } from '../../../src/cost/serving/index.js';
import { KernelSet } from '../../../src/cost/serving/step-cost.js';
import { LinearList } from '../../../src/cost/step/linear-list.js';
import { models } from '../../../src/model/index.js';
import { cold } from '../serving/support.js';
import { stepOptions } from './support.js';

it('prices any number of tokens as a list built for them, in any order', () => {
  const factors = { gemm: 2, attention: 2, experts: 2, comm: 2 };
  const sums = { binds: new Float64Array(4), plain: new Float64Array(4), factors };
  for (const { id, ffn } of models) {
    const replicas = ffn.kind === 'MoE' ? 2 : 1;
    const served = stepOptions('gb300', id, 2, 'nvfp4', 'fp8', 'vllm', replicas);
    const { peaks } = devicePeaks(served.device);
    const list = new LinearList(passList(served, 1), cold, peaks);
    for (const tokens of [300, 1, 8192, 17]) {
      const parts = emptyParts();
      list.addTo(tokens, parts, sums);
      expect(parts, `${id} ${tokens}`).toEqual(stepParts(passList(served, tokens), cold, peaks));
    }
  }
});

it('runs equal operations once and counts them all', () => {
  const served = stepOptions('h200', 'llama-3.1-70b', 8, 'fp8', 'fp8');
  const { peaks } = devicePeaks(served.device);
  const list = passList(served, 64);
  const set = new KernelSet(cold, peaks);
  for (const step of list.operations) set.bind(step);
  const all = list.operations.flatMap(({ operation, other }) =>
    other === undefined ? [operation] : [operation, other]);
  // An all-reduce behind attention and one behind the FFN, of two kernels each.
  expect(set.kernels).toHaveLength(all.length - 2);
  const us = list.operations.reduce((sum, { operation, other, count }) => {
    const own = cold.estimate(operation, peaks).us;
    const second = other === undefined ? Infinity : cold.estimate(other, peaks).us;
    return sum + count * Math.min(own, second);
  }, 0);
  const { gemm, comm, fixed } = stepParts(list, cold, peaks);
  expect(gemm + comm + fixed).toBeCloseTo(us, 8);
});

it('splits all time beside launches into what binds', () => {
  const served = stepOptions('h200', 'deepseek-v3', 8, 'fp8', 'bf16');
  const { peaks } = devicePeaks(served.device);
  const factors = { gemm: 2, attention: 2, experts: 2, comm: 2 };
  const sums = { binds: new Float64Array(4), plain: new Float64Array(4), factors };
  const parts = emptyParts();
  new LinearList(passList(served, 1), cold, peaks).addTo(64, parts, sums);
  const { gemm, attention, experts, comm, glue } = parts;
  const [compute, hbm, link, latency] = sums.plain;
  const scaled = gemm + attention + experts + comm;
  expect(compute + hbm + link + latency).toBeCloseTo(scaled + glue, 6);
  // Elementwise work has no factor.
  expect(sums.binds.reduce((a, b) => a + b, 0)).toBeCloseTo(2 * scaled + glue, 6);
  expect(Math.min(compute, hbm, link)).toBeGreaterThan(0);
});
