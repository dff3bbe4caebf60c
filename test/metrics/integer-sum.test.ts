// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { IntegerSum } from '../../src/metrics/index.js';

test('a sum beyond 2^53 does not depend on the order or on the split', () => {
  const values = Array.from({ length: 5000 }, (_, i) => (i % 2 === 0 ? 2 ** 52 + i : i));
  const exact = values.reduce((sum, value) => sum + BigInt(value), 0n);
  const whole = new IntegerSum();
  for (const value of values) whole.add(value);
  const parts = [new IntegerSum(), new IntegerSum()] as const;
  values.reverse().forEach((value, i) => parts[i % 2 === 0 ? 0 : 1].add(value));
  parts[0].merge(parts[1]);
  expect(whole.value).toBe(Number(exact));
  expect(parts[0].value).toBe(whole.value);
  expect(parts[0].mean).toBe(Number(exact) / 5000);
});

test('an empty sum has no mean', () => {
  expect(new IntegerSum().mean).toBeNull();
});
