// SPDX-License-Identifier: Apache-2.0
/**
 * The evictable leaves, next victim first: a 4-ary heap ordered by (rank, key, stamp).
 *
 * Ranks and keys of most policies only grow, so an entry is refreshed when it surfaces; for those
 * from MRU on `leafChanged` does it at once.
 */
import {
  FIFO,
  FILO,
  HeapEntry,
  LFU,
  LRU,
  MRU,
  NIL,
  NODE_SHIFT,
  Node,
  PRIORITY,
  SESSION,
  SLRU,
  Tree,
  at,
  side,
} from "./layout";

// @ts-ignore: decorator
@inline
export function entry(t: Tree, index: u32): HeapEntry {
  return changetype<HeapEntry>(<usize>t.heapBase + (<usize>index << 4));
}

/** What a leaf is compared by first. */
export function rankOf(t: Tree, node: u32): i32 {
  const policy = t.policy;
  if (policy == LRU) return 0;
  if (policy >= SESSION) return side(t, node).hold;
  const n = at(t, node);
  if (policy == LFU) return n.hits;
  if (policy == PRIORITY) return n.priority;
  return policy == SLRU && <f64>n.hits >= t.param ? 1 : 0;
}

/** What leaves of one rank are compared by. */
export function keyOf(t: Tree, node: u32): f64 {
  const policy = t.policy;
  const stamp = at(t, node).stamp;
  if (policy == LRU) return stamp;
  if (policy == MRU) return -stamp;
  if (policy == FIFO) return side(t, node).created;
  if (policy == FILO) return -side(t, node).created;
  // Whoever returns latest goes first.
  return policy == SESSION && side(t, node).hold ? -side(t, node).time : stamp;
}

// @ts-ignore: decorator
@inline
function place(t: Tree, index: u32, rank: i32, key: f64, node: u32): void {
  const e = entry(t, index);
  e.key = key;
  e.node = node;
  e.rank = rank;
  at(t, node).heapPos = index;
}

/** Only sessions that wait for the same moment tie in rank and key. */
function isOlder(t: Tree, a: u32, b: u32): bool {
  return at(t, a).stamp < at(t, b).stamp;
}

/** True when (rank, key, node) goes before an entry. */
// @ts-ignore: decorator
@inline
export function before(t: Tree, rank: i32, key: f64, node: u32, e: HeapEntry): bool {
  if (rank != e.rank) return rank < e.rank;
  if (key != e.key) return key < e.key;
  return isOlder(t, node, e.node);
}

/** The same the other way round: an entry goes before (rank, key, node). */
// @ts-ignore: decorator
@inline
function ahead(t: Tree, e: HeapEntry, rank: i32, key: f64, node: u32): bool {
  if (rank != e.rank) return e.rank < rank;
  if (key != e.key) return e.key < key;
  return isOlder(t, e.node, node);
}

function siftUp(t: Tree, from: u32, rank: i32, key: f64, node: u32): void {
  let i = from;
  while (i > 0) {
    const up = (i - 1) >> 2;
    const e = entry(t, up);
    if (!before(t, rank, key, node, e)) break;
    place(t, i, e.rank, e.key, e.node);
    i = up;
  }
  place(t, i, rank, key, node);
}

// @ts-ignore: decorator
@inline
function placeLru(nodes: usize, heap: usize, to: usize, key: u64, node: u64): void {
  store<u64>(to, key);
  store<u64>(to, node, 8);
  changetype<Node>(nodes + (<usize>node << NODE_SHIFT)).heapPos = <u32>(to - heap) >> 4;
}

/**
 * As resettle where all ranks are 0 and no keys are equal. Which of four children is least is a
 * coin toss: selected, not branched on. Stamps are not negative, so their bits are in their order.
 */
