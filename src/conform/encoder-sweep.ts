// SPDX-License-Identifier: Apache-2.0
/**
 * Encoders of small floats on every input: all 65,536 bf16 and all 2^32 f32 patterns, or each n-th.
 *
 * The twin of an encoder is a staircase: runs of patterns with one code. The kernel encodes pattern
 * after pattern and must stay on the staircase; the twin itself, a search through the values of the
 * format, is asked at both ends of every step and at samples between.
 */
import type { NumberFormat, NumericCore } from '../numeric/index.js';
import { NUMBER_FORMATS, decodeFloats, encodeFloats } from '../numeric/index.js';
import { referenceEncodeBits, referenceSteps } from '../numeric/reference/codec.js';
import type { Step } from '../numeric/reference/codec.js';

/** An encoder: a format of the codec, or the E2M1 encoder inside the NVFP4 kernel. */
export const SWEPT_ENCODERS = [...NUMBER_FORMATS, 'nvfp4', 'nvfp4-te'] as const;
export type SweptEncoder = (typeof SWEPT_ENCODERS)[number];

export interface SweepFailure {
  readonly what: string;
  readonly expected: string;
  readonly got: string;
}

export interface SweepResult {
  readonly bf16: number;
  readonly f32: number;
  /** Runs of patterns with one code. */
  readonly steps: number;
  readonly failure: SweepFailure | null;
}

/** Numbers and NaNs apart, so that no block of NVFP4 mixes them. Ends are not included. */
const RANGES = [
  [0, 0x7f800001], [0x7f800001, 0x80000000], [0x80000000, 0xff800001], [0xff800001, 0x100000000],
] as const;

/** Patterns of a kernel call; whole blocks of 15. */
const CHUNK = 15 << 16;
const TWIN_EVERY = 4099;

/** Encodes f32 patterns that stand in linear memory. */
interface Encoder {
  readonly format: NumberFormat;
  /** Codes of the patterns first, first + stride, ...; valid until the next call. */
  encode(first: number, stride: number, count: number): Uint8Array;
}

const hex = (bits: number): string => `0x${bits.toString(16).padStart(8, '0')}`;

function codecEncoder(core: NumericCore, format: NumberFormat): Encoder {
  const [x, out] = core.scratch.place([4 * CHUNK, CHUNK]);
  const code = NUMBER_FORMATS.indexOf(format);
  return {
    format,
    encode(first, stride, count) {
      const words = core.i32.subarray(x >>> 2, (x >>> 2) + count);
      // As signed integers: patterns beyond 2^31 would be doubles.
      for (let i = 0, bits = first | 0; i < count; i++, bits = (bits + stride) | 0) words[i] = bits;
      core.exports.codec_encode(code, x, 0, count, out);
      return core.u8.subarray(out, out + count);
    },
  };
}

const SIX = 0x40c00000;
const VLLM_ORDER = 512 + 4;
const RULE_TE = 64;

/**
 * The encoder of the NVFP4 kernel as it runs: each block holds a 6 and fifteen patterns. Under the
 * global scale 448 the block scale is 448 whatever they are, so elements are multiplied by
 * 1 / (448 * (1 / 448)) = 1.
 */
function nvfp4Encoder(core: NumericCore, format: NumberFormat): Encoder {
  const blocks = CHUNK / 15;
  const [x, packed, scales, amax] = core.scratch.place([
    64 * blocks, 8 * blocks, blocks, Float32Array.of(448),
  ]);
  const mode = VLLM_ORDER + (format === 'e2m1-te' ? RULE_TE : 0);
  const codes = new Uint8Array(CHUNK);
  return {
    format,
    encode(first, stride, count) {
      const used = Math.ceil(count / 15);
      const words = core.i32.subarray(x >>> 2, (x >>> 2) + 16 * used).fill(SIX);
      for (let at = 1, i = 0, bits = first | 0; i < count; at++) {
        if ((at & 15) === 0) continue;
        words[at] = bits;
        bits = (bits + stride) | 0;
        i++;
      }
      const { exports } = core;
      exports.nvfp4_quantize(x, 0, 1, 16 * used, packed, scales, amax, mode, 0, 0);
      const bytes = core.u8.subarray(packed, packed + 8 * used);
      for (let at = 0, i = 0; at < bytes.length; at++) {
        if ((at & 7) !== 0) codes[i++] = bytes[at] & 15;
        codes[i++] = bytes[at] >> 4;
      }
      return codes.subarray(0, count);
    },
  };
}

function encoderOf(core: NumericCore, name: SweptEncoder): Encoder {
  if (name === 'nvfp4') return nvfp4Encoder(core, 'e2m1');
  return name === 'nvfp4-te' ? nvfp4Encoder(core, 'e2m1-te') : codecEncoder(core, name);
}

/** Index of the step that a pattern stands on. */
function stepAt(steps: readonly Step[], bits: number): number {
  let [low, high] = [0, steps.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle].to < bits) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the first code that is not on the staircase, or -1. */
