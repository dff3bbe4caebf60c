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
import { STATE_AND_SCORES, type Varied, variedList } from './varied-list.js';

const PROBE = { sequences: 1, newTokens: 1, past: 1 };

/** Attention to what is cached, built once for decode or prefill and sized in place. */
export class AttentionCore {
  private readonly groups: readonly LayerGroup[];
  private readonly attending: readonly LayerGroup[];
  private readonly sizes: AttentionSizes[] = [];
  private readonly steps: BoundStep[] = [];
  private readonly latentRows: boolean;
  /** What traffic takes over what it should, 1 unless varied. */
  private readonly slower: number;
  private readonly tp: number;

  constructor(
    served: ServedLayout,
    kind: AttentionShape['kind'],
    estimator: OperationEstimator,
    private readonly peaks: Peaks,
    varied?: Varied,
  ) {
    const list = variedList(attentionList(served, { kind, ...PROBE }), varied);
    for (const step of list.operations) {
      this.sizes.push(step.operation);
      this.steps.push(new BoundStep(step, estimator, peaks));
    }
    this.groups = layerGroups(served.model);
    // One operation each, in this order.
    this.attending = this.groups.filter(attends);
    this.latentRows = served.model.attention.kind === 'MLA';
    this.tp = served.layout.tp;
    this.slower = varied?.part === STATE_AND_SCORES ? varied.factor : 1;
  }

  addTo(shape: AttentionShape, parts: StepParts, sums: BindSums): void {
    const { attending, sizes, steps, tp } = this;
    for (let i = 0; i < steps.length; i++) {
      attentionSizes(attending[i], shape, sizes[i], this.latentRows);
      steps[i].addTo(parts, sums);
    }
    for (const group of this.groups) {
      const traffic = attentionTraffic(group, shape, tp);
      if (traffic === undefined) continue;
      const share = traffic.share / this.slower;
      addTraffic({ ...traffic, share }, this.peaks, parts, sums);
    }
  }
}
