// SPDX-License-Identifier: Apache-2.0
import { check } from '../core/index.js';
import { dataOf, dtypeOf, must, mustBeBytes, mustBeFloats } from './floats.js';
import type { Floats } from './floats.js';
import type { NumericCore } from './numeric-core.js';

/**
 * Number formats by the rule that encodes them. The rules of one format differ in NaN, -0 and
 * overflow alone; docs/kernels/codec.md lists them side by side.
 */
export const NUMBER_FORMATS = [
  'e4m3', 'e4m3-ml-dtypes', 'e2m1', 'e2m1-te', 'e2m1-ml-dtypes', 'ue4m3-ggml',
] as const;
export type NumberFormat = (typeof NUMBER_FORMATS)[number];

function formatCode(format: NumberFormat): number {
  const code = NUMBER_FORMATS.indexOf(format);
  must(code >= 0, 'format', `one of ${NUMBER_FORMATS.join(', ')}`, format);
  return code;
}

/** Codes of x, one a byte: the nearest value of the format, ties to even (ggml: half up). */
export function encodeFloats(core: NumericCore, x: Floats, format: NumberFormat): Uint8Array {
  mustBeFloats(x, 'x');
  const code = formatCode(format);
  const data = dataOf(x);
  const [from, out] = core.scratch.place([data, data.length]);
  check('codec_encode', core.exports.codec_encode(code, from, dtypeOf(x), data.length, out));
  return core.scratch.u8(out, data.length);
}

/** Values of codes, one a byte. Bits that the format does not have are ignored. */
export function decodeFloats(
  core: NumericCore,
  codes: Uint8Array,
  format: NumberFormat,
): Float32Array {
  mustBeBytes(codes, 'codes', codes.length);
  const code = formatCode(format);
  const [from, out] = core.scratch.place([codes, codes.length * 4]);
  check('codec_decode', core.exports.codec_decode(code, from, codes.length, out));
  return core.scratch.f32(out, codes.length);
}

/** E2M1 codes of x rounded stochastically, with a random byte an element. */
export function encodeStochastic(
  core: NumericCore,
  x: Float32Array,
  random: Uint8Array,
): Uint8Array {
  must(x instanceof Float32Array, 'x', 'a Float32Array', typeof x);
  mustBeBytes(random, 'random', x.length);
  const [from, bits, out] = core.scratch.place([x, random, x.length]);
  check('codec_stochastic', core.exports.codec_stochastic(from, bits, x.length, out));
  return core.scratch.u8(out, x.length);
}
