// SPDX-License-Identifier: Apache-2.0
import { expect, it, test } from 'vitest';
import {
  exponential, log2, naturalLog, norm15, norm2, norm4, power, softMinimum,
} from '../../../src/cost/op/numbers.js';

const pairs = [[0, 0], [0, 3], [1, 1], [2, 7], [1e-9, 5], [123.4, 120], [1e6, 3]] as const;

test.each([
  ['norm1.5', norm15, 1.5], ['norm2', norm2, 2], ['norm4', norm4, 4],
] as const)('%s is the p-norm of two', (_, norm, p) => {
  for (const [a, b] of pairs) {
    const wanted = (a ** p + b ** p) ** (1 / p);
    expect(Math.abs(norm(a, b) - wanted)).toBeLessThanOrEqual(1e-13 * wanted);
    expect(norm(a, b)).toBe(norm(b, a));
  }
});

test('softMinimum lies just below the smaller', () => {
  expect(softMinimum(3, 3)).toBeCloseTo(3 / 2 ** 0.25, 12);
  expect(softMinimum(1, 100)).toBeCloseTo(1, 7);
  expect(softMinimum(0, 5)).toBe(0);
});

it('takes logarithms and powers as the host does', () => {
  for (const x of [1e-12, 0.3, 0.7, 1, 1.5, 2, 10, 12345.678, 1e15]) {
    expect(naturalLog(x)).toBeCloseTo(Math.log(x), 12);
  }
  for (const x of [-50, -1, 0, 0.1, 1, 20]) {
    expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(1e-13);
  }
  expect(power(7.5, -0.2)).toBeCloseTo(7.5 ** -0.2, 13);
});

it('takes the logarithm of a power of two exactly', () => {
  for (const n of [0, 1, 2, 3, 6, 17, 20]) expect(log2(2 ** n)).toBe(n);
});
