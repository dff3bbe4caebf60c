// SPDX-License-Identifier: Apache-2.0
import type { RunRecords } from '../metrics/records.js';

/** How long the contexts of a pool became, beside what its model was made for. */
export interface PoolContexts {
  /** Tokens of prompt and answer that the model takes at most. */
  readonly limitTokens: number;
  readonly longestTokens: number;
  /** Requests beyond the limit. They are simulated all the same; an engine refuses them. */
  readonly beyond: number;
}

/** Prompt plus answer of each request of a pool against the longest context of its model. */
export function poolContexts(
  { requests }: RunRecords,
  pool: number,
  limitTokens: number,
): PoolContexts {
  let longestTokens = 0;
  let beyond = 0;
  for (let i = 0; i < requests.count; i++) {
    if (requests.pool[i] !== pool) continue;
    const context = requests.inputTokens[i] + requests.outputTokens[i];
    longestTokens = Math.max(longestTokens, context);
    if (context > limitTokens) beyond++;
  }
  return { limitTokens, longestTokens, beyond };
}
