// SPDX-License-Identifier: Apache-2.0
import { checkLayout, type StepModelOptions } from './options.js';
import { makeOperationStepModel } from './step/operation-step-model.js';
import { operationOptions } from './step/options.js';
import type { StepModel } from './types.js';

/**
 * The step model of one model on one parallel layout.
 * @throws RangeError that begins with the option when the layout cannot exist on that device.
 */
export function makeStepModel(options: StepModelOptions): StepModel {
  checkLayout(options);
  return makeOperationStepModel(operationOptions(options));
}
