// SPDX-License-Identifier: Apache-2.0
/** Following a key down the tree. */
import { child } from "./children";
import { run } from "./compare";
import { renew } from "./holds";
import { NIL, Node, TTL, Tree, at, tokens } from "./layout";
import { leafChanged } from "./leaves";
import { split } from "./nodes";

/** Look without stamping or splitting. */
export const PEEK: u32 = 0;
/** Stamp the nodes entered and split where the match ends inside a node. */
export const MATCH: u32 = 1;
/** As MATCH, and count a hit and raise the priority of each node entered. */
export const INSERT: u32 = 2;

/** Stamps a node as used, unless only looking; returns its stamp of before. */
// @ts-ignore: decorator
@inline
function enter(t: Tree, n: Node, mode: u32): f64 {
  const before = n.stamp;
  if (mode != PEEK) n.stamp = t.clock;
  return before;
}

// @ts-ignore: decorator
@inline
export function count(t: Tree, n: Node): void {
  n.priority = max(n.priority, t.priority);
  n.hits += t.hit;
}

/**
 * Follows keys[0..n) down from `inside` tokens into node `from` and leaves the end in endNode,
 * endDepth. Returns the tokens matched. n is a multiple of the page.
 */
export function descend(t: Tree, from: u32, inside: u32, keys: usize, n: u32, mode: u32): u32 {
  const page = t.page;
  const space = t.space;
  let index = from;
  let here = inside;
  let got: u32 = 0;
  let before: f64 = 0;
  if (from != 0) before = enter(t, at(t, from), mode);
  while (true) {
    const node = at(t, index);
    if (here < node.length) {
      const most = min(node.length - here, n - got);
      let m = run(tokens(node) + (<usize>here << 2), keys + (<usize>got << 2), most);
      if (page > 1) m -= m % page;
      got += m;
      here += m;
      if (here < node.length) {
        if (mode != PEEK && here > 0) {
          const tail = index;
          index = split(t, index, here);
          if (t.keepTail) at(t, tail).stamp = before;
        }
        if (mode == INSERT) count(t, at(t, index));
        break;
      }
    }
    if (mode == INSERT && index != 0) count(t, node);
    if (got == n) break;
    const next = child(t, index, space, keys + (<usize>got << 2));
    if (next == NIL) break;
    index = next;
    here = 0;
    before = enter(t, at(t, index), mode);
  }
  // Where a node was cut, its first part begins where it began.
  t.endDepth = at(t, index).start + here;
  t.endNode = index;
  t.endGen = at(t, index).gen;
  return got;
}

/**
 * What policies from MRU on do about a walk that began at node `from`: a hit renews durations, and
 * a leaf moves. Only the last node entered can be one: where it was cut, that is the tail.
 */
export function touched(t: Tree, from: u32): void {
  const last = t.tail ? t.tail : t.endNode;
  if (t.policy == TTL) {
    for (let i = last; i != 0; i = at(t, i).parent) {
      renew(t, i);
      if (i == from) break;
    }
  }
  leafChanged(t, last);
}

/** Climbs from a handle at absolute `depth` to the node that now holds this position. */
export function settle(t: Tree, node: u32, depth: u32): u32 {
  let index = node;
  while (index != 0 && at(t, index).start >= depth) index = at(t, index).parent;
  return index;
}
