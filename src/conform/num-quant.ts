// SPDX-License-Identifier: Apache-2.0
/** Vectors of the number formats: `codec.bin`, `nvfp4.bin` and `kv.bin`. */
import { UserError } from '../core/user-error.js';
import {
  decodeFloats, encodeFloats, encodeStochastic, ggmlDecode, ggmlEncode, hadamard16,
  kvAffineEncode, kvFp4Encode, kvFp8Encode, linearScales, nvfp4Dequantize, nvfp4EncodeScale,
  nvfp4Quantize, swizzleScales,
} from '../numeric/index.js';
import type { Floats, NumberFormat, NumericCore, Nvfp4Format } from '../numeric/index.js';
import type { Difference } from './difference.js';
import type { ConformCheck, Outcome } from './golden-file.js';
import { bytesOf, floatsOf, matrixOf } from './num-folder.js';
import type { NumFolder } from './num-folder.js';

type Numbers = Uint8Array | Float32Array;
/** Name of an array, its recorded content, what the kernel made of the same input. */
type Compared = readonly [name: string, expected: Numbers, got: Numbers, tolerance?: number];

/** Numerically equal, any NaN to any NaN; or within the tolerance. */
function agrees(expected: number, got: number, tolerance: number): boolean {
  if (expected === got || (expected !== expected && got !== got)) return true;
  return Math.abs(expected - got) <= tolerance;
}

function differenceOf([name, expected, got, tolerance = 0]: Compared): Difference | null {
  if (expected.length !== got.length) {
    const count = (list: Numbers): string => `${list.length} elements`;
    return { line: 0, what: name, expected: count(expected), got: count(got) };
  }
  for (let i = 0; i < expected.length; i++) {
    if (agrees(expected[i], got[i], tolerance)) continue;
    const what = `${name}[${i}]`;
    return { line: 0, what, expected: String(expected[i]), got: String(got[i]) };
  }
  return null;
}

/** One check of several arrays; the work is done when it runs. */
function check(part: string, work: () => readonly Compared[]): ConformCheck {
  return {
    part,
    run: (): Outcome => {
      let compared: readonly Compared[];
      try {
        compared = work();
      } catch (error) {
        if (error instanceof RangeError) throw new UserError(error.message, { path: part });
        throw error;
      }
      for (const pair of compared) {
        const difference = differenceOf(pair);
        if (difference !== null) return { status: 'failed', difference };
      }
      const numbers = compared.reduce((sum, [, expected]) => sum + expected.length, 0);
      return { status: 'passed', note: `${numbers} numbers` };
    },
  };
}

function skipped(part: string, note: string): ConformCheck {
  return { part, run: () => ({ status: 'skipped', note }) };
}

const CODEC = 'codec.bin';

const ENCODED: Readonly<Record<string, NumberFormat>> = {
  e4m3_satfinite: 'e4m3',
  e4m3_mldtypes: 'e4m3-ml-dtypes',
  e2m1_cuda: 'e2m1',
  e2m1_te: 'e2m1-te',
  e2m1_mldtypes: 'e2m1-ml-dtypes',
  ue4m3_ggml: 'ue4m3-ggml',
};
const DECODED: Readonly<Record<string, NumberFormat>> = {
  e4m3_decode: 'e4m3',
  e2m1_decode: 'e2m1',
};

/** What entry i of the codes was made from: `input_f32[i]`, else the bf16 of bit pattern i. */
function codecInput(folder: NumFolder, count: number): Floats {
  if (folder.names(CODEC).includes('input_f32')) {
    return floatsOf(folder, CODEC, 'input_f32').data;
  }
  if (count > 65536) {
    const detail = { got: count, allowed: '65536 without input_f32' };
    throw new UserError('more codes than bf16 patterns', { file: CODEC }, detail);
  }
  return { dtype: 'bf16', data: Uint16Array.from({ length: count }, (_, i) => i) };
}

