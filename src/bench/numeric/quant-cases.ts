// SPDX-License-Identifier: Apache-2.0
/** Tensors of about N(0, 1) through codec, nvfp4, hadamard, kv-formats and ggml-blocks. */
import type { NumericCore } from '../../numeric/index.js';
import { expectStatus } from '../case.js';
import type { BenchTask } from '../case.js';
import { NATIVE_SIDES } from './case.js';
import type { NumericCase } from './case.js';
import { bytesOf, checksumOf, largestMagnitude, normals, place, SEED } from './inputs.js';
import { plainDequantize, plainQuantize } from './plain.js';

/** Elements that fit the second level of a cache, and those that do not. */
const SMALL = 65_536;
const LARGE = 4_194_304;
/** Elements of a row of the affine formats: one head. */
const HEAD = 128;
const FP8_SCALE = Math.fround(0.05);
/** Of numeric.md: the signs of TransformerEngine's transform, one bit each. */
const SIGNS = 0x17e8;

const AMAX_GIVEN = 4;
const F32 = 0;
const BF16 = 1;

/** A tensor in linear memory with room for what becomes of it. */
class Tensor {
  readonly x: number;
  readonly amax: number;
  readonly codes: number;
  readonly scales: number;
  readonly zeros: number;
  readonly out: number;

  constructor(
    readonly core: NumericCore,
    readonly n: number,
  ) {
    const x = normals(n, SEED);
    this.x = place(core, x);
    this.amax = place(core, Float32Array.of(largestMagnitude(x)));
    this.codes = core.take(n);
    this.scales = core.take(n / 4);
    this.zeros = core.take(n / 4);
    this.out = core.take(n * 4);
  }

  /** The upper halves of the elements: bf16, cut off. */
  halves(): number {
    const at = this.core.take(this.n * 2);
    const words = new Uint16Array(this.core.u8.buffer);
    for (let i = 0; i < this.n; i++) words[at / 2 + i] = words[this.x / 2 + 2 * i + 1];
    return at;
  }

  /** A task of `ops` calls; `regions` are what they leave behind, as [at, bytes]. */
  task(ops: number, call: () => number, regions: () => (readonly [number, number])[]): BenchTask {
    const run = (): void => {
      for (let i = 0; i < ops; i++) expectStatus('call', call());
    };
    const check = (): number =>
      checksumOf(...regions().map(([at, bytes]) => bytesOf(this.core, at, bytes)));
    return { units: this.n * ops, setup: () => {}, run, check };
  }
}

type Call = (t: Tensor) => { call: () => number; regions: (readonly [number, number])[] };

/** Calls so that a sample takes a good part of a millisecond. */
const opsOf = (n: number): number => (n === SMALL ? 4 : 1);

interface Row {
  readonly id: string;
  readonly kernel: string | null;
  readonly title: string;
  readonly bytes: number;
  readonly native: string | null;
  readonly n?: number;
  readonly lanes?: boolean;
  readonly call: Call;
  readonly extra?: Partial<NumericCase>;
}

function tensorCase(row: Row): NumericCase {
  const { id, kernel, title, bytes, native, n = SMALL, lanes = false, call, extra = {} } = row;
  const ops = opsOf(n);
  const sides = lanes ? NATIVE_SIDES : (['native'] as const);
  return {
    id,
    kernel,
    title,
    unit: 'element',
    bytes,
    ...(native === null ? {} : { native: { name: native, sides } }),
    parameters: { n, ops },
    prepare(core) {
      const tensor = new Tensor(core, n);
      const { call: once, regions } = call(tensor);
      return tensor.task(ops, once, () => regions);
    },
    bars: [],
    ...extra,
  };
}

const quantizeCall =
  (dtype: number): Call =>
  (tensor) => {
    const { core, n, codes, scales, amax } = tensor;
    const from = dtype === F32 ? tensor.x : tensor.halves();
    const { nvfp4_quantize } = core.exports;
    return {
      call: () => nvfp4_quantize(from, dtype, 1, n, codes, scales, amax, AMAX_GIVEN, 0, 0),
      regions: [[codes, n / 2], [scales, n / 16]],
    };
  };

