// SPDX-License-Identifier: Apache-2.0
import type { RunRecords } from './records.js';
import type { TokenCounts } from './tokens.js';
import { NS_PER_S, ratio } from './units.js';

/** Rates over the makespan. */
export interface Rates {
  readonly requestsPerS: number | null;
  readonly inputTokensPerS: number | null;
  readonly uncachedInputTokensPerS: number | null;
  readonly outputTokensPerS: number | null;
}

export interface Throughput {
  readonly total: Rates;
  /** Divided by the number of replicas, of all pools together. */
  readonly perReplica: Rates;
}

/** First request ready to last token, ns; 0 before anything is done. */
export function makespanNs({ requests }: RunRecords): number {
  let first = Infinity;
  let last = -1;
  for (let row = 0; row < requests.count; row++) {
    if (requests.readyNs[row] >= 0) first = Math.min(first, requests.readyNs[row]);
    last = Math.max(last, requests.finishNs[row]);
  }
  return last > first ? last - first : 0;
}

export function throughput(
  spanNs: number,
  replicas: number,
  completed: number,
  tokens: TokenCounts,
): Throughput {
  const rates = (divisor: number): Rates => {
    const perS = (count: number): number | null => ratio(count, (spanNs / NS_PER_S) * divisor);
    return {
      requestsPerS: perS(completed),
      inputTokensPerS: perS(tokens.input),
      uncachedInputTokensPerS: perS(tokens.uncached),
      outputTokensPerS: perS(tokens.output),
    };
  };
  return { total: rates(1), perReplica: rates(replicas) };
}
