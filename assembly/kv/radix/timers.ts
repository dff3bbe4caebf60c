// SPDX-License-Identifier: Apache-2.0
/** Nodes whose hint ends some day: a binary heap of node numbers by (due, created). */
import { NIL, Tree, side } from "./layout";

// @ts-ignore: decorator
@inline
export function timer(t: Tree, index: u32): u32 {
  return load<u32>(<usize>t.timerBase + (<usize>index << 2));
}

export function dueBefore(t: Tree, a: u32, b: u32): bool {
  const x = side(t, a);
  const y = side(t, b);
  return x.due != y.due ? x.due < y.due : x.created < y.created;
}

function put(t: Tree, index: u32, node: u32): void {
  store<u32>(<usize>t.timerBase + (<usize>index << 2), node);
  side(t, node).timerPos = index;
}

function settleTimer(t: Tree, from: u32, node: u32): void {
  let i = from;
  while (i > 0) {
    const up = (i - 1) >> 1;
    if (!dueBefore(t, node, timer(t, up))) break;
    put(t, i, timer(t, up));
    i = up;
  }
  while (true) {
    let c = (i << 1) + 1;
    if (c >= t.timers) break;
    if (c + 1 < t.timers && dueBefore(t, timer(t, c + 1), timer(t, c))) c++;
    if (!dueBefore(t, timer(t, c), node)) break;
    put(t, i, timer(t, c));
    i = c;
  }
  put(t, i, node);
}

/** Sets when the hint of a node ends; Infinity: never. */
export function setDue(t: Tree, node: u32, due: f64): void {
  const s = side(t, node);
  s.due = due;
  let i = s.timerPos;
  if (due == Infinity) {
    if (i == NIL) return;
    s.timerPos = NIL;
    const last = timer(t, --t.timers);
    if (last != node) settleTimer(t, i, last);
    return;
  }
  if (i == NIL) i = t.timers++;
  settleTimer(t, i, node);
}
