// SPDX-License-Identifier: Apache-2.0
/**
 * Buffers of a caller: how they are read, written and checked.
 *
 * A call claims its buffers one by one, by number. A claim fails when the buffer lies outside the
 * memory, is not aligned to its element, or overlaps an earlier one while one of the two is
 * written. So a refused call has written nothing, and an accepted one stays inside its buffers.
 */
import { inMemory } from "../arena";

/** What a call does with a buffer. */
export const READ: u32 = 0;
export const WRITE: u32 = 1;
/** Added for a buffer of bytes; others hold words of four bytes. */
export const BYTES: u32 = 2;

const MAX_CLAIMS: u32 = 12;
/** Start, end with a mark when written, u64 each. Scratch, no state. */
const CLAIMS: usize = memory.data(16 * 12, 16);
const WRITTEN: u64 = 1 << 63;

/** Claims buffer number `index` of a call, `n` elements at `at`; 0 elements may lie anywhere. */
export function claim(index: u32, at: usize, n: u64, use: u32): bool {
  const bytes = use & BYTES ? n : n << 2;
  if (index >= MAX_CLAIMS || n >> 32) return false;
  if (n && (!inMemory(at, bytes) || (!(use & BYTES) && at & 3))) return false;
  const end = <u64>at + bytes;
  const mark: u64 = use & WRITE ? WRITTEN : 0;
  for (let i: u32 = 0; i < index; i++) {
    const entry = CLAIMS + (<usize>i << 4);
    const other = load<u64>(entry, 8);
    if (!((mark | other) & WRITTEN)) continue;
    if (bytes && end > load<u64>(entry) && (other & ~WRITTEN) > <u64>at) return false;
  }
  // An empty buffer overlaps nothing.
  store<u64>(CLAIMS + (<usize>index << 4), bytes ? <u64>at : u64.MAX_VALUE);
  store<u64>(CLAIMS + (<usize>index << 4), bytes ? end | mark : 0, 8);
  return true;
}

// @ts-ignore: decorator
@inline
export function f32At(at: usize, index: u32): f32 {
  return load<f32>(at + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
export function putF32(at: usize, index: u32, value: f32): void {
  store<f32>(at + (<usize>index << 2), value);
}

// @ts-ignore: decorator
@inline
export function get(at: usize, index: u32): u32 {
  return load<u32>(at + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
export function put(at: usize, index: u32, value: u32): void {
  store<u32>(at + (<usize>index << 2), value);
}
