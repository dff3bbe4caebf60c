// SPDX-License-Identifier: Apache-2.0
/** Typed arrays that can be simulator state. */
export type StateColumn = Float64Array | Uint32Array | Int32Array | Uint16Array | Uint8Array;

/** First word of a state snapshot: "kvs" and the layout version. */
const MAGIC = 0x6b767301;

/**
 * All host-side state of a simulation, as named typed columns of fixed length.
 *
 * Whoever keeps state asks for its columns here and nowhere else, so that saving, restoring and
 * forking a running simulation is a copy of bytes and cannot forget a field.
 */
export class StateRegistry {
  readonly #columns = new Map<string, StateColumn>();

  f64(name: string, length: number, fill = 0): Float64Array {
    return this.#add(name, new Float64Array(length), fill);
  }

  u32(name: string, length: number, fill = 0): Uint32Array {
    return this.#add(name, new Uint32Array(length), fill);
  }

  i32(name: string, length: number, fill = 0): Int32Array {
    return this.#add(name, new Int32Array(length), fill);
  }

  u16(name: string, length: number, fill = 0): Uint16Array {
    return this.#add(name, new Uint16Array(length), fill);
  }

  u8(name: string, length: number, fill = 0): Uint8Array {
    return this.#add(name, new Uint8Array(length), fill);
  }

  /** Names of the registered columns, in order of registration. */
  names(): string[] {
    return [...this.#columns.keys()];
  }

  /** Bytes of all columns. */
  get byteLength(): number {
    let bytes = 0;
    for (const column of this.#columns.values()) bytes += column.byteLength;
    return bytes;
  }

  /** A copy of all columns behind a small header. */
  snapshot(): Uint8Array {
    const out = new Uint8Array(16 + this.byteLength);
    const header = new DataView(out.buffer);
    header.setUint32(0, MAGIC, true);
    header.setUint32(4, this.#shape(), true);
    header.setFloat64(8, this.byteLength, true);
    let at = 16;
    for (const column of this.#columns.values()) {
      out.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
      at += column.byteLength;
    }
    return out;
  }

  /**
   * Puts a snapshot back into the columns.
   *
   * @throws Error when it was not taken from a registry with the same columns.
   */
  restore(snapshot: Uint8Array): void {
    const header = new DataView(snapshot.buffer, snapshot.byteOffset, snapshot.byteLength);
    const fits =
      snapshot.length === 16 + this.byteLength &&
      header.getUint32(0, true) === MAGIC &&
      header.getUint32(4, true) === this.#shape() &&
      header.getFloat64(8, true) === this.byteLength;
    if (!fits) throw new Error('snapshot: not taken from a simulation of this shape');
    let at = 16;
    for (const column of this.#columns.values()) {
      const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
      bytes.set(snapshot.subarray(at, at + column.byteLength));
      at += column.byteLength;
    }
  }

  /** FNV-1a over names and lengths: tells registries of other columns apart. */
  #shape(): number {
    let hash = 0x811c9dc5;
    for (const [name, { length }] of this.#columns) {
      for (const character of `${name}:${length}\n`) {
        hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
      }
    }
    return hash >>> 0;
  }

  #add<T extends StateColumn>(name: string, column: T, fill: number): T {
    if (this.#columns.has(name)) throw new Error(`state column ${name} is registered twice`);
    if (fill !== 0) column.fill(fill);
    this.#columns.set(name, column);
    return column;
  }
}
