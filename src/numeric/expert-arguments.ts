// SPDX-License-Identifier: Apache-2.0
/** Checks that the facades of the expert kernels share. */

const isShort = (value: unknown): boolean => typeof value === 'number' || value === undefined;
const shown = (value: unknown): string => (isShort(value) ? String(value) : typeof value);

/** An integer argument within bounds, or a RangeError that names it. */
export function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${name}: must be an integer from ${least} to ${most}, got ${shown(value)}`);
}

/** A finite number argument above 0. */
export function positive(name: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new RangeError(`${name}: must be a finite number > 0, got ${shown(value)}`);
}

/** One of a few words, as the number that the kernel knows it by. */
export function wordOf<T extends string>(name: string, words: readonly T[], value: T): number {
  const at = words.indexOf(value);
  if (at >= 0) return at;
  throw new RangeError(`${name}: must be one of ${words.join(', ')}, got ${String(value)}`);
}

/** Rows of `width` in a flat array, or a RangeError. */
export function rowsOf(name: string, length: number, width: number): number {
  if (length % width === 0) return length / width;
  throw new RangeError(`${name}: length must be a multiple of ${width}, got ${length}`);
}

/** That an array has the length it must have. */
export function sized(name: string, length: number, expected: number): void {
  if (length === expected) return;
  throw new RangeError(`${name}: length must be ${expected}, got ${length}`);
}

/** That one number divides another. */
export function divides(name: string, value: number, divisor: string, by: number): void {
  if (value % by !== 0) {
    throw new RangeError(`${name}: must be a multiple of ${divisor} (${by}), got ${value}`);
  }
}

/** Integers as the kernels take them; anything that is no 32-bit integer is an error. */
export function int32s(name: string, values: ArrayLike<number>): Int32Array {
  if (values instanceof Int32Array) return values;
  const copy = Int32Array.from(values);
  for (let i = 0; i < copy.length; i++) {
    if (copy[i] === values[i]) continue;
    throw new RangeError(`${name}[${i}]: must be a 32-bit integer, got ${shown(values[i])}`);
  }
  return copy;
}

/** Numbers rounded to f32. */
export function float32s(values: ArrayLike<number>): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
