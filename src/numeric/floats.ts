// SPDX-License-Identifier: Apache-2.0
/** Floating-point input of the format kernels: f32, or halves as their bit patterns. */

/** bf16 or f16 numbers; JavaScript has no array of either, so they stand as u16. */
export interface HalfArray {
  readonly dtype: 'bf16' | 'f16';
  readonly data: Uint16Array;
}

export type Floats = Float32Array | HalfArray;

const DTYPE = { bf16: 1, f16: 2 } as const;

/** Number of a dtype in the ABI. */
export function dtypeOf(x: Floats): number {
  return x instanceof Float32Array ? 0 : DTYPE[x.dtype];
}

export function dataOf(x: Floats): Float32Array | Uint16Array {
  return x instanceof Float32Array ? x : x.data;
}

/** Throws a RangeError that names the argument, what it must be and what it was. */
export function must(holds: boolean, argument: string, what: string, got: unknown): void {
  if (!holds) throw new RangeError(`${argument}: must be ${what}, got ${String(got)}`);
}

/** Checks that an argument is a typed array or halves of an allowed length. */
export function mustBeFloats(x: Floats, argument: string): void {
  const halves = (x as Partial<HalfArray>)?.data;
  const fits = x instanceof Float32Array || (halves instanceof Uint16Array && dtypeOf(x) > 0);
  must(fits, argument, 'a Float32Array or { dtype: bf16 or f16, data: Uint16Array }', typeof x);
}

export function mustBeBytes(x: Uint8Array, argument: string, length: number): void {
  must(x instanceof Uint8Array, argument, 'a Uint8Array', typeof x);
  must(x.length === length, argument, `${length} bytes long`, x.length);
}

export function mustBeWhole(value: number, argument: string, most = 0xffffffff): void {
  const fits = Number.isInteger(value) && value >= 0 && value <= most;
  must(fits, argument, `a whole number from 0 to ${most}`, value);
}
