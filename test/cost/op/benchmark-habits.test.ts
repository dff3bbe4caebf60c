// SPDX-License-Identifier: Apache-2.0
/** What benchmarks of experts time and a served model does not meet. */
import { describe, expect, it } from 'vitest';
import { emptyCost, formOf, type Operation } from '../../../src/cost/op/index.js';
import { moe } from '../../../src/cost/op/moe.js';
import { b200, typical } from './support.js';

const SHARES = [0.5, 0.9, 30, 0.5, 1.5];

function usOf(o: Operation, last: number, cold = false): number {
  return formOf(o).evaluate(o, b200, [...SHARES, last], emptyCost(), cold);
}

describe('nvfp4 experts', () => {
  const o = typical('moe', 'nvfp4');

  it('take the factor of an untuned kernel as a whole', () => {
    expect(usOf(o, 1.5)).toBeCloseTo(1.5 * usOf(o, 1), 9);
  });

  it('are tuned where a model is served', () => {
    expect(usOf(o, 1.5, true)).toBe(usOf(o, 1));
  });
});

describe('block-scaled experts', () => {
  // One token touches 8 of the 128 experts that the rank has.
  const o = { ...typical('moe', 'fp8_block'), tokens: 1 };

  it('cost time where they have no token', () => {
    expect(usOf(o, 0.4) - usOf(o, 0)).toBeCloseTo(0.4 * 120, 9);
    expect(usOf({ ...o, tokens: 1024 }, 0.4)).toBe(usOf({ ...o, tokens: 1024 }, 0));
  });

  it('do not where a model is served', () => {
    expect(usOf(o, 0.4, true)).toBe(moe(o, b200, SHARES, emptyCost()));
  });
});
