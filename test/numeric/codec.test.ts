// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  NUMBER_FORMATS, decodeFloats, encodeFloats, encodeStochastic,
} from '../../src/numeric/index.js';
import type { NumberFormat } from '../../src/numeric/index.js';
import {
  referenceDecode, referenceEncode, referenceEncodeBits, referenceSteps, referenceStochastic,
} from '../../src/numeric/reference/codec.js';
import { bitsOf, floatOf, halfValue } from '../../src/numeric/reference/floats.js';
import { describeNumeric } from '../support/cores.js';
import { Draws, Fenced, expectBytes } from '../support/formats.js';

const ALL16 = Uint16Array.from({ length: 65536 }, (_, i) => i);
const patterns = (bits: ArrayLike<number>): Float32Array =>
  new Float32Array(Uint32Array.from(bits).buffer);
const CODES: Record<NumberFormat, number> = {
  e4m3: 256, 'e4m3-ml-dtypes': 256, e2m1: 16, 'e2m1-te': 16, 'e2m1-ml-dtypes': 16,
  'ue4m3-ggml': 128,
};

/** What the twin makes of every bf16, once for both builds. */
const twinOfBf16 = new Map(NUMBER_FORMATS.map((format) => {
  const codes = Uint8Array.from(ALL16, (bits) => referenceEncodeBits(bits * 65536, format));
  return [format, codes] as const;
}));

describe('codec twin', () => {
  it.each(NUMBER_FORMATS)('the steps of %s cover all patterns once, in order', (format) => {
    let next = 0;
    for (const { from, to } of referenceSteps(format)) {
      expect(from).toBe(next);
      expect(to).toBeGreaterThanOrEqual(from);
      next = to + 1;
    }
    expect(next).toBe(2 ** 32);
  });

  it.each(['e4m3', 'e2m1'] as const)('a step of %s ends at a midpoint, ties to even', (format) => {
    const values = referenceSteps(format).slice(1, format === 'e2m1' ? 8 : 127);
    expect(values.map(({ code }) => code)).toEqual(values.map((_, i) => i));
    values.forEach(({ to, code }) => {
      const [low, high] = [referenceDecode(code, format), referenceDecode(code + 1, format)];
      expect(to).toBe(bitsOf((low + high) / 2) - (code % 2));
    });
  });
});

