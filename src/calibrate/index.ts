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
