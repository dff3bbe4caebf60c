// SPDX-License-Identifier: Apache-2.0
import { collectRecords, Simulation } from '../cluster/index.js';
import type { RunSpec } from '../config/index.js';
import { ABI_VERSION, KernelError, loadCore, Status, type Core } from '../core/index.js';
import { UserError } from '../core/user-error.js';
import type { RunRecords } from '../metrics/records.js';
import type { Workload } from '../workload/index.js';
import { poolContexts, type PoolContexts } from './contexts.js';
import { runCost, type RunCost } from './cost.js';
import { runDigest, type Sha256 } from './digest.js';
import { checkInvariants } from './invariants.js';
import { meanSteps } from './mean-steps.js';
import { resolveRun, type PoolFacts, type Ranking } from './plan.js';
import type { RunPrices } from './prices.js';

/** Events handled between two looks at progress and cancellation. */
const EVENTS_A_SLICE = 16_384;

export interface WorkloadFacts {
  readonly name: string;
  readonly models: readonly string[];
  readonly blockSizeTokens: number;
  readonly uniqueBlocks: number;
  readonly sessions: number;
  readonly agents: number;
  readonly requests: number;
  readonly mainRequests: number;
  readonly subRequests: number;
  /** From the start of the trace to the last recorded end of a request, minutes. */
  readonly recordedMin: number;
  /** Share of trace blocks that an infinite cache finds, generated tokens never inserted. */
  readonly infiniteHitRate: number | null;
}

/** A pool, and what came of it. */
export interface PoolResult extends PoolFacts {
  readonly contexts: PoolContexts;
}

export interface RunResult {
  readonly spec: RunSpec;
  /** Lowercase hex, 64 digits: see `runDigest`. */
  readonly digest: string;
  readonly abi: number;
  readonly workload: WorkloadFacts;
  readonly pools: readonly PoolResult[];
  readonly cost: RunCost;
  readonly records: RunRecords;
}

export interface RunOptions {
  /** Core to run on, empty; a fresh bundled one by default. `restore` can empty it again. */
  readonly core?: Core;
  /** Called now and then with the requests done so far. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops the run with an `AbortError`. */
  readonly signal?: AbortSignal;
  /** See `SimulationPlan.fastForward`. */
  readonly fastForward?: boolean;
  /** A fresh SHA-256 for the digest; one in JavaScript by default. */
  readonly sha256?: Sha256;
}

/** Simulates a workload on the cluster of a config, in one go. */
export function simulate(spec: RunSpec, workload: Workload, options: RunOptions = {}): RunResult {
  const run = start(spec, workload, options);
  while (run.simulation.advance(EVENTS_A_SLICE)) report(run.simulation, options);
  return finish(spec, run, options);
}

/** As `simulate`, letting other tasks run now and then, so that it can be watched and stopped. */
export async function simulateAsync(
  spec: RunSpec,
  workload: Workload,
  options: RunOptions = {},
): Promise<RunResult> {
  const run = start(spec, workload, options);
  while (run.simulation.advance(EVENTS_A_SLICE)) {
    report(run.simulation, options);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return finish(spec, run, options);
}

interface Run {
  readonly simulation: Simulation;
  readonly pools: readonly PoolFacts[];
  readonly rank: readonly Ranking[];
  readonly prices: RunPrices;
}

function start(spec: RunSpec, workload: Workload, options: RunOptions): Run {
  const { plan, pools, rank, prices } = resolveRun(spec, workload);
  const core = options.core ?? loadCore();
  const fastForward = options.fastForward ?? true;
  try {
    return { simulation: new Simulation(core, { ...plan, fastForward }), pools, rank, prices };
  } catch (error) {
    const full = error instanceof KernelError && error.status === Status.noMemory;
    if (!full && !(error instanceof RangeError)) throw error;
    throw new UserError(
      'the KV state of all replicas does not fit the 4 GiB of one core: use fewer replicas, ' +
        'fewer blocks or a larger blockSize',
      { path: 'pools' },
    );
  }
}

function report(simulation: Simulation, options: RunOptions): void {
  options.signal?.throwIfAborted();
  options.onProgress?.(simulation.done, simulation.plan.workload.turns.count);
}

function finish(spec: RunSpec, run: Run, options: RunOptions): RunResult {
  const { simulation, rank } = run;
  checkInvariants(simulation);
  const records = collectRecords(simulation);
  const pools = run.pools.map((pool, i) => ({
    ...pool,
    contexts: poolContexts(records, i, pool.maxContextTokens),
    assumptions: rank[i](meanSteps(records, i)),
  }));
  const shown = publicSpec(spec);
  const { workload } = simulation.plan;
  return {
    spec: shown,
    digest: runDigest(shown, workload.name, records, options.sha256),
    abi: ABI_VERSION,
    workload: workloadFacts(workload),
    pools,
    cost: runCost(run.prices, pools, records, workload.turns.model),
    records,
  };
}

/** The config as results show it: where a trace lies on this machine is nobody's business. */
function publicSpec(spec: RunSpec): RunSpec {
  const { workload } = spec;
  if (workload.kind !== 'trace') return spec;
  const path = workload.path.replace(/[\\/]+$/, '').replace(/^.*[\\/]/, '');
  return { ...spec, workload: { ...workload, path } };
}

function workloadFacts(workload: Workload): WorkloadFacts {
  const { turns, agents, sessions } = workload;
  let subRequests = 0;
  let recordedNs = 0;
  let blocks = 0;
  let shared = 0;
  for (let t = 0; t < turns.count; t++) {
    const agent = turns.agent[t];
    if (agents.parent[agent] >= 0) subRequests++;
    const arrival = sessions.arrivalNs[agents.session[agent]];
    const end = arrival + turns.startNs[t] + Math.max(0, turns.apiNs[t]);
    recordedNs = Math.max(recordedNs, end);
    blocks += turns.blocks[t];
    shared += turns.prefixBlocks[t];
  }
  return {
    name: workload.name,
    models: workload.models,
    blockSizeTokens: workload.blockSize,
    uniqueBlocks: workload.uniqueBlocks,
    sessions: sessions.count,
    agents: agents.count,
    requests: turns.count,
    mainRequests: turns.count - subRequests,
    subRequests,
    recordedMin: recordedNs / 60e9,
    infiniteHitRate: blocks > 0 ? shared / blocks : null,
  };
}
