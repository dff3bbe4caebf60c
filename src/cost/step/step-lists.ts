// SPDX-License-Identifier: Apache-2.0
import type { Device } from '../../hardware/index.js';
import { FITTED } from '../op/fitted.js';
import { OperationEstimator } from '../op/estimator.js';
import type { Peaks } from '../op/peaks.js';
import type { AttentionShape } from '../serving/attention-operations.js';
import { devicePeaks } from '../serving/device-peaks.js';
import type { ServedLayout } from '../serving/step-builder.js';
import { attentionList, headList, latentList, passList } from '../serving/step-list.js';
import type { StepList } from '../serving/step-operation.js';
import { AttentionCore } from './attention-core.js';
import { LinearList } from './linear-list.js';
import type { OperationStepOptions } from './options.js';

/** Cold: in serving every layer has a cache of its own, nothing of it is found in L2. */
export const COLD_ESTIMATOR = new OperationEstimator(FITTED, true);

const ONE = { sequences: 1, newTokens: 1, past: 0 };
const PROBE = { sequences: 1, newTokens: 1, past: 1 };

/** Operations of a served model on one token, on any device. */
type UnitLists = Readonly<Record<
  'pass' | 'head' | 'absorbed' | 'expanded' | AttentionShape['kind'], StepList
>>;

function unitLists(served: ServedLayout): UnitLists {
  return {
    pass: passList(served, 1),
    head: headList(served, 1),
    absorbed: latentList(served, { kind: 'decode', ...ONE }),
    expanded: latentList(served, { kind: 'prefill', ...ONE }),
    decode: attentionList(served, { kind: 'decode', ...PROBE }),
    prefill: attentionList(served, { kind: 'prefill', ...PROBE }),
  };
}

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

  constructor(
    private readonly options: OperationStepOptions,
    private readonly units = unitLists(options),
  ) {
    const { peaks } = devicePeaks(options.device);
    this.peaks = peaks;
    const linear = (list: StepList): LinearList => new LinearList(list, COLD_ESTIMATOR, peaks);
    this.pass = linear(units.pass);
    this.head = linear(units.head);
    this.absorbed = linear(units.absorbed);
    this.expanded = linear(units.expanded);
    const core = (list: StepList): AttentionCore =>
      new AttentionCore(options, list, COLD_ESTIMATOR, peaks);
    this.cores = { decode: core(units.decode), prefill: core(units.prefill) };
  }

  /** The same operations on a device that differs in numbers only. */
  on(device: Device): StepLists {
    if (device === this.options.device) return this;
    return new StepLists({ ...this.options, device }, this.units);
  }
}
