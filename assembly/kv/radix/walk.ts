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
  const end = keys + (<usize>n << 2);
  let p = keys;
  let index = from;
  let here = inside;
  while (true) {
    const node = at(t, index);
    const rest = node.length - here;
    if (rest) {
      const m = run(tokens(node) + (<usize>here << 2), p, min(rest, <u32>(end - p) >> 2));
      here += m;
      p += <usize>m << 2;
      if (m < rest) {
        const loose = here % t.page;
        here -= loose;
        p -= <usize>loose << 2;
        // Nobody is entered without its first page: there is something to keep.
        if (mode == INSERT) {
          index = cut(t, index, here);
          count(t, at(t, index));
        } else if (mode == MATCH) index = cut(t, index, here);
        break;
      }
    }
    if (index != 0) {
      if (mode == INSERT) count(t, node);
      if (mode != PEEK) node.stamp = t.clock;
    }
    if (p == end || node.children == 0) break;
    const next = child(t, index, t.space, p);
    if (next == NIL) break;
    index = next;
    here = 0;
  }
  // Where a node was cut, its first part begins where it began.
  const last = at(t, index);
  t.endDepth = last.start + here;
  t.endNode = index;
  t.endGen = last.gen;
  return <u32>(p - keys) >> 2;
}

/** A use ends `here` tokens into a node: they become a node of their own. */
function cut(t: Tree, index: u32, here: u32): u32 {
  const prefix = split(t, index, here);
  at(t, prefix).stamp = t.clock;
  if (!t.keepTail) at(t, index).stamp = t.clock;
  return prefix;
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