describeNumeric('codec', (load) => {
  const core = load();

  it.each(NUMBER_FORMATS)('%s: every bf16 as the twin', (format) => {
    const got = encodeFloats(core, { dtype: 'bf16', data: ALL16 }, format);
    expectBytes(got, twinOfBf16.get(format)!, format);
    const wide = patterns(Array.from(ALL16, (bits) => bits * 65536));
    expectBytes(encodeFloats(core, wide, format), got, format);
  });

  it('every f16 as the f32 of the same value', () => {
    const wide = Float32Array.from(ALL16, halfValue);
    for (const format of ['e4m3', 'e2m1', 'ue4m3-ggml'] as const) {
      const got = encodeFloats(core, { dtype: 'f16', data: ALL16 }, format);
      expectBytes(got, encodeFloats(core, wide, format), format);
    }
  });

  it.each(NUMBER_FORMATS)('%s: both sides of every step', (format) => {
    const steps = referenceSteps(format);
    const bits = steps.flatMap(({ from, to }) => [from, to]);
    const got = encodeFloats(core, patterns(bits), format);
    expectBytes(got, Uint8Array.from(steps.flatMap(({ code }) => [code, code])), format);
  });

  it('random f32 as the twin', () => {
    const draws = new Draws(1);
    const bits = Array.from({ length: 4000 }, () => draws.u32());
    for (const format of NUMBER_FORMATS) {
      const want = Uint8Array.from(bits, (word) => referenceEncodeBits(word, format));
      expectBytes(encodeFloats(core, patterns(bits), format), want, format);
    }
  });

  it.each(NUMBER_FORMATS)('%s: codes decode as in the twin, numbers come back', (format) => {
    const codes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const values = decodeFloats(core, codes, format);
    expectBytes(values, Float32Array.from(codes, (code) => referenceDecode(code, format)), format);
    const own = Array.from({ length: CODES[format] }, (_, i) => i)
      .filter((code) => !Number.isNaN(values[code]))
      .filter((code) => !(format === 'e2m1-te' && code === 8))
      .filter((code) => !(format === 'ue4m3-ggml' && code >= 0x78 && code !== 0x7e));
    const back = encodeFloats(core, Float32Array.from(own, (code) => values[code]), format);
    expect([...back]).toEqual(own);
  });

  it('is monotone and saturates', () => {
    for (const format of NUMBER_FORMATS) {
      const steps = referenceSteps(format);
      const positive = steps.filter(({ to }) => to <= 0x7f800000);
      const codes = encodeFloats(core, patterns(positive.map(({ from }) => from)), format);
      for (let i = 1; i < codes.length; i++) expect(codes[i]).toBeGreaterThanOrEqual(codes[i - 1]);
    }
    const top = (format: NumberFormat, x: number): number =>
      encodeFloats(core, Float32Array.of(x), format)[0];
    for (const x of [449, 464, 465, 3.4e38, Infinity]) {
      expect(top('e4m3', x)).toBe(0x7e);
      expect(top('e4m3', -x)).toBe(0xfe);
      expect(top('e2m1', x)).toBe(7);
      expect(top('e2m1', -x)).toBe(15);
      expect(top('ue4m3-ggml', x)).toBe(0x7e);
      expect(top('e4m3-ml-dtypes', x)).toBe(x > 464 ? 0x7f : 0x7e);
    }
  });

  it('keeps the documented rules of -0 and NaN', () => {
    const x = patterns([0x80000000, 0x80000001, 0x7fc00000, 0xffc00000, 0x7f800001]);
    const codes = Object.fromEntries(NUMBER_FORMATS.map((format) =>
      [format, [...encodeFloats(core, x, format)]]));
    expect(codes).toEqual({
      e4m3: [0x80, 0x80, 0x7f, 0x7f, 0x7f],
      'e4m3-ml-dtypes': [0x80, 0x80, 0x7f, 0xff, 0x7f],
      e2m1: [8, 8, 7, 7, 7],
      'e2m1-te': [0, 8, 0, 0, 0],
      'e2m1-ml-dtypes': [8, 8, 8, 0, 8],
      'ue4m3-ggml': [0, 0, 0, 0, 0],
    });
  });

  it('rounds stochastically as the twin, for each random byte', () => {
    const xs = [0, -0, 0.1, 0.25, 0.49, 0.5, 1.3, 1.99, 2, 2.2, 3.7, 4, 5.5, 5.999, 6, 7, 1e30,
      Infinity, NaN, 1e-45, 2 - 2 ** -23, 4 - 2 ** -22].flatMap((x) => [x, -x]);
    const random = Uint8Array.from({ length: 256 }, (_, i) => i);
    for (const x of [...xs, floatOf(0xffc00000)]) {
      const got = encodeStochastic(core, new Float32Array(256).fill(x), random);
      const want = random.map((r) => referenceStochastic(Math.fround(x), r));
      expectBytes(got, want, String(x));
      if (Math.abs(x) <= 6 && !Number.isNaN(x)) {
        const mean = got.reduce((sum, c) => sum + referenceDecode(c, 'e2m1'), 0) / 256;
        expect(Math.abs(mean - x)).toBeLessThanOrEqual(2 / 256);
      }
    }
    expect(encodeStochastic(core, patterns([0xffc00000]), Uint8Array.of(9))[0]).toBe(7);
  });

  it('writes into its output alone', () => {
    const { exports } = core;
    for (const n of [0, 1, 3, 100]) {
      const x = new Float32Array(n).fill(2.6);
      const encode = new Fenced(core, [x, n]);
      encode.writes(exports.codec_encode(2, encode.at[0], 0, n, encode.at[1]), [1]);
      const decode = new Fenced(core, [new Uint8Array(n).fill(3), 4 * n]);
      decode.writes(exports.codec_decode(0, decode.at[0], n, decode.at[1]), [1]);
      const sr = new Fenced(core, [x, new Uint8Array(n), n]);
      sr.writes(exports.codec_stochastic(sr.at[0], sr.at[1], n, sr.at[2]), [2]);
    }
  });

  it('refuses bad arguments and writes nothing', () => {
    const { exports } = core;
    const fenced = new Fenced(core, [new Float32Array(8), 32, 32]);
    const [x, out, more] = fenced.at;
    const end = core.u8.length;
    for (const status of [
      exports.codec_encode(6, x, 0, 8, out), exports.codec_encode(-1, x, 0, 8, out),
      exports.codec_encode(0, x, 3, 8, out), exports.codec_encode(0, x + 2, 0, 7, out),
      exports.codec_encode(0, x + 1, 1, 7, out), exports.codec_encode(0, x, 0, 8, x),
      exports.codec_encode(0, x, 0, 8, x + 31), exports.codec_encode(0, x, 0, 8, end - 7),
      exports.codec_encode(0, end - 28, 0, 8, out), exports.codec_encode(0, 0, 0, 8, out),
      exports.codec_encode(0, x, 0, 8, 16), exports.codec_encode(0, x, 0, 0xffffffff, out),
      exports.codec_encode(0, x, 0, 8, -4), exports.codec_decode(6, x, 8, out),
      exports.codec_decode(0, x, 8, out + 2), exports.codec_decode(0, x, 8, x + 4),
      exports.codec_decode(0, x, 0x40000001, out), exports.codec_decode(0, end - 7, 8, out),
      exports.codec_stochastic(x + 1, out, 7, more), exports.codec_stochastic(x, out, 8, out + 7),
      exports.codec_stochastic(x, out, 8, x), exports.codec_stochastic(x, end, 8, more),
    ]) {
      fenced.refuses(status);
    }
  });

  it('the facade names the argument', () => {
    const x = new Float32Array(4);
    const wrong = (call: () => unknown, message: RegExp): void =>
      expect(call).toThrow(expect.objectContaining({ name: 'RangeError',
        message: expect.stringMatching(message) as string }) as Error);
    wrong(() => encodeFloats(core, x, 'e5m2' as NumberFormat), /^format: must be one of e4m3/);
    const list = [1] as unknown as Float32Array;
    wrong(() => encodeFloats(core, list, 'e4m3'), /^x: must be a Float32A/);
    wrong(() => encodeStochastic(core, x, new Uint8Array(3)), /^random: must be 4 bytes long/);
    const floats = x as unknown as Uint8Array;
    wrong(() => decodeFloats(core, floats, 'e4m3'), /^codes: must be a Uint8Array/);
  });

  it('twin: a value and its bits are one', () => {
    expect(referenceEncode(2.5, 'e2m1')).toBe(referenceEncodeBits(bitsOf(2.5), 'e2m1'));
  });
});