function settleLru(t: Tree, from: u32, stamp: f64, node: u32): void {
  const heap = <usize>t.heapBase;
  const nodes = <usize>t.nodeBase;
  const key = reinterpret<u64>(stamp);
  let to = heap + (<usize>from << 4);
  while (to > heap) {
    const up = heap + (((to - heap - 16) >> 6) << 4);
    const upKey = load<u64>(up);
    if (upKey <= key) break;
    placeLru(nodes, heap, to, upKey, load<u64>(up, 8));
    to = up;
  }
  const end = heap + (<usize>t.leaves << 4);
  while (true) {
    const c = ((to - heap) << 2) + heap + 16;
    if (c >= end) break;
    let best = c;
    let bestKey = load<u64>(c);
    if (c + 64 <= end) {
      const low = select<usize>(c + 16, c, load<u64>(c, 16) < bestKey);
      const high = select<usize>(c + 48, c + 32, load<u64>(c, 48) < load<u64>(c, 32));
      best = select<usize>(high, low, load<u64>(high) < load<u64>(low));
      bestKey = load<u64>(best);
    } else {
      for (let other = c + 16; other < end; other += 16) {
        best = select<usize>(other, best, load<u64>(other) < bestKey);
        bestKey = load<u64>(best);
      }
    }
    if (bestKey >= key) break;
    placeLru(nodes, heap, to, bestKey, load<u64>(best, 8));
    to = best;
  }
  placeLru(nodes, heap, to, key, <u64>node);
}

function siftDown(t: Tree, from: u32, rank: i32, key: f64, node: u32): void {
  const count = t.leaves;
  let i = from;
  while (true) {
    const first = (i << 2) + 1;
    if (first >= count) break;
    const last = min(first + 4, count);
    let best = first;
    let b = entry(t, first);
    for (let c = first + 1; c < last; c++) {
      const e = entry(t, c);
      if (before(t, e.rank, e.key, e.node, b)) {
        best = c;
        b = e;
      }
    }
    if (!ahead(t, b, rank, key, node)) break;
    place(t, i, b.rank, b.key, b.node);
    i = best;
  }
  place(t, i, rank, key, node);
}

/** Puts a node where it belongs, from a place that it may leave in either direction. */
function resettle(t: Tree, i: u32, rank: i32, key: f64, node: u32): void {
  if (i > 0 && before(t, rank, key, node, entry(t, (i - 1) >> 2))) siftUp(t, i, rank, key, node);
  else siftDown(t, i, rank, key, node);
}

// @ts-ignore: decorator
@inline
export function leafAdd(t: Tree, node: u32): void {
  if (t.policy == LRU) settleLru(t, t.leaves++, at(t, node).stamp, node);
  else siftUp(t, t.leaves++, rankOf(t, node), keyOf(t, node), node);
}

// @ts-ignore: decorator
@inline
export function leafRemove(t: Tree, node: u32): void {
  const i = at(t, node).heapPos;
  at(t, node).heapPos = NIL;
  const last = entry(t, --t.leaves);
  if (i == t.leaves) return;
  if (t.policy == LRU) settleLru(t, i, last.key, last.node);
  else resettle(t, i, last.rank, last.key, last.node);
}

/** A node was touched or hinted: if it is an evictable leaf, it moves to its new place. */
export function leafChanged(t: Tree, node: u32): void {
  const i = at(t, node).heapPos;
  if (i != NIL) resettle(t, i, rankOf(t, node), keyOf(t, node), node);
}

/** The evictable leaf that the policy gives up first, or NIL. */
export function nextLeaf(t: Tree): u32 {
  while (t.leaves > 0) {
    const e = entry(t, 0);
    if (t.policy == LRU) {
      const stamp = at(t, e.node).stamp;
      if (stamp == e.key) return e.node;
      settleLru(t, 0, stamp, e.node);
      continue;
    }
    const rank = rankOf(t, e.node);
    const key = keyOf(t, e.node);
    if (rank == e.rank && key == e.key) return e.node;
    resettle(t, 0, rank, key, e.node);
  }
  return NIL;
}
