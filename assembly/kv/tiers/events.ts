// SPDX-License-Identifier: Apache-2.0
/** The event log: blocks stored, moved between best tiers, removed. */
import { Block, NIL, Store, at } from "./layout";

export const STORED: u32 = 1;
export const REMOVED: u32 = 2;
export const MOVED: u32 = 3;
export const CLEARED: u32 = 4;
export const EVENT_BYTES: u32 = 32;

@unmanaged
class TierEvent {
  kind: u32;
  /** Best tiers before and after; 8 is none. */
  from: u32;
  to: u32;
  hasParent: u32;
  hash: u64;
  parent: u64;
}

export function log(s: Store, kind: u32, b: Block, from: u32, to: u32): void {
  if (s.eventCount == s.eventCapacity) {
    s.eventLost += <u32>(s.eventCapacity != 0);
    return;
  }
  const e = changetype<TierEvent>(<usize>s.events + <usize>(s.eventCount++ * EVENT_BYTES));
  e.kind = kind;
  e.from = from;
  e.to = to;
  const cleared = kind == CLEARED;
  e.hash = cleared ? 0 : b.hash;
  e.hasParent = <u32>(!cleared && b.parent != NIL);
  e.parent = e.hasParent ? at(s, b.parent).hash : 0;
}
