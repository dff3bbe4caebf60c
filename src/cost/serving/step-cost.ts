// SPDX-License-Identifier: Apache-2.0
import { moeWithLoad } from '../op/moe.js';
import type { BoundOperation, OperationEstimator } from '../op/estimator.js';
import { emptyCost, type OperationCost } from '../op/form.js';
import { type Operation, sameOperation } from '../op/operation.js';
import type { Peaks } from '../op/peaks.js';
import type { RankLoad } from '../op/routing.js';
import type { StepList, StepOperation, StepPart, StepTraffic } from './step-operation.js';

/** What a step takes before constants on top of it, us; fixed times apart. */
export interface StepParts {
  gemm: number;
  attention: number;
  experts: number;
  comm: number;
  /** Norms, rope, residuals: HBM traffic. */
  glue: number;
  /** Launches of all operations as benchmarks see them. */
  fixed: number;
}

export function emptyParts(): StepParts {
  return { gemm: 0, attention: 0, experts: 0, comm: 0, glue: 0, fixed: 0 };
}

/** Time by what binds it, us, launches apart: index into `BINDS`. */
export type StepBinds = Float64Array;
export const BINDS = { compute: 0, hbm: 1, link: 2, latency: 3 } as const;

/** Where to add what binds. */
export interface BindSums {
  /** Each part times its factor, as a step of decodes has it. */
  readonly binds: StepBinds;
  readonly factors: Readonly<Record<StepPart, number>>;
  /** Without factors: a step of prompts has one for all. */
  readonly plain: StepBinds;
}

/** Launch constant of a bound operation, us. */
function launchOf({ form, constants }: BoundOperation): number {
  const at = form.constants.findIndex(({ name }) => name === 'fixed');
  return at < 0 ? 0 : constants[at];
}

/** Adds time in proportion to what each resource alone would need. */
function bind(
  { binds, plain, factors }: BindSums,
  part: StepPart,
  cost: OperationCost,
  launch: number,
  us: number,
): void {
  const { computeUs, memoryUs, linkUs, fixedUs } = cost;
  const serial = Math.max(0, fixedUs - launch);
  const all = computeUs + memoryUs + linkUs + serial;
  if (!(all > 0)) return;
  const share = us / all;
  const factor = factors[part];
  const compute = share * computeUs;
  const hbm = share * memoryUs;
  const link = share * linkUs;
  const latency = share * serial;
  plain[BINDS.compute] += compute;
  plain[BINDS.hbm] += hbm;
  plain[BINDS.link] += link;
  plain[BINDS.latency] += latency;
  binds[BINDS.compute] += factor * compute;
  binds[BINDS.hbm] += factor * hbm;
  binds[BINDS.link] += factor * link;
  binds[BINDS.latency] += factor * latency;
}

/** A kernel on a device, its constants at hand. Reads the sizes of its operation at every run. */
export class Kernel {
  /** Of the last run; `launch` is the part of it that graphs hide, us. */
  readonly cost = emptyCost();
  launch = 0;
  /** Tokens that fall on the rank, of experts whose load is known. */
  load: RankLoad | undefined;
  /** A copy, to be sized in place. */
  readonly operation: { -readonly [K in keyof Operation]: Operation[K] };
  private readonly bound: BoundOperation;
  private readonly launchUs: number;

  constructor(operation: Operation, estimator: OperationEstimator, peaks: Peaks) {
    this.operation = { ...operation };
    this.bound = estimator.bind(operation, peaks);
    this.launchUs = launchOf(this.bound);
  }

  run(): void {
    const { form, peaks, constants, cold } = this.bound;
    const { operation, load, cost } = this;
    if (load !== undefined && operation.op === 'moe') {
      moeWithLoad(operation, load, peaks, constants, cost);
    } else {
      form.evaluate(operation, peaks, constants, cost, cold);
    }
    this.launch = Math.min(this.launchUs, cost.us);
  }
}

/** An operation of a list with what its kernels took when they last ran. */
export class BoundStep {
  /** `other`: another kernel for the same job; the faster one counts. */
  constructor(
    private readonly step: StepOperation,
    private readonly own: Kernel,
    private readonly other: Kernel | undefined,
  ) {}

  /** Adds the time, `factor` times as long. */
  addTo(parts: StepParts, sums?: BindSums, factor = 1): void {
    const { part, fixedShare } = this.step;
    const { own, other } = this;
    const { cost, launch } = other !== undefined && other.cost.us < own.cost.us ? other : own;
    const count = this.step.count * factor;
    const us = count * (cost.us - launch);
    parts[part] += us;
    parts.fixed += count * launch * fixedShare;
    if (sums !== undefined) bind(sums, part, cost, launch, us);
  }
}

/** The kernels of lists on a device, one for all operations that are the same. */
export class KernelSet {
  readonly kernels: Kernel[] = [];

  constructor(
    private readonly estimator: OperationEstimator,
    private readonly peaks: Peaks,
  ) {}

  bind(step: StepOperation): BoundStep {
    const { operation, other, load } = step;
    const second = other === undefined ? undefined : this.kernel(other, load);
    return new BoundStep(step, this.kernel(operation, load), second);
  }

  run(): void {
    for (const kernel of this.kernels) kernel.run();
  }

  private kernel(operation: Operation, load: RankLoad | undefined): Kernel {
    const found = this.kernels.find((each) => sameOperation(each.operation, operation));
    if (found !== undefined) return found;
    const made = new Kernel(operation, this.estimator, this.peaks);
    made.load = load;
    this.kernels.push(made);
    return made;
  }
}

/** Adds work that has traffic and arithmetic only. */
export function addTraffic(
  { part, bytes, flops, share }: StepTraffic,
  peaks: Peaks,
  parts: StepParts,
  sums?: BindSums,
): void {
  const moved = bytes / (peaks.hbm * 1e-6);
  const computed = flops / (peaks.bf16 * 1e-6);
  const us = Math.max(moved, computed) / share;
  parts[part] += us;
  if (sums === undefined) return;
  const by = computed > moved ? BINDS.compute : BINDS.hbm;
  sums.plain[by] += us;
  sums.binds[by] += part === 'glue' ? us : sums.factors[part] * us;
}

/** Prices a list on a device. The estimator should be cold: layers do not share a cache. */
export function stepParts(
  list: StepList,
  estimator: OperationEstimator,
  peaks: Peaks,
): StepParts {
  const parts = emptyParts();
  const set = new KernelSet(estimator, peaks);
  const steps = list.operations.map((step) => set.bind(step));
  set.run();
  for (const step of steps) step.addTo(parts);
  for (const traffic of list.traffic) addTraffic(traffic, peaks, parts);
  return parts;
}
