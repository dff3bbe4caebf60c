// SPDX-License-Identifier: Apache-2.0
import {
  type PoolPlan, schedulingOf, type SimulationPlan, type TimingPlan,
} from '../cluster/index.js';
import type { PoolSpec, RunSpec } from '../config/index.js';
import { mapModels } from '../config/models.js';
import { didYouMean } from '../config/suggest.js';
import { UserError } from '../core/user-error.js';
import {
  assumptionRanking,
  DoesNotFitError,
  type Engine,
  kvCapacity,
  layoutOf,
  makeStepModel,
  memoryAssumptions,
  type Assumption,
  type LoadShare,
  type StepModelOptions,
} from '../cost/index.js';
import { derateHbm, describeInput, requiredInputs } from '../hardware/index.js';
import type { Workload } from '../workload/index.js';
import { lookup, type Lookup } from './lookup.js';
import { resolvePrices, type RunPrices } from './prices.js';

/** What a pool turned out to be, for reports. */
export interface PoolFacts {
  readonly name: string;
  readonly model: string;
  readonly device: string;
  readonly engine: Engine;
  readonly tensorParallel: number;
  readonly attentionDataParallel: number;
  /** Ranks that hold whole experts; 1 without experts. */
  readonly expertParallel: number;
  /** Devices of all replicas. */
  readonly gpus: number;
  /** Copies of the model, each `attentionDataParallel` queues of requests. */
  readonly replicas: number;
  readonly router: string;
  readonly blockSize: number;
  /** KV blocks and tokens a replica, the null block left out. */
  readonly kvBlocks: number;
  readonly kvTokens: number;
  /** Tokens that the model was made for, prompt and answer together. */
  readonly maxContextTokens: number;
  readonly assumptions: readonly Assumption[];
}

export interface ResolvedRun {
  readonly plan: SimulationPlan;
  readonly pools: readonly PoolFacts[];
  /** A pool's inputs, largest influence on those steps first. */
  readonly rank: readonly Ranking[];
  readonly prices: RunPrices;
}

export type Ranking = (mix: readonly LoadShare[]) => Assumption[];

/**
 * A config and a workload -> something that can be simulated.
 *
 * @throws UserError naming the config path: an unknown model or device, a model of the trace that
 * no pool serves, a KV cache too small for one request, a layout that does not exist.
 */
export function resolveRun(spec: RunSpec, workload: Workload): ResolvedRun {
  const catalogue = lookup(spec.catalog);
  const resolved = spec.pools.map((pool, i) => resolvePool(pool, `pools.${i}`, catalogue));
  const plan: SimulationPlan = {
    workload,
    pools: resolved.map(([pool]) => pool),
    poolOfModel: mapModels(spec, workload.models, workload.name),
    timing: timingPlan(spec),
  };
  checkCapacity(plan);
  return {
    plan,
    pools: resolved.map(([, facts]) => facts),
    rank: resolved.map(([, , rank]) => rank),
    prices: resolvePrices(spec, catalogue, workload.models),
  };
}

function layout(pool: PoolSpec, path: string, catalogue: Lookup): StepModelOptions {
  const found = catalogue.findDevice(pool.device);
  if (found === undefined) throw noDevice(`${path}.device`, pool.device, catalogue);
  const model = catalogue.findModel(pool.model);
  if (model === undefined) {
    throw unknown(`${path}.model`, pool.model, catalogue.models.map(({ id }) => id));
  }
  const { tensorParallel, attentionDataParallel, weightDtype, kvDtype, engine } = pool;
  const device = derateHbm(found, pool.hbmBandwidthShare ?? 1);
  const expertParallel = pool.expertParallel ?? undefined;
  return {
    device, model, tensorParallel, attentionDataParallel, expertParallel, weightDtype, kvDtype,
    engine,
  };
}

/** A part of the catalogue is no GPU; one with unpublished numbers says which it would take. */
function noDevice(path: string, got: string, catalogue: Lookup): UserError {
  const names = catalogue.devices.map(({ id }) => id);
  const part = catalogue.findPart(got);
  if (part === undefined) return unknown(path, got, names);
  const gpu = names.find((name) => part.contents?.[name] !== undefined);
  const hint = gpu === undefined ? '' : `: take "${gpu}", one of its GPUs`;
  const inputs = requiredInputs(part);
  const needs = inputs.length === 0
    ? ''
    : `; it would need ${inputs.map(describeInput).join(', ')}, which nobody has published`;
  const what = `${part.name} is no GPU that the step model prices${hint}${needs}`;
  return new UserError(what, { path });
}

function unknown(path: string, got: string, names: readonly string[]): UserError {
  const hint = didYouMean(got, names);
  return new UserError(`is not in the catalogue${hint}`, { path }, {
    got,
    allowed: names.join(', '),
  });
}

