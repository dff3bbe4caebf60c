// SPDX-License-Identifier: Apache-2.0
import { moeWithLoad } from '../op/moe.js';
import type { BoundOperation, OperationEstimator } from '../op/estimator.js';
import { emptyCost, type OperationCost } from '../op/form.js';
import type { Operation } from '../op/operation.js';
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

/** Where to add what binds, each part times its factor. */
export interface BindSums {
  readonly binds: StepBinds;
  readonly factors: Readonly<Record<StepPart, number>>;
}

/** Launch constant of a bound operation, us. */
function launchOf({ form, constants }: BoundOperation): number {
  const at = form.constants.findIndex(({ name }) => name === 'fixed');
  return at < 0 ? 0 : constants[at];
}

/** Adds time in proportion to what each resource alone would need. */
function bind(binds: StepBinds, cost: OperationCost, launch: number, us: number): void {
  const { computeUs, memoryUs, linkUs, fixedUs } = cost;
  const serial = Math.max(0, fixedUs - launch);
  const all = computeUs + memoryUs + linkUs + serial;
  if (!(all > 0)) return;
  const share = us / all;
  binds[BINDS.compute] += share * computeUs;
  binds[BINDS.hbm] += share * memoryUs;
  binds[BINDS.link] += share * linkUs;
  binds[BINDS.latency] += share * serial;
}

/** A kernel on a device, its constants at hand. */
class Kernel {
  readonly cost = emptyCost();
  private readonly launchUs: number;

  constructor(
    private readonly bound: BoundOperation,
    private readonly operation: Operation,
  ) {
    this.launchUs = launchOf(bound);
  }

  /** Fills `cost`; returns the launch's time, us. */
  run(load: RankLoad | undefined): number {
    const { bound, operation, cost } = this;
    if (load !== undefined && operation.op === 'moe') {
      moeWithLoad(operation, load, bound.peaks, bound.constants, cost);
    } else {
      bound.evaluate(operation, cost);
    }
    return Math.min(this.launchUs, cost.us);
  }
}

/**
 * An operation of a list bound to a device. Reads its sizes at every call, so that whoever changes
 * them in place asks again.
 */
export class BoundStep {
  private readonly own: Kernel;
  private readonly other: Kernel | undefined;

  constructor(readonly step: StepOperation, estimator: OperationEstimator, peaks: Peaks) {
    const { operation, other } = step;
    this.own = new Kernel(estimator.bind(operation, peaks), operation);
    if (other !== undefined) this.other = new Kernel(estimator.bind(other, peaks), other);
  }

  /** Adds the time, `factor` times as long. */
  addTo(parts: StepParts, sums?: BindSums, factor = 1): void {
    const { part, fixedShare, load } = this.step;
    const count = this.step.count * factor;
    let { cost } = this.own;
    let launch = this.own.run(load);
    if (this.other !== undefined) {
      const others = this.other.run(load);
      if (this.other.cost.us < cost.us) {
        cost = this.other.cost;
        launch = others;
      }
    }
    const us = count * (cost.us - launch);
    parts[part] += us;
    parts.fixed += count * launch * fixedShare;
    if (sums !== undefined) bind(sums.binds, cost, launch, sums.factors[part] * us);
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
  sums.binds[by] += part === 'glue' ? us : sums.factors[part] * us;
}

/** Prices a list on a device. The estimator should be cold: layers do not share a cache. */
export function stepParts(
  list: StepList,
  estimator: OperationEstimator,
  peaks: Peaks,
): StepParts {
  const parts = emptyParts();
  for (const step of list.operations) new BoundStep(step, estimator, peaks).addTo(parts);
  for (const traffic of list.traffic) addTraffic(traffic, peaks, parts);
  return parts;
}
