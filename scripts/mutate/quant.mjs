// SPDX-License-Identifier: Apache-2.0
/** Bugs to plant in the number formats. */
import { numericSuites } from './numeric.mjs';

const formats = (...rest) => ['codec', 'formats', ...rest];
const lanes = (...rest) => ['codec', 'codec/lanes', ...rest];
const nvfp4 = (...rest) => ['nvfp4', 'nvfp4', ...rest];
const refusals = (...rest) => ['nvfp4-refusals', 'nvfp4', ...rest];
const kv = (...rest) => ['kv-formats', 'kv-formats', ...rest];
const kvLanes = (...rest) => ['kv-formats', 'kv-formats/lanes', ...rest];
const ggml = (...rest) => ['ggml-blocks', 'ggml', ...rest];

export const suites = numericSuites('quant', [
  formats('infinity of ml_dtypes saturates', 'QF-2', 'min(e4m3Magnitude(a), 0x7f);',
    'min(e4m3Magnitude(a), 0x7e);'),
  formats('small scales round up into the normals', 'ggml: never above code 7',
    'min(<u32>(y * 512 + <f32>0.5), 7)', '<u32>(y * 512 + <f32>0.5)'),
  formats('scales from 256 on saturate', 'ggml: from 248 on', 'code >= 0x78 ? 0x7e : code',
    'code > 0x78 ? 0x7e : code'),
  formats('the step of 2 begins at 3', 'stochastic rounding', 'a < 4 ? 1 : 2', 'a < 3 ? 1 : 2'),
  formats('NaN keeps its sign under CUDA', 'e2m1: NaN of either sign is 7',
    'if (rule == E2M1) return 7;', 'if (rule == E2M1) return 7 | (bits >> 28) & 8;'),
  ['nvfp4', 'formats', 'halves lose their denormals', 'f16', 'reinterpret<f32>(<u32>0x77800000)',
    'reinterpret<f32>(rest < 0x400 ? 0 : <u32>0x77800000)'],
  lanes('ties away from zero', 'QF-1',
    'i32x4.splat(0x7ffff)), odd)', 'i32x4.splat(0x80000)), odd)'),
  lanes('-0 keeps its sign under TE', 'e2m1-te',
    'v128.or(nan, i32x4.eq(y, i32x4.splat(0x80000000)))', 'nan'),
  nvfp4('a tie takes 4', '4over6: strictly smaller', 'return fourError < sixError ? four : six;',
    'return fourError <= sixError ? four : six;'),
  nvfp4('rows of a tile added in order', '4over6: r and r + 8 first',
    'const even = errorTree(j, row, end, step << 1, col, width, scale);\n  ' +
      'const odd = errorTree(j, row + step, end, step << 1, col, width, scale);',
    'const even = rowError(j, row, col, width, scale);\n  ' +
      'const odd = row + 1 < end ? errorTree(j, row + 1, end, 1, col, width, scale) : 0;'),
  nvfp4('absolute errors squared', '4over6 MAE',
    'j.mode & SQUARED ? error', '!(j.mode & 1) ? error'),
  nvfp4('the last nibble of an odd row is left', 'ragged tails',
    'if (width & 1) store<u8>(out + (width >> 1), low);', ''),
  nvfp4('infinite errors count', 'statistics', 'if (!(abs(error) < f64.MAX_VALUE)) {',
    'if (isNaN(error)) {'),
  nvfp4('short tiles read the rows behind them', 'ragged tails', 'min(row + band, rows)',
    'row + band'),
  ['nvfp4', 'nvfp4/scales', 'powers of two round down', 'ceil(log2(b / 6))',
    'const up = (bits >> 23) + u32((bits & 0x7fffff) != 0);', 'const up = bits >> 23;'],
  ['nvfp4', 'nvfp4/layout', 'padding of a layout is left', '128x4: zero padded',
    'if (!back) memory.fill(to, 0, <usize>outBytes);', ''],
  refusals('scales may lie over codes', 'NVF-2', 'apart(codes, codeBytes, scales, bytes) &&', ''),
  refusals('statistics may lie over random bytes', 'NVF-2',
    'if (stats && random && !apart(random, n, stats, 40)) return BAD_ARGUMENT;', ''),
  refusals('a negative maximum is taken', 'bad input', 'if (!(a >= 0) || ', 'if ('),
  ['hadamard', 'hadamard', 'sums from the largest stride down', 'RHT-1',
    [
      'const ab = f32x4.add(a, b);\n  const ba = f32x4.sub(a, b);\n  ' +
        'const cd = f32x4.add(c, d);\n  const dc = f32x4.sub(c, d);',
      'f32x4.mul(f32x4.add(ba, dc), quarter)), 16',
      'f32x4.mul(f32x4.sub(ab, cd), quarter)), 32',
    ],
    [
      'const ab = f32x4.add(a, c);\n  const ba = f32x4.sub(a, c);\n  ' +
        'const cd = f32x4.add(b, d);\n  const dc = f32x4.sub(b, d);',
      'f32x4.mul(f32x4.sub(ab, cd), quarter)), 16',
      'f32x4.mul(f32x4.add(ba, dc), quarter)), 32',
    ]],
  ['hadamard', 'hadamard', 'NaN as it comes', 'RHT-1: canonical',
    'v128.store(y, canonical4(f32x4.mul(f32x4.add(ab, cd), quarter)));',
    'v128.store(y, f32x4.mul(f32x4.add(ab, cd), quarter));'],
  kvLanes('a reciprocal instead of the quotient', 'lmdeploy',
    'f32x4.div(x, scale), zero)', 'f32x4.mul(x, f32x4.div(f32x4.splat(1), scale)), zero)'),
  kv('a constant row divides by zero', 'KVQ-2', 'if (scale == 0) scale = 1;', ''),
  kvLanes('ties of KVFP4 go up', 'SGLang KVFP4',
    'above(a, 0.75)', 'f32x4.ge(a, f32x4.splat(0.75))'),
  kv('the exponent rounds down', 'SGLang KVFP4', 'u32((bits & 0x7fffff) != 0), 253)', '0, 253)'),
  kvLanes('NaN poisons its block', 'KVQ-3', 
    'b = f32x4.pmax(b, f32x4.abs(v128.load(at, 16)));',
    'b = f32x4.max(b, f32x4.abs(v128.load(at, 16)));'),
  ggml('the last of equal errors wins', 'ggml: strictly smaller', 'if (error < least) {',
    'if (error <= least) {'),
  ggml('the scale of a run is that of its block', 'GG-1', 'largest(x, dtype, first, 16) / 6',
    'largest(x, dtype, first & ~63, 64) / 6'),
]);
