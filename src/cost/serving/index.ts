// SPDX-License-Identifier: Apache-2.0
/** From operation costs to step time and TPOT of a serving deployment. */
export { devicePeaks, type DevicePeaks, generationOf } from './device-peaks.js';
export { expectedLoad } from './expert-load.js';
export { FITTED_SERVING } from './fitted-serving.js';
export type { FittedServing, ServingErrors } from './fitted.js';
export {
  isMxfp4, type Precision, PRECISIONS, stepFormats, type StepFormats,
} from './formats.js';
export { kvTokens, rankWeightBytes, residentSequences } from './kv-cap.js';
export {
  type Layout, type LayoutColumns, type LayoutReading, readLayout,
} from './layout.js';
export {
  indexLayers, type ModelKind, modelKind, type ServingFamily, servingFamily,
} from './model-kind.js';
export { findServingDevice, findServingModel, SERVING_ENGINES } from './names.js';
export type { ServingPoint } from './point.js';
export { CHUNK, meanShare, type PointParts, pointParts } from './point-parts.js';
export { inputDefect, type Speculation, speculationOf, suspicion } from './rules.js';
export {
  effectKeys, servingCell, scalesOf, SERVING_CONSTANTS, type ServingConstant,
  type ServingEffects, servingScales, summedEffects,
} from './scales.js';
export { emptyParts, type StepParts, stepParts } from './step-cost.js';
export {
  attentionList, headList, latentList, passList, stepList, type StepShape,
} from './step-list.js';
export type { StepList, StepOperation, StepPart, StepTraffic } from './step-operation.js';
export { NEUTRAL_SCALES, type ServingScales, stepsOfToken, type Tpot, tpot } from './tpot.js';
export { ROUNDS, ttft, unsimulatedUs } from './ttft.js';
