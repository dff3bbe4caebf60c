// SPDX-License-Identifier: Apache-2.0
/**
 * Twin of assembly/quant/codec.ts: searches tables of values, no bit tricks. For tests and for the
 * sweep over all inputs.
 */
import type { NumberFormat } from '../codec.js';
import { bitsOf, floatOf } from './floats.js';

const f32 = Math.fround;

const E2M1_VALUES = [0, 0.5, 1, 1.5, 2, 3, 4, 6];

/** 127 values, 0 to 448; ml_dtypes' encoder also rounds towards 480, where NaN stands. */
const E4M3_VALUES = Array.from({ length: 128 }, (_, code) => {
  const [exponent, fraction] = [code >> 3, code & 7];
  return exponent === 0 ? fraction * 2 ** -9 : (1 + fraction / 8) * 2 ** (exponent - 7);
});

/** Index of the value nearest to a >= 0; a tie goes to the even index, or upwards. */
function nearest(values: readonly number[], a: number, tie: 'even' | 'up'): number {
  const inside = Math.min(a, values[values.length - 1]);
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    const [before, now] = [Math.abs(values[best] - inside), Math.abs(values[i] - inside)];
    if (now < before || (now === before && (tie === 'up' || i % 2 === 0))) best = i;
  }
  return best;
}

const E4M3_NUMBERS = E4M3_VALUES.slice(0, 127);

function encodeE4m3(x: number, negative: boolean): number {
  if (Number.isNaN(x)) return 0x7f;
  return nearest(E4M3_NUMBERS, Math.abs(x), 'even') + (negative ? 0x80 : 0);
}

function encodeMlDtypes(x: number, negative: boolean): number {
  const code = Number.isNaN(x) ? 0x7f : nearest(E4M3_VALUES, Math.abs(x), 'even');
  return code + (negative ? 0x80 : 0);
}

/** Unsigned; below the normals it rounds to f32 before it cuts, and never up into them. */
function encodeGgml(x: number): number {
  if (!(x > 0)) return 0;
  const y = Math.min(x, 448);
  if (y < 2 ** -6) return Math.min(Math.trunc(f32(f32(y * 512) + 0.5)), 7);
  const code = nearest(E4M3_VALUES, y, 'up');
  return code >= 0x78 ? 0x7e : code;
}

function encodeE2m1(x: number, negative: boolean, format: NumberFormat): number {
  if (Number.isNaN(x)) {
    if (format === 'e2m1') return 7;
    return format === 'e2m1-te' || negative ? 0 : 8;
  }
  if (x === 0 && format === 'e2m1-te') return 0;
  return nearest(E2M1_VALUES, Math.abs(x), 'even') + (negative ? 8 : 0);
}

/** Code of the f32 with these bits. */
export function referenceEncodeBits(bits: number, format: NumberFormat): number {
  const x = floatOf(bits);
  const negative = bits >= 0x80000000;
  if (format === 'e4m3') return encodeE4m3(x, negative);
  if (format === 'e4m3-ml-dtypes') return encodeMlDtypes(x, negative);
  if (format === 'ue4m3-ggml') return encodeGgml(x);
  return encodeE2m1(x, negative, format);
}

export function referenceEncode(x: number, format: NumberFormat): number {
  return referenceEncodeBits(bitsOf(x), format);
}

/** Value of a code; 0x7f and 0xff of E4M3 are NaN, of ggml's scales 0. */
export function referenceDecode(code: number, format: NumberFormat): number {
  if (format.startsWith('e2m1')) return (code & 8 ? -1 : 1) * E2M1_VALUES[code & 7];
  const low = code & 127;
  if (format === 'ue4m3-ggml') return low === 127 ? 0 : E4M3_VALUES[low];
  if (low === 127) return NaN;
  return (code & 128 ? -1 : 1) * E4M3_VALUES[low];
}

/** |x| + random / 256 of a step, rounded down to a multiple of the step there. */
export function referenceStochastic(x: number, random: number): number {
  if (Number.isNaN(x)) return 7;
  const stepAt = (v: number): number => (v < 2 ? 0.5 : v < 4 ? 1 : 2);
  const a = Math.abs(x);
  const t = f32(a + f32((random / 256) * stepAt(a)));
  const down = Math.min(Math.floor(t / stepAt(t)) * stepAt(t), 6);
  return E2M1_VALUES.indexOf(down) + (Object.is(x, -0) || x < 0 ? 8 : 0);
}

/** The patterns from `from` to `to`, both included, have this code. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly code: number;
}

const INFINITE = 0x7f800000;
const SIGN = 0x80000000;

/**
 * All 2^32 patterns in ascending order, as runs of one code. An encoder that rounds to the nearest
 * value is a staircase over the magnitudes, so the ends of its steps are found by bisection; -0 and
 * the NaNs are runs of their own.
 */
export function referenceSteps(format: NumberFormat): Step[] {
  const steps: Step[] = [];
  for (const sign of [0, SIGN]) {
    const codeAt = (magnitude: number): number => referenceEncodeBits(sign + magnitude, format);
    steps.push({ from: sign, to: sign, code: codeAt(0) });
    for (let from = 1; from <= INFINITE;) {
      const code = codeAt(from);
      let [inside, outside] = [from, INFINITE + 1];
      while (outside - inside > 1) {
        const middle = Math.floor((inside + outside) / 2);
        if (codeAt(middle) === code) inside = middle;
        else outside = middle;
      }
      steps.push({ from: sign + from, to: sign + inside, code });
      from = outside;
    }
    const nan = INFINITE + 1;
    steps.push({ from: sign + nan, to: sign + SIGN - 1, code: codeAt(nan) });
  }
  return steps;
}
