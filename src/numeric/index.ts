// SPDX-License-Identifier: Apache-2.0
export type { NumericExports } from './exports.js';
export { loadNumeric } from './load.js';
export { NUMERIC_ABI_VERSION, NumericCore } from './numeric-core.js';
export { Scratch } from './scratch.js';
export type { Item } from './scratch.js';
// Number formats
export type { Floats, HalfArray } from './floats.js';
export { NUMBER_FORMATS, decodeFloats, encodeFloats, encodeStochastic } from './codec.js';
export type { NumberFormat } from './codec.js';
export {
  linearScales, nvfp4Dequantize, nvfp4EncodeScale, nvfp4Quantize, nvfp4ScaleBytes, swizzleScales,
} from './nvfp4.js';
export type { ErrorStatistics, Nvfp4Format, Nvfp4Options, Nvfp4Tensor } from './nvfp4.js';
export { HADAMARD_SIGNS, hadamard16 } from './hadamard.js';
export {
  KV_BYTES_PER_ELEMENT, kvAffineDecode, kvAffineEncode, kvFp4Decode, kvFp4Encode, kvFp8Decode,
  kvFp8Encode,
} from './kv-formats.js';
export type { AffineRows, KvFp4Blocks } from './kv-formats.js';
export { GGML_BLOCKS, ggmlDecode, ggmlEncode } from './ggml-blocks.js';
export type { GgmlFormat } from './ggml-blocks.js';
