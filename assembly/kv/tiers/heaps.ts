// SPDX-License-Identifier: Apache-2.0
/**
 * Victims of each tier and blocks with an end of their priority: binary heaps of block numbers.
 * Blocks know their place, so they move the moment their key changes. Ties go by hash.
 */
import { Block, DUE, NIL, NO_HEAP, Store, at, tier } from "./layout";

// @ts-ignore: decorator
@inline
function entry(s: Store, heap: u32, i: u32): usize {
  return <usize>s.heaps + (<usize>(heap * s.capacity + i) << 2);
}

// @ts-ignore: decorator
@inline
function keyOf(b: Block, heap: u32): u64 {
  return heap == DUE ? reinterpret<u64>(b.due) : b.key;
}

function before(s: Store, heap: u32, a: u32, b: u32): bool {
  const x = at(s, a);
  const y = at(s, b);
  const k = keyOf(x, heap);
  const l = keyOf(y, heap);
  return k != l ? k < l : x.hash < y.hash;
}

function put(s: Store, heap: u32, i: u32, index: u32): void {
  store<u32>(entry(s, heap, i), index);
  if (heap == DUE) at(s, index).duePlace = i;
  else at(s, index).heapPlace = i;
}

/** Puts a block where it belongs, from a place that it may leave in either direction. */
function settleAt(s: Store, heap: u32, from: u32, index: u32): void {
  let i = from;
  while (i > 0) {
    const up = (i - 1) >> 1;
    const other = load<u32>(entry(s, heap, up));
    if (!before(s, heap, index, other)) break;
    put(s, heap, i, other);
    i = up;
  }
  const count = tier(s, heap).queued;
  while (true) {
    let child = (i << 1) + 1;
    if (child >= count) break;
    let other = load<u32>(entry(s, heap, child));
    if (child + 1 < count) {
      const right = load<u32>(entry(s, heap, child + 1));
      if (before(s, heap, right, other)) {
        child++;
        other = right;
      }
    }
    if (!before(s, heap, other, index)) break;
    put(s, heap, i, other);
    i = child;
  }
  put(s, heap, i, index);
}

function insert(s: Store, heap: u32, index: u32): void {
  settleAt(s, heap, tier(s, heap).queued++, index);
}

function removeAt(s: Store, heap: u32, i: u32): void {
  const count = --tier(s, heap).queued;
  const last = load<u32>(entry(s, heap, count));
  if (i != count) settleAt(s, heap, i, last);
}

/** The next victim of a tier, or the block whose priority ends first; NIL: none. */
export function first(s: Store, heap: u32): u32 {
  return tier(s, heap).queued ? load<u32>(entry(s, heap, 0)) : NIL;
}

/** A block belongs into this heap of victims, or into none (NO_HEAP); its key may have changed. */
export function queue(s: Store, index: u32, heap: u8): void {
  const b = at(s, index);
  if (b.heap == heap) {
    if (heap != NO_HEAP) settleAt(s, heap, b.heapPlace, index);
    return;
  }
  if (b.heap != NO_HEAP) removeAt(s, b.heap, b.heapPlace);
  b.heap = heap;
  if (heap != NO_HEAP) insert(s, heap, index);
}

/** Sets the time at which the priority of a block ends, 0 = never. */
export function setDue(s: Store, index: u32, due: f64): void {
  const b = at(s, index);
  if (b.due != 0) removeAt(s, DUE, b.duePlace);
  b.due = due;
  if (due != 0) insert(s, DUE, index);
}
