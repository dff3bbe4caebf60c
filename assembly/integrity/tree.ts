// SPDX-License-Identifier: Apache-2.0
/**
 * A radix tree of any bytes: bounds first, so that the check of its invariants cannot go astray.
 *
 * - RX-9  tables and segments lie inside the arena, indices inside their tables, and the child
 *         table has an empty slot; entries of heaps are nodes.
 */
import { arena_top, hasRoom, inArena } from "../arena";
import { BAD_HANDLE, NO_MEMORY } from "../status";
import { slotIn } from "../kv/radix/children";
import {
  NIL,
  NODE_SHIFT,
  SEGMENT_HEADER,
  Segment,
  Side,
  TTL,
  Tree,
  at,
  isNull,
  open,
} from "../kv/radix/layout";
import { entry } from "../kv/radix/leaves";
import { tablesBytes } from "../kv/radix/nodes";
import { timer } from "../kv/radix/timers";
import { verify } from "../kv/radix/verify";

/** As radix_check, with scratch above the top, of a tree whose fields may hold anything. */
export function treeCheck(handle: usize): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  if (!tablesFit(t) || !nodesFit(t) || !slotsFit(t) || !heapsFit(t)) return 9;
  const bytes = t.nodeHigh << 3;
  if (!hasRoom(bytes)) return NO_MEMORY;
  const scratch = <usize>arena_top();
  memory.fill(scratch, 0, bytes);
  return verify(t, scratch);
}

/** The tables are the parts of one piece, in the order of growTables. */
function tablesFit(t: Tree): bool {
  const capacity = t.nodeCapacity;
  if (t.page == 0 || t.page > 256 || t.valued > 1 || t.policy > TTL) return false;
  if (capacity == 0 || capacity > 0x1000000 || capacity & (capacity - 1)) return false;
  if (t.nodeHigh == 0 || t.nodeHigh >= capacity || t.tableMask != (capacity << 1) - 1) return false;
  if (t.leaves > capacity || t.timers > capacity) return false;
  const bytes = tablesBytes(t.policy, capacity);
  const piece = <usize>t.heapBase - (<usize>capacity << NODE_SHIFT);
  if (!inArena(piece, bytes) || t.nodeBase != ((<u32>piece + 63) & ~63)) return false;
  if (t.tableBase != t.heapBase + (capacity << 4)) return false;
  const sides = bytes > capacity * 96;
  if (t.sideBase != (sides ? t.tableBase + (capacity << 4) : 0)) return false;
  if (t.timerBase != (sides ? t.sideBase + capacity * <u32>offsetof<Side>() : 0)) return false;
  if (t.eventCapacity == 0) return t.eventCount == 0;
  return (
    t.eventCapacity <= 0xffffff &&
    t.eventCount <= t.eventCapacity &&
    inArena(t.eventBase, <usize>t.eventCapacity << 2)
  );
}

/** What the leaf heap and the timers name are nodes. */
function heapsFit(t: Tree): bool {
  for (let i: u32 = 0; i < t.leaves; i++) {
    const node = entry(t, i).node;
    if (node >= t.nodeHigh || !at(t, node).segment) return false;
  }
  if (t.timerBase == 0) return t.timers == 0;
  for (let i: u32 = 0; i < t.timers; i++) {
    const node = timer(t, i);
    if (node >= t.nodeHigh || !at(t, node).segment) return false;
  }
  return true;
}

function nodesFit(t: Tree): bool {
  for (let i: u32 = 1; i < t.nodeHigh; i++) {
    const n = at(t, i);
    if (!n.segment) continue;
    if (n.parent >= t.nodeHigh || n.length < t.page) return false;
    if (!inArena(n.segment, SEGMENT_HEADER)) return false;
    const capacity = <u64>changetype<Segment>(<usize>n.segment).capacity;
    if (<u64>n.offset + <u64>n.length > capacity) return false;
    const end = <u64>n.segment + SEGMENT_HEADER + (capacity << (2 + t.valued));
    if (end > <u64>arena_top()) return false;
  }
  return true;
}

function slotsFit(t: Tree): bool {
  let empty = false;
  for (let i: u32 = 0; i <= t.tableMask; i++) {
    const index = load<u32>(slotIn(<usize>t.tableBase, i), 4);
    if (index == NIL) empty = true;
    else if (index == 0 || index >= t.nodeHigh || !at(t, index).segment) return false;
  }
  return empty;
}
