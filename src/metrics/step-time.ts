// SPDX-License-Identifier: Apache-2.0
/** What the engine steps were spent on, and what bound them. */
import type { RunRecords } from './records.js';
import { total } from './tokens.js';
import { NS_PER_S, ratio } from './units.js';

export interface TimeShare {
  readonly seconds: number;
  /** Share of the busy time of all replicas. */
  readonly share: number | null;
}

export interface StepTime {
  readonly steps: number;
  /** Steps with at least one prompt token in them. */
  readonly prefillSteps: number;
  readonly busyS: number;
  /** Sequences that decoded, a step. */
  readonly decodeTokensPerStep: number | null;
  /** Busy time by what bound each step (compute, hbm, link, latency). */
  readonly bound: Readonly<Record<string, TimeShare>>;
  /** Busy time by the tokens it was spent on. */
  readonly tokens: Readonly<Record<TokenClass, TimeShare>>;
  /** Busy time by the part of the step it went into. */
  readonly part: Readonly<Record<StepPart, TimeShare>>;
}

/** Input found in the cache, input computed, output. */
export type TokenClass = 'cachedInput' | 'uncachedInput' | 'output';

export type StepPart = 'attention' | 'gemm' | 'communication' | 'overhead';

export function stepTime({ bounds, replicas }: RunRecords): StepTime {
  const busyNs = total(replicas.busyNs);
  const steps = total(replicas.steps);
  const share = (ns: number): TimeShare => ({ seconds: ns / NS_PER_S, share: ratio(ns, busyNs) });
  const cachedInputNs = total(replicas.cachedInputNs);
  const uncachedInputNs = total(replicas.uncachedInputNs);
  const boundNs = new Float64Array(bounds.length);
  for (let i = 0; i < replicas.boundNs.length; i++) {
    boundNs[i % bounds.length] += replicas.boundNs[i];
  }
  return {
    steps,
    prefillSteps: total(replicas.prefillSteps),
    busyS: busyNs / NS_PER_S,
    decodeTokensPerStep: ratio(total(replicas.decodeTokens), steps),
    bound: Object.fromEntries(bounds.map((name, b) => [name, share(boundNs[b])])),
    tokens: {
      cachedInput: share(cachedInputNs),
      uncachedInput: share(uncachedInputNs),
      output: share(busyNs - cachedInputNs - uncachedInputNs),
    },
    part: {
      attention: share(total(replicas.attentionNs)),
      gemm: share(total(replicas.gemmNs)),
      communication: share(total(replicas.communicationNs)),
      overhead: share(total(replicas.overheadNs)),
    },
  };
}