function codecCheck(core: NumericCore, folder: NumFolder, name: string): ConformCheck | null {
  const part = `${CODEC} ${name}`;
  if (Object.hasOwn(ENCODED, name)) {
    return check(part, () => {
      const { data } = bytesOf(folder, CODEC, name);
      return [[name, data, encodeFloats(core, codecInput(folder, data.length), ENCODED[name])]];
    });
  }
  if (Object.hasOwn(DECODED, name)) {
    return check(part, () => {
      const { data } = floatsOf(folder, CODEC, name);
      const codes = Uint8Array.from(data, (_, i) => i);
      return [[name, data, decodeFloats(core, codes, DECODED[name])]];
    });
  }
  if (name === 'sr_e2m1') {
    return check(part, () => {
      const x = floatsOf(folder, CODEC, 'sr_in_f32').data;
      const random = bytesOf(folder, CODEC, 'sr_rbits8').data;
      return [[name, bytesOf(folder, CODEC, name).data, encodeStochastic(core, x, random)]];
    });
  }
  const input = name === 'input_f32' || name === 'sr_in_f32' || name === 'sr_rbits8';
  return input ? null : skipped(part, 'no format of this name');
}

const NVFP4 = 'nvfp4.bin';

/** How the tensors of a case were made, by the beginning of its name. */
function nvfp4Format(name: string): Nvfp4Format | null {
  const four = /^4o6_(mae|mse)(256)?(_|$)/.exec(name);
  if (four !== null) {
    const largestScale = four[2] === undefined ? 448 : 256;
    return { elements: 'te', fourOverSix: four[1] as 'mae' | 'mse', largestScale };
  }
  if (/^te1d(_|$)/.test(name)) return { elements: 'te' };
  if (/^te2d(_|$)/.test(name)) return { elements: 'te', tiles: true };
  if (/^rowscaled(_|$)/.test(name)) return { elements: 'te', rowScaled: true };
  return /^vllm(_|$)/.test(name) ? { order: 'vllm' } : null;
}

/** Maxima of the rows of x, or of all of it; NaN where there is one. */
function maxima(x: Float32Array, rows: number, cols: number, byRow: boolean): Float32Array {
  const largest = (list: Float32Array): number =>
    list.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  if (!byRow) return Float32Array.of(largest(x));
  return Float32Array.from({ length: rows }, (_, row) =>
    largest(x.subarray(row * cols, (row + 1) * cols)));
}

/** The recorded maxima where they are not those of the input, so that they were given. */
function givenAmax(recorded: Float32Array, own: Float32Array): { amax?: Float32Array } {
  const same = recorded.length === own.length &&
    recorded.every((amax, i) => agrees(amax, own[i], 0));
  return same ? {} : { amax: recorded };
}

function tensorCase(
  core: NumericCore,
  folder: NumFolder,
  name: string,
  format: Nvfp4Format,
): readonly Compared[] {
  const floats = (field: string): Float32Array => floatsOf(folder, NVFP4, `${name}/${field}`).data;
  const bytes = (field: string): Uint8Array => bytesOf(folder, NVFP4, `${name}/${field}`).data;
  const has = (field: string): boolean => folder.names(NVFP4).includes(`${name}/${field}`);
  const { data: x, shape } = floatsOf(folder, NVFP4, `${name}/x_f32`);
  const [rows, cols] = matrixOf(`${name}/x_f32`, NVFP4, shape);
  const vllm = format.order === 'vllm';
  const recorded = floats(vllm ? 'global_scale' : 'amax');
  const own = maxima(x, rows, cols, format.rowScaled === true);
  const options = { ...format, ...(vllm ? { amax: recorded } : givenAmax(recorded, own)) };
  const q = nvfp4Quantize(core, x, rows, cols, options);
  const values = nvfp4Dequantize(core, q);
  const list: Compared[] = [
    ['packed', bytes('packed'), q.codes],
    ['scale_linear', bytes('scale_linear'), q.scales],
  ];
  if (vllm) {
    const alpha = recorded.map((scale) => 1 / scale);
    if (has('alpha')) list.push(['alpha', floats('alpha'), alpha]);
    list.push(['dequant_mul_f32', floats('dequant_mul_f32'), values]);
    return list;
  }
  list.push(['amax', recorded, q.amax], ['dequant_te_f32', floats('dequant_te_f32'), values]);
  if (has('scale_128x4')) {
    const swizzled = nvfp4Quantize(core, x, rows, cols, { ...options, swizzled: true });
    list.push(['scale_128x4', bytes('scale_128x4'), swizzled.scales]);
    list.push(['dequant_te_f32 of scale_128x4', values, nvfp4Dequantize(core, swizzled)]);
  }
  if (has('s_enc')) {
    const scales = q.amax.map((amax) => nvfp4EncodeScale(amax, format.largestScale));
    list.push(['s_enc', floats('s_enc'), scales]);
  }
  return list;
}

