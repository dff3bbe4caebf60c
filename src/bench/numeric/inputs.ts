// SPDX-License-Identifier: Apache-2.0
/** Seeded inputs and checksums: the same as those of bench/native/numeric. */
import type { NumericCore } from '../../numeric/index.js';
import { Checksum } from '../checksum.js';
import { Random } from '../random.js';

export { SEED } from '../case.js';

export class Floats {
  readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  /** In [0, 1), a multiple of 2^-24. */
  uniform(): number {
    return (this.random.next() >>> 8) / 0x1000000;
  }

  /** About N(0, 1): each step rounded to f32. */
  normal(): number {
    let sum = this.uniform();
    for (let i = 0; i < 3; i++) sum = Math.fround(sum + this.uniform());
    return Math.fround(Math.fround(sum - 2) * Math.fround(1.73));
  }
}

export function normals(n: number, seed: number): Float32Array {
  const floats = new Floats(seed);
  return Float32Array.from({ length: n }, () => floats.normal());
}

export function largestMagnitude(x: Float32Array): number {
  return x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
}

/** Tokens of an agent: fresh runs of 64, one time in four up to 159 tokens seen before. */
export function agentTokens(n: number, seed: number): Uint32Array {
  const random = new Random(seed);
  const tokens: number[] = [];
  while (tokens.length < n) {
    const seen = tokens.length;
    if (seen > 256 && random.below(4) === 0) {
      const length = 32 + random.below(128);
      const from = random.below(seen - length);
      for (let i = 0; i < length; i++) tokens.push(tokens[from + i]);
    } else {
      for (let i = 0; i < 64; i++) tokens.push(random.below(32_000));
    }
  }
  return Uint32Array.from(tokens.slice(0, n));
}

/** Adds the words of arrays, one behind another; a last half word of each is filled with zeros. */
export function checksumOf(...parts: readonly ArrayBufferView[]): number {
  const sum = new Checksum();
  for (const { buffer, byteOffset, byteLength } of parts) {
    const bytes = new Uint8Array((byteLength + 3) & ~3);
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength));
    for (const word of new Uint32Array(bytes.buffer)) sum.add(word);
  }
  return sum.value;
}

/** A copy of an array in linear memory. */
export function place(core: NumericCore, data: ArrayBufferView): number {
  const at = core.take(Math.max(16, data.byteLength));
  core.u8.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
  return at;
}

/** A view that is read later, after the memory may have grown. */
export function bytesOf(core: NumericCore, at: number, n: number): Uint8Array {
  return core.u8.subarray(at, at + n);
}
