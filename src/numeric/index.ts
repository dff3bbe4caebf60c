// SPDX-License-Identifier: Apache-2.0
export type { NumericExports } from './exports.js';
export { loadNumeric } from './load.js';
export { NUMERIC_ABI_VERSION, NumericCore } from './numeric-core.js';
export { Scratch } from './scratch.js';
export type { Item } from './scratch.js';
