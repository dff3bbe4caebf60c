// SPDX-License-Identifier: Apache-2.0
export { type Assumption, describeAssumptions } from './assumptions.js';
export { type Engine, type LayerFloor, layerFloor } from './layer-floor.js';
export {
  DoesNotFitError,
  type KvCapacity,
  kvCapacity,
  type KvCapacityOptions,
} from './memory.js';
export type { StepModelOptions } from './options.js';
export { makeStepModel } from './step-model.js';
export {
  type Bound,
  BOUNDS,
  emptyStepLoad,
  type StepCost,
  type StepLoad,
  type StepModel,
} from './types.js';
