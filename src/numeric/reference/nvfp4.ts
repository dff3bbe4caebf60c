// SPDX-License-Identifier: Apache-2.0
/** Twin of assembly/quant/nvfp4.ts: the steps of the reference, element by element, no tables. */
import type { Nvfp4Format, Nvfp4Options } from '../nvfp4.js';
import { referenceDecode, referenceEncode, referenceStochastic } from './codec.js';

const f32 = Math.fround;
const FLT_MAX = f32(3.4028234663852886e38);
const SIXTH = f32(1 / 6);

const e4m3 = (code: number): number => referenceDecode(code, 'e4m3');
const e2m1 = (code: number): number => referenceDecode(code, 'e2m1');
const within448 = (d: number): number => Math.max(-448, Math.min(d, 448));
const magnitude = (x: readonly number[]): number => Math.max(0, ...x.map(Math.abs));

/** Sums over the elements whose value and error are finite. */
export interface ReferenceStatistics {
  noise: number;
  signal: number;
  maxError: number;
  elements: number;
  notFinite: number;
}

export interface ReferenceNvfp4 {
  readonly codes: Uint8Array;
  readonly scales: Uint8Array;
  readonly amax: Float32Array;
  readonly statistics: ReferenceStatistics;
}

/** What a tensor or row with one absolute maximum does to its blocks. */
export class ReferenceScale {
  /** 6 times the largest block scale aimed at. */
  readonly #full: number;
  readonly #s: number;

