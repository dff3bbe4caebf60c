// SPDX-License-Identifier: Apache-2.0
/** Buffers for raw kernel calls, with canaries around each and an eye on the rest of memory. */
import { expect } from 'vitest';
import type { NumericCore } from '../../src/numeric/index.js';

const GAP = 64;
/** Words of the arena's own at its base: kernels that take scratch change them. */
const HEADER = 1024;

const pattern = (i: number): number => (i * 167 + 13) & 0xff;

export interface Out {
  readonly at: number;
  readonly bytes: number;
}

/** One region of an instance; whatever is placed on it lies GAP bytes from the next. */
export class Desk {
  #at: number;
  readonly #from: number;
  readonly #end: number;

  constructor(
    readonly core: NumericCore,
    bytes = 1 << 18,
  ) {
    this.#from = core.take(bytes);
    this.#end = this.#from + bytes;
    for (let i = this.#from; i < this.#end; i++) core.u8[i] = pattern(i);
    this.#at = (this.#from + GAP + 15) & -16;
  }

  /** Room for `bytes`, 16-aligned, full of canaries. */
  room(bytes: number): number {
    const at = this.#at;
    this.#at = (at + bytes + GAP + 15) & -16;
    expect(this.#at).toBeLessThan(this.#end);
    return at;
  }

  put(data: ArrayBufferView): number {
    const at = this.room(data.byteLength);
    this.core.u8.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    return at;
  }

  /** A call that may write to `outs` alone, and to scratch behind the desk. */
  accepted(outs: readonly Out[], call: () => number): number {
    const { core } = this;
    core.reserve(1 << 20);
    const base = core.exports.arena_base() >>> 0;
    const before = core.u8.slice();
    const result = call();
    expect(result).toBeGreaterThanOrEqual(0);
    const after = core.u8;
    expect(after.length).toBe(before.length);
    for (const { at, bytes } of outs) before.set(after.subarray(at, at + bytes), at);
    const same = Buffer.compare(
      before.subarray(base + HEADER, this.#end),
      after.subarray(base + HEADER, this.#end),
    );
    expect(same, 'bytes outside the buffers changed').toBe(0);
    return result;
  }

  /** A call that must answer `status` and write nothing at all. */
  refused(status: number, call: () => number): void {
    const { core } = this;
    const base = core.exports.arena_base() >>> 0;
    const before = core.u8.slice(base);
    expect(call()).toBe(status);
    expect(Buffer.compare(before, core.u8.subarray(base))).toBe(0);
  }
}

/** A small generator for test data, the same everywhere (constants of Numerical Recipes). */
export class Lcg {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  u32(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    // Low bits of such a generator have short periods.
    return ((this.#state >>> 16) | (this.#state << 16)) >>> 0;
  }

  /** An integer in [0, n). */
  below(n: number): number {
    return Math.floor((this.u32() / 2 ** 32) * n);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** A number in [-scale, scale) with few mantissa bits, so that ties happen. */
  coarse(scale = 4, steps = 64): number {
    return ((this.below(2 * steps) - steps) / steps) * scale;
  }

  list<T>(n: number, draw: (i: number) => T): T[] {
    return Array.from({ length: n }, (_, i) => draw(i));
  }
}
