// SPDX-License-Identifier: Apache-2.0
/** The invariants of the manager, all requests at once. */
import { arena_base, arena_top, inArena } from "../../arena";
import { BAD_HANDLE } from "../../status";
import { pool_check } from "../pool/verify";
import {
  FULL_ATTENTION,
  LIVE,
  MOST_GROUPS,
  Manager,
  RUNNING,
  Request,
  isManager,
  managerBytes,
  poolOf,
  refOf,
  requestBytes,
  spec,
  tableOf,
} from "./layout";

/** Entries of a request's tables that are blocks, or -1 when a table is wrong. */
function entries(m: Manager, r: Request): i32 {
  let sum: i32 = 0;
  for (let g: u32 = 0; g < m.groups; g++) {
    const t = tableOf(r, g);
    if (t.low > t.length || t.length > t.capacity) return -1;
    if (spec(m, g).window == FULL_ATTENTION && t.low) return -1;
    for (let i: u32 = 0; i < t.length; i++) {
      const id = load<u32>(t.ids + (<usize>i << 2));
      if (id == 0) {
        if (spec(m, g).window == FULL_ATTENTION) return -1;
        continue;
      }
      if (i < t.low || id >= poolOf(m).blocks || !refOf(m, id)) return -1;
      sum++;
    }
  }
  return sum;
}

/** KM-7: records, tables and keys lie inside the arena, and the chain of records ends. */
function recordsFit(m: Manager): bool {
  if (m.groups == 0 || m.groups > MOST_GROUPS || m.per == 0 || m.size < m.per) return false;
  if (m.size % m.per || !inArena(changetype<usize>(m), managerBytes(m.groups))) return false;
  const bytes = requestBytes(m);
  let most = (arena_top() - <u32>arena_base()) / bytes;
  for (let at = <usize>m.records; at; at = <usize>changetype<Request>(at).older) {
    if (most-- == 0 || !inArena(at, bytes)) return false;
    const r = changetype<Request>(at);
    if (r.magic != LIVE) continue;
    if (r.owner != <u32>changetype<usize>(m)) return false;
    for (let g: u32 = 0; g < m.groups; g++) {
      const t = tableOf(r, g);
      if (t.capacity > 0x3fffffff || (t.capacity && !inArena(t.ids, <usize>t.capacity << 2))) {
        return false;
      }
    }
  }
  return true;
}

/** 0, or the number of the first KM invariant that does not hold. O(blocks and table entries). */
export function mgr_check(handle: usize): i32 {
  if (!isManager(handle)) return BAD_HANDLE;
  const m = changetype<Manager>(handle);
  if (pool_check(m.pool)) return 1;
  if (!recordsFit(m)) return 7;
  let held: i64 = <i64>m.copyCount << 1;
  let holders: u32 = 0;
  for (let at = <usize>m.records; at; at = <usize>changetype<Request>(at).older) {
    const r = changetype<Request>(at);
    if (r.magic != LIVE) continue;
    const n = entries(m, r);
    if (n < 0) return 2;
    if (r.status == RUNNING) holders++;
    else if (n || r.computed) return 4;
    if (r.keyCount > r.tokens / (m.size / m.per)) return 6;
    held += <i64>n;
  }
  let references: i64 = 0;
  for (let id: u32 = 1; id < poolOf(m).blocks; id++) references += <i64>refOf(m, id);
  if (references != held) return 3;
  if (holders != m.holders) return 4;
  return m.mispredicted ? 5 : 0;
}
