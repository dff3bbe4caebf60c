// SPDX-License-Identifier: Apache-2.0
import { emptyStepLoad, type LoadShare, type StepLoad } from '../cost/index.js';
import type { RunRecords } from '../metrics/records.js';

/** Sums over the requests of a pool. */
interface PoolSums {
  requests: number;
  /** Context a decoded token sees, summed over output tokens. */
  decodeContext: number;
  outputTokens: number;
  /** new * (new + 2 * cached), which does not depend on the chunks of a prompt. */
  prefillPairs: number;
  inputTokens: number;
}

function sumsOf({ requests }: RunRecords, pool: number): PoolSums {
  const sums = {
    requests: 0, decodeContext: 0, outputTokens: 0, prefillPairs: 0, inputTokens: 0,
  };
  for (let i = 0; i < requests.count; i++) {
    if (requests.pool[i] !== pool) continue;
    const input = requests.inputTokens[i];
    const cached = requests.cachedTokens[i];
    const output = requests.outputTokens[i];
    sums.requests++;
    sums.decodeContext += output * (input + output / 2);
    sums.outputTokens += output;
    sums.prefillPairs += (input - cached) * (input + cached);
    sums.inputTokens += input;
  }
  return sums;
}

const whole = (value: number): number => Math.max(1, Math.round(value));

/**
 * What the steps of a pool were like on average: those with prompt chunks, and those without. Good
 * enough to ask which input matters; it is not what the run computed.
 */
export function meanSteps(records: RunRecords, pool: number): LoadShare[] {
  const { replicas } = records;
  let steps = 0;
  let prefillSteps = 0;
  let prefillTokens = 0;
  let decodeTokens = 0;
  for (let i = 0; i < replicas.count; i++) {
    if (replicas.pool[i] !== pool) continue;
    steps += replicas.steps[i];
    prefillSteps += replicas.prefillSteps[i];
    prefillTokens += replicas.prefillTokens[i];
    decodeTokens += replicas.decodeTokens[i];
  }
  const sums = sumsOf(records, pool);
  const mix: LoadShare[] = [];
  if (steps > prefillSteps && decodeTokens > 0) {
    const sequences = whole(decodeTokens / steps);
    const context = sums.decodeContext / Math.max(1, sums.outputTokens);
    const load: StepLoad = {
      ...emptyStepLoad(),
      decodeSequences: sequences,
      decodeContext: Math.round(sequences * context),
      sampledSequences: sequences,
    };
    mix.push({ load, steps: steps - prefillSteps });
  }
  if (prefillSteps > 0) {
    const sequences = whole(sums.requests / prefillSteps);
    const load: StepLoad = {
      ...emptyStepLoad(),
      prefillTokens: whole(prefillTokens / prefillSteps),
      prefillSequences: sequences,
      prefillPairs: sums.prefillPairs / prefillSteps,
      prefillContext: Math.round((sequences * sums.inputTokens) / Math.max(1, sums.requests)),
      sampledSequences: sequences,
    };
    mix.push({ load, steps: prefillSteps });
  }
  return mix;
}
