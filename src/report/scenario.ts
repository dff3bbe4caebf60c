// SPDX-License-Identifier: Apache-2.0
/** What was run, in the words of the config: reports print it and draw no conclusion from it. */

export interface ScenarioPool {
  readonly name: string;
  readonly model: string;
  readonly device: string;
  readonly replicas: number;
  readonly tensorParallel: number;
  /** Absent: 1. */
  readonly attentionDataParallel?: number;
  /** Ranks that hold whole experts. Absent: 1. */
  readonly expertParallel?: number;
  /** Absent: vllm. */
  readonly engine?: string;
  readonly router: string;
  /** Absent: nothing is known of them. */
  readonly contexts?: ScenarioContexts;
}

/** The contexts of a pool beside the longest one that its model takes, tokens. */
export interface ScenarioContexts {
  readonly limitTokens: number;
  readonly longestTokens: number;
  /** Requests beyond the limit. */
  readonly beyond: number;
}

export interface Scenario {
  /** Trace or generator. */
  readonly workload: string;
  readonly pools: readonly ScenarioPool[];
}

/** Who computed a result, and which one it is. */
export interface Identity {
  readonly version: string;
  /** `abi_version` of the core. */
  readonly abi: number;
  readonly seed: number;
  /** Lowercase hex. */
  readonly digest: string;
}

/** One input of a run: a number with its source and how far it can be trusted. */
export interface Assumption {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly source: string;
  /** measured, vendor claim, inferred or assumed. */
  readonly status: string;
  /** Relative change of the result when this input is 10 % larger; absent: not varied. */
  readonly influence?: number;
  readonly influenceOn?: string;
}
