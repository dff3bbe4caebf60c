// SPDX-License-Identifier: Apache-2.0
/**
 * Which tokens hints hold back. A node whose retention is above the default holds itself and its
 * ancestors, since none of them can go before it; as with locks, an ancestor knows how many of its
 * children are held, so that a walk up stops at the first one that is held already.
 */
import { RETENTION, SESSION, TTL, Tree, at, side } from "./layout";
import { leafChanged } from "./leaves";
import { setDue } from "./timers";

export function isHeld(t: Tree, index: u32): bool {
  const s = side(t, index);
  return s.hold > RETENTION || s.heldKids != 0;
}

/** Tokens that holding a node would add. */
export function newlyHeld(t: Tree, node: u32): u32 {
  let sum: u32 = 0;
  for (let i = node; i != 0 && !isHeld(t, i); i = at(t, i).parent) sum += at(t, i).length;
  return sum;
}

/** Gives a node another hold and keeps the books of what is held. */
export function setHold(t: Tree, node: u32, hold: u32): void {
  const s = side(t, node);
  const added = hold > RETENTION ? newlyHeld(t, node) : 0;
  const was = isHeld(t, node);
  s.hold = hold;
  let i = node;
  if (isHeld(t, node) == was) return;
  t.held += added;
  while (true) {
    if (was) t.held -= at(t, i).length;
    i = at(t, i).parent;
    if (i == 0) return;
    const up = isHeld(t, i);
    if (was) side(t, i).heldKids--;
    else side(t, i).heldKids++;
    if (isHeld(t, i) == up) return;
  }
}

/** Ends the hint of a node that is about to go. */
export function drop(t: Tree, node: u32): void {
  setDue(t, node, Infinity);
  setHold(t, node, t.baseHold);
}

/** A waiting session outlives a part of its context: the parent of a removed node speaks for it. */
export function handUp(t: Tree, node: u32, parent: u32): void {
  const s = side(t, node);
  const p = side(t, parent);
  if (s.hold == 0 || (p.hold != 0 && p.time <= s.time)) return;
  p.hold = 1;
  p.time = s.time;
  setDue(t, parent, s.due);
}

/** A hit on a node with a duration begins it anew. */
export function renew(t: Tree, node: u32): void {
  const s = side(t, node);
  if (s.due != Infinity) setDue(t, node, t.now + s.time);
}

/** Ends all hints that are due. An expired retention counts as a use: the tail of its class. */
export function expire(t: Tree): u32 {
  let count: u32 = 0;
  while (t.timers > 0) {
    const node = load<u32>(<usize>t.timerBase);
    if (side(t, node).due > t.now) break;
    if (t.policy == TTL) at(t, node).stamp = t.clock += 1;
    drop(t, node);
    leafChanged(t, node);
    count++;
  }
  return count;
}

/** True when a hint speaks for the node: it is not grown in place then. */
export function isHinted(t: Tree, node: u32): bool {
  return t.policy >= SESSION && side(t, node).hold != t.baseHold;
}
