// SPDX-License-Identifier: Apache-2.0
/** The free queue: linking blocks into it, and undoing a call that is refused half way. */
import { Pool, block } from "./layout";

/** Undoes the steps of a free from `first` that turned out to be unbalanced at `end`. */
export function undoFree(p: Pool, first: usize, end: usize, stride: isize, tail: u32): void {
  const records = p.records;
  for (let at = first; at != end; at += stride) block(records, load<u32>(at)).ref++;
  block(records, p.blocks).prev = tail;
  block(records, tail).next = p.blocks;
}

/**
 * Links the leading ones from `at` to before `end`, `stride` bytes apart, that lose their last
 * reference and belong to the head (or tail) of the queue, one behind the other after block `prev`.
 * Returns where it stopped.
 */
// @ts-ignore: decorator
@inline
export function linkRun(
  records: usize,
  last: u32,
  headSlot: u32,
  toHead: bool,
  at: usize,
  end: usize,
  stride: isize,
  prev: u32,
): usize {
  while (at != end) {
    const id = load<u32>(at);
    if (id - 1 >= last) break;
    const b = block(records, id);
    if (b.ref != 1) break;
    if ((b.slot == headSlot) != toHead) break;
    b.ref = 0;
    b.prev = prev;
    block(records, prev).next = id;
    prev = id;
    at += stride;
  }
  return at;
}

/** Undoes a touch that was refused at `end`. A block that left the queue still knows its place. */
export function undoTouch(p: Pool, ids: usize, end: usize): void {
  const records = p.records;
  for (let at = end; at > ids; ) {
    at -= 4;
    const id = load<u32>(at);
    const b = block(records, id);
    if (--b.ref) continue;
    block(records, b.prev).next = id;
    block(records, b.next).prev = id;
  }
}
