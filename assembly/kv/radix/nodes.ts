// SPDX-License-Identifier: Apache-2.0
/** Making, splitting and removing nodes; growing their tables. */
import { take, give, hasRoom } from "../../arena";
import { link, relink, unlink } from "./children";
import { leafAdd, leafRemove } from "./leaves";
import { logRemoved } from "./events";
import { drop, handUp, isHeld } from "./holds";
import {
  FIFO,
  FILO,
  NIL,
  NODE_SHIFT,
  Node,
  SESSION,
  Segment,
  Side,
  Tree,
  UNCUT,
  at,
  isGuarded,
  side,
} from "./layout";
import { dropSegment, moveRun, segmentBytes } from "./segment";

/** Generations end here, 65536 before they would begin anew; see retire. */
const LAST_GEN: u32 = 0xffff0000;
const MOST_NODES: u32 = 0x3fffff;

export function newNode(t: Tree): u32 {
  let index = t.nodeFree;
  if (index) t.nodeFree = at(t, index).parent;
  else {
    index = t.nodeHigh++;
    at(t, index).gen = t.salt;
  }
  const n = at(t, index);
  n.children = 0;
  n.lock = 0;
  n.guardedKids = 0;
  n.heapPos = NIL;
  n.stamp = t.clock;
  t.nodes++;
  if (t.sideBase) {
    const s = side(t, index);
    s.created = t.clock;
    s.due = Infinity;
    s.time = 0;
    s.hold = t.baseHold;
    s.heldKids = 0;
    s.timerPos = NIL;
  }
  return index;
}

/** Frees the number of a node and makes its handles stale. */
// @ts-ignore: decorator
@inline
export function retire(t: Tree, index: u32): void {
  const n = at(t, index);
  const gen = n.gen;
  n.segment = 0;
  // The low byte counts trims (radix_resume); a number whose generations are used up stays unused.
  n.gen = (gen | 0xff) + 1;
  relist(t, index);
}

/** Puts an unused number on the free list, unless its generations are used up. */
// @ts-ignore: decorator
@inline
export function relist(t: Tree, index: u32): void {
  const n = at(t, index);
  if (n.gen >= LAST_GEN) return;
  n.parent = t.nodeFree;
  t.nodeFree = index;
}

/** Bytes of the tables: nodes, leaf heap, child table; side records and timers where needed. */
export function tablesBytes(policy: u32, capacity: u32): u32 {
  const sides = policy == FIFO || policy == FILO || policy >= SESSION;
  return capacity * (sides ? 100 + <u32>offsetof<Side>() : 96);
}

/** True when `prepare(t, 0)` has nothing to do. */
// @ts-ignore: decorator
@inline
export function canSplit(t: Tree): bool {
  return t.nodeHigh + 3 <= t.nodeCapacity && hasRoom(512);
}

/** Makes sure that two nodes and a segment of `count` tokens can be made without failing. */
export function prepare(t: Tree, count: u32): bool {
  // Half as much again covers the slack of size classes.
  const bytes = segmentBytes(t, count);
  const segment = bytes + (bytes >> 1) + 256;
  if (t.nodeHigh + 3 > t.nodeCapacity) {
    if (t.nodeFree == 0 || at(t, t.nodeFree).parent == 0) {
      if (t.nodeCapacity > MOST_NODES) return false;
      const bytes = tablesBytes(t.policy, t.nodeCapacity << 1);
      if (!hasRoom(bytes + (bytes >> 1) + segment)) return false;
      growTables(t, t.nodeCapacity << 1);
    }
  }
  return hasRoom(segment);
}

/**
 * One piece holds all tables, one behind the other. Nodes begin on a cache line; the last record
 * is never used, so the others may stand that much higher.
 */
