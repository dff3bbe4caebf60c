// SPDX-License-Identifier: Apache-2.0
import type { RunSpec } from '../config/index.js';
import { Rng, type Core } from '../core/index.js';
import { agenticSessions, fixedRequests, type Workload } from '../workload/index.js';

/** First part of the address of every draw; a number once given away is never reused. */
export const Purpose = { 'new-tokens': 1, 'output-tokens': 2 } as const;

/** The workload of a config that needs no trace; null when it asks for one. */
export function generateWorkload(core: Core, spec: RunSpec): Workload | null {
  const { workload } = spec;
  if (workload.kind === 'trace') return null;
  if (workload.kind === 'fixed') {
    const { requests, inputTokens, outputTokens } = workload;
    return fixedRequests({ count: requests, inputTokens, outputTokens });
  }
  const rng = new Rng(core, spec.seed);
  return agenticSessions(
    {
      sessions: workload.sessions,
      rounds: workload.rounds,
      newTokens: { mean: workload.newInputTokens.mean, sd: workload.newInputTokens.stddev },
      outputTokens: { mean: workload.outputTokens.mean, sd: workload.outputTokens.stddev },
      thinkSeconds: workload.thinkSeconds,
      rate: workload.sessionsPerSecond,
      sharedPrefixTokens: workload.sharedPrefixTokens,
    },
    (purpose, entity, index) =>
      rng.normal(Purpose[purpose as keyof typeof Purpose], entity, index, 0, 1),
  );
}
