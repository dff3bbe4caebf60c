// SPDX-License-Identifier: Apache-2.0
/** The invariants of the pool, all blocks at once. */
import { BAD_HANDLE } from "../../status";
import {
  EMPTY,
  FOLLOWER,
  GROUP_SHIFT,
  ID_MASK,
  NONE_AT,
  Pool,
  SHARED,
  block,
  isPool,
  ring,
  slot,
} from "./layout";
import { find } from "./table";

/** 0, or the number of the first KV invariant that does not hold. O(n). */
export function pool_check(handle: usize): i32 {
  if (!isPool(handle)) return BAD_HANDLE;
  const p = changetype<Pool>(handle);
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
  if (idle != p.free) return 1;
  if (block(records, 0).slot != NONE_AT || block(records, 0).ref != 1) return 3;
  return hashed == p.hashed && tableHolds(p) == hashed ? 0 : 2;
}

/** Blocks reachable through the table, or 0xffffffff when an entry is wrong. */
export function tableHolds(p: Pool): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i <= p.tableMask; i++) {
    const s = slot(p.table, i);
    if (s.entry == EMPTY) continue;
    if (find(p, s.key, s.entry >> GROUP_SHIFT) != s) return EMPTY;
    const oldest = s.entry & ID_MASK;
    const at = block(p.records, oldest).slot;
    if ((at & ~SHARED) != i) return EMPTY;
    count++;
    if (!(at & SHARED)) continue;
    let prev = oldest;
    let id = ring(p.rings, oldest).next;
    while (id != oldest) {
      if (block(p.records, id).slot != FOLLOWER || ++count > p.blocks) return EMPTY;
      if (ring(p.rings, id).prev != prev) return EMPTY;
      prev = id;
      id = ring(p.rings, id).next;
    }
    if (prev == oldest || ring(p.rings, oldest).prev != prev) return EMPTY;
  }
  return count;
}
