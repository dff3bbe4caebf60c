// SPDX-License-Identifier: Apache-2.0
/**
 * Event heap: the pending events of a discrete-event simulation, earliest first.
 *
 * Problem: a simulator pops the next event and pushes a few new ones, millions of times. The order
 * must be total and the same everywhere: by time, then priority of the event kind, then sequence
 * number.
 *
 * ```
 *  handle ──► header (40 bytes)                slots (capacity x 24 bytes)
 *  ┌───────┬──────────┬──────┬───────┬───────────────────┐   ┌────┬────┬────┬────┬────┬──
 *  │ magic │ capacity │ size │ slots │ last popped record │   │ 0  │ 1  │ 2  │ 3  │ 4  │ 5 …
 *  └───────┴──────────┴──────┴───┬───┴───────────────────┘   └────┴────┴────┴────┴────┴──
 *                                └───────────────────────────►  root └──── its children ─┘
 *  record: time f64 | seq u32 | priority u32 | a u32 | b u32
 * ```
 *
 * - 4-ary: the children of slot i are 4i+1 .. 4i+4, half as deep as a binary heap, and the four
 *   children are neighbours in memory. The hole that a pop leaves sinks to a leaf without a branch
 *   on data, then the last record rises into it.
 * - Times are never negative, so their bit patterns order as integers do; priority and seq are read
 *   as one u64. A comparison is one or two integer comparisons.
 * - The caller gives each event its own seq, so that keys are unique. Records with fully equal keys
 *   come out in an unspecified order, the same one in each run.
 * - `heap_push` takes no memory: at capacity it answers FULL and the host calls `heap_reserve` at
 *   a safe point. The handle stays.
 *
 * Invariants
 * - HEAP-1  size <= capacity.
 * - HEAP-2  the slots lie inside the arena.
 * - HEAP-3  no time is NaN or negative (-0 is stored as 0).
 * - HEAP-4  the key of a slot is not below the key of its parent, slot (i-1)/4.
 *
 * Complexity: push O(log4 n), pop O(4 log4 n), reserve O(n), peek and size O(1).
 * Source: Johnson, Priority queues with update and finding minimum spanning trees, IPL 4(3), 1975
 * (d-ary heaps); LaMarca and Ladner, The influence of caches on the performance of heaps, 1996.
 */
import { OK, FULL, NONE, BAD_HANDLE, BAD_ARGUMENT, NO_MEMORY } from "../status";
import { delist, enlist, give, inArena, take } from "../arena";

/** Odd, so that the link of a free piece (a multiple of 8) never looks like it. */
export const HEAP_MAGIC: u32 = 0x65766801;
const RECORD: u32 = 24;
const MAX_CAPACITY: u32 = 0x40000000 / RECORD;

/** Also the layout of a slot. Little-endian: key = priority << 32 | seq. */
@unmanaged
class EventRecord {
  time: u64;
  key: u64;
  payload: u64;
}

@unmanaged
class EventHeap {
  magic: u32;
  /** See enlist. */
  older: u32;
  capacity: u32;
  size: u32;
  slots: u32;
  spare: u32;
  /** Offset 24: the record popped last. */
  time: u64;
  key: u64;
  payload: u64;
}

// @ts-ignore: decorator
@inline
function live(handle: usize): bool {
  return (
    inArena(handle, offsetof<EventHeap>()) && changetype<EventHeap>(handle).magic == HEAP_MAGIC
  );
}

// @ts-ignore: decorator
@inline
function slot(h: EventHeap, index: u32): EventRecord {
  return changetype<EventRecord>(<usize>h.slots + <usize>index * RECORD);
}

/** 1 when the key (time, key) comes before that of `other`, without a branch. */
// @ts-ignore: decorator
@inline
function before(time: u64, key: u64, other: EventRecord): u32 {
  return u32(time < other.time) | (u32(time == other.time) & u32(key < other.key));
}

// @ts-ignore: decorator
@inline
function write(at: EventRecord, time: u64, key: u64, payload: u64): void {
  at.time = time;
  at.key = key;
  at.payload = payload;
}

/** An empty heap for up to `capacity` events; 0 when there is no room or capacity is bad. */
export function heap_create(capacity: u32): usize {
  if (capacity == 0 || capacity > MAX_CAPACITY) return 0;
  const slots = take(capacity * RECORD);
  if (!slots) return 0;
  const handle = take(<u32>offsetof<EventHeap>());
  if (!handle) {
    give(slots, capacity * RECORD);
    return 0;
  }
  memory.fill(handle, 0, offsetof<EventHeap>());
  const h = changetype<EventHeap>(handle);
  h.capacity = capacity;
  h.slots = <u32>slots;
  enlist(handle, HEAP_MAGIC);
  return handle;
}

export function heap_destroy(handle: usize): i32 {
  if (!live(handle)) return BAD_HANDLE;
  const h = changetype<EventHeap>(handle);
  give(h.slots, h.capacity * RECORD);
  delist(handle);
  give(handle, <u32>offsetof<EventHeap>());
  return OK;
}