const dequantizeCall: Call = ({ core, n, x, codes, scales, amax, out }) => {
  const { nvfp4_quantize, nvfp4_dequantize } = core.exports;
  expectStatus('nvfp4_quantize', nvfp4_quantize(x, F32, 1, n, codes, scales, amax, 4, 0, 0));
  return {
    call: () => nvfp4_dequantize(codes, scales, amax, 1, n, AMAX_GIVEN, out),
    regions: [[out, n * 4]],
  };
};

const copyCall: Call = ({ core, n, x, out }) => ({
  call: () => {
    core.u8.copyWithin(out, x, x + n * 4);
    return 0;
  },
  regions: [[out, n * 4]],
});

const encodeCall =
  (format: number): Call =>
  ({ core, n, x, codes }) => ({
    call: () => core.exports.codec_encode(format, x, F32, n, codes),
    regions: [[codes, n]],
  });

const decodeCall =
  (format: number): Call =>
  ({ core, n, x, codes, out }) => {
    expectStatus('codec_encode', core.exports.codec_encode(format, x, F32, n, codes));
    return {
      call: () => core.exports.codec_decode(format, codes, n, out),
      regions: [[out, n * 4]],
    };
  };

const hadamardCall: Call = ({ core, n, x, out }) => ({
  call: () => core.exports.hadamard16(x, F32, n, SIGNS, out),
  regions: [[out, n * 4]],
});

const fp8Call =
  (decode: boolean): Call =>
  ({ core, n, x, codes, out }) => {
    const { kv_fp8_encode, kv_fp8_decode } = core.exports;
    const encode = (): number => kv_fp8_encode(x, F32, n, FP8_SCALE, codes);
    expectStatus('kv_fp8_encode', encode());
    return {
      call: decode ? () => kv_fp8_decode(codes, n, FP8_SCALE, out) : encode,
      regions: decode ? [[out, n * 4]] : [[codes, n]],
    };
  };

const affineCall =
  (bits: number, decode: boolean): Call =>
  ({ core, n, x, codes, scales, zeros, out }) => {
    const { kv_affine_encode, kv_affine_decode } = core.exports;
    const rows = n / HEAD;
    const encode = (): number =>
      kv_affine_encode(x, F32, rows, HEAD, bits, codes, scales, zeros);
    expectStatus('kv_affine_encode', encode());
    return {
      call: decode
        ? () => kv_affine_decode(codes, scales, zeros, rows, HEAD, bits, out)
        : encode,
      regions: decode
        ? [[out, n * 4]]
        : [[codes, (n * bits) / 8], [scales, rows * 4], [zeros, rows * 4]],
    };
  };

const fp4Call =
  (decode: boolean): Call =>
  ({ core, n, x, codes, scales, out }) => {
    const { kv_fp4_encode, kv_fp4_decode } = core.exports;
    const encode = (): number => kv_fp4_encode(x, F32, n, codes, scales);
    expectStatus('kv_fp4_encode', encode());
    return {
      call: decode ? () => kv_fp4_decode(codes, scales, n, out) : encode,
      regions: decode ? [[out, n * 4]] : [[codes, n / 2], [scales, n / 16]],
    };
  };

/** Bytes an element: f32, codes and scales. */
const NVFP4_BYTES = 4 + 0.5 + 1 / 16;
const ROW_BYTES = 8 / HEAD;