export function growTables(t: Tree, capacity: u32): void {
  const old = t.nodeCapacity;
  const bytes = tablesBytes(t.policy, capacity);
  const piece = take(bytes);
  const nodes = (piece + 63) & ~63;
  const heap = piece + (<usize>capacity << NODE_SHIFT);
  const table = heap + (<usize>capacity << 4);
  const sides = table + (<usize>capacity << 4);
  const timers = sides + <usize>capacity * offsetof<Side>();
  memory.fill(piece, 0, bytes);
  memory.fill(table, 0xff, <usize>capacity << 4);
  if (old) {
    memory.copy(nodes, <usize>t.nodeBase, <usize>t.nodeHigh << NODE_SHIFT);
    memory.copy(heap, <usize>t.heapBase, <usize>t.leaves << 4);
    if (t.sideBase) {
      memory.copy(sides, <usize>t.sideBase, <usize>old * offsetof<Side>());
      memory.copy(timers, <usize>t.timerBase, <usize>t.timers << 2);
    }
    giveTables(t);
  }
  t.nodeBase = <u32>nodes;
  t.heapBase = <u32>heap;
  t.tableBase = <u32>table;
  if (bytes > capacity * 96) {
    t.sideBase = <u32>sides;
    t.timerBase = <u32>timers;
  }
  t.tableMask = (capacity << 1) - 1;
  t.nodeCapacity = capacity;
  for (let i: u32 = 1; i < t.nodeHigh; i++) if (at(t, i).segment) relink(t, i, at(t, i).hash);
}

export function giveTables(t: Tree): void {
  const capacity = t.nodeCapacity;
  give(<usize>t.heapBase - (<usize>capacity << NODE_SHIFT), tablesBytes(t.policy, capacity));
}

/** Cuts node `index` at `keep` tokens: the new node is the prefix, the old object the tail. */
export function split(t: Tree, index: u32, keep: u32): u32 {
  const prefix = newNode(t);
  const p = at(t, prefix);
  const n = at(t, index);
  unlink(t, index);
  p.segment = n.segment;
  changetype<Segment>(<usize>n.segment).refs++;
  p.offset = n.offset;
  p.length = keep;
  p.parent = n.parent;
  p.start = n.start;
  p.space = n.space;
  p.children = 1;
  p.guardedKids = isGuarded(n) ? 1 : 0;
  p.stamp = n.stamp;
  p.hits = n.hits;
  p.priority = n.priority;
  if (t.policy >= SESSION) side(t, prefix).heldKids = isHeld(t, index) ? 1 : 0;
  n.parent = prefix;
  n.offset += keep;
  n.length -= keep;
  n.start += keep;
  link(t, prefix);
  link(t, index);
  t.tail = index;
  return prefix;
}

/** Takes a childless, unlocked node out of the tree. */
export function remove(t: Tree, index: u32): void {
  const n = at(t, index);
  const parent = n.parent;
  if (t.eventCapacity) logRemoved(t, n, n.length);
  leafRemove(t, index);
  if (t.policy >= SESSION) {
    if (t.policy == SESSION && parent != 0) handUp(t, index, parent);
    drop(t, index);
  }
  unlink(t, index);
  t.evictable -= n.length;
  const s = n.segment;
  const p = at(t, parent);
  retire(t, index);
  t.nodes--;
  dropSegment(t, s);
  if (parent == 0) {
    p.children--;
    return;
  }
  reclaim(t, p);
  p.stamp = max(p.stamp, n.stamp);
  if (--p.children == 0 && p.lock == 0) leafAdd(t, parent);
}

/** A child of `n` is gone: room in the segment of `n` that no node uses any more is given back. */
export function reclaim(t: Tree, n: Node): void {
  const segment = changetype<Segment>(<usize>n.segment);
  if (segment.refs != 1) return;
  segment.used = n.offset + n.length;
  if (segment.low > <i32>segment.used) segment.low = UNCUT;
  const small = n.length + (n.length >> 1) + 16;
  if (segment.capacity > small << 1 && hasRoom(segmentBytes(t, small) << 1)) moveRun(t, n, small);
}
