// SPDX-License-Identifier: Apache-2.0
/** The invariants of the router index, all blocks at once. */
import { inArena } from "../../arena";
import { BAD_HANDLE } from "../../status";
import { Event } from "./events";
import {
  NIL,
  POSITIONAL,
  RADIX,
  Router,
  WORKER_BYTES,
  at,
  isHeld,
  isRouter,
  setOf,
  strideOf,
  worker,
} from "./layout";
import { find, findChild } from "./tables";

/** ROUTER-6: what the index leads to lies inside the arena, and indices inside their tables. */
function fits(t: Router): bool {
  const capacity = t.capacity;
  if (t.form > POSITIONAL || t.workers == 0 || t.workers > 4096) return false;
  if (t.words != (t.workers + 31) >> 5 || t.stride != strideOf(t.words)) return false;
  if (capacity < 64 || capacity > 0x2000000 || capacity & (capacity - 1)) return false;
  if (t.high > capacity || t.used > t.high || t.tableMask != (capacity << 1) - 1) return false;
  if (t.sideMask > 0x2000000 || (t.sideMask + 1) & t.sideMask) return false;
  return (
    inArena(t.blocks, <usize>capacity * <usize>t.stride) &&
    inArena(t.table, <usize>capacity << 3) &&
    (t.form == POSITIONAL || inArena(t.childTable, <usize>capacity << 3)) &&
    inArena(t.side, <usize>(t.sideMask + 1) << 4) &&
    inArena(t.workerBase, <usize>(t.workers * WORKER_BYTES)) &&
    tableFits(t, t.table) &&
    (t.form == POSITIONAL || tableFits(t, t.childTable))
  );
}

/** Entries are blocks, and some are empty, so that a search ends. */
function tableFits(t: Router, table: u32): bool {
  let entries: u32 = 0;
  for (let i: u32 = 0; i <= t.tableMask; i++) {
    const index = load<u32>(<usize>table + (<usize>i << 2));
    if (index == NIL) continue;
    if (index >= t.high || ++entries > t.capacity) return false;
  }
  return true;
}

/** 0, or the number of the first ROUTER invariant that does not hold. O(blocks x workers). */
export function router_check(handle: usize): i32 {
  if (!isRouter(handle)) return BAD_HANDLE;
  const t = changetype<Router>(handle);
  if (!fits(t)) return 6;
  let used: u32 = 0;
  for (let i: u32 = 0; i < t.high; i++) {
    const b = at(t, i);
    if (b.placed == NIL) continue;
    if (b.parent != NIL && b.parent >= t.high) return 2;
    used++;
    if (find(t, b.hash) != i) return 1;
    if (t.form == RADIX && b.placed && findChild(t, b.parent, b.local) != i) return 1;
    let holders: u32 = 0;
    for (let w: u32 = 0; w < t.words; w++) {
      holders += <u32>popcnt(load<u32>(setOf(b) + (<usize>w << 2)));
    }
    if (holders != b.holders) return 1;
    const wrong = family(t, i);
    if (wrong) return wrong;
  }
  if (used != t.used) return 1;
  for (let w: u32 = 0; w < t.workers; w++) if (!countsAgree(t, w)) return 3;
  return sideAndPending(t) ? 0 : 4;
}

function family(t: Router, index: u32): i32 {
  const b = at(t, index);
  let children: u32 = 0;
  let before: u32 = NIL;
  let child = b.firstChild;
  while (child != NIL) {
    if (child >= t.high || ++children > t.used) return 2;
    const c = at(t, child);
    if (c.parent != index || c.prevSibling != before || c.placed != 1) return 2;
    before = child;
    child = c.nextSibling;
  }
  if (children != b.children) return 2;
  return b.holders == 0 && children == 0 ? 2 : 0;
}

function countsAgree(t: Router, w: u32): bool {
  let blocks: u32 = 0;
  let holes: u32 = 0;
  for (let i: u32 = 0; i < t.high; i++) {
    const b = at(t, i);
    if (b.placed == NIL || !isHeld(b, w)) continue;
    blocks++;
    if (b.parent != NIL && !isHeld(at(t, b.parent), w)) holes++;
  }
  const v = worker(t, w);
  return blocks == v.blocks && (v.holes >= 0x80000000 || holes == v.holes);
}

function sideAndPending(t: Router): bool {
  let entries: u32 = 0;
  for (let i: u32 = 0; i <= t.sideMask; i++) {
    const key = load<u64>(<usize>t.side + (<usize>i << 4));
    if (key == 0) continue;
    entries++;
    const w = <u32>(key >> 32) - 1;
    const index = <u32>key;
    if (w >= t.workers || index >= t.high || at(t, index).placed == NIL) return false;
    if (!isHeld(at(t, index), w)) return false;
  }
  if (entries != t.sideUsed) return false;
  for (let w: u32 = 0; w < t.workers; w++) {
    const v = worker(t, w);
    let n: u32 = 0;
    let id = v.next;
    let next = v.pending;
    while (next) {
      if (!inArena(next, offsetof<Event>())) return false;
      const e = changetype<Event>(<usize>next);
      if (<i32>(e.id - id) <= 0 || ++n > v.pendingCount) return false;
      id = e.id;
      next = e.next;
    }
    if (n != v.pendingCount) return false;
  }
  return true;
}
