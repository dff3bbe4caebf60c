// SPDX-License-Identifier: Apache-2.0
/** Twin of assembly/quant/kv-formats.ts. */
import type { AffineRows, KvFp4Blocks } from '../kv-formats.js';
import { referenceDecode, referenceEncode } from './codec.js';

const f32 = Math.fround;

export function referenceFp8Encode(x: readonly number[], scale: number): Uint8Array {
  return Uint8Array.from(x, (v) => referenceEncode(f32(v / f32(scale)), 'e4m3'));
}

export function referenceFp8Decode(codes: Uint8Array, scale: number): Float32Array {
  return Float32Array.from(codes, (code) => referenceDecode(code, 'e4m3') * f32(scale));
}

interface AffineRow {
  readonly scale: number;
  readonly zero: number;
  readonly codes: number[];
}

function affineRow(x: readonly number[], levels: number): AffineRow {
  const [low, high] = [Math.min(...x), Math.max(...x)];
  const step = f32(f32(high - low) / levels);
  const scale = step === 0 ? 1 : step;
  const zero = f32(-low / scale);
  const codes = x.map((v) => {
    const t = Math.trunc(f32(f32(f32(v / scale) + zero) + 0.5));
    return Number.isNaN(t) ? 0 : Math.max(0, Math.min(t, levels));
  });
  return { scale, zero, codes };
}

export function referenceAffineEncode(
  x: readonly number[],
  rows: number,
  cols: number,
  bits: 4 | 8,
): AffineRows {
  const all = Array.from({ length: rows }, (_, row) =>
    affineRow(x.slice(row * cols, (row + 1) * cols), bits === 8 ? 255 : 15));
  const bytes = all.flatMap(({ codes }) => {
    if (bits === 8) return codes;
    const half = cols / 2;
    return codes.slice(0, half).map((code, j) => code + 16 * codes[j + half]);
  });
  return {
    rows,
    cols,
    bits,
    codes: Uint8Array.from(bytes),
    scales: Float32Array.from(all, ({ scale }) => scale),
    zeros: Float32Array.from(all, ({ zero }) => zero),
  };
}

export function referenceAffineDecode(q: AffineRows): Float32Array {
  const { rows, cols, bits, codes, scales, zeros } = q;
  const out: number[] = [];
  for (let row = 0; row < rows; row++) {
    const half = cols / 2;
    for (let j = 0; j < cols; j++) {
      const byte = bits === 8 ? codes[row * cols + j] : codes[row * half + (j % half)];
      const code = bits === 8 ? byte : j < half ? byte & 15 : byte >> 4;
      out.push(f32(f32(code - zeros[row]) * scales[row]));
    }
  }
  return Float32Array.from(out);
}

/** Smallest e with 2^e >= a, a a positive f32. */
function ceilLog2(a: number): number {
  let e = -149;
  while (2 ** e < a) e++;
  return e;
}

/** Bounds between the magnitudes of E2M1; a value on a bound takes the lower code. */
const BOUNDS = [0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5];

/** One block of sixteen: exponent byte and codes. */
function fp4Block(x: readonly number[]): { byte: number; codes: number[] } {
  const amax = Math.max(0, ...x.map(Math.abs).filter((v) => !Number.isNaN(v)));
  const a = Math.max(f32(amax / 6), f32(1e-10));
  // 2^126 at most, for infinity too.
  const e = a < Infinity ? Math.min(ceilLog2(a), 126) : 126;
  const codes = x.map((v) => {
    const y = f32(v / 2 ** e);
    return BOUNDS.filter((bound) => bound < Math.abs(y)).length + (y < 0 ? 8 : 0);
  });
  return { byte: e + 127, codes };
}

export function referenceFp4Encode(x: readonly number[]): KvFp4Blocks {
  const blocks = Array.from({ length: x.length / 16 }, (_, i) =>
    fp4Block(x.slice(16 * i, 16 * i + 16)));
  const codes = blocks.flatMap((block) => block.codes);
  return {
    codes: Uint8Array.from({ length: codes.length / 2 }, (_, i) =>
      codes[2 * i] + 16 * codes[2 * i + 1]),
    scales: Uint8Array.from(blocks, ({ byte }) => byte),
  };
}

export function referenceFp4Decode({ codes, scales }: KvFp4Blocks): Float32Array {
  return Float32Array.from({ length: codes.length * 2 }, (_, i) => {
    const code = (codes[i >> 1] >> (i % 2 === 0 ? 0 : 4)) & 15;
    const byte = scales[i >> 4];
    return referenceDecode(code, 'e2m1') * (byte === 255 ? Infinity : 2 ** (byte - 127));
  });
}
