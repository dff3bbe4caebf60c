// SPDX-License-Identifier: Apache-2.0
import type { Device } from '../hardware/index.js';
import type { KvDtype, ModelArchitecture, WeightDtype } from '../model/index.js';
import type { Engine } from './layer-floor.js';

/** One model on one parallel layout of one device. */
export interface StepModelOptions {
  device: Device;
  model: ModelArchitecture;
  /** Ranks that split heads, FFN width and experts. */
  tensorParallel: number;
  weightDtype: WeightDtype;
  kvDtype: KvDtype;
  /** Whose fixed times a layer to use; default vllm. */
  engine?: Engine;
}

/** Throws a RangeError that names the option when a layout cannot exist. */
export function checkLayout(options: Omit<StepModelOptions, 'engine'>): void {
  const { device, model, tensorParallel: ranks, weightDtype, kvDtype } = options;
  if (!Number.isInteger(ranks) || ranks < 1) {
    throw new RangeError(`tensorParallel: must be a whole number of 1 or more, got ${ranks}`);
  }
  if (model.attention.heads % ranks !== 0) {
    throw new RangeError(
      `tensorParallel: must divide the ${model.attention.heads} heads of ${model.name}, `
        + `got ${ranks}`,
    );
  }
  const domain = device.scaleUp.domainGpus ?? 1;
  if (ranks > domain) {
    throw new RangeError(
      `tensorParallel: ${device.name} links ${domain} GPUs by ${device.scaleUp.name}, got ${ranks}`,
    );
  }
  if (device.compute.nvfp4FlopsPerS === null) {
    if (weightDtype === 'nvfp4') throw new RangeError(`weightDtype: ${device.name} has no nvfp4`);
    if (kvDtype === 'nvfp4') throw new RangeError(`kvDtype: ${device.name} has no nvfp4`);
  }
}
