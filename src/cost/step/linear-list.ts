// SPDX-License-Identifier: Apache-2.0
import type { OperationEstimator } from '../op/estimator.js';
import type { Operation } from '../op/operation.js';
import type { Peaks } from '../op/peaks.js';
import { expectedLoad } from '../serving/expert-load.js';
import { addTraffic, type BindSums, BoundStep, type StepParts } from '../serving/step-cost.js';
import type { StepList, StepOperation, StepTraffic } from '../serving/step-operation.js';
import { factorOf, operationLabel, trafficLabel, type Varied } from './varied.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Sizes that grow with tokens; an operation has one of them, the others are 0. */
interface Sizes {
  readonly operation: Mutable<Operation>;
  readonly m: number;
  readonly tokens: number;
  readonly elements: number;
}

function sizesOf(operation: Mutable<Operation>): Sizes {
  const { m, tokens, elements } = operation;
  return { operation, m, tokens, elements };
}

/**
 * A list whose every size is so many times that of one token, so that it is built once and priced
 * at any number of them in place.
 */
export class LinearList {
  private readonly sizes: Sizes[] = [];
  private readonly experts: Mutable<StepOperation>[] = [];
  private readonly steps: BoundStep[] = [];
  private readonly labels: string[] = [];
  private readonly unitTraffic: readonly StepTraffic[];
  private readonly traffic: Mutable<StepTraffic>[];

  /** `unit`: the list of one token, which the new object may change from now on. */
  constructor(unit: StepList, estimator: OperationEstimator, private readonly peaks: Peaks) {
    for (const step of unit.operations) {
      this.sizes.push(sizesOf(step.operation));
      if (step.other !== undefined) this.sizes.push(sizesOf(step.other));
      if (step.load !== undefined) this.experts.push(step);
      this.steps.push(new BoundStep(step, estimator, peaks));
      this.labels.push(operationLabel(step.operation));
    }
    this.unitTraffic = unit.traffic;
    this.traffic = unit.traffic.map((each) => ({ ...each }));
  }

  /** Adds what so many tokens take. */
  addTo(count: number, parts: StepParts, sums: BindSums, varied?: Varied): void {
    for (const { operation, m, tokens, elements } of this.sizes) {
      operation.m = m * count;
      operation.tokens = tokens * count;
      operation.elements = elements * count;
    }
    for (const step of this.experts) {
      const { tokens, topk, experts, moeEp } = step.operation;
      step.load = expectedLoad(tokens, topk, experts, moeEp);
    }
    for (let i = 0; i < this.steps.length; i++) {
      this.steps[i].addTo(parts, sums, factorOf(this.labels[i], varied));
    }
    for (let i = 0; i < this.traffic.length; i++) {
      this.traffic[i].bytes = this.unitTraffic[i].bytes * count;
      this.traffic[i].flops = this.unitTraffic[i].flops * count;
      const share = this.unitTraffic[i].share;
      this.traffic[i].share = share / factorOf(trafficLabel(this.traffic[i]), varied);
      addTraffic(this.traffic[i], this.peaks, parts, sums);
    }
  }
}