const nvfp4Rows: readonly Row[] = [
  {
    id: 'nvfp4.quantize', kernel: 'nvfp4', title: 'f32, 64 Ki elements, amax given',
    bytes: NVFP4_BYTES, native: 'nvfp4.quantize', lanes: true, call: quantizeCall(F32),
    extra: {
      plain: () => plainQuantize(SMALL),
      bars: [{ against: 'sse41', least: 0.8 }, { against: 'js', least: 10 }],
      quoted: 'numpy 0.36',
    },
  },
  {
    id: 'nvfp4.quantize-4m', kernel: 'nvfp4', title: 'f32, 4 Mi elements', n: LARGE,
    bytes: NVFP4_BYTES, native: 'nvfp4.quantize', lanes: true, call: quantizeCall(F32),
    extra: { bars: [{ against: 'sse41', least: 0.8 }], quoted: 'numpy 0.36' },
  },
  {
    id: 'nvfp4.quantize-bf16', kernel: 'nvfp4', title: 'bf16, 64 Ki elements',
    bytes: NVFP4_BYTES - 2, native: 'nvfp4.quantize-bf16', lanes: true, call: quantizeCall(BF16),
  },
  {
    id: 'nvfp4.dequantize', kernel: 'nvfp4', title: 'to f32, 64 Ki elements',
    bytes: NVFP4_BYTES, native: 'nvfp4.dequantize', lanes: true, call: dequantizeCall,
    extra: {
      plain: () => plainDequantize(SMALL),
      bars: [{ against: 'sse41', least: 0.7 }, { against: 'js', least: 7 }],
      quoted: 'numpy 1.35',
    },
  },
  {
    id: 'nvfp4.dequantize-4m', kernel: 'nvfp4', title: 'to f32, 4 Mi elements', n: LARGE,
    bytes: NVFP4_BYTES, native: 'nvfp4.dequantize', lanes: true, call: dequantizeCall,
    extra: { bars: [{ against: 'sse41', least: 0.7 }], quoted: 'numpy 1.35' },
  },
];

const copyRows: readonly Row[] = [
  {
    id: 'copy', kernel: null, title: 'memcpy inside linear memory, 256 KiB',
    bytes: 8, native: 'copy', call: copyCall,
  },
  {
    id: 'copy-4m', kernel: null, title: 'memcpy inside linear memory, 16 MiB', n: LARGE,
    bytes: 8, native: 'copy', call: copyCall,
  },
];

const formatRows: readonly Row[] = [
  ...([['e4m3', 0], ['e2m1', 2]] as const).flatMap(([name, format]): Row[] => [
    {
      id: `codec.${name}-encode`, kernel: 'codec', title: `${name.toUpperCase()}, a byte a code`,
      bytes: 5, native: `codec.${name}-encode`, call: encodeCall(format),
      extra: name === 'e2m1' ? { quoted: 'torch bucketize 0.20' } : {},
    },
    {
      id: `codec.${name}-decode`, kernel: 'codec', title: `${name.toUpperCase()} to f32`,
      bytes: 5, native: `codec.${name}-decode`, call: decodeCall(format),
    },
  ]),
  {
    id: 'hadamard', kernel: 'hadamard', title: '16-point, random signs',
    bytes: 8, native: 'hadamard', call: hadamardCall,
  },
  ...[false, true].map((decode): Row => {
    const word = decode ? 'decode' : 'encode';
    return {
      id: `kv.fp8-${word}`, kernel: 'kv-formats', title: 'FP8 under one scale',
      bytes: 5, native: `kv.fp8-${word}`, call: fp8Call(decode),
    };
  }),
  ...[8, 4].flatMap((bits) =>
    [false, true].map((decode): Row => {
      const word = decode ? 'decode' : 'encode';
      return {
        id: `kv.int${bits}-${word}`, kernel: 'kv-formats', title: `affine int${bits}, rows of 128`,
        bytes: 4 + bits / 8 + ROW_BYTES, native: `kv.int${bits}-${word}`,
        call: affineCall(bits, decode),
      };
    }),
  ),
  ...[false, true].map((decode): Row => {
    const word = decode ? 'decode' : 'encode';
    return {
      id: `kv.fp4-${word}`, kernel: 'kv-formats', title: 'KVFP4, blocks of 16',
      bytes: NVFP4_BYTES, native: `kv.fp4-${word}`, call: fp4Call(decode),
    };
  }),
];

/** Sixteen values a code are tried in turn: no native side yet. */
const ggmlRow: Row = {
  id: 'ggml.encode', kernel: 'ggml-blocks', title: 'NVFP4 blocks of ggml',
  bytes: NVFP4_BYTES, native: null,
  call: ({ core, n, x, codes }) => ({
    call: () => core.exports.ggml_encode(0, x, F32, n, codes),
    regions: [[codes, (n / 64) * 36]],
  }),
};

export const quantCases: readonly NumericCase[] = [
  ...copyRows.map(tensorCase),
  ...nvfp4Rows.map(tensorCase),
  ...formatRows.map(tensorCase),
  tensorCase(ggmlRow),
];
