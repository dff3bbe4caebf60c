// SPDX-License-Identifier: Apache-2.0
/** What `run` prints and writes of a result. */
import { hostname } from 'node:os';
import type { RunSpec } from '../config/index.js';
import { evaluateSlo, summarize, type RunSummary, type SloResult } from '../metrics/index.js';
import type { Content } from '../node/atomic.js';
import {
  perfettoTrace,
  requestsJsonl,
  runDocument,
  runJson,
  summaryText,
  type RunJsonInput,
} from '../report/index.js';
import type { RunResult, WorkloadFacts } from '../run/index.js';
import type { Style } from './style.js';
import { version } from './version.js';

export interface RunReport {
  readonly input: RunJsonInput;
  readonly summary: RunSummary;
  readonly slo: readonly SloResult[];
  readonly result: RunResult;
}

/** Facts about this execution; they stand in `meta` and nowhere else. */
export interface RunMeta {
  readonly startedAt: string;
  readonly wallSeconds: number;
  readonly command: readonly string[];
  readonly trace: string | null;
}

export function reportRun(result: RunResult, meta: RunMeta): RunReport {
  const { spec, digest, abi, workload, pools, cost, records } = result;
  const summary = summarize(records, {
    exactRequests: spec.limits.exactRequests,
    blockSizeTokens: pools.map((pool) => pool.blockSize),
  });
  const slo = evaluateSlo(spec.slo, summary);
  const assumptions = pools.flatMap((pool) => pool.assumptions);
  const input: RunJsonInput = {
    identity: { version: version(), abi, seed: spec.seed, digest },
    spec,
    workload,
    contexts: pools.map(({ name, model, contexts }) => ({ pool: name, model, ...contexts })),
    summary,
    slo,
    cost,
    assumptions,
    meta: { ...meta, host: hostname(), node: process.version },
  };
  return { input, summary, slo, result };
}

/** The document that `--json` prints. */
export function jsonText(report: RunReport): string {
  return JSON.stringify(runDocument(report.input), null, 2);
}

export function terminalText(report: RunReport, style: Style, next: string): string {
  const { input, summary, slo, result } = report;
  const { workload, pools } = result;
  return summaryText(
    {
      identity: input.identity,
      scenario: {
        workload: workloadLine(workload, result.spec.workload.kind === 'trace'),
        pools,
      },
      summary,
      slo,
      cost: input.cost,
      assumptions: input.assumptions,
      next,
    },
    style,
  );
}

/** Name of the workload and what its trace says of itself. */
function workloadLine(workload: WorkloadFacts, isTrace: boolean): string {
  const { name, recordedMin, infiniteHitRate } = workload;
  const parts = [name];
  if (isTrace && recordedMin > 0) parts.push(`recorded ${recordedMin.toFixed(1)} min`);
  if (infiniteHitRate !== null) {
    parts.push(`infinite-cache hit ${(infiniteHitRate * 100).toFixed(1)} %`);
  }
  return parts.join(', ');
}

/** Files of `-o DIR`. `spec` is the config as given: the copy that feeds back needs its path. */
export async function outputFiles(
  report: RunReport,
  spec: RunSpec,
): Promise<Record<string, Content>> {
  const { formatConfig } = await import('../config/index.js');
  const { input, result } = report;
  return {
    'run.json': runJson(input),
    'requests.jsonl': requestsJsonl(result.records),
    'trace.json': perfettoTrace(result.records),
    'config.resolved.yaml': formatConfig(spec),
  };
}
