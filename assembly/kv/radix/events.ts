// SPDX-License-Identifier: Apache-2.0
/**
 * The event log: which pages were stored, removed and cleared, in order.
 *
 * ```
 *  stored   1 │ pages │ number of the first │ number of the page before it or 0 │ space │ tokens
 *  removed  2 │ pages │ their numbers
 *  cleared  3 │ 0
 * ```
 *
 * A page keeps its number (from 1 on, in order of storing) whatever becomes of the node it is in,
 * so neither a split nor a move says anything, and a reader can give every number a hash.
 */
import { BAD_HANDLE } from "../../status";
import { Node, Tree, at, isNull, open, pagesAt, tokens } from "./layout";

export const STORED: u32 = 1;
export const REMOVED: u32 = 2;
export const CLEARED: u32 = 3;

/** Where a record of `words` begins, with kind and count written; 0: it does not fit. */
function record(t: Tree, kind: u32, count: u32, words: u32): usize {
  if (t.eventLost || t.eventCount + words > t.eventCapacity) {
    t.eventLost++;
    return 0;
  }
  const to = <usize>t.eventBase + (<usize>t.eventCount << 2);
  t.eventCount += words;
  store<u32>(to, kind);
  store<u32>(to, count, 4);
  return to;
}

/** Number of the last page of a node, 0 for the root. */
export function lastPage(t: Tree, index: u32): u32 {
  if (index == 0) return 0;
  const n = at(t, index);
  return load<u32>(pagesAt(t, n.segment, n.offset + n.length - t.page));
}

/** Numbers and logs the last `count` tokens of a node, which follow page `parent`. */
export function logStored(t: Tree, n: Node, count: u32, parent: u32): void {
  const pages = count / t.page;
  const first = t.nextPage;
  t.nextPage += pages;
  const ids = pagesAt(t, n.segment, n.offset + n.length - count);
  for (let i: u32 = 0; i < pages; i++) store<u32>(ids + (<usize>i << 2), first + i);
  const to = record(t, STORED, pages, count + 5);
  if (to == 0) return;
  store<u32>(to, first, 8);
  store<u32>(to, parent, 12);
  store<u32>(to, n.space, 16);
  memory.copy(to + 20, tokens(n) + (<usize>(n.length - count) << 2), <usize>count << 2);
}

/** Logs that the last `count` tokens of a node go. */
export function logRemoved(t: Tree, n: Node, count: u32): void {
  const pages = count / t.page;
  const to = record(t, REMOVED, pages, pages + 2);
  if (to == 0) return;
  memory.copy(to + 8, pagesAt(t, n.segment, n.offset + n.length - count), <usize>pages << 2);
}

export function logCleared(t: Tree): void {
  record(t, CLEARED, 0, 2);
}

/** Offset of the event log; see above for its records. */
export function radix_events(handle: usize): usize {
  const t = open(handle);
  return isNull(t) ? 0 : <usize>t.eventBase;
}

/** Words logged; clears the log. Negative: that many records plus one did not fit. */
export function radix_events_take(handle: usize): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  const words = t.eventLost ? -1 - <i32>t.eventLost : <i32>t.eventCount;
  t.eventCount = 0;
  t.eventLost = 0;
  return words;
}
