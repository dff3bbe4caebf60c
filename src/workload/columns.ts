// SPDX-License-Identifier: Apache-2.0
/** Typed arrays that a column may be made of. */
export type ColumnArray =
  | Float64Array
  | Uint32Array
  | Int32Array
  | Uint16Array
  | Uint8Array;

/** A typed array that grows by doubling: appending n values costs O(n), memory at most 2n. */
export class Column<A extends ColumnArray> {
  /** Backing store; entries from `length` on are spare. Replaced when the column grows. */
  data: A;
  length = 0;
  private readonly make: (length: number) => A;

  constructor(make: (length: number) => A, capacity = 16) {
    this.make = make;
    this.data = make(capacity);
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

  /** A copy of exactly `length` entries. */
  finish(): A {
    return this.data.slice(0, this.length) as A;
  }

  private grow(needed: number): void {
    const wider = this.make(Math.max(needed, this.data.length * 2));
    wider.set(this.data);
    this.data = wider;
  }
}

export const float64 = (length: number): Float64Array => new Float64Array(length);
export const uint32 = (length: number): Uint32Array => new Uint32Array(length);
export const int32 = (length: number): Int32Array => new Int32Array(length);
export const uint16 = (length: number): Uint16Array => new Uint16Array(length);
export const uint8 = (length: number): Uint8Array => new Uint8Array(length);
