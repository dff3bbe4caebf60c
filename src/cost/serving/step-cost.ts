// SPDX-License-Identifier: Apache-2.0
import { moeWithLoad } from '../op/moe.js';
import type { BoundOperation, OperationEstimator } from '../op/estimator.js';
import { emptyCost } from '../op/form.js';
import type { Operation } from '../op/operation.js';
import type { Peaks } from '../op/peaks.js';
import type { StepList, StepOperation } from './step-operation.js';

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

/** Launch constant of a bound operation, us. */
function launchOf({ form, constants }: BoundOperation): number {
  const at = form.constants.findIndex(({ name }) => name === 'fixed');
  return at < 0 ? 0 : constants[at];
}

const scratch = emptyCost();

/** Latency and launch time of one operation, us. */
function price(
  estimator: OperationEstimator,
  peaks: Peaks,
  operation: Operation,
  step: StepOperation,
): { us: number; fixed: number } {
  const bound = estimator.bind(operation, peaks);
  const fixed = launchOf(bound);
  const us = step.load !== undefined && operation.op === 'moe'
    ? moeWithLoad(operation, step.load, peaks, bound.constants, scratch)
    : bound.us(operation);
  return { us, fixed: Math.min(fixed, us) };
}

/** Prices a list on a device. The estimator should be cold: layers do not share a cache. */
export function stepParts(
  list: StepList,
  estimator: OperationEstimator,
  peaks: Peaks,
): StepParts {
  const parts = emptyParts();
  for (const step of list.operations) {
    let cost = price(estimator, peaks, step.operation, step);
    if (step.other !== undefined) {
      const other = price(estimator, peaks, step.other, step);
      if (other.us < cost.us) cost = other;
    }
    parts[step.part] += step.count * (cost.us - cost.fixed);
    parts.fixed += step.count * cost.fixed * step.fixedShare;
  }
  for (const { part, bytes, flops, share } of list.traffic) {
    const moved = bytes / (peaks.hbm * 1e-6);
    parts[part] += Math.max(moved, flops / (peaks.bf16 * 1e-6)) / share;
  }
  return parts;
}
