// SPDX-License-Identifier: Apache-2.0
/** Bit patterns and halves, the obvious way. */
import type { Floats } from '../floats.js';

const view = new DataView(new ArrayBuffer(4));

export function bitsOf(x: number): number {
  view.setFloat32(0, x);
  return view.getUint32(0);
}

export function floatOf(bits: number): number {
  view.setUint32(0, bits);
  return view.getFloat32(0);
}

/** Value of a half-precision pattern. */
export function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The numbers of any input, widened. */
export function widened(x: Floats): number[] {
  if (x instanceof Float32Array) return [...x];
  const { dtype, data } = x;
  return [...data].map((bits) => (dtype === 'bf16' ? floatOf(bits * 65536) : halfValue(bits)));
}
