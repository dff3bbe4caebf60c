// SPDX-License-Identifier: Apache-2.0
export { type Assumption, describeAssumptions } from './assumptions.js';
export type { Engine } from './engine.js';
export {
  DoesNotFitError,
  type KvCapacity,
  kvCapacity,
  type KvCapacityOptions,
  MEMORY_FRACTIONS,
  type MemoryPart,
} from './memory.js';
export { memoryAssumptions } from './memory-assumptions.js';
export { layoutOf, type StepModelOptions } from './options.js';
export { makeStepModel } from './step-model.js';
export { assumptionRanking, type LoadShare, rankAssumptions } from './sensitivity.js';
export {
  type Bound,
  BOUNDS,
  emptyStepLoad,
  type DecodeSteps,
  type StepCost,
  type StepLoad,
  type StepModel,
} from './types.js';
