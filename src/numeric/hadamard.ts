// SPDX-License-Identifier: Apache-2.0
import { check } from '../core/index.js';
import { dataOf, dtypeOf, must, mustBeFloats } from './floats.js';
import type { Floats } from './floats.js';
import type { NumericCore } from './numeric-core.js';

/** Signs of TransformerEngine's NVFP4 recipe. */
export const HADAMARD_SIGNS: readonly number[] = [
  1, 1, 1, -1, 1, -1, -1, -1, -1, -1, -1, 1, -1, 1, -1, -1,
];

/**
 * 16-point random Hadamard transform of each run of sixteen elements. Applied to both operands of a
 * product it changes nothing but rounding. The length is a multiple of 16; `signs` are sixteen of
 * +1 and -1.
 */
export function hadamard16(
  core: NumericCore,
  x: Floats,
  signs: readonly number[] = HADAMARD_SIGNS,
): Float32Array {
  mustBeFloats(x, 'x');
  const legal = signs.length === 16 && signs.every((sign) => sign === 1 || sign === -1);
  must(legal, 'signs', 'sixteen of 1 and -1', signs);
  const data = dataOf(x);
  must(data.length % 16 === 0, 'x', 'a multiple of 16 elements', data.length);
  const negative = signs.reduce((mask, sign, i) => (sign < 0 ? mask | (1 << i) : mask), 0);
  const [from, out] = core.scratch.place([data, data.length * 4]);
  const { exports } = core;
  check('hadamard16', exports.hadamard16(from, dtypeOf(x), data.length, negative, out));
  return core.scratch.f32(out, data.length);
}
