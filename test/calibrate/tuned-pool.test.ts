// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { calibrate, type MeasuredRow } from '../../src/calibrate/index.js';
import {
  emptyCost, formOf, operation, peaksOf, type Peaks,
} from '../../src/cost/op/index.js';

const CONSTANTS = [0.43, 1, 36, 0.33, 1.9, 1];

/** nvfp4 experts of a system, all `slower` than those constants say. */
function rowsOf(system: string, slower: number): MeasuredRow[] {
  const peaks = peaksOf(system) as Peaks;
  return [1, 16, 128, 1024, 8192].flatMap((tokens) => [1, 8, 32].map((moeEp) => {
    const o = operation({
      op: 'moe', dtype: 'nvfp4', kernelSource: 'grouped', tokens, hidden: 7168, inter: 2048,
      topk: 8, experts: 256, moeTp: 1, moeEp, distribution: 'balanced',
    });
    const us = formOf(o).evaluate(o, peaks, CONSTANTS, emptyCost());
    return { operation: o, peaks, measuredUs: slower * us, line: 1 };
  }));
}

it('fits nvfp4 experts to tuned systems and one factor to each', () => {
  const [{ fitted }] = calibrate([...rowsOf('b200_sxm', 1.6), ...rowsOf('b300_sxm', 1)]);
  const { blackwell, b200_sxm: b200, b300_sxm: b300 } = fitted.systems;
  expect(blackwell[5]).toBe(1);
  expect(b200.slice(0, 5)).toEqual(blackwell.slice(0, 5));
  expect(Math.abs(b200[5] - 1.6)).toBeLessThan(0.1);
  expect(Math.abs(b300[5] - 1)).toBeLessThan(0.03);
});
