// SPDX-License-Identifier: Apache-2.0
/** Checks that the hosts of speculative decoding share: a wrong argument is named. */
import { check } from '../core/index.js';
import type { NumericCore } from './numeric-core.js';

/** A list of numbers, typed or not. */
export type Numbers = ArrayLike<number>;

/** Most entries of a vocabulary. */
export const MOST_TOKENS = 0x7ffffff;

const refuse = (name: string, allowed: string, got: unknown): never => {
  throw new RangeError(`${name}: must be ${allowed}, got ${String(got)}`);
};

/** `value` when it is an integer from `least` to `most`. */
export function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  return refuse(name, `an integer from ${least} to ${most}`, value);
}

/** `value` when it is a number from `least` to `most`. */
export function between(name: string, value: number, least: number, most: number): number {
  if (value >= least && value <= most) return value;
  return refuse(name, most === Infinity ? `>= ${least}` : `from ${least} to ${most}`, value);
}

/** `n` integers from `least` below `end`, as i32. */
export function integers(
  name: string,
  values: Numbers,
  n: number,
  least: number,
  end: number,
): Int32Array {
  if (values.length !== n) refuse(`${name}.length`, String(n), values.length);
  for (let i = 0; i < n; i++) {
    const value = values[i];
    if (Number.isInteger(value) && value >= least && value < end) continue;
    refuse(`${name}[${i}]`, `an integer from ${least} to ${end - 1}`, value);
  }
  return values instanceof Int32Array ? values : Int32Array.from(values);
}

/** `n` numbers as f32. NaN is left to the kernels. */
export function floats(name: string, values: Numbers, n: number): Float32Array {
  if (values.length !== n) refuse(`${name}.length`, String(n), values.length);
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

/** `n` numbers from 0 to 1, as f32. */
export function uniforms(name: string, values: Numbers, n: number): Float32Array {
  for (let i = 0; i < Math.min(n, values.length); i++) {
    if (!(values[i] >= 0 && values[i] <= 1)) refuse(`${name}[${i}]`, 'from 0 to 1', values[i]);
  }
  return floats(name, values, n);
}

/** `n` numbers that are 0 or above, as f32; infinity is one. */
export function weights(name: string, values: Numbers, n: number): Float32Array {
  for (let i = 0; i < Math.min(n, values.length); i++) {
    if (!(values[i] >= 0)) refuse(`${name}[${i}]`, '>= 0', values[i]);
  }
  return floats(name, values, n);
}

/** Row that is no distribution, counted from 0; -1 when all are. See `spec_check_rows`. */
export function badRow(
  core: NumericCore,
  rows: Float32Array,
  vocab: number,
  tolerance = 1e-3,
): number {
  const n = rows.length / whole('vocab', vocab, 1, MOST_TOKENS);
  whole('rows.length / vocab', n, 0, 0xffffff);
  const [at] = core.scratch.place([rows]);
  const { exports } = core;
  return check('spec_check_rows', exports.spec_check_rows(at, n, vocab, tolerance)) - 1;
}

/**
 * `n` rows of probabilities as f32. Unless `trusted`, each must be a distribution: no entry below
 * 0 or NaN, and a sum of 1 to within 0.001.
 */
export function distributions(
  core: NumericCore,
  name: string,
  values: Numbers,
  n: number,
  vocab: number,
  trusted: boolean,
): Float32Array {
  const rows = floats(name, values, n * vocab);
  const bad = trusted ? -1 : badRow(core, rows, vocab);
  if (bad < 0) return rows;
  throw new RangeError(`${name}: row ${bad} must be probabilities >= 0 that sum to 1`);
}
