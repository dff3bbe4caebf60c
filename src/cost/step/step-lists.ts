// SPDX-License-Identifier: Apache-2.0
import { FITTED } from '../op/fitted.js';
import { OperationEstimator } from '../op/estimator.js';
import type { Peaks } from '../op/peaks.js';
import type { AttentionShape } from '../serving/attention-operations.js';
import { devicePeaks } from '../serving/device-peaks.js';
import { headList, latentList, passList } from '../serving/step-list.js';
import type { StepList } from '../serving/step-operation.js';
import { AttentionCore } from './attention-core.js';
import { LinearList } from './linear-list.js';
import type { OperationStepOptions } from './options.js';

/** Cold: in serving every layer has a cache of its own, nothing of it is found in L2. */
const estimator = new OperationEstimator(FITTED, true);

const ONE = { sequences: 1, newTokens: 1, past: 0 };

/**
 * Operations of a served model bound to a device, without constants on top: step models that differ
 * in those share them.
 */
export class StepLists {
  readonly peaks: Peaks;
  readonly pass: LinearList;
  readonly head: LinearList;
  /** Products of latent attention: absorbed in decode, expanded in prefill. */
  readonly absorbed: LinearList;
  readonly expanded: LinearList;
  readonly cores: Readonly<Record<AttentionShape['kind'], AttentionCore>>;

  constructor(options: OperationStepOptions) {
    const { peaks } = devicePeaks(options.device);
    this.peaks = peaks;
    const linear = (list: StepList): LinearList => new LinearList(list, estimator, peaks);
    this.pass = linear(passList(options, 1));
    this.head = linear(headList(options, 1));
    this.absorbed = linear(latentList(options, { kind: 'decode', ...ONE }));
    this.expanded = linear(latentList(options, { kind: 'prefill', ...ONE }));
    this.cores = {
      decode: new AttentionCore(options, 'decode', estimator, peaks),
      prefill: new AttentionCore(options, 'prefill', estimator, peaks),
    };
  }
}
