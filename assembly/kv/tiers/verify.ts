// SPDX-License-Identifier: Apache-2.0
/** The invariants of the tier store, all blocks at once, whatever the bytes. */
import { arena_top, hasRoom, inArena } from "../../arena";
import { BAD_HANDLE, NO_MEMORY } from "../../status";
import { find, isWorthy, leads } from "./blocks";
import {
  BACK,
  BLOCK_BYTES,
  DUE,
  MAX_TIERS,
  NIL,
  NO_HEAP,
  Store,
  THROUGH,
  TRANSFER_BYTES,
  at,
  bestOf,
  childrenAt,
  has,
  isPinned,
  isStore,
  tier,
  transfer,
} from "./layout";
import { EVENT_BYTES } from "./events";

/** What is counted anew for each block, above the arena: words of a record. */
const PINNED: usize = 16;
const HOLDS: usize = 20;
const BUSY_BY: usize = 24;
const ON_ITS_WAY: usize = 28;
const COUNTED: u32 = 32;

/** TIER-8 */
function fits(s: Store): bool {
  const capacity = s.capacity;
  if (s.tiers == 0 || s.tiers > MAX_TIERS) return false;
  if (capacity < 64 || capacity > 0x2000000 || capacity & (capacity - 1)) return false;
  if (s.high > capacity || s.used > s.high || s.tableMask != (capacity << 1) - 1) return false;
  if (s.maxTransfers > 0x100000 || s.highTransfer > s.maxTransfers) return false;
  if (s.eventCapacity > 0x1000000 || s.eventCount > s.eventCapacity) return false;
  if (!inArena(s.blocks, <usize>capacity * BLOCK_BYTES) || !inArena(s.table, capacity << 3)) {
    return false;
  }
  if (!inArena(s.heaps, <usize>capacity * ((MAX_TIERS + 1) << 2))) return false;
  if (!inArena(s.transfers, s.maxTransfers * TRANSFER_BYTES)) return false;
  if (s.eventCapacity && !inArena(s.events, s.eventCapacity * EVENT_BYTES)) return false;
  let entries: u32 = 0;
  for (let i: u32 = 0; i <= s.tableMask; i++) {
    const index = load<u32>(<usize>s.table + (<usize>i << 2));
    if (index == NIL) continue;
    if (index >= s.high || ++entries > capacity) return false;
  }
  for (let h: u32 = 0; h <= DUE; h++) if (tier(s, h).queued > s.high) return false;
  for (let i: u32 = 0; i < s.high; i++) {
    const b = at(s, i);
    if (b.resident && b.parent != NIL && b.parent >= s.high) return false;
    if ((<u32>b.resident | <u32>b.incoming) >> s.tiers) return false;
  }
  return true;
}

// @ts-ignore: decorator
@inline
function counted(scratch: usize, index: u32): usize {
  return scratch + <usize>index * COUNTED;
}

// @ts-ignore: decorator
@inline
function more(at: usize): void {
  store<u32>(at, load<u32>(at) + 1);
}

/** TIER-1 and the counts of children, parents' sides of TIER-2, TIER-4. */
function family(s: Store, scratch: usize): i32 {
  let used: u32 = 0;
  for (let i: u32 = 0; i < s.high; i++) {
    const b = at(s, i);
    if (b.resident == 0) continue;
    used++;
    if (find(s, b.hash) != i) return 1;
    if (b.parent == NIL) continue;
    const p = at(s, b.parent);
    if (p.resident == 0 || b.parent == i) return 1;
    if (bestOf(p) > bestOf(b)) return 2;
    more(counted(scratch, b.parent) + (<usize>bestOf(b) << 2));
    if (isPinned(b)) more(counted(scratch, b.parent) + PINNED);
    for (let t: u32 = 0; t + 1 < s.tiers; t++) {
      if (tier(s, t).mode != THROUGH || !has(b.resident, t + 1)) continue;
      if (!has(p.resident, t + 1)) return 4;
    }
  }
  return used == s.used ? 0 : 1;
}

/** TIER-7: counts what transfers read, write and hold. */
function transfers(s: Store, scratch: usize): bool {
  let open: u32 = 0;
  for (let i: u32 = 0; i < s.highTransfer; i++) {
    const x = transfer(s, i);
    if (x.serial == 0) continue;
    open++;
    if (x.source >= s.tiers || x.target >= s.tiers) return false;
    if (x.count == 0 || x.count > s.high) return false;
    let index = x.end;
    for (let k: u32 = 0; k < x.count; k++) {
      if (index >= s.high || at(s, index).resident == 0) return false;
      const c = counted(scratch, index);
      more(c + BUSY_BY);
      store<u32>(c + ON_ITS_WAY, load<u32>(c + ON_ITS_WAY) | (1 << x.target));
      if (!has(at(s, index).resident, x.source)) return false;
      if (k == 0 && (x.source == 0 || x.target == 0)) more(c + HOLDS);
      index = at(s, index).parent;
    }
  }
  let waiting: u32 = 0;
  for (let slot = s.firstNew; slot != NIL; slot = transfer(s, slot).next) {
    if (slot >= s.highTransfer || transfer(s, slot).serial == 0 || ++waiting > open) return false;
  }
  return open == s.open && open <= s.maxTransfers;
}