  constructor(
    private readonly format: Nvfp4Format,
    /** In vLLM order the global scale. */
    private readonly amax: number,
  ) {
    this.#full = format.largestScale === 256 ? 1536 : 2688;
    const s = Math.min(f32(this.#full / amax), FLT_MAX);
    this.#s = format.order === 'vllm' ? amax : s === 0 ? 1 : s;
  }

  /** Scale code of a block whose largest magnitude is b; 4over6 has two candidates. */
  code(b: number, factor = 1): number {
    if (this.format.powerOfTwo === true) return exponentByte(f32(b / 6));
    return referenceEncode(within448(f32(this.#unrounded(b) * factor)), 'e4m3');
  }

  #unrounded(b: number): number {
    if (this.format.order === 'vllm') return f32(this.#s * f32(b * SIXTH));
    if (this.format.fourOverSix !== undefined) return f32(f32(b / 6) * this.#s);
    return f32(b * f32(this.#s * SIXTH));
  }

  /** What elements of a block are multiplied with before they are rounded. */
  multiplier(code: number): number {
    if (this.format.powerOfTwo === true) return f32(1 / exponentValue(code));
    const product = f32(e4m3(code) * f32(1 / this.#s));
    if (this.format.order === 'vllm') return f32(1 / (product === 0 ? 1e8 : product));
    return Math.min(f32(1 / product), FLT_MAX);
  }

  /** Value of an element code. */
  value(element: number, code: number): number {
    if (this.format.powerOfTwo === true) return f32(e2m1(element) * exponentValue(code));
    if (this.format.order === 'vllm') {
      return f32(e2m1(element) * f32(e4m3(code) * f32(1 / this.#s)));
    }
    return f32(e2m1(element) * f32(f32(e4m3(code) * this.amax) * f32(1 / this.#full)));
  }

  /** Error of one element as 4over6 adds it up. */
  error(x: number, code: number): number {
    const element = this.element(x, code);
    const value = f32(f32(f32(e2m1(element) * e4m3(code)) * this.amax) / this.#full);
    const error = f32(value - x);
    return this.format.fourOverSix === 'mse' ? f32(error * error) : Math.abs(error);
  }

  element(x: number, code: number): number {
    const y = f32(x * this.multiplier(code));
    return referenceEncode(y, this.format.elements === 'te' ? 'e2m1-te' : 'e2m1');
  }
}

/** Byte of 2^ceil(log2(a)), cut to 2^-127 .. 2^127; 255 for NaN. */
function exponentByte(a: number): number {
  if (Number.isNaN(a)) return 255;
  let e = -127;
  while (e < 127 && 2 ** e < a) e++;
  return e + 127;
}

const exponentValue = (byte: number): number => (byte === 255 ? NaN : 2 ** (byte - 127));

/** Byte offset of scale (row, block). */
export function scalePlace(row: number, block: number, blocks: number, swizzled: boolean): number {
  if (!swizzled) return row * blocks + block;
  const tile = Math.floor(row / 128) * Math.ceil(blocks / 4) + Math.floor(block / 4);
  return tile * 512 + (row % 32) * 16 + Math.floor((row % 128) / 32) * 4 + (block % 4);
}

function scaleRoom(rows: number, blocks: number, swizzled: boolean): number {
  if (!swizzled) return rows * blocks;
  return Math.ceil(rows / 128) * 128 * Math.ceil(blocks / 4) * 4;
}

/** Errors of the rows of a block: in element order along a row, rows r and r + 8 first. */
function blockError(scale: ReferenceScale, lines: readonly number[][], code: number): number {
  const sums = Array.from({ length: 16 }, (_, r) =>
    (lines[r] ?? []).reduce((sum, x) => f32(sum + scale.error(x, code)), 0));
  for (let half = 8; half >= 1; half /= 2) {
    for (let r = 0; r < half; r++) sums[r] = f32(sums[r] + sums[r + half]);
  }
  return sums[0];
}

function blockCode(scale: ReferenceScale, lines: readonly number[][], format: Nvfp4Format): number {
  const b = magnitude(lines.flat());
  if (format.fourOverSix === undefined) return scale.code(b);
  const [six, four] = [scale.code(b), scale.code(b, 1.5)];
  return blockError(scale, lines, four) < blockError(scale, lines, six) ? four : six;
}

function amaxOf(x: readonly number[], finite: boolean | undefined): number {
  return magnitude(finite === true ? x.filter(Number.isFinite) : x);
}

/** Absolute maxima as the kernel leaves them behind: given, computed, or 0 where none is used. */
function maxima(x: readonly number[], rows: number, cols: number, o: Nvfp4Options): number[] {
  const lines = o.rowScaled === true
    ? Array.from({ length: rows }, (_, row) => x.slice(row * cols, (row + 1) * cols))
    : [x];
  if (typeof o.amax === 'number') return lines.map(() => f32(o.amax as number));
  if (o.amax !== undefined) return [...o.amax];
  return lines.map((line) => (o.powerOfTwo === true ? 0 : amaxOf(line, o.finiteAmax)));
}

export function referenceNvfp4Quantize(
  x: readonly number[],
  rows: number,
  cols: number,
  options: Nvfp4Options,
): ReferenceNvfp4 {
  const blocks = Math.ceil(cols / 16);
  const band = options.tiles === true ? 16 : 1;
  const amax = maxima(x, rows, cols, options);
  const codes = new Uint8Array(rows * Math.ceil(cols / 2));
  const scales = new Uint8Array(scaleRoom(rows, blocks, options.swizzled === true));
  const statistics = { noise: 0, signal: 0, maxError: 0, elements: 0, notFinite: 0 };
  for (let row = 0; row < rows; row += band) {
    const scale = new ReferenceScale(options, amax[options.rowScaled === true ? row : 0]);
    for (let block = 0; block < blocks; block++) {
      const rowsHere = Array.from({ length: Math.min(band, rows - row) }, (_, r) => row + r);
      const lines = rowsHere.map((r) =>
        x.slice(r * cols + block * 16, Math.min(r * cols + block * 16 + 16, (r + 1) * cols)));
      const code = blockCode(scale, lines, options);
      lines.forEach((line, r) => {
        scales[scalePlace(row + r, block, blocks, options.swizzled === true)] = code;
        line.forEach((v, i) => {
          const col = block * 16 + i;
          const random = options.random?.[(row + r) * cols + col];
          const element = random === undefined
            ? scale.element(v, code)
            : referenceStochastic(f32(v * scale.multiplier(code)), random);
          const at = (row + r) * Math.ceil(cols / 2) + (col >> 1);
          codes[at] += col % 2 === 0 ? element : element * 16;
          account(statistics, v, scale.value(element, code));
        });
      });
    }
  }
  return { codes, scales, amax: Float32Array.from(amax), statistics };
}

function account(statistics: ReferenceStatistics, x: number, value: number): void {
  const error = value - x;
  if (!Number.isFinite(error)) {
    statistics.notFinite++;
    return;
  }
  statistics.noise += error * error;
  statistics.signal += x * x;
  statistics.maxError = Math.max(statistics.maxError, Math.abs(error));
  statistics.elements++;
}

export function referenceNvfp4Dequantize(
  q: Omit<ReferenceNvfp4, 'statistics'>,
  rows: number,
  cols: number,
  format: Nvfp4Format,
): Float32Array {
  const blocks = Math.ceil(cols / 16);
  const out = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    const scale = new ReferenceScale(format, q.amax[format.rowScaled === true ? row : 0]);
    for (let col = 0; col < cols; col++) {
      const byte = q.codes[row * Math.ceil(cols / 2) + (col >> 1)];
      const place = scalePlace(row, col >> 4, blocks, format.swizzled === true);
      const element = col % 2 === 0 ? byte & 15 : byte >> 4;
      out[row * cols + col] = scale.value(element, q.scales[place]);
    }
  }
  return out;
}
