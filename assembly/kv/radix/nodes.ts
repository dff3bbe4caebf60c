// SPDX-License-Identifier: Apache-2.0
/** Making, splitting and removing nodes; growing their tables. */
import { take, give, hasRoom } from "../../arena";
import { link, relink, unlink } from "./children";
import { leafAdd, leafRemove } from "./leaves";
import { NIL, NODE_SHIFT, Node, Segment, Tree, at, isGuarded } from "./layout";
import { dropSegment, moveRun, segmentBytes } from "./segment";

export function newNode(t: Tree): u32 {
  let index = t.nodeFree;
  if (index) t.nodeFree = at(t, index).parent;
  else index = t.nodeHigh++;
  const n = at(t, index);
  n.children = 0;
  n.lock = 0;
  n.guardedKids = 0;
  n.heapPos = NIL;
  n.stamp = t.clock;
  t.nodes++;
  return index;
}

/** Bytes that doubling the tables needs. */
// @ts-ignore: decorator
@inline
export function tablesBytes(capacity: u32): u32 {
  return capacity << (NODE_SHIFT + 1);
}

/** Makes sure that two nodes and a segment of `count` tokens can be made without failing. */
export function prepare(t: Tree, count: u32): bool {
  // Half as much again covers the slack of size classes.
  const segment = segmentBytes(t, count) + (segmentBytes(t, count) >> 1) + 256;
  if (t.nodeFree == 0 || at(t, t.nodeFree).parent == 0) {
    if (t.nodeHigh + 2 > t.nodeCapacity) {
      const bytes = tablesBytes(t.nodeCapacity << 1);
      if (!hasRoom(bytes + (bytes >> 1) + segment)) return false;
      growTables(t, t.nodeCapacity << 1);
    }
  }
  return hasRoom(segment);
}

export function growTables(t: Tree, capacity: u32): void {
  const old = t.nodeCapacity;
  const nodes = take(capacity << NODE_SHIFT);
  const heap = take(capacity << 4);
  const table = take(capacity << 4);
  memory.fill(nodes, 0, <usize>capacity << NODE_SHIFT);
  memory.fill(table, 0xff, <usize>capacity << 4);
  if (old) {
    memory.copy(nodes, <usize>t.nodeBase, <usize>old << NODE_SHIFT);
    memory.copy(heap, <usize>t.heapBase, <usize>t.leaves << 4);
    give(<usize>t.nodeBase, old << NODE_SHIFT);
    give(<usize>t.heapBase, old << 4);
    give(<usize>t.tableBase, old << 4);
  }
  t.nodeBase = <u32>nodes;
  t.heapBase = <u32>heap;
  t.tableBase = <u32>table;
  t.tableMask = (capacity << 1) - 1;
  t.nodeCapacity = capacity;
  for (let i: u32 = 1; i < t.nodeHigh; i++) if (at(t, i).segment) relink(t, i, at(t, i).hash);
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
  n.parent = prefix;
  n.offset += keep;
  n.length -= keep;
  n.start += keep;
  link(t, prefix);
  link(t, index);
  return prefix;
}

/** Takes a childless, unlocked node out of the tree. */
export function remove(t: Tree, index: u32): void {
  const n = at(t, index);
  leafRemove(t, index);
  unlink(t, index);
  t.evictable -= n.length;
  const s = n.segment;
  const parent = n.parent;
  const p = at(t, parent);
  n.segment = 0;
  n.gen++;
  n.parent = t.nodeFree;
  t.nodeFree = index;
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
  const small = n.length + (n.length >> 1) + 16;
  if (segment.capacity > small << 1 && hasRoom(segmentBytes(t, small) << 1)) moveRun(t, n, small);
}