/** A block against what was counted for it: TIER-2, 5, 6, 7. */
function blockAgrees(s: Store, index: u32, c: usize): i32 {
  const b = at(s, index);
  if (memory.compare(c, childrenAt(b, 0), 16) != 0) return 2;
  if (load<u32>(c + PINNED) != b.pinnedChildren || load<u32>(c + HOLDS) != b.holds) return 5;
  if (b.locks && !has(b.resident, 0)) return 5;
  if (load<u32>(c + BUSY_BY) != b.busy) return 7;
  if ((<u32>b.incoming & ~load<u32>(c + ON_ITS_WAY)) || (b.incoming & b.resident)) return 7;
  if (b.leaving && (b.busy == 0 || !has(b.incoming, bestOf(b) + 1))) return 7;
  const best = bestOf(b);
  const kept = best == 0 ? isPinned(b) : b.busy != 0;
  const stays = kept || load<u32>(childrenAt(b, best)) || (leads(b) && !isWorthy(s, b));
  if (b.heap != (stays ? NO_HEAP : <u8>best)) return 6;
  if (b.heap != NO_HEAP && entry(s, b.heap, b.heapPlace) != index) return 6;
  return b.due != 0 && entry(s, DUE, b.duePlace) != index ? 6 : 0;
}

function entry(s: Store, heap: u32, i: u32): u32 {
  if (i >= tier(s, heap).queued) return NIL;
  return load<u32>(<usize>s.heaps + (<usize>(heap * s.capacity + i) << 2));
}

/** TIER-6: no entry goes before the one above it. */
function inOrder(s: Store, heap: u32): bool {
  const length = tier(s, heap).queued;
  for (let i: u32 = 0; i < length; i++) {
    const index = entry(s, heap, i);
    if (index >= s.high || at(s, index).resident == 0) return false;
    const b = at(s, index);
    if (heap == DUE ? !(b.due > 0) : b.heap != <u8>heap) return false;
    if (i == 0) continue;
    const up = at(s, entry(s, heap, (i - 1) >> 1));
    const a = heap == DUE ? reinterpret<u64>(b.due) : b.key;
    const z = heap == DUE ? reinterpret<u64>(up.due) : up.key;
    if (a < z || (a == z && b.hash < up.hash)) return false;
  }
  return true;
}

/** TIER-3 and the other sums. */
function sums(s: Store): i32 {
  let pinned: u32 = 0;
  for (let i: u32 = 0; i < s.high; i++) {
    const b = at(s, i);
    if (b.resident && isPinned(b) && has(b.resident, 0)) pinned++;
  }
  if (pinned != s.pinned) return 5;
  for (let t: u32 = 0; t < s.tiers; t++) {
    let best: u32 = 0;
    let used: u32 = 0;
    let leaving: u32 = 0;
    for (let i: u32 = 0; i < s.high; i++) {
      const b = at(s, i);
      if (b.resident == 0) continue;
      used += <u32>has(b.resident | b.incoming, t);
      if (bestOf(b) != t) continue;
      best++;
      leaving += b.leaving;
    }
    const a = tier(s, t);
    if (a.used != used || a.best != best || used > a.capacity) return 3;
    if (a.leaving != leaving || a.mode > BACK) return 7;
  }
  return 0;
}

/** 0, or the number of the first TIER invariant that does not hold. NO_MEMORY: reserve first. */
export function tier_check(handle: usize): i32 {
  if (!isStore(handle)) return BAD_HANDLE;
  const s = changetype<Store>(handle);
  if (!fits(s)) return 8;
  if (!hasRoom(s.high * COUNTED)) return NO_MEMORY;
  const scratch = <usize>arena_top();
  memory.fill(scratch, 0, <usize>(s.high * COUNTED));
  const broken = family(s, scratch);
  if (broken) return broken;
  if (!transfers(s, scratch)) return 7;
  for (let i: u32 = 0; i < s.high; i++) {
    if (at(s, i).resident == 0) continue;
    const wrong = blockAgrees(s, i, counted(scratch, i));
    if (wrong) return wrong;
  }
  for (let h: u32 = 0; h <= DUE; h++) if (!inOrder(s, h)) return 6;
  return sums(s);
}
