// SPDX-License-Identifier: Apache-2.0
/**
 * The invariants of the pool, all blocks at once. Bounds come first (KV-5), so that a pool of any
 * bytes is checked in bounded time and without a trap.
 */
import { inArena } from "../../arena";
import { BAD_HANDLE } from "../../status";
import {
  EMPTY,
  FOLLOWER,
  GROUPS,
  GROUP_SHIFT,
  ID_MASK,
  NONE_AT,
  NOWHERE,
  Pool,
  SHARED,
  SLOT_BYTES,
  block,
  isLivePool,
  loneKey,
  ring,
  slot,
} from "./layout";
import { EVENT_BYTES } from "./events";
import { find, tableSlots } from "./table";

/** 0, or the number of the first KV invariant that does not hold. O(n). */
export function pool_check(handle: usize): i32 {
  if (!isLivePool(handle)) return BAD_HANDLE;
  const p = changetype<Pool>(handle);
  if (!fits(p)) return 5;
  const records = p.records;
  const n = p.blocks;
  let length: u32 = 0;
  let prev = n;
  let id = block(records, n).next;
  while (id != n) {
    if (id > n || length > p.free) return 1;
    const b = block(records, id);
    if (b.prev != prev || b.ref != 0) return 1;
    if (id == 0) return 3;
    prev = id;
    id = b.next;
    length++;
  }
  if (length != p.free || block(records, n).prev != prev) return 1;
  let idle: u32 = 0;
  let hashed: u32 = 0;
  for (let i: u32 = 1; i < n; i++) {
    const b = block(records, i);
    if (b.ref == 0) idle++;
    if (b.slot != NONE_AT) hashed++;
  }
  if (idle != p.free || idle >= n) return 1;
  if (block(records, 0).slot != NONE_AT || block(records, 0).ref != 1) return 3;
  return hashed == p.hashed && tableHolds(p) == hashed ? 0 : 2;
}

/** KV-5: what the pool leads to lies inside the arena and has the size that its blocks ask for. */
function fits(p: Pool): bool {
  const n = p.blocks;
  if (n < 2 || n > 0x3ffffff || p.eventCapacity > 0xffffff) return false;
  const caching = p.headSlot == NONE_AT;
  if (!caching && p.headSlot != NOWHERE) return false;
  if (p.tableMask != (caching ? tableSlots(n) : 16) - 1) return false;
  if (p.eventCount > p.eventCapacity) return false;
  return (
    inArena(p.records, (<usize>n + 1) << 4) &&
    inArena(p.rings, caching ? (<usize>n + 1) << 3 : 32) &&
    inArena(p.table, (<usize>p.tableMask + 1) * SLOT_BYTES) &&
    (p.eventCapacity == 0 || inArena(p.eventBase, p.eventCapacity * EVENT_BYTES))
  );
}

/** Blocks reachable through the table, or 0xffffffff when an entry is wrong. */
export function tableHolds(p: Pool): u32 {
  let count: u32 = 0;
  let used: u32 = 0;
  for (let i: u32 = 0; i <= p.tableMask; i++) if (slot(p.table, i).entry != EMPTY) used++;
  // Every probe ends at an empty slot.
  if (used >= p.blocks) return EMPTY;
  for (let i: u32 = 0; i <= p.tableMask; i++) {
    const s = slot(p.table, i);
    if (s.entry == EMPTY) continue;
    if (find(p, s.key, s.entry >> GROUP_SHIFT) != s) return EMPTY;
    const oldest = s.entry & ID_MASK;
    if (oldest - 1 >= p.blocks - 1) return EMPTY;
    const at = block(p.records, oldest).slot;
    if ((at & ~SHARED) != i) return EMPTY;
    if (p.group != GROUPS && p.group != s.entry >> GROUP_SHIFT) return EMPTY;
    count++;
    if (!(at & SHARED)) {
      if (loneKey(p.rings, oldest) != s.key) return EMPTY;
      continue;
    }
    let prev = oldest;
    let id = ring(p.rings, oldest).next;
    while (id != oldest) {
      if (id - 1 >= p.blocks - 1) return EMPTY;
      if (block(p.records, id).slot != FOLLOWER || ++count > p.blocks) return EMPTY;
      if (ring(p.rings, id).prev != prev) return EMPTY;
      prev = id;
      id = ring(p.rings, id).next;
    }
    if (prev == oldest || ring(p.rings, oldest).prev != prev) return EMPTY;
  }
  return count;
}
