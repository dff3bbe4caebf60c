// SPDX-License-Identifier: Apache-2.0
export { type Assumption, describeAssumptions, memoryAssumptions } from './assumptions.js';
export { type Coverage, stepCoverage } from './coverage.js';
export { type Engine, type LayerFloor, layerFloor } from './layer-floor.js';
export {
  DoesNotFitError,
  type KvCapacity,
  kvCapacity,
  type KvCapacityOptions,
  MEMORY_FRACTIONS,
  type MemoryPart,
} from './memory.js';
export type { StepModelOptions } from './options.js';
export { makeStepModel } from './step-model.js';
export { type LoadShare, rankAssumptions } from './sensitivity.js';
export {
  type Bound,
  BOUNDS,
  emptyStepLoad,
  type StepCost,
  type StepLoad,
  type StepModel,
} from './types.js';
