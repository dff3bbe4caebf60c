// SPDX-License-Identifier: Apache-2.0
import type { CacheWrite, PromptStep, Tariff } from './types.js';

const TOKENS_PER_MTOK = 1e6;
const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;

/** A price that the tariff bills and nobody has published. */
export class MissingPriceError extends Error {
  override readonly name = 'MissingPriceError';
}

/** Tokens of one request as they are billed. */
export interface BilledTokens {
  cachedInput: number;
  uncachedInput: number;
  output: number;
  /** Uncached tokens that are written to the cache; default all of them. */
  written?: number;
}

export interface BillingOptions {
  /** Cache entries have to live that long; the cheapest class that does is billed. Default 0. */
  ttlSeconds?: number;
  /** Seconds since Monday 00:00 UTC; decides on peak hours. Absent: off-peak. */
  utcWeekSecond?: number;
}

/** USD by what it is paid for. */
export interface Bill {
  cachedInputUsd: number;
  uncachedInputUsd: number;
  outputUsd: number;
  totalUsd: number;
}

/**
 * Cost of input relative to input without any cache, (1 - h) w + h r: at a hit rate of 0.95 with
 * writes at 1.25 and reads at 0.1 it is 0.1575, 6.35 times cheaper.
 */
export function relativeInputCost(
  hitRate: number,
  writeMultiplier: number,
  readMultiplier: number,
): number {
  return (1 - hitRate) * writeMultiplier + hitRate * readMultiplier;
}

function known(value: number | null, tariff: Tariff, what: string): number {
  if (value !== null) return value;
  throw new MissingPriceError(
    `${tariff.id}: ${what} is billed, but its price was not found: copy the tariff into a `
      + 'catalog file and set it',
  );
}

/** The cheapest class whose entries live long enough; undefined: writes bill as plain input. */
function writeClass(tariff: Tariff, ttlSeconds: number): CacheWrite | undefined {
  const { cacheWrites } = tariff;
  if (cacheWrites.length === 0) return undefined;
  const found = cacheWrites.find((each) =>
    each.ttlSeconds === null || each.ttlSeconds >= ttlSeconds);
  if (found !== undefined) return found;
  const longest = cacheWrites[cacheWrites.length - 1].ttlSeconds;
  throw new RangeError(`ttlSeconds: ${tariff.id} keeps entries ${longest} s, got ${ttlSeconds}`);
}

function stepOf(tariff: Tariff, promptTokens: number): PromptStep | undefined {
  let found: PromptStep | undefined;
  for (const step of tariff.promptSteps ?? []) {
    if (promptTokens > step.abovePromptTokens) found = step;
  }
  return found;
}

/** Whether the tariff's peak price holds at that second of the week (Monday 00:00 UTC is 0). */
export function isPeak(tariff: Tariff, utcWeekSecond: number): boolean {
  const { peakHours } = tariff;
  if (peakHours === undefined) return false;
  const second = utcWeekSecond % (7 * DAY_S);
  if (peakHours.weekdaysOnly && second >= 5 * DAY_S) return false;
  const hour = (second % DAY_S) / HOUR_S;
  return peakHours.utcHours.some(([from, to]) => hour >= from && hour < to);
}

/**
 * What one request costs.
 * @throws MissingPriceError when the tariff bills something whose price nobody has published.
 */
export function billRequest(
  tariff: Tariff,
  tokens: BilledTokens,
  options: BillingOptions = {},
): Bill {
  const { cachedInput, uncachedInput, output, written = uncachedInput } = tokens;
  const step = stepOf(tariff, cachedInput + uncachedInput);
  const above = step === undefined ? '' : ` above ${step.abovePromptTokens} prompt tokens`;
  const peak = options.utcWeekSecond !== undefined && isPeak(tariff, options.utcWeekSecond);
  const peakMultiplier = peak ? tariff.peakHours!.multiplier : 1;
  const inputFactor = step === undefined
    ? 1
    : known(step.inputMultiplier, tariff, `input${above}`);
  const outputFactor = step === undefined
    ? 1
    : known(step.outputMultiplier, tariff, `output${above}`);
  const input = tariff.inputUsdPerMtok * inputFactor * peakMultiplier;
  const perOutput = tariff.outputUsdPerMtok * outputFactor * peakMultiplier;
  let write = 1;
  if (written > 0) {
    const found = writeClass(tariff, options.ttlSeconds ?? 0);
    if (found !== undefined) write = known(found.multiplier, tariff, 'a cache write');
  }
  const billed = uncachedInput - written + written * write;
  const cachedInputUsd = (cachedInput * input * tariff.cacheReadMultiplier) / TOKENS_PER_MTOK;
  const uncachedInputUsd = (billed * input) / TOKENS_PER_MTOK;
  const outputUsd = (output * perOutput) / TOKENS_PER_MTOK;
  return {
    cachedInputUsd,
    uncachedInputUsd,
    outputUsd,
    totalUsd: cachedInputUsd + uncachedInputUsd + outputUsd,
  };
}
