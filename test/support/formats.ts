// SPDX-License-Identifier: Apache-2.0
/** Inputs of the format kernels, and buffers between fences. */
import { expect } from 'vitest';
import { Status } from '../../src/core/index.js';
import type { Floats, NumericCore } from '../../src/numeric/index.js';
import { floatOf } from '../../src/numeric/reference/floats.js';

/** Draws u32 by a 32-bit multiplicative generator with a mixed output. */
export class Draws {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2654435761) >>> 0;
  }

  u32(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    let x = this.#state;
    x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
    x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
    return (x ^ (x >>> 16)) >>> 0;
  }

  below(n: number): number {
    return this.u32() % n;
  }

  uniform(): number {
    return this.u32() / 2 ** 32;
  }

  normal(): number {
    const u = (this.u32() + 0.5) / 2 ** 32;
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.uniform());
  }

  bytes(n: number): Uint8Array {
    return Uint8Array.from({ length: n }, () => this.below(256));
  }
}

const SPECIAL = [
  0, -0, 0.25, -0.25, 0.75, 1.25, 1.75, -2.5, 3.5, 5, -5, 6, -6, 448, 464, 480, 1e-38, 1e-45,
  -1e-45, 3.4e38, -3.4e38, 2 ** -6, 2 ** -9, 2 ** -10, 1e-10,
];
const NOT_FINITE = [NaN, Infinity, -Infinity];

/**
 * n numbers of a kind: 0 normal, 1 constant but for signs, 2 on the ties of E2M1, 3 special values,
 * 4 any finite bits, 5 mostly zeros, 6 with infinities and NaNs, 7 any bits.
 */
export function numbers(draws: Draws, n: number, kind: number): Float32Array {
  const level = 2 ** (draws.below(40) - 20);
  const pick = (list: readonly number[]): number => list[draws.below(list.length)];
  const finite = (): number => {
    const x = floatOf(draws.u32());
    return Number.isFinite(x) ? x : 1;
  };
  const kinds: readonly (() => number)[] = [
    () => draws.normal() * level,
    () => (draws.below(2) === 0 ? level : -level),
    () => (draws.below(25) - 12) * 0.25 * level,
    () => pick(SPECIAL),
    finite,
    () => (draws.below(8) === 0 ? draws.normal() : 0),
    () => (draws.below(12) === 0 ? pick(NOT_FINITE) : draws.normal() * level),
    () => floatOf(draws.u32()),
  ];
  return Float32Array.from({ length: n }, kinds[kind % kinds.length]);
}
export const KINDS = 8;

/** The same as f32, or cut to halves of the same kind of content. */
export function typed(draws: Draws, n: number, kind: number, dtype: number): Floats {
  const x = numbers(draws, n, kind);
  if (dtype === 0) return x;
  const bits = new Uint32Array(x.buffer);
  const top = Uint16Array.from(bits, (word) => word >>> 16);
  if (dtype === 1) return { dtype: 'bf16', data: top };
  return { dtype: 'f16', data: kind === 7 ? top : Uint16Array.from(x, halfNear) };
}

/** A half near x: only its magnitude matters here. */
function halfNear(x: number): number {
  if (Number.isNaN(x)) return 0x7e01;
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const a = Math.abs(x);
  if (a > 65504) return sign + 0x7c00;
  if (a < 2 ** -14) return sign + Math.round(a / 2 ** -24);
  const e = Math.floor(Math.log2(a));
  return sign + (e + 15) * 1024 + Math.min(1023, Math.floor((a / 2 ** e - 1) * 1024));
}

/** JavaScript leaves the bits of a NaN open; kernels give the canonical one. */
function canonical(x: ArrayBufferView): ArrayBufferView {
  if (!(x instanceof Float32Array)) return x;
  const bits = Uint32Array.from(new Uint32Array(x.buffer, x.byteOffset, x.length));
  x.forEach((v, i) => {
    if (Number.isNaN(v)) bits[i] = 0x7fc00000;
  });
  return bits;
}

/** Equal as bytes. */
export function expectBytes(got: ArrayBufferView, want: ArrayBufferView, what = ''): void {
  const bytes = (a: ArrayBufferView): Buffer => Buffer.from(a.buffer, a.byteOffset, a.byteLength);
  const [g, w] = [bytes(got), bytes(canonical(want))];
  expect(g.length, `${what}: bytes`).toBe(w.length);
  if (g.equals(w)) return;
  const at = g.findIndex((byte, i) => byte !== w[i]);
  const near = (b: Buffer): number[] => [...b.subarray(at & ~3, (at & ~3) + 4)];
  expect({ what, at, near: near(g) }).toEqual({ what, at, near: near(w) });
}

const FENCE = 64;

/** Buffers of one raw call with fences between them; the rest of the memory is watched too. */
export class Fenced {
  readonly #core: NumericCore;
  readonly #at: number;
  readonly #sizes: readonly number[];
  readonly at: readonly number[];
  #before = new Uint8Array(0);

  /** Data to copy in, or bytes of room. `offset` shifts all of them off their alignment. */
  constructor(core: NumericCore, items: readonly (ArrayBufferView | number)[], offset = 0) {
    this.#core = core;
    this.#sizes = items.map((item) => (typeof item === 'number' ? item : item.byteLength));
    const total = this.#sizes.reduce((sum, size) => sum + size + 2 * FENCE, 2 * FENCE);
    this.#at = core.take(total);
    for (let i = 0; i < total; i++) core.u8[this.#at + i] = (i * 151 + 89) & 255;
    let at = ((this.#at + FENCE + 15) & -16) + offset;
    this.at = items.map((item) => {
      const here = at;
      if (typeof item !== 'number') {
        core.u8.set(new Uint8Array(item.buffer, item.byteOffset, item.byteLength), here);
        at += item.byteLength;
      } else {
        at += item;
      }
      at = ((at + FENCE + 15) & -16) + offset;
      return here;
    });
    this.#before = core.u8.slice();
  }

  /** The call succeeds and writes into none but the buffers numbered here. */
  writes(status: number, outputs: readonly number[]): void {
    expect(status).toBe(0);
    const expected = this.#before;
    for (const i of outputs) {
      const [from, to] = [this.at[i], this.at[i] + this.#sizes[i]];
      expected.set(this.#core.u8.subarray(from, to), from);
    }
    this.#same(expected);
  }

  /** The call is refused and writes nothing. */
  refuses(status: number): void {
    expect(status).toBe(Status.badArgument);
    this.#same(this.#before);
  }

  /** The memory above the static data is as expected: there the kernels have their scratch. */
  #same(expected: Uint8Array): void {
    const base = this.#core.exports.arena_base();
    const [got, want] = [this.#core.u8.subarray(base), expected.subarray(base)];
    if (Buffer.compare(got, want) !== 0) {
      const at = got.findIndex((byte, i) => byte !== want[i]);
      throw new Error(`byte ${base + at} changed, buffers at ${this.at.join(' ')}`);
    }
  }

  bytes(i: number): Uint8Array {
    return this.#core.u8.slice(this.at[i], this.at[i] + this.#sizes[i]);
  }
}