function layoutCase(core: NumericCore, folder: NumFolder, name: string): readonly Compared[] {
  const { data, shape } = bytesOf(folder, NVFP4, `${name}/linear`);
  const [rows, blocks] = matrixOf(`${name}/linear`, NVFP4, shape);
  const swizzled = bytesOf(folder, NVFP4, `${name}/swizzled`).data;
  return [
    ['swizzled', swizzled, swizzleScales(core, data, rows, blocks)],
    ['linear', data, linearScales(core, swizzled, rows, blocks)],
  ];
}

function nvfp4Check(core: NumericCore, folder: NumFolder, name: string): ConformCheck {
  const part = `${NVFP4} ${name}`;
  const format = nvfp4Format(name);
  if (format !== null) return check(part, () => tensorCase(core, folder, name, format));
  if (/^swz(_|$)/.test(name)) return check(part, () => layoutCase(core, folder, name));
  if (!/^rht(_|$)/.test(name)) return skipped(part, 'no mode of this name');
  return check(part, () => {
    const x = floatsOf(folder, NVFP4, `${name}/x`).data;
    // The recorded sums were made in f64.
    return [['y', floatsOf(folder, NVFP4, `${name}/y`).data, hadamard16(core, x), 1e-6]];
  });
}

const KV = 'kv.bin';

function ggmlCase(core: NumericCore, folder: NumFolder, name: string): readonly Compared[] {
  const format = name === 'ggml_nvfp4' ? 'nvfp4' : 'mxfp4';
  const x = floatsOf(folder, KV, `${name}/x`).data;
  const field = format === 'nvfp4' ? 'blocks36' : 'blocks17';
  const blocks = bytesOf(folder, KV, `${name}/${field}`).data;
  return [
    [field, blocks, ggmlEncode(core, x, format)],
    [
      'dequant',
      floatsOf(folder, KV, `${name}/dequant`).data,
      ggmlDecode(core, blocks, x.length, format),
    ],
  ];
}

/** Rows of `affine/x`, the input of all formats but ggml's. */
function affineCase(core: NumericCore, folder: NumFolder, name: string): readonly Compared[] {
  const { data: x, shape } = floatsOf(folder, KV, 'affine/x');
  const [rows, cols] = matrixOf('affine/x', KV, shape);
  const bytes = (field: string): Uint8Array => bytesOf(folder, KV, `${name}/${field}`).data;
  const floats = (field: string): Float32Array => floatsOf(folder, KV, `${name}/${field}`).data;
  if (name === 'mxfp4b16') {
    const { codes, scales } = kvFp4Encode(core, x);
    return [['q', bytes('q'), codes], ['scale_e8m0', bytes('scale_e8m0'), scales]];
  }
  if (name === 'fp8') {
    const fields = folder.names(KV).filter((field) => field.startsWith('fp8/'));
    return fields.map((field) => {
      const scale = Number(/^fp8\/q_scale(.+)$/.exec(field)?.[1]);
      return [field, bytesOf(folder, KV, field).data, kvFp8Encode(core, x, Math.fround(scale))];
    });
  }
  const q = kvAffineEncode(core, x, rows, cols, name === 'affine8' ? 8 : 4);
  return [
    ['q', bytes('q'), q.codes],
    ['scale', floats('scale'), q.scales],
    ['zero', floats('zero'), q.zeros],
  ];
}

function kvCheck(core: NumericCore, folder: NumFolder, name: string): ConformCheck | null {
  const part = `${KV} ${name}`;
  if (name === 'affine') return null;
  if (/^ggml_(nvfp4|mxfp4)$/.test(name)) return check(part, () => ggmlCase(core, folder, name));
  if (!['affine8', 'affine4', 'fp8', 'mxfp4b16'].includes(name)) {
    return skipped(part, 'no format of this name');
  }
  return check(part, () => affineCase(core, folder, name));
}

/** What stands before the slash of array names, each once. */
function casesOf(folder: NumFolder, file: string): string[] {
  return [...new Set(folder.names(file).map((name) => name.split('/')[0]))];
}

/** Checks of the number formats: one an array of codes, one a case of tensors. */
export function quantChecks(numeric: NumericCore, folder: NumFolder): ConformCheck[] {
  return [
    ...folder.names(CODEC).map((name) => codecCheck(numeric, folder, name)),
    ...casesOf(folder, NVFP4).map((name) => nvfp4Check(numeric, folder, name)),
    ...casesOf(folder, KV).map((name) => kvCheck(numeric, folder, name)),
  ].filter((made) => made !== null);
}
