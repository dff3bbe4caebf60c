// SPDX-License-Identifier: Apache-2.0
/** Blocks and their holders: made when first named, gone when nobody holds or needs them. */
import {
  Block,
  MANY_CHILDREN,
  NIL,
  Router,
  Worker,
  at,
  flip,
  isHeld,
  setOf,
  worker,
} from "./layout";
import { addChild, addHash, dropChild, dropHash, find, sideGet, sideSet } from "./tables";

/** Holes are not counted exactly any more: see MANY_CHILDREN. */
const UNCOUNTED: u32 = 0x80000000;

/** A block for a hash that has none; its place is not known yet. */
function make(t: Router, hash: u64): u32 {
  let index = t.freeBlock;
  let gen: u32 = 0;
  if (index != NIL) {
    t.freeBlock = at(t, index).nextSibling;
    gen = at(t, index).gen;
  } else {
    index = t.high++;
  }
  t.used++;
  const b = at(t, index);
  b.gen = gen;
  b.hash = hash;
  b.local = 0;
  b.children = 0;
  b.holders = 0;
  b.placed = 0;
  for (let i: u32 = 0; i < t.words; i++) store<u32>(setOf(b) + (<usize>i << 2), 0);
  b.parent = NIL;
  b.firstChild = NIL;
  b.nextSibling = NIL;
  b.prevSibling = NIL;
  addHash(t, index);
  return index;
}

/** The block of a hash, made if need be. */
// @ts-ignore: decorator
@inline
export function named(t: Router, hash: u64): u32 {
  const known = find(t, hash);
  return known != NIL ? known : make(t, hash);
}

/** Hangs a block under its parent (NIL: it starts a sequence), once. */
export function place(t: Router, index: u32, parent: u32, local: u64): void {
  const b = at(t, index);
  if (b.placed || parent == index) return;
  b.placed = 1;
  b.local = local;
  b.parent = parent;
  if (parent != NIL) {
    const p = at(t, parent);
    b.nextSibling = p.firstChild;
    if (p.firstChild != NIL) at(t, p.firstChild).prevSibling = index;
    p.firstChild = index;
    p.children++;
    // Who held it before its place was known has a hole now, unless it holds the parent.
    for (let w: u32 = 0; w < t.workers && b.holders; w++) {
      if (isHeld(b, w) && !isHeld(p, w)) worker(t, w).holes++;
    }
  }
  addChild(t, index);
}

/** Frees a block that nobody holds and that leads nowhere, then its parents likewise. */
export function prune(t: Router, from: u32): void {
  let index = from;
  while (index != NIL) {
    const b = at(t, index);
    if (b.holders || b.firstChild != NIL) return;
    const parent = b.parent;
    dropHash(t, index);
    if (b.placed) dropChild(t, index);
    if (parent != NIL) {
      const p = at(t, parent);
      p.children--;
      if (b.prevSibling == NIL) p.firstChild = b.nextSibling;
      else at(t, b.prevSibling).nextSibling = b.nextSibling;
      if (b.nextSibling != NIL) at(t, b.nextSibling).prevSibling = b.prevSibling;
    }
    b.placed = NIL;
    b.gen++;
    b.nextSibling = t.freeBlock;
    t.freeBlock = index;
    t.used--;
    index = parent;
  }
}

/** Children of a block that a worker holds; UNCOUNTED when they are too many to look at. */
function heldChildren(t: Router, b: Block, w: u32): u32 {
  if (b.children > MANY_CHILDREN) return UNCOUNTED;
  let n: u32 = 0;
  let child = b.firstChild;
  while (child != NIL) {
    const c = at(t, child);
    if (isHeld(c, w)) n++;
    child = c.nextSibling;
  }
  return n;
}

function countHoles(v: Worker, less: u32, more: u32): void {
  // Once not counted, a worker's holes stay unknown until it is cleared.
  if ((less | more | v.holes) & UNCOUNTED) v.holes |= UNCOUNTED;
  else v.holes += more - less;
}

/** One more copy of a block at a worker. */
export function hold(t: Router, w: u32, index: u32): void {
  const b = at(t, index);
  if (isHeld(b, w)) {
    sideSet(t, w, index, sideGet(t, w, index) + 1);
    return;
  }
  flip(b, w);
  b.holders++;
  const v = worker(t, w);
  v.blocks++;
  const orphan = b.parent != NIL && !isHeld(at(t, b.parent), w);
  const mended = b.firstChild == NIL ? 0 : heldChildren(t, b, w);
  countHoles(v, mended, u32(orphan));
}

/** One copy less; false when the worker holds none. */
export function release(t: Router, w: u32, index: u32): bool {
  const b = at(t, index);
  if (!isHeld(b, w)) return false;
  if (t.sideUsed) {
    const more = sideGet(t, w, index);
    if (more > 0) {
      sideSet(t, w, index, more - 1);
      return true;
    }
  }
  flip(b, w);
  b.holders--;
  const v = worker(t, w);
  v.blocks--;
  const orphan = b.parent != NIL && !isHeld(at(t, b.parent), w);
  const left = b.firstChild == NIL ? 0 : heldChildren(t, b, w);
  countHoles(v, u32(orphan), left);
  prune(t, index);
  return true;
}

/** Takes everything from a worker: O(blocks of the index). */
export function clearWorker(t: Router, w: u32): void {
  for (let i: u32 = 0; i < t.high; i++) {
    const b = at(t, i);
    if (b.placed == NIL || !isHeld(b, w)) continue;
    if (t.sideUsed) sideSet(t, w, i, 0);
    flip(b, w);
    b.holders--;
  }
  // Only now: pruning climbs to blocks that the loop may not have reached.
  for (let i: u32 = 0; i < t.high; i++) if (at(t, i).placed != NIL) prune(t, i);
  const v = worker(t, w);
  v.blocks = 0;
  v.holes = 0;
  v.diverged = 0;
}

/** Writes what a worker holds; returns its length. */
export function dump(t: Router, w: u32, hashes: usize, copies: usize): u32 {
  let n: u32 = 0;
  for (let i: u32 = 0; i < t.high; i++) {
    const b = at(t, i);
    if (b.placed == NIL || !isHeld(b, w)) continue;
    store<u64>(hashes + (<usize>n << 3), b.hash);
    const more = t.ttlNs > 0 ? 0 : sideGet(t, w, i);
    store<u32>(copies + (<usize>n << 2), 1 + more);
    n++;
  }
  return n;
}
