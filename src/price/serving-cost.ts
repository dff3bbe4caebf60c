// SPDX-License-Identifier: Apache-2.0
const HOURS_PER_YEAR = 8760;
const S_PER_HOUR = 3600;
const TOKENS_PER_MTOK = 1e6;

/** What owning one GPU takes. */
export interface OwnedGpu {
  /** Purchase price a GPU, with its share of host, network and rack. */
  capexUsd: number;
  lifetimeYears: number;
  /** Power a GPU with its share of host and network, before cooling. */
  powerW: number;
  /** Power of the data centre over power of the racks, 1 or more. */
  pue: number;
  usdPerKwh: number;
  /** Share of the hours in which the GPU serves, above 0 and at most 1. */
  utilisation: number;
  /** Staff, space, repair: a year, as a share of the purchase price. Default 0. */
  yearlyOperationShare?: number;
}

function positive(name: string, value: number, most = Infinity): void {
  if (value > 0 && value <= most) return;
  const limit = most === Infinity ? '' : ` and at most ${most}`;
  throw new RangeError(`${name}: must be above 0${limit}, got ${value}`);
}

/**
 * USD an hour in which the GPU serves: purchase and operation are spread over the serving hours,
 * power is paid in them only.
 * @throws RangeError naming an input out of range.
 */
export function ownedUsdPerGpuHour(gpu: OwnedGpu): number {
  const { capexUsd, lifetimeYears, powerW, pue, usdPerKwh, utilisation } = gpu;
  positive('capexUsd', capexUsd);
  positive('lifetimeYears', lifetimeYears);
  positive('powerW', powerW);
  positive('utilisation', utilisation, 1);
  if (!(pue >= 1)) throw new RangeError(`pue: must be 1 or more, got ${pue}`);
  if (!(usdPerKwh >= 0)) throw new RangeError(`usdPerKwh: must be 0 or more, got ${usdPerKwh}`);
  const yearly = capexUsd * (1 / lifetimeYears + (gpu.yearlyOperationShare ?? 0));
  return yearly / (HOURS_PER_YEAR * utilisation) + (powerW / 1000) * pue * usdPerKwh;
}

/** What a cluster computed, and for how long. */
export interface ServedWork {
  usdPerGpuHour: number;
  gpus: number;
  /** Wall-clock seconds the GPUs were paid for. */
  seconds: number;
  cachedInputTokens: number;
  uncachedInputTokens: number;
  outputTokens: number;
  /** GPU time by what it was spent on, any unit; null: it is not known. */
  busy: { cachedInput: number; uncachedInput: number; output: number } | null;
}

/** USD per Mtok; the denominator stands in every name. null: no such tokens, or no split. */
export interface ServingCost {
  totalUsd: number;
  usdPerMtokOfInputAndOutput: number | null;
  /** Everything charged to output tokens. */
  totalUsdPerMtokOfOutput: number | null;
  cachedInputUsdPerMtokOfCachedInput: number | null;
  uncachedInputUsdPerMtokOfUncachedInput: number | null;
  outputUsdPerMtokOfOutput: number | null;
}

function perMtok(usd: number, tokens: number): number | null {
  return tokens === 0 ? null : (usd * TOKENS_PER_MTOK) / tokens;
}

/** Idle time is charged to all classes in the proportion of their busy time. */
export function servingCost(work: ServedWork): ServingCost {
  const { cachedInputTokens, uncachedInputTokens, outputTokens, busy } = work;
  positive('gpus', work.gpus);
  positive('seconds', work.seconds);
  const totalUsd = (work.usdPerGpuHour * work.gpus * work.seconds) / S_PER_HOUR;
  const all = cachedInputTokens + uncachedInputTokens + outputTokens;
  const time = busy === null ? 0 : busy.cachedInput + busy.uncachedInput + busy.output;
  const split = (part: number, tokens: number): number | null =>
    time > 0 ? perMtok((totalUsd * part) / time, tokens) : null;
  return {
    totalUsd,
    usdPerMtokOfInputAndOutput: perMtok(totalUsd, all),
    totalUsdPerMtokOfOutput: perMtok(totalUsd, outputTokens),
    cachedInputUsdPerMtokOfCachedInput: split(busy?.cachedInput ?? 0, cachedInputTokens),
    uncachedInputUsdPerMtokOfUncachedInput: split(busy?.uncachedInput ?? 0, uncachedInputTokens),
    outputUsdPerMtokOfOutput: split(busy?.output ?? 0, outputTokens),
  };
}
