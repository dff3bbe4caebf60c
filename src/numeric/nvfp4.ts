// SPDX-License-Identifier: Apache-2.0
import { check } from '../core/index.js';
import { dataOf, dtypeOf, must, mustBeBytes, mustBeFloats, mustBeWhole } from './floats.js';
import type { Floats } from './floats.js';
import type { NumericCore } from './numeric-core.js';

/** How a tensor is quantized. The defaults are NVFP4 as TransformerEngine makes it, CUDA codes. */
export interface Nvfp4Format {
  /** Order of operations: TransformerEngine (default) or vLLM's emulation. */
  readonly order?: 'te' | 'vllm';
  /** What becomes of -0 and NaN: 8 and 7 as CUDA has it (default), 0 and 0 as TE's Python. */
  readonly elements?: 'cuda' | 'te';
  /** One scale a 16x16 tile instead of one a run of sixteen. */
  readonly tiles?: boolean;
  /** One f32 scale a row instead of one a tensor. */
  readonly rowScaled?: boolean;
  /** Maps the largest element of a block to 6 or to 4, whichever errs less by this measure. */
  readonly fourOverSix?: 'mae' | 'mse';
  /** With 4over6: largest block scale that the tensor scale aims at; 448 (default) or 256. */
  readonly largestScale?: 448 | 256;
  /** Block scales are powers of two (exponent + 127 a byte) and there is no tensor scale. */
  readonly powerOfTwo?: boolean;
  /** Scales in the 128x4 order of tensor cores instead of row by row. */
  readonly swizzled?: boolean;
}

export interface Nvfp4Options extends Nvfp4Format {
  /** Instead of the maximum of the data; in vLLM order the global scale, nvfp4EncodeScale. */
  readonly amax?: number | Float32Array;
  /** The maximum is that of the finite elements: infinity saturates, NaN stays in its block. */
  readonly finiteAmax?: boolean;
  /** A random byte an element: stochastic rounding. */
  readonly random?: Uint8Array;
  /** Also measures the error. */
  readonly statistics?: boolean;
}

/** Errors of a quantized tensor over the elements whose value and error are finite. */
export interface ErrorStatistics {
  readonly elements: number;
  /** Elements left out: the input or the decoded value is not finite. */
  readonly notFinite: number;
  /** Mean squared error. */
  readonly mse: number;
  /** Root of squared error over squared value. */
  readonly relativeRms: number;
  /** Signal-to-quantization-noise ratio in dB. */
  readonly sqnrDb: number;
  /** Largest absolute error. */
  readonly maxError: number;
}

/** A quantized tensor with what decodes it. */
export interface Nvfp4Tensor {
  readonly rows: number;
  readonly cols: number;
  readonly format: Nvfp4Format;
  /** (cols + 1) / 2 bytes a row, the even column in the low nibble. */
  readonly codes: Uint8Array;
  readonly scales: Uint8Array;
  /** Absolute maximum of the tensor or of each row; in vLLM order the global scale. */
  readonly amax: Float32Array;
  readonly statistics: ErrorStatistics | null;
}

const MODE = {
  tiles: 1, rowScaled: 2, amaxGiven: 4, fourOverSix: 8, squared: 16, e256: 32, ruleTe: 64,
  powerOfTwo: 128, swizzled: 256, vllm: 512, finiteAmax: 1024,
} as const;

const STATISTICS_BYTES = 40;

