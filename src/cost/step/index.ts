// SPDX-License-Identifier: Apache-2.0
/** Time of a simulator's step from operation costs. */
export { operationLayout } from '../options.js';
export { makeOperationStepModel } from './operation-step-model.js';
export {
  operationFormats, operationOptions, type OperationStepOptions,
} from './options.js';
export { stepScales } from './step-prices.js';
