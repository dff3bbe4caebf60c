// SPDX-License-Identifier: Apache-2.0
import type { NumericCore } from './numeric-core.js';

/** What goes into linear memory for one call: data to copy in, or bytes of room for results. */
export type Item = ArrayBufferView | number;

const ALIGN = 16;

const roomOf = (item: Item): number => {
  const bytes = typeof item === 'number' ? item : item.byteLength;
  return (bytes + ALIGN - 1) & -ALIGN;
};

/**
 * Arguments of numeric kernels on their way in and out of linear memory. One region, reused from
 * call to call; it grows to the largest call.
 */
export class Scratch {
  #at = 0;
  #bytes = 0;

  constructor(private readonly core: NumericCore) {}

  /** Places the items one behind another, 16-aligned; returns their offsets. */
  place(items: readonly Item[]): number[] {
    const total = items.reduce<number>((sum, item) => sum + roomOf(item), 0);
    this.#ensure(Math.max(total, ALIGN));
    let at = this.#at;
    return items.map((item) => {
      const here = at;
      if (typeof item !== 'number') {
        const { buffer, byteOffset, byteLength } = item;
        this.core.u8.set(new Uint8Array(buffer, byteOffset, byteLength), here);
      }
      at += roomOf(item);
      return here;
    });
  }

  u8(at: number, n: number): Uint8Array {
    return this.core.u8.slice(at, at + n);
  }

  i32(at: number, n: number): Int32Array {
    return this.core.i32.slice(at >>> 2, (at >>> 2) + n);
  }

  f32(at: number, n: number): Float32Array {
    return this.core.f32.slice(at >>> 2, (at >>> 2) + n);
  }

  f64(at: number, n: number): Float64Array {
    return this.core.f64.slice(at >>> 3, (at >>> 3) + n);
  }

  #ensure(bytes: number): void {
    if (bytes <= this.#bytes) return;
    const size = Math.max(bytes, this.#bytes * 2, 65536);
    const at = this.core.take(size + ALIGN);
    if (this.#bytes > 0) this.core.give(this.#raw, this.#bytes + ALIGN);
    this.#raw = at;
    this.#at = (at + ALIGN - 1) & -ALIGN;
    this.#bytes = size;
  }

  #raw = 0;
}
