// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { GGML_BLOCKS, ggmlDecode, ggmlEncode } from '../../src/numeric/index.js';
import type { GgmlFormat } from '../../src/numeric/index.js';
import { widened } from '../../src/numeric/reference/floats.js';
import {
  referenceGgmlDecode, referenceGgmlEncode,
} from '../../src/numeric/reference/ggml-blocks.js';
import { describeNumeric } from '../support/cores.js';
import { Draws, Fenced, KINDS, expectBytes, numbers, typed } from '../support/formats.js';

const FORMATS = ['nvfp4', 'mxfp4'] as const;

describeNumeric('ggml-blocks', (load) => {
  const core = load();
  const { exports } = core;

  it.each(FORMATS)('%s: blocks and values of the twin', (format) => {
    const draws = new Draws(1);
    for (let i = 0; i < 9 * KINDS; i++) {
      const x = typed(draws, GGML_BLOCKS[format].elements * draws.below(4), i, i % 3);
      const blocks = ggmlEncode(core, x, format);
      expectBytes(blocks, referenceGgmlEncode(widened(x), format), 'blocks');
      const n = widened(x).length;
      expectBytes(ggmlDecode(core, blocks, n, format), referenceGgmlDecode(blocks, format));
    }
  });

  it.each(FORMATS)('%s: any bytes decode as in the twin', (format) => {
    const { bytes, elements } = GGML_BLOCKS[format];
    const blocks = new Draws(2).bytes(256 * bytes);
    for (let i = 0; i < 256; i++) blocks[i * bytes] = i;
    const values = ggmlDecode(core, blocks, 256 * elements, format);
    expectBytes(values, referenceGgmlDecode(blocks, format));
  });

  it('the first of equal errors wins: ties towards zero, never code 8', () => {
    const x = new Float32Array(64);
    x.set([6, 0.25, -0.25, 5, 0, -0, 0.75]);
    const bytes = ggmlEncode(core, x, 'nvfp4');
    expect(bytes[0]).toBe(0x38);
    const elements = [...bytes.slice(4, 12)].map((byte) => byte & 15);
    expect(elements.slice(0, 7)).toEqual([7, 0, 0, 6, 0, 0, 1]);
  });

  it('has no tensor scale: N(0,1) times 1e-3 is lost, infinities and NaN encode to 0', () => {
    const small = numbers(new Draws(3), 640, 0).map(() => 0);
    const draws = new Draws(4);
    small.forEach((_, i) => (small[i] = draws.normal() * 1e-3));
    const q = ggmlEncode(core, small, 'nvfp4');
    expect(ggmlDecode(core, q, 640, 'nvfp4').every((v) => v === 0)).toBe(true);
    const odd = new Float32Array(64);
    odd.set([Infinity, NaN, -Infinity]);
    expect(ggmlDecode(core, ggmlEncode(core, odd, 'nvfp4'), 64, 'nvfp4').every((v) => v === 0))
      .toBe(true);
  });

  it('a block depends on its own elements alone', () => {
    for (const format of FORMATS) {
      const { elements, bytes } = GGML_BLOCKS[format];
      const x = numbers(new Draws(5), 3 * elements, 0);
      const whole = ggmlEncode(core, x, format);
      const middle = ggmlEncode(core, x.slice(elements, 2 * elements), format);
      expectBytes(whole.slice(bytes, 2 * bytes), middle);
    }
  });

  it('writes into its output alone', () => {
    for (const [format, elements, bytes] of [[0, 64, 36], [1, 32, 17]]) {
      for (const blocks of [0, 1, 3]) {
        const x = numbers(new Draws(6), elements * blocks, 0);
        const f = new Fenced(core, [x, bytes * blocks, 4 * elements * blocks]);
        const n = elements * blocks;
        f.writes(exports.ggml_encode(format, f.at[0], 0, n, f.at[1]), [1]);
        f.writes(exports.ggml_decode(format, f.at[1], n, f.at[2]), [2]);
      }
    }
  });

  it('refuses bad arguments and writes nothing', () => {
    const f = new Fenced(core, [new Float32Array(64), 36, 256]);
    const [x, blocks, out] = f.at;
    const end = core.u8.length;
    for (const status of [
      exports.ggml_encode(2, x, 0, 64, blocks), exports.ggml_encode(0, x, 0, 32, blocks),
      exports.ggml_encode(1, x, 0, 31, blocks), exports.ggml_encode(0, x, 3, 64, blocks),
      exports.ggml_encode(0, x + 2, 0, 64, blocks), exports.ggml_encode(0, x, 0, 64, x + 200),
      exports.ggml_encode(0, x, 0, 64, end - 35), exports.ggml_encode(0, x, 0, 0xffffffc0, blocks),
      exports.ggml_encode(0, 4, 0, 64, blocks), exports.ggml_decode(2, blocks, 64, out),
      exports.ggml_decode(0, blocks, 65, out), exports.ggml_decode(0, blocks, 64, out + 1),
      exports.ggml_decode(0, blocks, 64, blocks), exports.ggml_decode(0, end - 8, 64, out),
      exports.ggml_decode(1, blocks, 0x80000000, out),
    ]) {
      f.refuses(status);
    }
    const some = new Float32Array(64);
    const cases: readonly [() => unknown, RegExp][] = [
      [() => ggmlEncode(core, some.slice(1), 'nvfp4'), /^elements: must be a multiple of 64/],
      [() => ggmlEncode(core, some, 'q4_0' as GgmlFormat), /^format: must be nvfp4 or mxfp4/],
      [() => ggmlDecode(core, new Uint8Array(36), 32, 'mxfp4'), /^blocks: must be 17 bytes long/],
    ];
    for (const [call, message] of cases) {
      expect(call).toThrow(RangeError);
      expect(call).toThrow(message);
    }
  });
});
