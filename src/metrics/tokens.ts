// SPDX-License-Identifier: Apache-2.0
import type { ReplicaRecords, RequestRecords } from './records.js';
import { ratio } from './units.js';

/** Tokens that users sent and got. */
export interface TokenCounts {
  /** Prompt tokens of admitted requests = cached + uncached. */
  readonly input: number;
  /** Found in the KV cache when the request was first admitted. */
  readonly cached: number;
  readonly uncached: number;
  /** Output tokens of completed requests. */
  readonly output: number;
}

/**
 * Two windows, each with its share and its ratio: `hitRate` is what users see (first admissions),
 * `lookupHitRate` what the engine's cache sees (all admissions: a preempted request looks up its
 * prompt and what it had generated again).
 */
export interface CacheUse {
  /** cached / input. */
  readonly hitRate: number | null;
  /** h / (1 - h) of `hitRate`: tokens read from the cache per token written; null when h is 1. */
  readonly readsPerWrite: number | null;
  readonly lookupTokens: number;
  readonly hitTokens: number;
  readonly lookupHitRate: number | null;
  readonly lookupReadsPerWrite: number | null;
  /** Prompt tokens computed, recomputation after preemptions included. */
  readonly prefillTokens: number;
}

export function countTokens(
  requests: RequestRecords,
  among: (row: number) => boolean = () => true,
): TokenCounts {
  let input = 0;
  let cached = 0;
  let output = 0;
  for (let row = 0; row < requests.count; row++) {
    if (!among(row)) continue;
    if (requests.admittedNs[row] >= 0) {
      input += requests.inputTokens[row];
      cached += requests.cachedTokens[row];
    }
    if (requests.finishNs[row] >= 0) output += requests.outputTokens[row];
  }
  return { input, cached, uncached: input - cached, output };
}

export function cacheUse(tokens: TokenCounts, replicas: ReplicaRecords): CacheUse {
  const lookupTokens = total(replicas.lookupTokens);
  const hitTokens = total(replicas.hitTokens);
  return {
    hitRate: ratio(tokens.cached, tokens.input),
    // h / (1 - h) without the rounding of h.
    readsPerWrite: ratio(tokens.cached, tokens.uncached),
    lookupTokens,
    hitTokens,
    lookupHitRate: ratio(hitTokens, lookupTokens),
    lookupReadsPerWrite: ratio(hitTokens, lookupTokens - hitTokens),
    prefillTokens: total(replicas.prefillTokens),
  };
}

export function total(column: Float64Array): number {
  let sum = 0;
  for (const value of column) sum += value;
  return sum;
}
