// SPDX-License-Identifier: Apache-2.0
/** Records of the radix tree (see ../radix.ts for the drawing) and how to get at them. */
import { arena_top } from "../../arena";

export const MAGIC: u32 = 0x6b76_0201;
export const NIL: u32 = 0xffffffff;
export const NODE_SHIFT: u32 = 6;
export const SEGMENT_HEADER: u32 = 16;
/** Most tokens of one call, so that sizes in bytes fit 32 bits. */
export const MOST_TOKENS: u32 = 0x1ffffff;

/** Eviction policies. From FIFO on, those below PRIORITY and from SESSION on have a side table. */
export const LRU: u32 = 0;
export const LFU: u32 = 1;
export const FIFO: u32 = 2;
export const FILO: u32 = 3;
export const PRIORITY: u32 = 4;
export const SLRU: u32 = 5;
/** From here on a key may fall, so a leaf is sifted as soon as it is touched. */
export const MRU: u32 = 6;
export const SESSION: u32 = 7;
export const TTL: u32 = 8;

/** Retention of TensorRT-LLM: 0 to 100, and what a node has without a hint; 101 is a pin. */
export const RETENTION: u32 = 35;
export const PINNED: u32 = 101;
/** Of a segment: nothing was cut off it. */
export const UNCUT: i32 = 0x7fffffff;

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
  policy: u32;
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
  /** Generation that nodes of this tree begin with. */
  salt: u32;
  /** slru: hits that protect; session: grace in ns; ttl: tokens that may be held. */
  param: f64;
  /** Simulated time of the last tick, ns. */
  now: f64;
  sideBase: u32;
  /** Hold of a node without a hint. */
  baseHold: u32;
  /** Nodes whose hint ends some day: a binary heap of node numbers. */
  timerBase: u32;
  timers: u32;
  /** Tokens that held nodes and their ancestors have. */
  held: u32;
  eventBase: u32;
  eventCapacity: u32;
  eventCount: u32;
  eventLost: u32;
  nextPage: u32;
  /** What the walk in progress left behind a cut; 0: it cut nothing. */
  tail: u32;
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

/** What only some policies need of a node, 40 bytes beside its record. */
@unmanaged
export class Side {
  created: f64;
  /** When the hint ends, ns; Infinity: never. */
  due: f64;
  /** session: expected return, ns; ttl: duration, ns, which a hit renews. */
  time: f64;
  /** session: 1 waiting, 0 finished; ttl: retention. */
  hold: u32;
  /** Children that are held or have something held below them. */
  heldKids: u32;
  timerPos: u32;
  pad: u32;
}

@unmanaged
export class Segment {
  refs: u32;
  capacity: u32;
  used: u32;
  /** Offset of the lowest cut that a trim ever made: what lies before it never changed. */
  low: i32;
}

@unmanaged
export class HeapEntry {
  key: f64;
  node: u32;
  rank: i32;
}

/** True for a live tree: whatever lies below the top may be read, only trees begin with MAGIC. */
// @ts-ignore: decorator
@inline
export function isTree(handle: usize): bool {
  return (
    handle <= <usize>arena_top() - offsetof<Tree>() &&
    ((load<u32>(handle) ^ MAGIC) | (<u32>handle & 7)) == 0
  );
}

/** The tree of a handle, or null. What serves every request asks `isTree` instead, in place. */
export function open(handle: usize): Tree {
  return changetype<Tree>(isTree(handle) ? handle : 0);
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
export function side(t: Tree, index: u32): Side {
  return changetype<Side>(<usize>t.sideBase + <usize>index * offsetof<Side>());
}

/** The page numbers of a run that begins at `offset` of a segment, in a tree that logs events. */
export function pagesAt(t: Tree, segment: u32, offset: u32): usize {
  const capacity = changetype<Segment>(<usize>segment).capacity;
  const ids = <usize>segment + SEGMENT_HEADER + (<usize>capacity << (2 + t.valued));
  return ids + (<usize>(offset / t.page) << 2);
}

// @ts-ignore: decorator
@inline
export function isGuarded(n: Node): bool {
  return (n.lock | n.guardedKids) != 0;
}

/** True when (index, gen) names a live node. The root is live under gen 0. */
// @ts-ignore: decorator
@inline
export function isLive(t: Tree, index: u32, gen: u32): bool {
  if (index >= t.nodeHigh) return false;
  const n = at(t, index);
  return n.gen == gen && (index == 0 || n.segment != 0);
}
