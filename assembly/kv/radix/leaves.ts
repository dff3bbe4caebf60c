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

/** As siftDown where all ranks are 0 and no keys are equal. */
function siftDownLru(t: Tree, key: f64, node: u32): void {
  const count = t.leaves;
  let i: u32 = 0;
  while (true) {
    const first = (i << 2) + 1;
    if (first >= count) break;
    const last = min(first + 4, count);
    let best = first;
    let bestKey = entry(t, first).key;
    for (let c = first + 1; c < last; c++) {
      const k = entry(t, c).key;
      if (k < bestKey) {
        best = c;
        bestKey = k;
      }
    }
    if (bestKey >= key) break;
    place(t, i, 0, bestKey, entry(t, best).node);
    i = best;
  }
  place(t, i, 0, key, node);
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
  else if (i == 0 && t.policy == LRU) siftDownLru(t, key, node);
  else siftDown(t, i, rank, key, node);
}

export function leafAdd(t: Tree, node: u32): void {
  siftUp(t, t.leaves++, rankOf(t, node), keyOf(t, node), node);
}

export function leafRemove(t: Tree, node: u32): void {
  const i = at(t, node).heapPos;
  at(t, node).heapPos = NIL;
  const last = entry(t, --t.leaves);
  if (i != t.leaves) resettle(t, i, last.rank, last.key, last.node);
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
    const rank = rankOf(t, e.node);
    const key = keyOf(t, e.node);
    if (rank == e.rank && key == e.key) return e.node;
    resettle(t, 0, rank, key, e.node);
  }
  return NIL;
}