/** Throws for combinations that no reference defines. */
function checkFormat(format: Nvfp4Format): void {
  const { order = 'te', elements = 'cuda', fourOverSix, largestScale, tiles } = format;
  must(order === 'te' || order === 'vllm', 'order', 'te or vllm', order);
  must(elements === 'cuda' || elements === 'te', 'elements', 'cuda or te', elements);
  const measure = fourOverSix === undefined || fourOverSix === 'mae' || fourOverSix === 'mse';
  must(measure, 'fourOverSix', 'mae or mse', fourOverSix);
  const known = largestScale === undefined || largestScale === 448 || largestScale === 256;
  must(known, 'largestScale', '448 or 256', largestScale);
  const aimed = largestScale !== 256 || fourOverSix !== undefined;
  must(aimed, 'largestScale', '448 without fourOverSix', largestScale);
  const alone = (other: boolean | undefined, name: string, what: string): void =>
    must(other !== true, name, what, other);
  if (tiles === true) alone(format.rowScaled, 'rowScaled', 'off with tiles');
  if (format.powerOfTwo === true) {
    alone(format.rowScaled, 'rowScaled', 'off with powerOfTwo');
    alone(fourOverSix !== undefined, 'fourOverSix', 'off with powerOfTwo');
    alone(order === 'vllm', 'order', 'te with powerOfTwo');
  }
  if (order === 'vllm') {
    alone(tiles, 'tiles', 'off in vllm order');
    alone(fourOverSix !== undefined, 'fourOverSix', 'off in vllm order');
  }
}

/** The format as bits of the ABI. */
export function nvfp4Mode(format: Nvfp4Format): number {
  checkFormat(format);
  const on = (flag: boolean | undefined, bit: number): number => (flag === true ? bit : 0);
  return (
    on(format.tiles, MODE.tiles) |
    on(format.rowScaled, MODE.rowScaled) |
    on(format.fourOverSix !== undefined, MODE.fourOverSix) |
    on(format.fourOverSix === 'mse', MODE.squared) |
    on(format.largestScale === 256, MODE.e256) |
    on(format.elements === 'te', MODE.ruleTe) |
    on(format.powerOfTwo, MODE.powerOfTwo) |
    on(format.swizzled, MODE.swizzled) |
    on(format.order === 'vllm', MODE.vllm | MODE.amaxGiven)
  );
}

function shape(rows: number, cols: number): void {
  mustBeWhole(rows, 'rows');
  mustBeWhole(cols, 'cols');
  must(rows * cols < 2 ** 30, 'rows * cols', 'below 2^30', rows * cols);
}

const FLT_MAX = Math.fround(3.4028234663852886e38);

/**
 * Encode scale of a tensor by its absolute maximum: what maps it to 6 under the largest block scale
 * (448, or 256 with 4over6). The global scale of vLLM order.
 */
export function nvfp4EncodeScale(amax: number, largestScale: 448 | 256 = 448): number {
  const scale = Math.min(Math.fround((6 * largestScale) / Math.fround(amax)), FLT_MAX);
  return scale === 0 ? 1 : scale;
}

/** Bytes of the scales of a rows x cols tensor. */
export function nvfp4ScaleBytes(rows: number, cols: number, swizzled = false): number {
  const blocks = Math.ceil(cols / 16);
  if (!swizzled) return rows * blocks;
  return Math.ceil(rows / 128) * 128 * Math.ceil(blocks / 4) * 4;
}

/** The part of the options that decoding needs. */
function formatOf(options: Nvfp4Options): Nvfp4Format {
  const format: Record<string, unknown> = { ...options };
  for (const name of ['amax', 'finiteAmax', 'random', 'statistics']) delete format[name];
  return format;
}

function amaxArray({ amax, order }: Nvfp4Options, count: number): Float32Array | null {
  if (amax === undefined) {
    must(order !== 'vllm', 'amax', 'the global scale in vllm order', 'nothing');
    return null;
  }
  const given = typeof amax === 'number' ? new Float32Array(count).fill(amax) : amax;
  must(given.length === count, 'amax', `${count} numbers`, given.length);
  const legal = order === 'vllm' ? (a: number) => a > 0 && a < Infinity : (a: number) => a >= 0;
  const wrong = given.find((a) => !legal(a));
  const what = order === 'vllm' ? 'finite f32 above 0' : 'at least 0';
  must(wrong === undefined, 'amax', what, wrong);
  return given;
}

function statisticsOf(core: NumericCore, at: number): ErrorStatistics {
  const [noise, signal, maxError, elements, notFinite] = core.scratch.f64(at, 5);
  return {
    elements,
    notFinite,
    mse: elements === 0 ? 0 : noise / elements,
    relativeRms: Math.sqrt(noise / signal),
    sqnrDb: core.exports.nvfp4_sqnr(signal, noise),
    maxError,
  };
}

