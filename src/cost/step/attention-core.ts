// SPDX-License-Identifier: Apache-2.0
import { attends, type LayerGroup, layerGroups } from '../../model/index.js';
import type { OperationEstimator } from '../op/estimator.js';
import type { Peaks } from '../op/peaks.js';
import {
  type AttentionShape, attentionSizes, attentionTraffic,
} from '../serving/attention-operations.js';
import type { ServedLayout } from '../serving/step-builder.js';
import {
  addTraffic, type BindSums, BoundStep, Kernel, type StepParts,
} from '../serving/step-cost.js';
import type { StepList } from '../serving/step-operation.js';
import { factorOf, operationLabel, STATE_AND_SCORES, type Varied } from './varied.js';

/** Attention to what is cached, built once for decode or prefill and sized in place. */
export class AttentionCore {
  private readonly groups: readonly LayerGroup[];
  private readonly attending: readonly LayerGroup[];
  private readonly kernels: Kernel[] = [];
  private readonly steps: BoundStep[] = [];
  private readonly labels: string[] = [];
  private readonly latentRows: boolean;
  private readonly tp: number;

  /** `probe`: the model's attention at any shape. */
  constructor(
    { model, layout }: ServedLayout,
    probe: StepList,
    estimator: OperationEstimator,
    private readonly peaks: Peaks,
  ) {
    for (const step of probe.operations) {
      // A kernel each: operations of groups that are the same here differ in reach.
      const kernel = new Kernel(step.operation, estimator, peaks);
      this.labels.push(operationLabel(step.operation));
      this.kernels.push(kernel);
      this.steps.push(new BoundStep(step, kernel, undefined));
    }
    this.groups = layerGroups(model);
    // One operation each, in this order.
    this.attending = this.groups.filter(attends);
    this.latentRows = model.attention.kind === 'MLA';
    this.tp = layout.tp;
  }

  addTo(shape: AttentionShape, parts: StepParts, sums: BindSums, varied?: Varied): void {
    const { attending, kernels, steps, tp } = this;
    for (let i = 0; i < steps.length; i++) {
      attentionSizes(attending[i], shape, kernels[i].operation, this.latentRows);
      kernels[i].run();
      steps[i].addTo(parts, sums, factorOf(this.labels[i], varied));
    }
    for (const group of this.groups) {
      const traffic = attentionTraffic(group, shape, tp);
      if (traffic === undefined) continue;
      const factor = factorOf(STATE_AND_SCORES, varied);
      const own = factor === 1 ? traffic : { ...traffic, share: traffic.share / factor };
      addTraffic(own, this.peaks, parts, sums);
    }
  }
}
