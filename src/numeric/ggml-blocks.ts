// SPDX-License-Identifier: Apache-2.0
import { check } from '../core/index.js';
import { dataOf, dtypeOf, must, mustBeBytes, mustBeFloats } from './floats.js';
import type { Floats } from './floats.js';
import type { NumericCore } from './numeric-core.js';

export type GgmlFormat = 'nvfp4' | 'mxfp4';

/** Elements and bytes of a block. */
export const GGML_BLOCKS = {
  nvfp4: { code: 0, elements: 64, bytes: 36 },
  mxfp4: { code: 1, elements: 32, bytes: 17 },
} as const;

function blockOf(format: GgmlFormat, elements: number): { code: number; bytes: number } {
  const block = GGML_BLOCKS[format];
  must(block !== undefined, 'format', 'nvfp4 or mxfp4', format);
  const whole = Number.isInteger(elements / block.elements) && elements >= 0;
  must(whole, 'elements', `a multiple of ${block.elements}`, elements);
  return { code: block.code, bytes: (elements / block.elements) * block.bytes };
}

/** Blocks of a ggml file. */
export function ggmlEncode(core: NumericCore, x: Floats, format: GgmlFormat): Uint8Array {
  mustBeFloats(x, 'x');
  const data = dataOf(x);
  const { code, bytes } = blockOf(format, data.length);
  const [from, out] = core.scratch.place([data, bytes]);
  const { exports } = core;
  check('ggml_encode', exports.ggml_encode(code, from, dtypeOf(x), data.length, out));
  return core.scratch.u8(out, bytes);
}

/** The values of blocks that hold `elements` numbers. */
export function ggmlDecode(
  core: NumericCore,
  blocks: Uint8Array,
  elements: number,
  format: GgmlFormat,
): Float32Array {
  const { code, bytes } = blockOf(format, elements);
  mustBeBytes(blocks, 'blocks', bytes);
  const [from, out] = core.scratch.place([blocks, elements * 4]);
  check('ggml_decode', core.exports.ggml_decode(code, from, elements, out));
  return core.scratch.f32(out, elements);
}
