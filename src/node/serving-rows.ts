// SPDX-License-Identifier: Apache-2.0
import { readServingConstants } from '../calibrate/serving-constants-file.js';
import { readServingRows, type ServingRows } from '../calibrate/serving-rows.js';
import { readStepRows, type StepRow } from '../calibrate/step-rows.js';
import type { FittedServing } from '../cost/serving/index.js';
import { readText } from './operation-rows.js';

/** Serving measurements of a CSV file. @throws UserError with file, line and column. */
export function readServingFile(file: string): ServingRows {
  return readServingRows(readText(file), file);
}

/** Forward steps of a CSV file. @throws UserError with file, line and column. */
export function readStepFile(file: string): { rows: StepRow[]; others: number } {
  return readStepRows(readText(file), file);
}

/** Serving constants that `kvloom calibrate --serving --out` wrote. @throws UserError. */
export function readServingConstantsFile(file: string): FittedServing {
  return readServingConstants(readText(file), file);
}
