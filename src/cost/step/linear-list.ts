// SPDX-License-Identifier: Apache-2.0
import type { OperationEstimator } from '../op/estimator.js';
import type { Peaks } from '../op/peaks.js';
import { expectedLoad } from '../serving/expert-load.js';
import {
  addTraffic, type BindSums, type BoundStep, type Kernel, KernelSet, type StepParts,
} from '../serving/step-cost.js';
import type { StepList, StepTraffic } from '../serving/step-operation.js';
import { factorOf, operationLabel, trafficLabel, type Varied } from './varied.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A kernel and what one token has of sizes that grow with tokens; those it lacks are 0. */
interface Sized {
  readonly kernel: Kernel;
  readonly m: number;
  readonly tokens: number;
  readonly elements: number;
}

function sized(kernel: Kernel): Sized {
  const { m, tokens, elements } = kernel.operation;
  return { kernel, m, tokens, elements };
}

/**
 * A list whose every size is so many times that of one token, so that it is built once and priced
 * at any number of them in place. Keeps what its kernels took at the last number.
 */
export class LinearList {
  private readonly sizes: readonly Sized[];
  private readonly steps: readonly BoundStep[];
  private readonly labels: readonly string[];
  private readonly traffic: Mutable<StepTraffic>[];
  private readonly trafficLabels: readonly string[];
  /** Tokens that the kernels ran at. */
  private count = NaN;

  /** `unit`: the list of one token. */
  constructor(
    private readonly unit: StepList,
    estimator: OperationEstimator,
    private readonly peaks: Peaks,
  ) {
    const set = new KernelSet(estimator, peaks);
    this.steps = unit.operations.map((step) => set.bind(step));
    this.sizes = set.kernels.map(sized);
    this.labels = unit.operations.map(({ operation }) => operationLabel(operation));
    this.traffic = unit.traffic.map((each) => ({ ...each }));
    this.trafficLabels = unit.traffic.map(trafficLabel);
  }

  /** Adds what so many tokens take. */
  addTo(count: number, parts: StepParts, sums: BindSums, varied?: Varied): void {
    if (count !== this.count) this.run(count);
    const { steps, labels, traffic, trafficLabels } = this;
    for (let i = 0; i < steps.length; i++) {
      steps[i].addTo(parts, sums, factorOf(labels[i], varied));
    }
    for (let i = 0; i < traffic.length; i++) {
      traffic[i].share = this.unit.traffic[i].share / factorOf(trafficLabels[i], varied);
      addTraffic(traffic[i], this.peaks, parts, sums);
    }
  }

  private run(count: number): void {
    this.count = count;
    for (const { kernel, m, tokens, elements } of this.sizes) {
      const { operation } = kernel;
      operation.m = m * count;
      operation.tokens = tokens * count;
      operation.elements = elements * count;
      if (kernel.load !== undefined) {
        const { topk, experts, moeEp } = operation;
        kernel.load = expectedLoad(operation.tokens, topk, experts, moeEp);
      }
      kernel.run();
    }
    for (let i = 0; i < this.traffic.length; i++) {
      this.traffic[i].bytes = this.unit.traffic[i].bytes * count;
      this.traffic[i].flops = this.unit.traffic[i].flops * count;
    }
  }
}
