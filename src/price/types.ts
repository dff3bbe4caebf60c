// SPDX-License-Identifier: Apache-2.0
import type { Provenance } from '../hardware/index.js';

/** A class of cache write: how long the entry lives and what writing it costs. */
export interface CacheWrite {
  /** Seconds an entry lives after its last use; null: the provider does not say. */
  ttlSeconds: number | null;
  /** Of the input price; null: billed, but the price was not found. */
  multiplier: number | null;
}

/** What a prompt longer than that costs, all of it and not only what is above. */
export interface PromptStep {
  abovePromptTokens: number;
  /** Of the input, read and write prices; null: not found. */
  inputMultiplier: number | null;
  outputMultiplier: number | null;
}

export interface PeakHours {
  /** Of every price. */
  multiplier: number;
  /** Monday to Friday only. */
  weekdaysOnly: boolean;
  /** [from, to) in hours UTC. */
  utcHours: readonly (readonly [number, number])[];
}

/** What a provider bills for one model. USD, Mtok = 1e6 tokens. */
export interface Tariff extends Provenance {
  id: string;
  name: string;
  provider: string;
  aliases: readonly string[];
  inputUsdPerMtok: number;
  outputUsdPerMtok: number;
  /** Cached input, of the input price. */
  cacheReadMultiplier: number;
  /** Cheapest first. Empty: writes bill at the input price. */
  cacheWrites: readonly CacheWrite[];
  /** Shorter prompts are not cached. */
  minimumPrefixTokens?: number;
  promptSteps?: readonly PromptStep[];
  peakHours?: PeakHours;
}

/** Where an hourly price comes from: what a market asks, or what a model says it costs to own. */
export type GpuHourBasis = 'market' | 'tco';

/** One GPU for one hour. */
export interface GpuHour extends Provenance {
  id: string;
  /** Id of a device of `kvloom catalog hardware`. */
  device: string;
  basis: GpuHourBasis;
  /** Contract, provider class or place, and when. */
  what: string;
  /** Middle of the range where a range was published. */
  usdPerGpuHour: number;
  low?: number;
  high?: number;
}
