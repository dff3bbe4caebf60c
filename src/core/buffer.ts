// SPDX-License-Identifier: Apache-2.0
import type { Core } from './core.js';

/** Below this a loop is quicker than a call of the engine's own. */
const SHORT = 32;

/**
 * A growable buffer of u32 in the arena: how keys, block ids and values cross into the kernels.
 * Its contents survive growth only when asked for with `keep`.
 */
export class U32Buffer {
  /** Byte offset in linear memory; changes when the buffer grows. */
  at: number;
  /** Room in u32. */
  capacity: number;

  constructor(
    private readonly core: Core,
    capacity: number,
  ) {
    this.capacity = Math.max(16, capacity);
    this.at = core.take(this.capacity * 4);
  }

  /** Makes room for `n` u32. A safe point: views of the core are re-derived. */
  ensure(n: number, keep = 0): void {
    if (n <= this.capacity) return;
    const capacity = Math.max(n, this.capacity * 2);
    const at = this.core.take(capacity * 4);
    if (keep > 0) this.core.u8.copyWithin(at, this.at, this.at + keep * 4);
    this.core.give(this.at, this.capacity * 4);
    this.at = at;
    this.capacity = capacity;
  }

  /** Copies `source` to the start of the buffer, growing it as needed. */
  set(source: ArrayLike<number>): void {
    const { length } = source;
    this.ensure(length);
    const { u32 } = this.core;
    const at = this.at >>> 2;
    if (length > SHORT) u32.set(source, at);
    else for (let i = 0; i < length; i++) u32[at + i] = source[i];
  }

  /** A copy of the first `n` entries. */
  slice(n: number): Uint32Array {
    return this.core.u32.slice(this.at >>> 2, (this.at >>> 2) + n);
  }

  dispose(): void {
    this.core.give(this.at, this.capacity * 4);
  }
}
