// SPDX-License-Identifier: Apache-2.0
/** The event log: what was stored, removed and cleared, in order. */
import { BAD_HANDLE } from "../../status";
import { GROUP_SHIFT, NONE_AT, Pool, SHARED, block, isLivePool, slot } from "./layout";
import { oldestOf } from "./table";

/** Event kinds in the log. */
export const STORED: u32 = 1;
export const REMOVED: u32 = 2;
export const CLEARED: u32 = 3;
export const EVENT_BYTES: u32 = 32;

@unmanaged
export class PoolEvent {
  kind: u32;
  group: u32;
  key: u64;
  parent: u64;
  hasParent: u32;
  continued: u32;
}

export function log(p: Pool, kind: u32, group: u32, key: u64): PoolEvent {
  if (p.eventCount == p.eventCapacity) {
    p.eventLost++;
    return changetype<PoolEvent>(0);
  }
  const at = <usize>p.eventBase + <usize>(p.eventCount++ * EVENT_BYTES);
  const e = changetype<PoolEvent>(at);
  e.kind = kind;
  e.group = group;
  e.key = key;
  e.hasParent = 0;
  e.continued = 0;
  return e;
}

/** Logs the hashes that the first `n` blocks of the queue are about to lose. */
export function logHead(p: Pool, n: u32): void {
  let id = block(p.records, p.blocks).next;
  for (let i: u32 = 0; i < n; i++) {
    logRemoved(p, id);
    id = block(p.records, id).next;
  }
}

export function logRemoved(p: Pool, id: u32): void {
  if (block(p.records, id).slot == NONE_AT) return;
  const s = slot(p.table, block(p.records, oldestOf(p, id)).slot & ~SHARED);
  log(p, REMOVED, s.entry >> GROUP_SHIFT, s.key);
}

export function logStored(p: Pool, keys: usize, n: u32, group: u32, parent: u64, has: u32): void {
  for (let i: u32 = 0; i < n; i++) {
    const e = log(p, STORED, group, load<u64>(keys + (<usize>i << 3)));
    if (changetype<usize>(e) == 0) continue;
    e.parent = parent;
    e.hasParent = has;
    e.continued = i > 0 ? 1 : 0;
  }
}

/** Offset of the event log; its records are {kind, group, key, parent, hasParent, continued}. */
export function pool_events(handle: usize): usize {
  return isLivePool(handle) ? <usize>changetype<Pool>(handle).eventBase : 0;
}

/** Number of logged events; clears the log. Negative: the log overflowed by that many plus one. */
export function pool_events_take(handle: usize): i32 {
  if (!isLivePool(handle)) return BAD_HANDLE;
  const p = changetype<Pool>(handle);
  const n = p.eventLost ? -1 - <i32>p.eventLost : <i32>p.eventCount;
  p.eventCount = 0;
  p.eventLost = 0;
  return n;
}
