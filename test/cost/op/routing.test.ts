// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { rankLoad } from '../../../src/cost/op/routing.js';

describe('balanced routing', () => {
  it('strides tokens over the experts', () => {
    expect(rankLoad(16, 8, 256, 1, 'balanced')).toMatchObject({ touched: 128, rows: 128 });
    expect(rankLoad(16, 8, 256, 8, 'balanced')).toMatchObject({ touched: 16, rows: 16 });
    expect(rankLoad(1, 8, 256, 32, 'balanced')).toMatchObject({ touched: 1, rows: 1 });
  });

  it('gives every expert the same when tokens are many', () => {
    const load = rankLoad(8192, 8, 256, 32, 'balanced');
    expect(load).toEqual({ touched: 8, rows: 2048, padded64: 2048, padded128: 2048 });
  });

  it('pads each expert to whole tiles', () => {
    const { padded64, padded128 } = rankLoad(256, 8, 256, 1, 'balanced');
    expect([padded64, padded128]).toEqual([256 * 64, 256 * 128]);
  });
});

describe('power-law routing', () => {
  it('keeps every (token, expert) pair on one rank', () => {
    for (const tokens of [1, 3, 16, 128, 4096, 65536]) {
      expect(rankLoad(tokens, 8, 256, 1, 'power_law_1.2').rows).toBe(tokens * 8);
    }
  });

  it('touches one expert a rank with one token', () => {
    expect(rankLoad(1, 8, 256, 8, 'power_law_1.2').touched).toBe(1);
  });

  it('loads the busiest of many ranks several times the mean', () => {
    const { rows, touched } = rankLoad(16384, 8, 256, 32, 'power_law_1.2');
    expect(rows / (16384 / 4)).toBeGreaterThan(3);
    expect(rows / (16384 / 4)).toBeLessThan(4.5);
    expect(touched).toBeLessThanOrEqual(8);
  });

  it('never gives an expert more than every token once', () => {
    expect(rankLoad(4, 2, 8, 8, 'power_law_1.2').rows).toBeLessThanOrEqual(4);
    expect(rankLoad(2, 8, 8, 1, 'power_law_1.01')).toMatchObject({ touched: 8, rows: 16 });
  });

  it('answers the same every time', () => {
    const fresh = rankLoad(100, 4, 64, 4, 'power_law_1.01');
    for (let i = 1; i < 5000; i++) rankLoad(i, 1, 2, 1, 'balanced');
    expect(rankLoad(100, 4, 64, 4, 'power_law_1.01')).toEqual(fresh);
  });
});

it('refuses a distribution that it does not know', () => {
  expect(() => rankLoad(1, 1, 8, 1, 'zipf')).toThrow('unknown distribution "zipf"');
});