function leaves(codes: Uint8Array, steps: readonly Step[], first: number, stride: number): number {
  for (let i = 0, at = stepAt(steps, first); i < codes.length; at++) {
    const { to, code } = steps[at];
    const end = Math.min(codes.length, Math.floor((to - first) / stride) + 1);
    for (; i < end; i++) if (codes[i] !== code) return i;
  }
  return -1;
}

function failureAt(what: string, bits: number, expected: number, got: number): SweepFailure {
  return { what: `${what} ${hex(bits)}`, expected: String(expected), got: String(got) };
}

/** The twin at samples of the patterns that were just encoded. */
function samples(
  encoder: Encoder,
  codes: Uint8Array,
  first: number,
  stride: number,
): SweepFailure | null {
  for (let i = (first * 31) % Math.min(TWIN_EVERY, codes.length); i < codes.length;) {
    const bits = first + i * stride;
    const want = referenceEncodeBits(bits, encoder.format);
    if (codes[i] !== want) return failureAt('f32 (sample)', bits, want, codes[i]);
    i += TWIN_EVERY;
  }
  return null;
}

/** Every bf16, and both ends of every step, against the twin. */
function edges(core: NumericCore, encoder: Encoder, steps: readonly Step[]): SweepFailure | null {
  const { format } = encoder;
  const wants = Array.from({ length: 65536 }, (_, i) => referenceEncodeBits(i * 65536, format));
  for (const [from, end] of RANGES) {
    const [first, last] = [Math.ceil(from / 65536), Math.ceil(end / 65536)];
    const codes = encoder.encode(first * 65536, 65536, last - first);
    const wrong = codes.findIndex((code, i) => code !== wants[first + i]);
    if (wrong >= 0) {
      const i = first + wrong;
      return failureAt('bf16 as f32', i * 65536, wants[i], codes[wrong]);
    }
  }
  for (const { from, to, code } of steps) {
    for (const bits of [from, to]) {
      const [got] = encoder.encode(bits, 0, 1);
      if (got !== code) return failureAt('f32 (end of a step)', bits, code, got);
    }
  }
  // Last, because it moves the buffers.
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const codes = encodeFloats(core, { dtype: 'bf16', data: all }, format);
  const wrong = codes.findIndex((code, i) => code !== wants[i]);
  return wrong < 0 ? null : failureAt('bf16', wrong * 65536, wants[wrong], codes[wrong]);
}

/** Codes rise with the magnitude, end in saturation, and come back from their values. */
function laws(core: NumericCore, encoder: Encoder, steps: readonly Step[]): SweepFailure | null {
  const { format } = encoder;
  const [largest] = encoder.encode(0x7f7fffff, 0, 1);
  const [infinite] = encoder.encode(0x7f800000, 0, 1);
  if (largest !== infinite) return failureAt('saturation', 0x7f800000, largest, infinite);
  for (let i = 1; i < steps.length; i++) {
    const [below, step] = [steps[i - 1], steps[i]];
    const apart = RANGES.some(([from]) => from === step.from) || below.from === 0x80000000;
    if (!apart && step.code < below.code) {
      return failureAt('monotone', step.from, below.code, step.code);
    }
  }
  const codes = [...new Set(steps.map(({ code }) => code))];
  const values = decodeFloats(core, Uint8Array.from(codes), format);
  const words = new Uint32Array(values.buffer);
  for (let i = 0; i < codes.length; i++) {
    if (Number.isNaN(values[i])) continue;
    const [back] = encoder.encode(words[i], 0, 1);
    const again = decodeFloats(core, Uint8Array.of(back), format)[0];
    if (again !== values[i]) return failureAt('round trip', words[i], codes[i], back);
  }
  return null;
}

/** Sweeps one encoder; yields the patterns done. Stops at the first difference. */
export function* sweepEncoder(
  core: NumericCore,
  name: SweptEncoder,
  stride: number,
): Generator<number, SweepResult> {
  const format = name === 'nvfp4' ? 'e2m1' : name === 'nvfp4-te' ? 'e2m1-te' : name;
  const steps = referenceSteps(format);
  let done = 0;
  const ended = (failure: SweepFailure | null): SweepResult =>
    ({ bf16: 65536, f32: done, steps: steps.length, failure });
  // The helpers use the scratch of the core too, so an encoder is placed anew behind them.
  const early = edges(core, encoderOf(core, name), steps) ??
    laws(core, encoderOf(core, name), steps);
  if (early !== null) return ended(early);
  const encoder = encoderOf(core, name);
  for (const [from, end] of RANGES) {
    const start = Math.ceil(from / stride) * stride;
    for (let first = start; first < end; first += CHUNK * stride) {
      const count = Math.min(CHUNK, Math.ceil((end - first) / stride));
      const codes = encoder.encode(first, stride, count);
      const at = leaves(codes, steps, first, stride);
      done += count;
      if (at >= 0) {
        const bits = first + at * stride;
        return ended(failureAt('f32', bits, steps[stepAt(steps, bits)].code, codes[at]));
      }
      const sample = samples(encoder, codes, first, stride);
      if (sample !== null) return ended(sample);
      yield done;
    }
  }
  return ended(null);
}