function resolvePool(
  pool: PoolSpec,
  path: string,
  catalogue: Lookup,
): [PoolPlan, PoolFacts, Ranking] {
  const options = layout(pool, path, catalogue);
  const { blockSize, gpuMemoryUtilization, maxBatchedTokens, maxSequences } = pool;
  const memory = { ...options, blockSize, gpuMemoryUtilization, maxBatchedTokens, maxSequences };
  const numGpuBlocks = pool.numGpuBlocks ?? atPath(path, () => kvCapacity(memory).blocks);
  if (numGpuBlocks < 2 || numGpuBlocks > 0x3ffffff) {
    throw new UserError('must be from 2 to 67108863', { path: `${path}.numGpuBlocks` }, {
      got: numGpuBlocks,
    });
  }
  const stepModel = atPath(path, () => makeStepModel(options));
  const memoryInputs = pool.numGpuBlocks === null ? memoryAssumptions(memory) : [];
  const rank: Ranking = assumptionRanking(options, memoryInputs);
  const { name, router, attentionDataParallel, tensorParallel } = pool;
  const replicas = pool.replicas * attentionDataParallel;
  if (replicas > MAX_REPLICAS) {
    const what = `times attentionDataParallel must be at most ${MAX_REPLICAS}`;
    throw new UserError(what, { path: `${path}.replicas` }, { got: replicas });
  }
  const facts: PoolFacts = {
    name,
    model: options.model.id,
    device: options.device.id,
    engine: pool.engine,
    tensorParallel,
    attentionDataParallel,
    expertParallel: layoutOf(options).moeEp,
    gpus: replicas * tensorParallel,
    replicas: pool.replicas,
    router,
    blockSize,
    kvBlocks: numGpuBlocks - 1,
    kvTokens: (numGpuBlocks - 1) * blockSize,
    maxContextTokens: options.model.maxContextTokens,
    assumptions: rank([]),
  };
  const usual = schedulingOf(pool.engine);
  const scheduling = {
    scheduler: pool.scheduler ?? usual.scheduler,
    reservedOutput: pool.reservedOutput ?? usual.reservedOutput,
  };
  return [{ ...pool, ...scheduling, replicas, numGpuBlocks, stepModel }, facts, rank];
}

/** Queues of requests a pool may have: the bound that the config has on its replicas. */
const MAX_REPLICAS = 65_536;

/** Turns a refusal of the cost layer into an error that names the key of the pool. */
function atPath<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) {
      const [, key, what] = /^(\w+): (.*)$/s.exec(error.message) ?? [];
      if (key === undefined) throw new UserError(error.message, { path });
      throw new UserError(what, { path: `${path}.${key}` });
    }
    if (error instanceof DoesNotFitError) error.message = `${path}: ${error.message}`;
    throw error;
  }
}

function timingPlan(spec: RunSpec): TimingPlan {
  const { workload } = spec;
  if (workload.kind === 'trace') {
    const { maxGapSeconds } = workload;
    return {
      mode: workload.timing,
      lanes: workload.lanes,
      maxGapNs: maxGapSeconds === null ? Infinity : Math.round(maxGapSeconds * 1e9),
      sessionsPerSecond: workload.sessionsPerSecond,
    };
  }
  const lanes = workload.kind === 'fixed' ? workload.concurrency : null;
  return { mode: 'closed-loop', lanes, maxGapNs: Infinity, sessionsPerSecond: null };
}

/** Every request must fit in an empty KV cache of its pool, or it would wait for ever. */
function checkCapacity(plan: SimulationPlan): void {
  const { turns, agents, sessions } = plan.workload;
  for (let t = 0; t < turns.count; t++) {
    const index = plan.poolOfModel[turns.model[t]];
    const pool = plan.pools[index];
    const tokens = turns.inputTokens[t] + Math.max(1, turns.outputTokens[t]);
    const blocks = Math.ceil(tokens / pool.blockSize);
    if (blocks < pool.numGpuBlocks) continue;
    const session = agents.session[turns.agent[t]];
    throw new UserError(
      `a request of session ${sessions.id[session]} needs ${blocks} KV blocks ` +
        `(${turns.inputTokens[t]} tokens in, ${turns.outputTokens[t]} out), a replica has ` +
        `${pool.numGpuBlocks - 1}: raise numGpuBlocks, gpuMemoryUtilization or tensorParallel, ` +
        'or use a smaller kvDtype',
      { path: `pools.${index}.numGpuBlocks` },
      { got: pool.numGpuBlocks, allowed: `at least ${blocks + 1}` },
    );
  }
}