/** Quantizes x[rows][cols] of any shape; what fills no block at the end of a row is a short one. */
export function nvfp4Quantize(
  core: NumericCore,
  x: Floats,
  rows: number,
  cols: number,
  options: Nvfp4Options = {},
): Nvfp4Tensor {
  mustBeFloats(x, 'x');
  shape(rows, cols);
  const n = rows * cols;
  const data = dataOf(x);
  must(data.length === n, 'x', `rows * cols = ${n} elements`, data.length);
  const { finiteAmax, random, statistics = false } = options;
  const format = formatOf(options);
  const count = format.rowScaled === true ? rows : 1;
  let mode = nvfp4Mode(format);
  const given = amaxArray(options, count);
  if (given !== null) mode |= MODE.amaxGiven;
  if (finiteAmax === true) mode |= MODE.finiteAmax;
  if (random !== undefined) {
    must(format.fourOverSix === undefined, 'random', 'absent with fourOverSix', 'random bytes');
    mustBeBytes(random, 'random', n);
  }
  const bytes = rows * Math.ceil(cols / 2);
  const scaleBytes = nvfp4ScaleBytes(rows, cols, format.swizzled);
  const { scratch, exports } = core;
  const [from, codes, scales, top, noise, stats] = scratch.place([
    data, bytes, scaleBytes, given ?? new Float32Array(count), random ?? 0,
    new Uint8Array(STATISTICS_BYTES),
  ]);
  check('nvfp4_quantize', exports.nvfp4_quantize(
    from, dtypeOf(x), rows, cols, codes, scales, top, mode, random === undefined ? 0 : noise,
    statistics ? stats : 0,
  ));
  return {
    rows,
    cols,
    format,
    codes: scratch.u8(codes, bytes),
    scales: scratch.u8(scales, scaleBytes),
    amax: scratch.f32(top, count),
    statistics: statistics ? statisticsOf(core, stats) : null,
  };
}

/** The values of a quantized tensor. */
export function nvfp4Dequantize(
  core: NumericCore,
  q: Omit<Nvfp4Tensor, 'statistics'>,
): Float32Array {
  const { rows, cols, format } = q;
  shape(rows, cols);
  const mode = nvfp4Mode(format);
  mustBeBytes(q.codes, 'codes', rows * Math.ceil(cols / 2));
  mustBeBytes(q.scales, 'scales', nvfp4ScaleBytes(rows, cols, format.swizzled));
  const count = format.rowScaled === true ? rows : 1;
  must(q.amax.length === count, 'amax', `${count} numbers`, q.amax.length);
  const { scratch, exports } = core;
  const [codes, scales, amax, out] = scratch.place([q.codes, q.scales, q.amax, rows * cols * 4]);
  check(
    'nvfp4_dequantize',
    exports.nvfp4_dequantize(codes, scales, amax, rows, cols, mode, out),
  );
  return scratch.f32(out, rows * cols);
}

function swizzle(
  core: NumericCore,
  scales: Uint8Array,
  rows: number,
  blocks: number,
  back: boolean,
): Uint8Array {
  mustBeWhole(rows, 'rows');
  mustBeWhole(blocks, 'blocks');
  mustBeBytes(scales, 'scales', nvfp4ScaleBytes(rows, blocks * 16, back));
  const bytes = nvfp4ScaleBytes(rows, blocks * 16, !back);
  const [from, to] = core.scratch.place([scales, bytes]);
  check('nvfp4_swizzle', core.exports.nvfp4_swizzle(from, rows, blocks, to, back ? 1 : 0));
  return core.scratch.u8(to, bytes);
}

/** rows x blocks scales in the 128x4 order of tensor cores, zero padded. */
export function swizzleScales(
  core: NumericCore,
  scales: Uint8Array,
  rows: number,
  blocks: number,
): Uint8Array {
  return swizzle(core, scales, rows, blocks, false);
}

/** The inverse of swizzleScales. */
export function linearScales(
  core: NumericCore,
  scales: Uint8Array,
  rows: number,
  blocks: number,
): Uint8Array {
  return swizzle(core, scales, rows, blocks, true);
}
