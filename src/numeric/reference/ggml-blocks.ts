// SPDX-License-Identifier: Apache-2.0
/** Twin of assembly/quant/ggml.ts. */
import { referenceDecode, referenceEncode } from './codec.js';
import { bitsOf } from './floats.js';

const f32 = Math.fround;
const value = (code: number): number => referenceDecode(code, 'e2m1');

/** First code with the smallest error. */
function search(x: number, d: number): number {
  let best = 0;
  for (let code = 1; code < 16; code++) {
    const error = (c: number): number => Math.abs(f32(f32(value(c) * d) - x));
    if (error(code) < error(best)) best = code;
  }
  return best;
}

/** Largest magnitude; NaN counts as nothing. */
const largest = (x: readonly number[]): number =>
  x.reduce((most, v) => (Math.abs(v) > most ? Math.abs(v) : most), 0);

/** Element j in the low, j + half in the high nibble. */
function pairs(x: readonly number[], d: number): number[] {
  const half = x.length / 2;
  return x.slice(0, half).map((v, j) => search(v, d) + 16 * search(x[j + half], d));
}

function unpaired(bytes: readonly number[]): number[] {
  return [...bytes.map((byte) => byte & 15), ...bytes.map((byte) => byte >> 4)];
}

function nvfp4Block(x: readonly number[]): number[] {
  const subs = [0, 16, 32, 48].map((at) => x.slice(at, at + 16));
  const scales = subs.map((sub) => referenceEncode(f32(largest(sub) / 6), 'ue4m3-ggml'));
  const codes = subs.map((sub, i) => pairs(sub, referenceDecode(scales[i], 'ue4m3-ggml')));
  return [...scales, ...codes.flat()];
}

/** Exponent byte: that of the largest element, minus 2; 254 at most, 0 for small ones. */
function mxfp4Block(x: readonly number[]): number[] {
  const exponent = bitsOf(largest(x)) >>> 23;
  const byte = Math.max(0, Math.min(exponent - 2, 254));
  return [byte, ...pairs(x, 2 ** (byte - 127))];
}

export function referenceGgmlEncode(x: readonly number[], format: 'nvfp4' | 'mxfp4'): Uint8Array {
  const [elements, block] = format === 'nvfp4' ? [64, nvfp4Block] : [32, mxfp4Block];
  const bytes: number[] = [];
  for (let i = 0; i < x.length; i += elements) bytes.push(...block(x.slice(i, i + elements)));
  return Uint8Array.from(bytes);
}

function nvfp4Values(block: readonly number[]): number[] {
  return [0, 1, 2, 3].flatMap((sub) => {
    const d = referenceDecode(block[sub], 'ue4m3-ggml');
    const codes = unpaired(block.slice(4 + 8 * sub, 12 + 8 * sub));
    return codes.map((code) => value(code) * d);
  });
}

/** Twice the value times half the scale, as ggml has it: exact but beyond the range of f32. */
function mxfp4Values(block: readonly number[]): number[] {
  return unpaired(block.slice(1)).map((code) => 2 * value(code) * 2 ** (block[0] - 128));
}

export function referenceGgmlDecode(
  blocks: Uint8Array,
  format: 'nvfp4' | 'mxfp4',
): Float32Array {
  const [bytes, values] = format === 'nvfp4' ? [36, nvfp4Values] : [17, mxfp4Values];
  const out: number[] = [];
  for (let i = 0; i < blocks.length; i += bytes) {
    out.push(...values([...blocks.slice(i, i + bytes)]));
  }
  return Float32Array.from(out);
}