/** Raises the capacity; a lower one than now changes nothing. */
export function heap_reserve(handle: usize, capacity: u32): i32 {
  if (!live(handle)) return BAD_HANDLE;
  if (capacity > MAX_CAPACITY) return BAD_ARGUMENT;
  const h = changetype<EventHeap>(handle);
  if (capacity <= h.capacity) return OK;
  const slots = take(capacity * RECORD);
  if (!slots) return NO_MEMORY;
  memory.copy(slots, h.slots, <usize>h.size * RECORD);
  give(h.slots, h.capacity * RECORD);
  h.slots = <u32>slots;
  h.capacity = capacity;
  return OK;
}

/** Adds an event. `time` >= 0 in any unit (Infinity sorts last), a and b are the caller's. */
export function heap_push(
  handle: usize,
  time: f64,
  priority: u32,
  seq: u32,
  a: u32,
  b: u32,
): i32 {
  if (!live(handle)) return BAD_HANDLE;
  if (!(time >= 0)) return BAD_ARGUMENT;
  const h = changetype<EventHeap>(handle);
  const size = h.size;
  if (size == h.capacity) return FULL;
  h.size = size + 1;
  // Adding 0 turns -0 into 0.
  const bits = reinterpret<u64>(time + 0.0);
  siftUp(h, size, bits, (<u64>priority << 32) | <u64>seq, (<u64>b << 32) | <u64>a);
  return OK;
}

/** Moves parents down into the hole at slot i until the record fits, and writes it there. */
function siftUp(h: EventHeap, i: u32, time: u64, key: u64, payload: u64): void {
  while (i > 0) {
    const parent = (i - 1) >> 2;
    const p = slot(h, parent);
    if (!before(time, key, p)) break;
    write(slot(h, i), p.time, p.key, p.payload);
    i = parent;
  }
  write(slot(h, i), time, key, payload);
}

/** Moves the earliest event into the header (offset 16); NONE when there is no event. */
export function heap_pop(handle: usize): i32 {
  if (!live(handle)) return BAD_HANDLE;
  const h = changetype<EventHeap>(handle);
  if (h.size == 0) return NONE;
  const root = slot(h, 0);
  h.time = root.time;
  h.key = root.key;
  h.payload = root.payload;
  const size = h.size - 1;
  h.size = size;
  if (size > 0) siftDown(h, size);
  return OK;
}

/** Index 0 .. 3 of the least of the four slots from `c` on: a knockout without branches. */
// @ts-ignore: decorator
@inline
function least4(c: usize): u32 {
  const left = beats(c + RECORD, c);
  const right = 2 + beats(c + 3 * RECORD, c + 2 * RECORD);
  const pick = beats(c + <usize>right * RECORD, c + <usize>left * RECORD);
  return left + ((right - left) & (0 - pick));
}

// @ts-ignore: decorator
@inline
function beats(x: usize, y: usize): u32 {
  const r = changetype<EventRecord>(x);
  return before(r.time, r.key, changetype<EventRecord>(y));
}

/**
 * Fills the hole at the root of a heap of `size` slots with the record behind its end. The hole
 * sinks to the bottom first: which child is the least is a coin toss that a branch predictor loses,
 * while the way back up is short, since the record came from the bottom.
 */
function siftDown(h: EventHeap, size: u32): void {
  let i: u32 = 0;
  let child: u32 = 1;
  while (child + 3 < size) {
    const at = child + least4(changetype<usize>(slot(h, child)));
    const c = slot(h, at);
    write(slot(h, i), c.time, c.key, c.payload);
    i = at;
    child = (i << 2) + 1;
  }
  if (child < size) {
    let at = child;
    while (++child < size) {
      if (beats(changetype<usize>(slot(h, child)), changetype<usize>(slot(h, at)))) at = child;
    }
    const c = slot(h, at);
    write(slot(h, i), c.time, c.key, c.payload);
    i = at;
  }
  const last = slot(h, size);
  siftUp(h, i, last.time, last.key, last.payload);
}

/** Number of pending events. */
export function heap_size(handle: usize): i32 {
  if (!live(handle)) return BAD_HANDLE;
  return <i32>changetype<EventHeap>(handle).size;
}

/** Time of the earliest event; Infinity when there is none, NaN for a bad handle. */
export function heap_peek_time(handle: usize): f64 {
  if (!live(handle)) return NaN;
  const h = changetype<EventHeap>(handle);
  return h.size == 0 ? Infinity : reinterpret<f64>(slot(h, 0).time);
}

/** Drops all events. */
export function heap_clear(handle: usize): i32 {
  if (!live(handle)) return BAD_HANDLE;
  changetype<EventHeap>(handle).size = 0;
  return OK;
}

/** 0 when all invariants hold, otherwise the number of the violated one. */
export function heap_check(handle: usize): i32 {
  if (!live(handle)) return BAD_HANDLE;
  const h = changetype<EventHeap>(handle);
  if (h.size > h.capacity) return 1;
  if (h.capacity > MAX_CAPACITY || !inArena(h.slots, h.capacity * RECORD)) return 2;
  for (let i: u32 = 0; i < h.size; i++) {
    const s = slot(h, i);
    // All patterns from 0 to +Infinity; NaNs and the sign bit lie above.
    if (s.time > 0x7ff0000000000000) return 3;
    if (i > 0 && before(s.time, s.key, slot(h, (i - 1) >> 2))) return 4;
  }
  return 0;
}
