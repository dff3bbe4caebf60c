// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { readOperationRows, summarise } from '../../src/calibrate/index.js';
import { oneLine } from './support.js';

const [row] = readOperationRows(oneLine(), 'x.csv');
const off = (...percents: number[]) =>
  percents.map((p) => ({ row, predictedUs: row.measuredUs * (1 + p / 100) }));

it('takes mean, median and 90th percentile of absolute errors, and the signed mean', () => {
  const { n, mean, median, p90, bias } = summarise(off(-10, 20, 0, 30));
  expect(n).toBe(4);
  expect(mean).toBeCloseTo(15, 9);
  expect(median).toBeCloseTo(15, 9);
  expect(p90).toBeCloseTo(30, 9);
  expect(bias).toBeCloseTo(10, 9);
});

it('answers zeros for nothing', () => {
  expect(summarise([])).toEqual({ n: 0, mean: 0, median: 0, p90: 0, bias: 0 });
});
