// SPDX-License-Identifier: Apache-2.0
/** The invariants of the tree, all nodes at once. */
import { isHeld } from "./holds";
import { before, entry, keyOf, rankOf } from "./leaves";
import { MRU, NIL, Node, SESSION, TTL, Tree, at, isGuarded, side, tokens } from "./layout";
import { dueBefore, timer } from "./timers";
import { PEEK, descend } from "./walk";

/** Where a look for the first page of a node ends; what the last walk left behind stays. */
function found(t: Tree, n: Node, parent: Node): u32 {
  const space = t.space;
  const node = t.endNode;
  const gen = t.endGen;
  const depth = t.endDepth;
  t.space = n.space;
  descend(t, n.parent, parent.length, tokens(n), t.page, PEEK);
  const end = t.endNode;
  t.space = space;
  t.endNode = node;
  t.endGen = gen;
  t.endDepth = depth;
  return end;
}

/** 0, or the number of the first invariant that fails; scratch is 8 zeroed bytes a node. */
export function verify(t: Tree, scratch: usize): i32 {
  const kids = scratch;
  const guards = scratch + (<usize>t.nodeHigh << 2);
  let evictable: u32 = 0;
  let guarded: u32 = 0;
  let leaves: u32 = 0;
  let nodes: u32 = 0;
  for (let i: u32 = 1; i < t.nodeHigh; i++) {
    const n = at(t, i);
    if (!n.segment) continue;
    nodes++;
    const p = at(t, n.parent);
    if (n.parent != 0 && !p.segment) return 4;
    if (n.length == 0 || n.length % t.page || n.start != p.start + p.length) return 4;
    if (found(t, n, p) != i) return 3;
    if (isGuarded(n)) guarded += n.length;
    else evictable += n.length;
    const up = kids + (<usize>n.parent << 2);
    store<u32>(up, load<u32>(up) + 1);
    const g = guards + (<usize>n.parent << 2);
    if (isGuarded(n)) store<u32>(g, load<u32>(g) + 1);
    const leaf = n.children == 0 && n.lock == 0;
    if (leaf != (n.heapPos != NIL)) return 5;
    if (!leaf) continue;
    leaves++;
    if (n.heapPos >= t.leaves || entry(t, n.heapPos).node != i) return 5;
    if (!heapHolds(t, n.heapPos)) return 5;
  }
  for (let i: u32 = 1; i < t.nodeHigh; i++) {
    const n = at(t, i);
    if (!n.segment) continue;
    if (load<u32>(kids + (<usize>i << 2)) != n.children) return 3;
    if (load<u32>(guards + (<usize>i << 2)) != n.guardedKids) return 2;
  }
  if (leaves != t.leaves) return 5;
  if (nodes != t.nodes || load<u32>(kids) != at(t, 0).children) return 3;
  if (evictable != t.evictable || guarded != t.guarded) return 1;
  return t.policy < SESSION || hintsHold(t, kids) ? 0 : 7;
}

/** An entry is not behind its node, nor before its parent in the heap. */
function heapHolds(t: Tree, index: u32): bool {
  const e = entry(t, index);
  const rank = rankOf(t, e.node);
  const key = keyOf(t, e.node);
  const fresh = rank == e.rank && key == e.key;
  if (!fresh && (t.policy >= MRU || before(t, rank, key, e.node, e))) return false;
  return index == 0 || !before(t, e.rank, e.key, e.node, entry(t, (index - 1) >> 2));
}

/** What is held is what hints say, and the timers are the hints that end. */
function hintsHold(t: Tree, kids: usize): bool {
  let held: u32 = 0;
  let timers: u32 = 0;
  memory.fill(kids, 0, <usize>t.nodeHigh << 2);
  for (let i: u32 = 1; i < t.nodeHigh; i++) {
    if (!at(t, i).segment || !isHeld(t, i)) continue;
    held += at(t, i).length;
    const up = kids + (<usize>at(t, i).parent << 2);
    store<u32>(up, load<u32>(up) + 1);
  }
  for (let i: u32 = 1; i < t.nodeHigh; i++) {
    if (!at(t, i).segment) continue;
    const s = side(t, i);
    if (load<u32>(kids + (<usize>i << 2)) != s.heldKids) return false;
    if ((s.due == Infinity) != (s.timerPos == NIL)) return false;
    if (s.timerPos == NIL) continue;
    timers++;
    if (s.timerPos >= t.timers || timer(t, s.timerPos) != i) return false;
    if (s.timerPos > 0 && dueBefore(t, i, timer(t, (s.timerPos - 1) >> 1))) return false;
  }
  return held == t.held && timers == t.timers && (t.policy != TTL || <f64>held <= t.param);
}
