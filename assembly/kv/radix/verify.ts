// SPDX-License-Identifier: Apache-2.0
/** The invariants of the tree, all nodes at once. */
import { child } from "./children";
import { entry } from "./leaves";
import { NIL, Tree, at, isGuarded, tokens } from "./layout";

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
    if (child(t, n.parent, n.space, tokens(n)) != i) return 3;
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
    const key = entry(t, n.heapPos).key;
    if (key > n.stamp) return 5;
    if (n.heapPos > 0 && entry(t, (n.heapPos - 1) >> 2).key > key) return 5;
  }
  for (let i: u32 = 1; i < t.nodeHigh; i++) {
    const n = at(t, i);
    if (!n.segment) continue;
    if (load<u32>(kids + (<usize>i << 2)) != n.children) return 3;
    if (load<u32>(guards + (<usize>i << 2)) != n.guardedKids) return 2;
  }
  if (leaves != t.leaves) return 5;
  if (nodes != t.nodes || load<u32>(kids) != at(t, 0).children) return 3;
  return evictable == t.evictable && guarded == t.guarded ? 0 : 1;
}
