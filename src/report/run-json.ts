// SPDX-License-Identifier: Apache-2.0
import type { RunSummary, SloResult } from '../metrics/index.js';
import type { CostFacts } from './cost-lines.js';
import type { Assumption, Identity, ScenarioContexts } from './scenario.js';

/** Version of the layout of run.json. */
export const RUN_JSON_SCHEMA = 1;

/** The workload as it was read. */
export interface WorkloadFacts {
  readonly name: string;
  readonly sessions: number;
  readonly agents: number;
  readonly requests: number;
  readonly mainRequests: number;
  readonly subRequests: number;
  /** Length of the recording; 0 for a generated workload. */
  readonly recordedMin: number;
  /** Share of trace blocks that a cache without limits finds. */
  readonly infiniteHitRate: number | null;
  /** Model names as the trace spells them. */
  readonly models: readonly string[];
  readonly blockSizeTokens: number;
  readonly uniqueBlocks: number;
}

/** How long the contexts of a pool became, and what its model takes. */
export interface ContextFacts extends ScenarioContexts {
  readonly pool: string;
  readonly model: string;
}

export interface RunJsonInput {
  readonly identity: Identity;
  /** The resolved config: plain data. */
  readonly spec: object;
  readonly workload: WorkloadFacts;
  readonly contexts: readonly ContextFacts[];
  readonly summary: RunSummary;
  readonly slo: readonly SloResult[];
  readonly cost: CostFacts;
  readonly assumptions: readonly Assumption[];
  /** Facts about this execution (clock, host, paths): everything else is equal in every run. */
  readonly meta?: object;
}

export interface RunDocument {
  readonly schema: typeof RUN_JSON_SCHEMA;
  readonly kvloom: { readonly version: string; readonly abi: number };
  readonly digest: string;
  readonly spec: object;
  readonly workload: WorkloadFacts;
  readonly contexts: readonly ContextFacts[];
  readonly summary: RunSummary;
  readonly slo: readonly SloResult[];
  readonly cost: CostFacts;
  readonly assumptions: readonly Assumption[];
  readonly meta?: object;
}

/** The document, its keys in the order of the text. */
export function runDocument(input: RunJsonInput): RunDocument {
  const { identity, spec, workload, contexts, summary, slo, cost, assumptions, meta } = input;
  const document = {
    schema: RUN_JSON_SCHEMA,
    kvloom: { version: identity.version, abi: identity.abi },
    digest: identity.digest,
    spec,
    workload,
    contexts,
    summary,
    slo,
    cost,
    assumptions,
  } as const;
  return meta === undefined ? document : { ...document, meta };
}

/** run.json: two-space indentation and a final newline. */
export function runJson(input: RunJsonInput): string {
  return `${JSON.stringify(runDocument(input), null, 2)}\n`;
}
