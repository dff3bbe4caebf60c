// SPDX-License-Identifier: Apache-2.0
/** `kvloom encoders` as a shell sees it, and that it notices a wrong encoder. */
import { describe, expect, it } from 'vitest';
import { SWEPT_ENCODERS, sweepEncoder } from '../../src/conform/encoder-sweep.js';
import type { SweepResult, SweptEncoder } from '../../src/conform/encoder-sweep.js';
import { loadNumeric } from '../../src/numeric/index.js';
import type { NumericCore } from '../../src/numeric/index.js';
import { kvloom } from '../support/cli.js';

function sweep(core: NumericCore, name: SweptEncoder, stride: number): SweepResult {
  const chunks = sweepEncoder(core, name, stride);
  for (;;) {
    const next = chunks.next();
    if (next.done === true) return next.value;
  }
}

/** A kernel that goes wrong for one pattern. */
function broken(pattern: number): NumericCore {
  const core = loadNumeric();
  const real = core.exports;
  const exports = {
    ...real,
    codec_encode: (format: number, x: number, dtype: number, n: number, out: number): number => {
      const status = real.codec_encode(format, x, dtype, n, out);
      const at = core.u32.subarray(x >>> 2, (x >>> 2) + n).indexOf(pattern);
      if (dtype === 0 && at >= 0) core.u8[out + at] ^= 1;
      return status;
    },
  };
  Object.defineProperty(core, 'exports', { value: exports });
  return core;
}

describe('encoders', () => {
  it.each(SWEPT_ENCODERS)('%s stays on the staircase of its twin', (name) => {
    const { failure, bf16, f32 } = sweep(loadNumeric(), name, 65521);
    expect(failure).toBe(null);
    expect(bf16).toBe(65536);
    expect(f32).toBeGreaterThanOrEqual(Math.floor(2 ** 32 / 65521));
  });

  it('names the pattern that differs', () => {
    const { failure } = sweep(broken(65521 * 16_000), 'e4m3', 65521);
    expect(failure).toMatchObject({ what: 'f32 0x3e7c5680', expected: '40', got: '41' });
    const edge = sweep(broken(0x3e800000), 'e2m1', 8191);
    expect(edge.failure!.what).toMatch(/0x3e800000$/);
  });

  it('prints a line an encoder and build', () => {
    const { code, out } = kvloom('encoders', 'nvfp4', '--stride', '65521');
    expect(code).toBe(0);
    expect(out.trim().split('\n')).toHaveLength(2);
    expect(out).toMatch(/^ok +nvfp4 +SIMD +65536 bf16 and 655\d\d f32 patterns, 20 steps, /);
    const json = kvloom('encoders', 'e2m1', '--stride', '65521', '--simd', 'off', '--json').out;
    const { encoders } = JSON.parse(json) as { encoders: { build: string; failure: null }[] };
    expect(encoders).toMatchObject([{ build: 'scalar', failure: null }]);
  });

  it.each([
    [['e5m2'], /encoder: unknown encoder, got "e5m2" \(allowed: e4m3, /],
    [['--stride', '0'], /stride: must be a whole number, got "0" \(allowed: 1 to/],
    [['--stride', 'x'], /stride: must be a whole number/],
    [['--simd', 'maybe'], /simd: unknown build, got "maybe"/],
  ])('refuses %j', (args, message) => {
    const { code, err } = kvloom('encoders', ...args);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});
