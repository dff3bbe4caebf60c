// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import {
  count,
  duration,
  number,
  percent,
  plural,
  verbatim,
} from '../../src/report/numbers.js';

test('about three digits, thousands apart', () => {
  const values = [0, 0.00456, 0.456, 1, 19.84, 212.4, 1412.3, 1234567.8, null];
  const texts = ['0', '0.005', '0.46', '1.0', '19.8', '212', '1,412', '1,234,568', '-'];
  expect(values.map((value) => number(value))).toEqual(texts);
  expect(number(1234.5678, 2)).toBe('1,234.57');
});

test('counts in full below ten million, with the unit of their sum', () => {
  expect([0, 999, 4_692_224, 146_300_000, 3.8654e10].map((n) => count(n))).toEqual([
    ...['0', '999', '4,692,224', '146.3 M', '38.7 G'],
  ]);
  expect(count(779_775, 11_300_000)).toBe('0.8 M');
});

test('shares and durations in the unit that suits them', () => {
  expect([percent(0.93125), percent(0, 0), percent(null)]).toEqual(['93.1 %', '0 %', '-']);
  expect([0.0421, 34.5, 954, 9000, null].map((s) => duration(s))).toEqual([
    ...['42.1 ms', '34.5 s', '15.9 min', '2.5 h', '-'],
  ]);
});

test('one thing is not things', () => {
  expect([plural(1, 'session'), plural(0, 'session')]).toEqual(['1 session', '0 sessions']);
  expect([verbatim(2000), verbatim(0.25)]).toEqual(['2,000', '0.25']);
});
