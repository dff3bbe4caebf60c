// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  billRequest,
  findTariff,
  isPeak,
  MissingPriceError,
  relativeInputCost,
  tariffs,
} from '../../src/price/index.js';

const HOUR = 3600;
const DAY = 24 * HOUR;

describe('relative input cost', () => {
  it('is 0.1575 at 95 % hits with writes at 1.25 and reads at 0.1: 6.35 times cheaper', () => {
    const cost = relativeInputCost(0.95, 1.25, 0.1);
    expect(cost).toBeCloseTo(0.1575, 12);
    expect(1 / cost).toBeCloseTo(6.35, 2);
  });

  it.each([
    [1.0, 0.1, 0.85, 4.3],
    [2.0, 0.1, 0.972, 6.5],
    [1.25, 0.05, 0.95, 9.1],
    [1.25, 0.025, 0.9, 6.8],
    [1.0, 0.02, 0.972, 21],
  ])('writes at %f and reads at %f, %f hits: %f times cheaper', (write, read, hits, times) => {
    expect(1 / relativeInputCost(hits, write, read)).toBeCloseTo(times, times > 10 ? 0 : 1);
  });
});

describe('a bill', () => {
  const opus = findTariff('claude-opus-5')!;

  it('gives the 3.5 M input tokens of a session 17.50 USD uncached and 2.76 at 95 % hits', () => {
    const none = { cachedInput: 0, uncachedInput: 3.5e6, output: 0, written: 0 };
    expect(billRequest(opus, none).totalUsd).toBeCloseTo(17.5, 10);
    const hits = { cachedInput: 0.95 * 3.5e6, uncachedInput: 0.05 * 3.5e6, output: 0 };
    expect(billRequest(opus, hits).totalUsd).toBeCloseTo(2.76, 2);
  });

  it('splits cached input, uncached input and output', () => {
    const bill = billRequest(opus, { cachedInput: 1e6, uncachedInput: 1e6, output: 1e6 });
    expect(bill).toEqual({
      cachedInputUsd: 0.5, uncachedInputUsd: 6.25, outputUsd: 25, totalUsd: 31.75,
    });
  });

  it('takes the cheapest class of writes that lives long enough', () => {
    const tokens = { cachedInput: 0, uncachedInput: 1e6, output: 0 };
    const usd = (ttlSeconds: number): number => billRequest(opus, tokens, { ttlSeconds }).totalUsd;
    expect([usd(0), usd(300), usd(301), usd(3600)]).toEqual([6.25, 6.25, 10, 10]);
    expect(() => usd(3601)).toThrow(/claude-opus-5 keeps entries 3600 s/);
  });

  it('steps up with the length of the prompt', () => {
    const haiku = findTariff('claude-haiku-5.5')!;
    const usd = (tokens: number): number =>
      billRequest(haiku, { cachedInput: 0, uncachedInput: tokens, output: 0, written: 0 }).totalUsd;
    expect(usd(100_000)).toBeCloseTo(0.01, 12);
    expect(usd(100_001) / usd(100_000)).toBeCloseTo(5, 3);
  });

  it('doubles in peak hours on weekdays', () => {
    const flash = findTariff('deepseek-v4.1-flash')!;
    expect(isPeak(flash, 2 * HOUR)).toBe(true);
    expect(isPeak(flash, 4 * HOUR)).toBe(false);
    expect(isPeak(flash, 3 * DAY + 6 * HOUR)).toBe(true);
    expect(isPeak(flash, 5 * DAY + 2 * HOUR)).toBe(false);
    expect(isPeak(flash, 7 * DAY + 2 * HOUR)).toBe(true);
    expect(isPeak(opus, 2 * HOUR)).toBe(false);
    const tokens = { cachedInput: 1e6, uncachedInput: 1e6, output: 1e6 };
    const plain = billRequest(flash, tokens).totalUsd;
    expect(billRequest(flash, tokens, { utcWeekSecond: 2 * HOUR }).totalUsd).toBe(2 * plain);
  });

  it('refuses to guess a price that nobody has published', () => {
    const astra = findTariff('gpt-6-astra')!;
    const tokens = { cachedInput: 0, uncachedInput: 1000, output: 10 };
    expect(() => billRequest(astra, tokens)).toThrow(MissingPriceError);
    expect(billRequest(astra, { ...tokens, written: 0 }).totalUsd).toBeGreaterThan(0);
    const long = { ...tokens, uncachedInput: 300_000, written: 0 };
    expect(() => billRequest(astra, long)).toThrow(/above 272000 prompt tokens/);
  });
});

describe('tariffs', () => {
  it('have a source, a date and a status each, and writes in order of life', () => {
    expect(tariffs.length).toBeGreaterThan(25);
    expect(new Set(tariffs.map(({ id }) => id)).size).toBe(tariffs.length);
    for (const { id, source, date, status, cacheWrites, cacheReadMultiplier } of tariffs) {
      expect(source.length, id).toBeGreaterThan(10);
      expect(date, id).toMatch(/^20\d\d/);
      expect(['measured', 'vendor claim', 'inferred', 'assumed']).toContain(status);
      const lives = cacheWrites.map(({ ttlSeconds }) => ttlSeconds ?? 0);
      expect(lives, id).toEqual([...lives].sort((a, b) => a - b));
      expect(cacheReadMultiplier, id).toBeLessThan(1);
    }
  });
});
