// SPDX-License-Identifier: Apache-2.0
export type { NativeSide, NumericCase, Side } from './case.js';
export { NUMERIC_NOTE, numericRatioRows, numericRows } from './rows.js';
export { numericCases, numericLane, runNumeric } from './run.js';
export type { NumericBuild, NumericNative, NumericOptions, NumericResult } from './run.js';
