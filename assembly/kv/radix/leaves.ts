// SPDX-License-Identifier: Apache-2.0
/** The evictable leaves, oldest first: a 4-ary heap whose keys are refreshed when they surface. */
import { HeapEntry, NIL, Tree, at } from "./layout";

// @ts-ignore: decorator
@inline
export function entry(t: Tree, index: u32): HeapEntry {
  return changetype<HeapEntry>(<usize>t.heapBase + (<usize>index << 4));
}

// @ts-ignore: decorator
@inline
export function place(t: Tree, index: u32, key: f64, node: u32): void {
  const e = entry(t, index);
  e.key = key;
  e.node = node;
  at(t, node).heapPos = index;
}

export function siftUp(t: Tree, from: u32, key: f64, node: u32): void {
  let i = from;
  while (i > 0) {
    const up = (i - 1) >> 2;
    const e = entry(t, up);
    if (e.key <= key) break;
    place(t, i, e.key, e.node);
    i = up;
  }
  place(t, i, key, node);
}

export function siftDown(t: Tree, from: u32, key: f64, node: u32): void {
  const count = t.leaves;
  let i = from;
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
    place(t, i, bestKey, entry(t, best).node);
    i = best;
  }
  place(t, i, key, node);
}

export function leafAdd(t: Tree, node: u32): void {
  siftUp(t, t.leaves++, at(t, node).stamp, node);
}

export function leafRemove(t: Tree, node: u32): void {
  const i = at(t, node).heapPos;
  at(t, node).heapPos = NIL;
  const last = entry(t, --t.leaves);
  if (i == t.leaves) return;
  const up = i > 0 ? entry(t, (i - 1) >> 2).key : last.key;
  if (up > last.key) siftUp(t, i, last.key, last.node);
  else siftDown(t, i, last.key, last.node);
}

/** The least recently used evictable leaf, or NIL. */
export function oldestLeaf(t: Tree): u32 {
  while (t.leaves > 0) {
    const e = entry(t, 0);
    const stamp = at(t, e.node).stamp;
    if (stamp == e.key) return e.node;
    siftDown(t, 0, stamp, e.node);
  }
  return NIL;
}
