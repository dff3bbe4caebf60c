// SPDX-License-Identifier: Apache-2.0
import { attends, type LayerGroup, layerGroups } from '../../model/index.js';
import type { OperationEstimator } from '../op/estimator.js';
import type { Peaks } from '../op/peaks.js';
import {
  type AttentionShape, type AttentionSizes, attentionSizes, attentionTraffic,
} from '../serving/attention-operations.js';
import type { ServedLayout } from '../serving/step-builder.js';
import { addTraffic, type BindSums, BoundStep, type StepParts } from '../serving/step-cost.js';
import { attentionList } from '../serving/step-list.js';
import { factorOf, operationLabel, STATE_AND_SCORES, type Varied } from './varied.js';

const PROBE = { sequences: 1, newTokens: 1, past: 1 };

/** Attention to what is cached, built once for decode or prefill and sized in place. */
export class AttentionCore {
  private readonly groups: readonly LayerGroup[];
  private readonly attending: readonly LayerGroup[];
  private readonly sizes: AttentionSizes[] = [];
  private readonly steps: BoundStep[] = [];
  private readonly labels: string[] = [];
  private readonly latentRows: boolean;
  private readonly tp: number;

  constructor(
    served: ServedLayout,
    kind: AttentionShape['kind'],
    estimator: OperationEstimator,
    private readonly peaks: Peaks,
  ) {
    const list = attentionList(served, { kind, ...PROBE });
    for (const step of list.operations) {
      this.sizes.push(step.operation);
      this.labels.push(operationLabel(step.operation));
      this.steps.push(new BoundStep(step, estimator, peaks));
    }
    this.groups = layerGroups(served.model);
    // One operation each, in this order.
    this.attending = this.groups.filter(attends);
    this.latentRows = served.model.attention.kind === 'MLA';
    this.tp = served.layout.tp;
  }

  addTo(shape: AttentionShape, parts: StepParts, sums: BindSums, varied?: Varied): void {
    const { attending, sizes, steps, tp } = this;
    for (let i = 0; i < steps.length; i++) {
      attentionSizes(attending[i], shape, sizes[i], this.latentRows);
      steps[i].addTo(parts, sums, factorOf(this.labels[i], varied));
    }
    for (const group of this.groups) {
      const traffic = attentionTraffic(group, shape, tp);
      if (traffic === undefined) continue;
      const share = traffic.share / factorOf(STATE_AND_SCORES, varied);
      addTraffic({ ...traffic, share }, this.peaks, parts, sums);
    }
  }
}
