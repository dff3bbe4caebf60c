// SPDX-License-Identifier: Apache-2.0
import { check } from '../core/index.js';
import { dataOf, dtypeOf, must, mustBeBytes, mustBeFloats, mustBeWhole } from './floats.js';
import type { Floats } from './floats.js';
import type { NumericCore } from './numeric-core.js';

/** Bytes of KV cache an element, without the f32 parameters of affine rows. */
export const KV_BYTES_PER_ELEMENT = {
  fp8: 1, int8: 1, int4: 0.5, kvfp4: 0.5625, nvfp4: 0.5625, bf16: 2,
} as const;

/** Codes of affine rows with what decodes them. */
export interface AffineRows {
  readonly rows: number;
  readonly cols: number;
  readonly bits: 4 | 8;
  readonly codes: Uint8Array;
  /** One a row: value = (code - zero) * scale. */
  readonly scales: Float32Array;
  readonly zeros: Float32Array;
}

/** Codes of KVFP4 with the exponent byte of each block of sixteen. */
export interface KvFp4Blocks {
  readonly codes: Uint8Array;
  readonly scales: Uint8Array;
}

function mustScale(scale: number): void {
  const f = Math.fround(scale);
  must(f > 0 && f < Infinity, 'scale', 'a finite f32 above 0', scale);
}

/** FP8 E4M3 codes of x / scale, saturating. */
export function kvFp8Encode(core: NumericCore, x: Floats, scale = 1): Uint8Array {
  mustBeFloats(x, 'x');
  mustScale(scale);
  const data = dataOf(x);
  const [from, out] = core.scratch.place([data, data.length]);
  const { exports } = core;
  check('kv_fp8_encode', exports.kv_fp8_encode(from, dtypeOf(x), data.length, scale, out));
  return core.scratch.u8(out, data.length);
}

/** Values of FP8 codes times scale. */
export function kvFp8Decode(core: NumericCore, codes: Uint8Array, scale = 1): Float32Array {
  mustBeBytes(codes, 'codes', codes.length);
  mustScale(scale);
  const [from, out] = core.scratch.place([codes, codes.length * 4]);
  check('kv_fp8_decode', core.exports.kv_fp8_decode(from, codes.length, scale, out));
  return core.scratch.f32(out, codes.length);
}

function mustRows(rows: number, cols: number, bits: number): void {
  mustBeWhole(rows, 'rows');
  mustBeWhole(cols, 'cols');
  must(bits === 8 || bits === 4, 'bits', '4 or 8', bits);
  must(cols > 0, 'cols', 'above 0', cols);
  must(bits === 8 || cols % 2 === 0, 'cols', 'even with 4 bits', cols);
}

/** Affine codes of x[rows][cols]: each row (one token of one head) has its scale and zero. */
export function kvAffineEncode(
  core: NumericCore,
  x: Floats,
  rows: number,
  cols: number,
  bits: 4 | 8,
): AffineRows {
  mustBeFloats(x, 'x');
  mustRows(rows, cols, bits);
  const data = dataOf(x);
  must(data.length === rows * cols, 'x', `rows * cols = ${rows * cols} elements`, data.length);
  const bytes = (rows * cols * bits) / 8;
  const { scratch, exports } = core;
  const [from, codes, scales, zeros] = scratch.place([data, bytes, rows * 4, rows * 4]);
  check(
    'kv_affine_encode',
    exports.kv_affine_encode(from, dtypeOf(x), rows, cols, bits, codes, scales, zeros),
  );
  return {
    rows,
    cols,
    bits,
    codes: scratch.u8(codes, bytes),
    scales: scratch.f32(scales, rows),
    zeros: scratch.f32(zeros, rows),
  };
}

/** Values (code - zero) * scale of affine rows. */
export function kvAffineDecode(core: NumericCore, q: AffineRows): Float32Array {
  const { rows, cols, bits } = q;
  mustRows(rows, cols, bits);
  mustBeBytes(q.codes, 'codes', (rows * cols * bits) / 8);
  must(q.scales.length === rows, 'scales', `${rows} numbers`, q.scales.length);
  must(q.zeros.length === rows, 'zeros', `${rows} numbers`, q.zeros.length);
  const { scratch, exports } = core;
  const [codes, scales, zeros, out] = scratch.place([
    q.codes, q.scales, q.zeros, rows * cols * 4,
  ]);
  check(
    'kv_affine_decode',
    exports.kv_affine_decode(codes, scales, zeros, rows, cols, bits, out),
  );
  return scratch.f32(out, rows * cols);
}

/** KVFP4 codes: blocks of sixteen under a power of two. The length is a multiple of 16. */
export function kvFp4Encode(core: NumericCore, x: Floats): KvFp4Blocks {
  mustBeFloats(x, 'x');
  const data = dataOf(x);
  const n = data.length;
  must(n % 16 === 0, 'x', 'a multiple of 16 elements', n);
  const { scratch, exports } = core;
  const [from, codes, scales] = scratch.place([data, n / 2, n / 16]);
  check('kv_fp4_encode', exports.kv_fp4_encode(from, dtypeOf(x), n, codes, scales));
  return { codes: scratch.u8(codes, n / 2), scales: scratch.u8(scales, n / 16) };
}

/** Values of KVFP4 codes. */
export function kvFp4Decode(core: NumericCore, q: KvFp4Blocks): Float32Array {
  const n = q.codes.length * 2;
  must(n % 16 === 0, 'codes', 'a multiple of 8 bytes long', q.codes.length);
  mustBeBytes(q.scales, 'scales', n / 16);
  const { scratch, exports } = core;
  const [codes, scales, out] = scratch.place([q.codes, q.scales, n * 4]);
  check('kv_fp4_decode', exports.kv_fp4_decode(codes, scales, n, out));
  return scratch.f32(out, n);
}
