// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import {
  decodeFloats, kvAffineDecode, kvAffineEncode, kvFp4Decode, kvFp4Encode, kvFp8Decode, kvFp8Encode,
} from '../../src/numeric/index.js';
import { widened } from '../../src/numeric/reference/floats.js';
import {
  referenceAffineDecode, referenceAffineEncode, referenceFp4Decode, referenceFp4Encode,
  referenceFp8Decode, referenceFp8Encode,
} from '../../src/numeric/reference/kv-formats.js';
import { describeNumeric } from '../support/cores.js';
import { Draws, Fenced, KINDS, expectBytes, numbers, typed } from '../support/formats.js';

describeNumeric('kv-formats', (load) => {
  const core = load();
  const { exports } = core;

  it('fp8: codes and values of the twin', () => {
    const draws = new Draws(1);
    for (let i = 0; i < 6 * KINDS; i++) {
      const x = typed(draws, draws.below(70), i, i % 3);
      const scale = [1, 0.05, 2 ** -140, 1e30, 3][i % 5];
      const codes = kvFp8Encode(core, x, scale);
      expectBytes(codes, referenceFp8Encode(widened(x), scale), `scale ${scale}`);
      expectBytes(kvFp8Decode(core, codes, scale), referenceFp8Decode(codes, scale));
    }
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    expectBytes(kvFp8Decode(core, all, 0.3), referenceFp8Decode(all, 0.3));
    expectBytes(kvFp8Decode(core, all), decodeFloats(core, all, 'e4m3'));
  });

  it('fp8 divides: a reciprocal would give other codes', () => {
    const scale = Math.fround(0.05);
    const x = numbers(new Draws(11), 200_000, 0).map((v) => v % 20);
    const codes = kvFp8Encode(core, x, scale);
    const divided = x.map((v) => Math.fround(v / scale));
    expectBytes(codes, kvFp8Encode(core, divided, 1));
  });

  it.each([8, 4] as const)('affine, %d bits: codes, parameters and values of the twin', (bits) => {
    const draws = new Draws(bits);
    for (let i = 0; i < 8 * KINDS; i++) {
      const rows = draws.below(5);
      const cols = (1 + draws.below(40)) * (bits === 4 ? 2 : 1);
      const x = typed(draws, rows * cols, i, i % 3);
      const got = kvAffineEncode(core, x, rows, cols, bits);
      const want = referenceAffineEncode(widened(x), rows, cols, bits);
      expectBytes(got.codes, want.codes, 'codes');
      expectBytes(got.scales, want.scales, 'scales');
      expectBytes(got.zeros, want.zeros, 'zeros');
      expectBytes(kvAffineDecode(core, got), referenceAffineDecode(want), 'values');
    }
  });

  it('affine divides: a reciprocal would give 42 for -13', () => {
    const row = [13, 10, 25, -36, 29, 16, -11, -13, -20, 35, -12, -12, -9, -10, -24, 36];
    const { codes } = kvAffineEncode(core, Float32Array.from(row), 1, 16, 8);
    expectBytes(codes, referenceAffineEncode(row, 1, 16, 8).codes);
    expect(codes[14]).toBe(43);
  });

  it('affine errs by at most half a step, and constant rows not at all', () => {
    const x = numbers(new Draws(5), 4 * 128, 0);
    x.fill(-2.75, 128, 256);
    for (const bits of [8, 4] as const) {
      const q = kvAffineEncode(core, x, 4, 128, bits);
      kvAffineDecode(core, q).forEach((v, i) => {
        const step = q.scales[i >> 7];
        if (i >> 7 === 1) expect(v).toBe(-2.75);
        else expect(Math.abs(v - x[i])).toBeLessThanOrEqual(step * 0.5001);
      });
      expect([q.scales[1], q.zeros[1], q.codes[bits * 16]]).toEqual([1, 2.75, 0]);
    }
  });

  it('kvfp4: codes, exponents and values of the twin', () => {
    const draws = new Draws(3);
    for (let i = 0; i < 12 * KINDS; i++) {
      const x = typed(draws, 16 * draws.below(6), i, i % 3);
      const got = kvFp4Encode(core, x);
      const want = referenceFp4Encode(widened(x));
      expectBytes(got.codes, want.codes, 'codes');
      expectBytes(got.scales, want.scales, 'scales');
      expectBytes(kvFp4Decode(core, got), referenceFp4Decode(want), 'values');
    }
    const scales = Uint8Array.from({ length: 256 }, (_, i) => i);
    const codes = draws.bytes(2048);
    expectBytes(kvFp4Decode(core, { codes, scales }), referenceFp4Decode({ codes, scales }));
  });

  it('kvfp4: NaN counts for nothing, wherever it stands', () => {
    for (let at = 0; at < 16; at++) {
      const x = new Float32Array(16).fill(2);
      x[at] = NaN;
      const { codes, scales } = kvFp4Encode(core, x);
      expect([...scales]).toEqual([126]);
      expect(codes[at >> 1]).toBe(at & 1 ? 0x06 : 0x60);
    }
  });

  it('kvfp4: ties go down, -0 and NaN are 0, a zero block has exponent 94', () => {
    const x = new Float32Array(32);
    x.set([6, 0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5, -0, -0.75, NaN]);
    const { codes, scales } = kvFp4Encode(core, x);
    expect([...scales]).toEqual([127, 94]);
    const elements = [...codes.slice(0, 8)].flatMap((byte) => [byte & 15, byte >> 4]);
    expect(elements).toEqual([7, 0, 1, 2, 3, 4, 5, 6, 0, 9, 0, 0, 0, 0, 0, 0]);
  });

  it('writes into its outputs alone', () => {
    const x = numbers(new Draws(8), 96, 0);
    const row = new Float32Array(3);
    const f = new Fenced(core, [x, 96, row, row, 384, 48, 6]);
    const [at, codes, scales, zeros, out, four, exponents] = f.at;
    f.writes(exports.kv_fp8_encode(at, 0, 96, 0.1, codes), [1]);
    f.writes(exports.kv_fp8_decode(codes, 96, 0.1, out), [4]);
    f.writes(exports.kv_affine_encode(at, 0, 3, 32, 8, codes, scales, zeros), [1, 2, 3]);
    f.writes(exports.kv_affine_decode(codes, scales, zeros, 3, 32, 8, out), [4]);
    f.writes(exports.kv_affine_encode(at, 0, 3, 32, 4, four, scales, zeros), [5, 2, 3]);
    f.writes(exports.kv_affine_decode(four, scales, zeros, 3, 32, 4, out), [4]);
    f.writes(exports.kv_fp4_encode(at, 0, 96, four, exponents), [5, 6]);
    f.writes(exports.kv_fp4_decode(four, exponents, 96, out), [4]);
  });

  it('refuses bad arguments and writes nothing', () => {
    const f = new Fenced(core, [new Float32Array(32), 32, 8, 8, 128]);
    const [x, codes, scales, zeros, out] = f.at;
    const end = core.u8.length;
    for (const scale of [0, -1, NaN, Infinity, 1e39, 1e-50]) {
      f.refuses(exports.kv_fp8_encode(x, 0, 32, scale, codes));
      f.refuses(exports.kv_fp8_decode(codes, 32, scale, out));
    }
    for (const status of [
      exports.kv_fp8_encode(x, 3, 32, 1, codes), exports.kv_fp8_encode(x + 1, 0, 8, 1, codes),
      exports.kv_fp8_encode(x, 0, 32, 1, x + 127), exports.kv_fp8_encode(x, 0, 32, 1, end - 31),
      exports.kv_fp8_encode(x, 0, 0x50000000, 1, codes),
      exports.kv_fp8_decode(codes, 32, 1, out + 2),
      exports.kv_fp8_decode(codes, 32, 1, codes), exports.kv_fp8_decode(8, 32, 1, out),
      exports.kv_affine_encode(x, 0, 2, 16, 5, codes, scales, zeros),
      exports.kv_affine_encode(x, 0, 2, 15, 4, codes, scales, zeros),
      exports.kv_affine_encode(x, 0, 2, 0, 8, codes, scales, zeros),
      exports.kv_affine_encode(x, 0, 2, 16, 8, codes, scales, scales),
      exports.kv_affine_encode(x, 0, 2, 16, 8, codes, codes, zeros),
      exports.kv_affine_encode(x, 0, 2, 16, 8, codes, scales + 2, zeros),
      exports.kv_affine_encode(x, 0, 2, 16, 8, x, scales, zeros),
      exports.kv_affine_encode(x, 0, 0x10000, 0x10000, 8, codes, scales, zeros),
      exports.kv_affine_encode(x, 0, 2, 16, 8, codes, end - 4, zeros),
      exports.kv_affine_decode(codes, scales, zeros, 2, 16, 8, codes),
      exports.kv_affine_decode(codes, scales, zeros, 2, 16, 8, scales),
      exports.kv_affine_decode(codes, scales, zeros, 2, 16, 16, out),
      exports.kv_fp4_encode(x, 0, 15, codes, scales), exports.kv_fp4_encode(x, 0, 32, x, scales),
      exports.kv_fp4_encode(x, 0, 32, codes, codes), exports.kv_fp4_encode(x, 4, 32, codes, scales),
      exports.kv_fp4_encode(x, 0, 32, codes, end - 1),
      exports.kv_fp4_decode(codes, scales, 17, out),
      exports.kv_fp4_decode(codes, scales, 32, codes), exports.kv_fp4_decode(codes, scales, 32, 4),
    ]) {
      f.refuses(status);
    }
  });

  it('the facade names the argument', () => {
    const x = new Float32Array(32);
    const q = kvAffineEncode(core, x, 2, 16, 4);
    const cases: readonly [() => unknown, RegExp][] = [
      [() => kvFp8Encode(core, x, 0), /^scale: must be a finite f32 above 0, got 0/],
      [() => kvAffineEncode(core, x, 2, 16, 5 as 4), /^bits: must be 4 or 8, got 5/],
      [() => kvAffineEncode(core, x, 2, 15, 4), /^cols: must be even with 4 bits, got 15/],
      [() => kvAffineEncode(core, x, 3, 16, 8), /^x: must be rows \* cols = 48 elements, got 32/],
      [() => kvAffineEncode(core, x, 2, 0, 8), /^cols: must be above 0/],
      [() => kvAffineDecode(core, { ...q, rows: 3 }), /^codes: must be 24 bytes long, got 16/],
      [() => kvAffineDecode(core, { ...q, zeros: x }), /^zeros: must be 2 numbers, got 32/],
      [() => kvFp4Encode(core, x.slice(1)), /^x: must be a multiple of 16 elements, got 31/],
      [() => kvFp4Decode(core, { codes: new Uint8Array(16), scales: new Uint8Array(3) }),
        /^scales: must be 2 bytes long, got 3/],
    ];
    for (const [call, message] of cases) {
      expect(call).toThrow(RangeError);
      expect(call).toThrow(message);
    }
  });
});
