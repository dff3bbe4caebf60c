// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { HADAMARD_SIGNS, hadamard16 } from '../../src/numeric/index.js';
import { widened } from '../../src/numeric/reference/floats.js';
import { referenceHadamard16 } from '../../src/numeric/reference/hadamard.js';
import { describeNumeric } from '../support/cores.js';
import { Draws, Fenced, KINDS, expectBytes, numbers, typed } from '../support/formats.js';

const parity = (n: number): number => (n === 0 ? 0 : (n & 1) ^ parity(n >> 1));

describeNumeric('hadamard', (load) => {
  const core = load();
  const { exports } = core;

  it('gives the bits of the twin for any content and dtype', () => {
    const draws = new Draws(1);
    for (let i = 0; i < 24 * KINDS; i++) {
      const signs = Array.from({ length: 16 }, () => (draws.below(2) === 0 ? 1 : -1));
      const x = typed(draws, 16 * draws.below(5), i, i % 3);
      expectBytes(hadamard16(core, x, signs), referenceHadamard16(widened(x), signs));
    }
  });

  it('is the sum of the formula', () => {
    const x = numbers(new Draws(6), 64, 0);
    const y = hadamard16(core, x);
    y.forEach((v, k) => {
      const [first, j] = [k & ~15, k & 15];
      const sum = HADAMARD_SIGNS.reduce((total, sign, i) =>
        total + sign * x[first + i] * (parity(i & j) === 0 ? 1 : -1), 0);
      const norm = Math.max(...x.slice(first, first + 16).map(Math.abs));
      expect(Math.abs(v - sum / 4)).toBeLessThan(1e-6 * norm);
    });
  });

  it('keeps lengths and inner products, and undoes itself without signs', () => {
    const x = numbers(new Draws(2), 16, 0);
    const plain = Array<number>(16).fill(1);
    const twice = hadamard16(core, hadamard16(core, x, plain), plain);
    const norm = (v: Float32Array): number => v.reduce((sum, a) => sum + a * a, 0);
    expect(norm(hadamard16(core, x)) / norm(x)).toBeCloseTo(1, 5);
    x.forEach((v, i) => expect(twice[i]).toBeCloseTo(v, 4));
  });

  it('writes into its output alone', () => {
    for (const n of [0, 16, 48]) {
      const fenced = new Fenced(core, [numbers(new Draws(3), n, 0), 4 * n]);
      fenced.writes(exports.hadamard16(fenced.at[0], 0, n, 5, fenced.at[1]), [1]);
    }
  });

  it('refuses bad arguments and writes nothing', () => {
    const fenced = new Fenced(core, [new Float32Array(32), 128]);
    const [x, out] = fenced.at;
    const calls: readonly [number, number, number, number, number][] = [
      [x, 0, 15, 0, out], [x, 0, 33, 0, out], [x, 3, 16, 0, out], [x, 0, 16, 0x10000, out],
      [x, 0, 16, -1, out], [x + 2, 0, 16, 0, out], [x, 0, 16, 0, out + 1], [x, 0, 16, 0, x],
      [x, 0, 32, 0, x + 64], [x, 0, 0xfffffff0, 0, out], [core.u8.length - 32, 0, 16, 0, out],
      [x, 0, 16, 0, core.u8.length - 60], [0, 0, 16, 0, out],
    ];
    for (const call of calls) fenced.refuses(exports.hadamard16(...call));
    const some = new Float32Array(17);
    expect(() => hadamard16(core, some)).toThrow(/^x: must be a multiple of 16 elements, got 17/);
    expect(() => hadamard16(core, some.slice(1), [1, -1])).toThrow(/^signs: must be sixteen of 1/);
    expect(() => hadamard16(core, some.slice(1), Array(16).fill(2))).toThrow(RangeError);
  });
});
