// SPDX-License-Identifier: Apache-2.0
/** Bad input of the NVFP4 kernel, and what its calls write. */
import { expect, it } from 'vitest';
import { nvfp4Dequantize, nvfp4Quantize, swizzleScales } from '../../src/numeric/index.js';
import type { NumericExports, Nvfp4Options, Nvfp4Tensor } from '../../src/numeric/index.js';
import { nvfp4Mode } from '../../src/numeric/nvfp4.js';
import { describeNumeric } from '../support/cores.js';
import { Draws, Fenced, numbers } from '../support/formats.js';

type Quantize = Parameters<NumericExports['nvfp4_quantize']>;

const [TILES, ROWS, GIVEN, FOUR, SQUARED, E256, POW2, VLLM] = [1, 2, 4, 8, 16, 32, 128, 512];

describeNumeric('nvfp4 refusals', (load) => {
  const core = load();
  const { exports } = core;

  it('writes codes, scales, maximum and statistics, and nothing beside them', () => {
    const draws = new Draws(4);
    for (const mode of [0, TILES, ROWS, FOUR, FOUR | TILES, POW2, 256, 64, 1024, ROWS | 256]) {
      for (const [rows, cols] of [[3, 50], [1, 16], [17, 31], [2, 1], [0, 5]]) {
        const n = rows * cols;
        const bytes = [rows * Math.ceil(cols / 2), exports.nvfp4_scale_bytes(rows, cols, mode)];
        const amax = new Float32Array(mode & ROWS ? rows : 1);
        const fenced = new Fenced(core, [
          numbers(draws, n, 0), bytes[0], bytes[1], amax, new Uint8Array(40), 4 * n, draws.bytes(n),
        ]);
        const [x, codes, scales, top, stats, out, random] = fenced.at;
        const noise = mode & FOUR ? 0 : random;
        fenced.writes(exports.nvfp4_quantize(
          x, 0, rows, cols, codes, scales, top, mode, 0, 0), [1, 2, 3]);
        fenced.writes(exports.nvfp4_quantize(
          x, 0, rows, cols, codes, scales, top, mode, noise, stats), [1, 2, 3, 4]);
        fenced.writes(exports.nvfp4_dequantize(codes, scales, top, rows, cols, mode, out), [5]);
      }
    }
  });

  it('refuses bad arguments and writes nothing', () => {
    const fenced = new Fenced(core, [
      new Float32Array(64).fill(1), 32, 512, new Float32Array([1, 1]), new Uint8Array(48),
      new Uint8Array(64),
    ]);
    const [x, codes, scales, amax, stats, random] = fenced.at;
    const end = core.u8.length;
    const good = [x, 0, 2, 32, codes, scales, amax, 0, random, stats];
    const wrong: readonly (readonly [number, number])[] = [
      [0, x + 2], [0, end - 4], [0, 0], [0, codes], [1, 3], [1, -1], [2, 0x40000000],
      [2, 0xffffffff], [3, 0x20000000], [4, x], [4, x + 255], [4, end - 31], [4, scales], [4, 8],
      [5, x + 8],
      [5, codes + 31],
      [5, end - 3], [6, amax + 2], [6, x], [6, codes], [6, scales], [6, end - 2],
      [7, 2048], [7, -1], [7, TILES | ROWS], [7, POW2 | ROWS], [7, POW2 | FOUR], [7, VLLM],
      [7, VLLM | GIVEN | TILES], [7, VLLM | GIVEN | FOUR], [7, POW2 | VLLM | GIVEN], [7, SQUARED],
      [7, E256], [7, FOUR], [8, x], [8, codes - 40], [8, end - 63], [8, amax - 60], [8, stats],
      [9, stats + 4], [9, x], [9, scales], [9, end - 32], [9, amax & -8],
      [9, random],
    ];
    for (const [which, value] of wrong) {
      const call = good.slice();
      call[which] = value;
      fenced.refuses(exports.nvfp4_quantize(...(call as Quantize)));
    }
    // Scale bytes of 2^30 rows of one element pass 2^32 in the swizzled layout.
    fenced.refuses(exports.nvfp4_quantize(x, 1, 0x3fffffff, 1, codes, scales, amax, 256, 0, 0));
    expect(exports.nvfp4_scale_bytes(0x3fffffff, 1, 256) >>> 0).toBe(0xffffffff);
    type Dequantize = [number, number, number, number, number, number, number];
    const dequantize: readonly Dequantize[] = [
      [codes, scales, amax, 2, 32, TILES | ROWS, x], [codes, scales, amax, 2, 32, 0, x + 1],
      [x, scales, amax, 2, 32, 0, x], [codes, scales, x, 2, 32, 0, x],
      [codes, scales, amax, 2, 32, 0, end - 8], [codes, scales, amax, 0x10000, 0x10000, 0, x],
    ];
    for (const call of dequantize) fenced.refuses(exports.nvfp4_dequantize(...call));
    const swizzle: readonly [number, number, number, number, number][] = [
      [scales, 3, 5, scales, 0], [scales, 0xffffffff, 0xffffffff, x, 0], [scales, 3, 5, end - 1, 0],
      [end - 1, 3, 5, scales, 0], [0, 1, 1, scales, 0], [scales, 3, 5, scales + 100, 1],
    ];
    for (const call of swizzle) fenced.refuses(exports.nvfp4_swizzle(...call));
  });

  it('refuses maxima that are none', () => {
    for (const [value, mode] of [[-1, GIVEN], [NaN, GIVEN], [0, VLLM | GIVEN],
      [Infinity, VLLM | GIVEN], [-2, VLLM | GIVEN]]) {
      const fenced = new Fenced(core, [new Float32Array(32), 16, 2, Float32Array.of(1, value)]);
      const [x, codes, scales, amax] = fenced.at;
      fenced.refuses(exports.nvfp4_quantize(x, 0, 2, 16, codes, scales, amax, mode | ROWS, 0, 0));
    }
  });

  it('an empty tensor of many rows ends at once', () => {
    const fenced = new Fenced(core, [4, 4, 4, 4]);
    const [x, codes, scales, amax] = fenced.at;
    fenced.writes(exports.nvfp4_quantize(x, 0, 0xffffffff, 0, codes, scales, amax, 0, 0, 0), [3]);
    expect(new Float32Array(fenced.bytes(3).buffer)[0]).toBe(0);
    fenced.writes(exports.nvfp4_dequantize(codes, scales, amax, 0xffffffff, 0, 0, x), [3]);
  });

  it('the facade names the argument and what is allowed', () => {
    const x = new Float32Array(32);
    const quantize = (options: Nvfp4Options): Nvfp4Tensor =>
      nvfp4Quantize(core, x, 2, 16, options);
    const cases: readonly [() => unknown, RegExp][] = [
      [() => nvfp4Quantize(core, x, 3, 11), /^x: must be rows \* cols = 33 elements, got 32/],
      [() => nvfp4Quantize(core, x, -1, 11), /^rows: must be a whole number/],
      [() => quantize({ order: 'vllm' }), /^amax: must be the global scale/],
      [() => quantize({ amax: -1 }), /^amax: must be at least 0, got -1/],
      [() => quantize({ amax: NaN }), /^amax: must be at least 0, got NaN/],
      [() => quantize({ rowScaled: true, amax: x }), /^amax: must be 2 numbers/],
      [() => quantize({ random: new Uint8Array(3) }), /^random: must be 32 bytes/],
      [() => quantize({ random: new Uint8Array(32), fourOverSix: 'mae' }),
        /^random: must be absent with fourOverSix/],
      [() => quantize({ tiles: true, rowScaled: true }), /^rowScaled: must be off/],
      [() => quantize({ largestScale: 256 }), /^largestScale: must be 448 without/],
      [() => nvfp4Mode({ order: 'flux' } as unknown as Nvfp4Options), /^order: must be te or vllm/],
      [() => nvfp4Mode({ order: 'vllm', tiles: true }), /^tiles: must be off in vllm order/],
      [() => nvfp4Mode({ powerOfTwo: true, fourOverSix: 'mae' }), /^fourOverSix: must be off with/],
      [() => nvfp4Dequantize(core, { ...quantize({}), rows: 3 }), /^codes: must be 24/],
      [() => swizzleScales(core, new Uint8Array(5), 2, 3), /^scales: must be 6 bytes long, got 5/],
    ];
    for (const [call, message] of cases) {
      expect(call).toThrow(RangeError);
      expect(call).toThrow(message);
    }
  });
});
