// SPDX-License-Identifier: Apache-2.0
/** Typed arrays that a column may be made of. */
export type ColumnArray =
  | Float64Array
  | Uint32Array
  | Int32Array
  | Uint16Array
  | Uint8Array;

/**
 * A column that grows by doubling: appending n values costs O(n). While it grows, values stand in
 * a Float64Array whatever they become: a store that meets five kinds of arrays is five times
 * slower than one that meets a single kind.
 */
export class Column<A extends ColumnArray> {
  /** Backing store; entries from `length` on are spare. Replaced when the column grows. */
  data: Float64Array;
  length = 0;

  constructor(
    private readonly make: (length: number) => A,
    capacity = 16,
  ) {
    this.data = new Float64Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.data.length) this.grow(this.length + 1);
    this.data[this.length++] = value;
  }

  /** Sets any entry; entries skipped over read 0. */
  set(index: number, value: number): void {
    if (index >= this.data.length) this.grow(index + 1);
    this.data[index] = value;
    if (index >= this.length) this.length = index + 1;
  }

  /** Exactly `length` entries, in their own type. */
  finish(): A {
    const out = this.make(this.length);
    out.set(this.data.subarray(0, this.length));
    return out;
  }

  private grow(needed: number): void {
    const wider = new Float64Array(Math.max(needed, this.data.length * 2));
    wider.set(this.data);
    this.data = wider;
  }
}

export const float64 = (length: number): Float64Array => new Float64Array(length);
export const uint32 = (length: number): Uint32Array => new Uint32Array(length);
export const int32 = (length: number): Int32Array => new Int32Array(length);
export const uint16 = (length: number): Uint16Array => new Uint16Array(length);
export const uint8 = (length: number): Uint8Array => new Uint8Array(length);
