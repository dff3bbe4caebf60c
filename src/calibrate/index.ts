// SPDX-License-Identifier: Apache-2.0
export { calibrate, type CalibratedFamily, fittedOf } from './calibrate.js';
export { readConstants, writeConstants } from './constants-file.js';
export { groupFamilies } from './families.js';
export type { MeasuredRow } from './fit.js';
export { readOperationRows } from './rows.js';
export { type ErrorSummary, summarise } from './statistics.js';
export {
  type CrossValidated, type CrossValidation, crossValidateRows, type ErrorGroup, poolFamilies,
  type Validation, validateRows, type WorstRow,
} from './validate.js';
export { readServingConstants, writeServingConstants } from './serving-constants-file.js';
export { fitServing, type PredictedTimes, predictTimes, type PricedRow } from './serving-fit.js';
export { readServingRows, type ServingRow, type ServingRows } from './serving-rows.js';
export {
  BAR_SYSTEMS, countCells, crossValidateServing, errorsBy, fits, predictServing, priceRows,
  refitServing, servingError, servingErrors, type ServingFit, type ServingFold, servingGroup,
  type ServingGroupErrors, type ServingPrediction, type ServingReport, servingReport,
} from './serving-validate.js';
export { fitSees, type StepErrors, type StepValidation, validateSteps } from './step-fit.js';
export { readStepRows, type StepRow } from './step-rows.js';
