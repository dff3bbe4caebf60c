// SPDX-License-Identifier: Apache-2.0
/**
 * Approximate mode: without events, a router remembers what it routed where. An entry (worker,
 * block) lives for a fixed time from its last routing; beyond the bound of blocks the oldest go.
 *
 * Entries expire in the order in which they were made, because all live equally long: a ring of
 * (time, worker, block) in that order is the queue, and an entry that was made again since has a
 * later serial and is skipped.
 */
import { give, hasRoom, pieceSize, take } from "../../arena";
import { NIL, Router, at, isHeld } from "./layout";
import { hold, named, place, release } from "./blocks";
import { roomForBlocks, roomForSide } from "./memory";
import { sideGet, sideSet } from "./tables";

@unmanaged
class Entry {
  time: f64;
  worker: u32;
  block: u32;
  gen: u32;
  serial: u32;
}
const ENTRY_BYTES: u32 = offsetof<Entry>();

// @ts-ignore: decorator
@inline
function entryAt(t: Router, position: u32): Entry {
  return changetype<Entry>(<usize>t.queue + <usize>((position & t.queueMask) * ENTRY_BYTES));
}

function roomForEntries(t: Router, more: u32): bool {
  const length = t.queueTail - t.queueHead;
  const old = t.queue ? t.queueMask + 1 : 0;
  if (length + more <= old) return true;
  let size = max(old, 64);
  while (size < length + more) size <<= 1;
  if (size > 0x1000000 || !hasRoom(pieceSize(size * ENTRY_BYTES))) return false;
  const queue = take(size * ENTRY_BYTES);
  for (let i: u32 = 0; i < length; i++) {
    const from = changetype<usize>(entryAt(t, t.queueHead + i));
    memory.copy(queue + <usize>(i * ENTRY_BYTES), from, ENTRY_BYTES);
  }
  if (old) give(t.queue, old * ENTRY_BYTES);
  t.queue = <u32>queue;
  t.queueMask = size - 1;
  t.queueHead = 0;
  t.queueTail = length;
  return true;
}

/** Room for routing n blocks; false when there is none. */
export function roomToRoute(t: Router, n: u32): bool {
  return roomForBlocks(t, n) && roomForSide(t, n) && roomForEntries(t, n);
}

/** Notes that a request of n blocks went to a worker. */
export function route(t: Router, w: u32, locals: usize, hashes: usize, n: u32, now: f64): void {
  let parent: u32 = NIL;
  for (let i: u32 = 0; i < n; i++) {
    const index = named(t, load<u64>(hashes + (<usize>i << 3)));
    place(t, index, parent, load<u64>(locals + (<usize>i << 3)));
    if (!isHeld(at(t, index), w)) hold(t, w, index);
    const serial = (t.serial + 1) & 0x7fffffff;
    t.serial = serial == 0 ? 1 : serial;
    sideSet(t, w, index, t.serial);
    const e = entryAt(t, t.queueTail++);
    e.time = now;
    e.worker = w;
    e.block = index;
    e.gen = at(t, index).gen;
    e.serial = t.serial;
    parent = index;
  }
}

/** Lets the oldest entry of the queue go, if it is still the latest of its kind. */
function dropOldest(t: Router): void {
  const e = entryAt(t, t.queueHead++);
  const b = at(t, e.block);
  if (b.placed == NIL || b.gen != e.gen || sideGet(t, e.worker, e.block) != <i32>e.serial) return;
  sideSet(t, e.worker, e.block, 0);
  release(t, e.worker, e.block);
}

/** Drops what is older than the time to live, then the oldest while over `most` blocks are left. */
export function expire(t: Router, now: f64, most: u32): void {
  while (t.queueHead != t.queueTail && entryAt(t, t.queueHead).time + t.ttlNs <= now) {
    dropOldest(t);
  }
  while (t.used > most && t.queueHead != t.queueTail) dropOldest(t);
}

export function dropQueue(t: Router): void {
  if (t.queue) give(t.queue, (t.queueMask + 1) * ENTRY_BYTES);
}
