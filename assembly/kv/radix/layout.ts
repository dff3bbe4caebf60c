// SPDX-License-Identifier: Apache-2.0
/** Records of the radix tree (see ../radix.ts for the drawing) and how to get at them. */
import { inArena } from "../../arena";

export const MAGIC: u32 = 0x6b76_0201;
export const NIL: u32 = 0xffffffff;
export const NODE_SHIFT: u32 = 6;
export const SEGMENT_HEADER: u32 = 16;

@unmanaged
export class Tree {
  magic: u32;
  /** See enlist. */
  older: u32;
  page: u32;
  /** 1 when tokens carry values. */
  valued: u32;
  nodeBase: u32;
  nodeCapacity: u32;
  /** Nodes ever used: the free list is inside [1, nodeHigh). */
  nodeHigh: u32;
  nodeFree: u32;
  nodes: u32;
  tableBase: u32;
  tableMask: u32;
  heapBase: u32;
  leaves: u32;
  evictable: u32;
  guarded: u32;
  spare: u32;
  clock: f64;
  /** Where the last walk or insert ended: node, its generation, and absolute depth in tokens. */
  endNode: u32;
  endGen: u32;
  endDepth: u32;
  /** Name space, priority and hit count that the walk in progress applies. */
  space: u32;
  priority: i32;
  hit: u32;
  /** 1: the part behind a cut keeps its stamp. */
  keepTail: u32;
}

@unmanaged
export class Node {
  segment: u32;
  offset: u32;
  length: u32;
  parent: u32;
  start: u32;
  children: u32;
  lock: u32;
  guardedKids: u32;
  stamp: f64;
  heapPos: u32;
  gen: u32;
  hits: u32;
  priority: i32;
  space: u32;
  hash: u32;
}

@unmanaged
export class Segment {
  refs: u32;
  capacity: u32;
  used: u32;
  pad: u32;
}

@unmanaged
export class HeapEntry {
  key: f64;
  node: u32;
  pad: u32;
}

// @ts-ignore: decorator
@inline
export function open(handle: usize): Tree {
  if (!inArena(handle, offsetof<Tree>())) return changetype<Tree>(0);
  const t = changetype<Tree>(handle);
  return t.magic == MAGIC ? t : changetype<Tree>(0);
}

// @ts-ignore: decorator
@inline
export function isNull(t: Tree): bool {
  return changetype<usize>(t) == 0;
}

// @ts-ignore: decorator
@inline
export function at(t: Tree, index: u32): Node {
  return changetype<Node>(<usize>t.nodeBase + (<usize>index << NODE_SHIFT));
}

// @ts-ignore: decorator
@inline
export function tokens(n: Node): usize {
  return <usize>n.segment + SEGMENT_HEADER + (<usize>n.offset << 2);
}

// @ts-ignore: decorator
@inline
export function values(n: Node): usize {
  const capacity = changetype<Segment>(<usize>n.segment).capacity;
  return <usize>n.segment + SEGMENT_HEADER + (<usize>(capacity + n.offset) << 2);
}

// @ts-ignore: decorator
@inline
export function isGuarded(n: Node): bool {
  return (n.lock | n.guardedKids) != 0;
}

/** True when (index, gen) names a live node. The root is live under gen 0. */
export function isLive(t: Tree, index: u32, gen: u32): bool {
  if (index >= t.nodeHigh) return false;
  const n = at(t, index);
  return n.gen == gen && (index == 0 || n.segment != 0);
}
