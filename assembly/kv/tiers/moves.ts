// SPDX-License-Identifier: Apache-2.0
/**
 * Copies between tiers. The kernel decides and reserves, the host copies and reports back: until
 * then the source stays where it is and the slot in the target is taken.
 */
import { BUSY, FULL, NONE, OK } from "../../status";
import {
  BACK,
  FETCHED,
  NIL,
  NO_HEAP,
  STAMP_BITS,
  STAMP_MASK,
  Store,
  THROUGH,
  Transfer,
  at,
  bestOf,
  childrenAt,
  freeSlots,
  has,
  isPinned,
  tier,
  transfer,
} from "./layout";
import {
  drop,
  hold,
  isWorthy,
  leads,
  release,
  setResident,
  settle,
  stay,
  stayPath,
  touchPath,
  unpinnedAbove,
} from "./blocks";
import { first, queue } from "./heaps";

/** Starts a copy of `count` blocks that end with `end`; it is counted, their slots are reserved. */
function open(s: Store, source: u32, target: u32, end: u32, count: u32): void {
  let slot = s.freeTransfer;
  if (slot != NIL) s.freeTransfer = transfer(s, slot).next;
  else slot = s.highTransfer++;
  const x = transfer(s, slot);
  if (++s.serial == 0) s.serial = 1;
  x.serial = s.serial;
  x.source = source;
  x.target = target;
  x.end = end;
  x.count = count;
  x.next = NIL;
  if (s.firstNew == NIL) s.firstNew = slot;
  else transfer(s, s.lastNew).next = slot;
  s.lastNew = slot;
  if (source == 0 || target == 0) hold(s, end);
}

/** Reserves a block's slot in `target`, for a copy that is about to start. */
function reserve(s: Store, index: u32, target: u32): void {
  const b = at(s, index);
  b.incoming |= <u8>1 << <u8>target;
  b.busy++;
  tier(s, target).used++;
  settle(s, index);
}

/**
 * Makes room for `n` blocks in a tier, evicting. False: it is not there, or not yet, because
 * blocks leave only when their copies have landed.
 */
export function room(s: Store, t: u32, n: u32): bool {
  while (freeSlots(s, t) + tier(s, t).leaving < n) {
    if (expelNext(s, t, n - freeSlots(s, t) - tier(s, t).leaving) < 0) break;
  }
  unpass(s, t);
  return freeSlots(s, t) >= n;
}

/**
 * Evicts the next victim of a tier, or starts to, and up to `most` blocks of its path. Returns how
 * many; 0: it cannot leave now and is passed over until `unpass`; -1: there is none.
 */
export function expelNext(s: Store, t: u32, most: u32): i32 {
  const victim = first(s, t);
  if (victim == NIL) return -1;
  const b = at(s, victim);
  if (isWorthy(s, b) && s.open < s.maxTransfers && room(s, t + 1, 1)) {
    // Making room may have taken the last transfer.
    if (s.open < s.maxTransfers) return <i32>drain(s, t, victim, most);
  }
  if (leads(b)) {
    queue(s, victim, NO_HEAP);
    b.passed = tier(s, t).passed;
    tier(s, t).passed = victim;
    return 0;
  }
  drop(s, victim, t);
  return 1;
}

/** Victims that were passed over are victims again. */
export function unpass(s: Store, t: u32): void {
  let index = tier(s, t).passed;
  tier(s, t).passed = NIL;
  while (index != NIL) {
    const next = at(s, index).passed;
    if (at(s, index).resident) settle(s, index);
    index = next;
  }
}

/** True when a parent would be the very next victim once its only child here has left. */
function follows(s: Store, t: u32, index: u32, key: u64): bool {
  if (index == NIL) return false;
  const b = at(s, index);
  if (bestOf(b) != t || load<u32>(childrenAt(b, t)) != 1) return false;
  if (b.busy || b.incoming || (<u32>b.resident) >> (t + 1) || (t == 0 && isPinned(b))) return false;
  return b.key >> STAMP_BITS == key >> STAMP_BITS && (b.key & STAMP_MASK) <= (key & STAMP_MASK);
}

/** Copies a victim down, and of what leads to it the part that would follow. */
function drain(s: Store, t: u32, victim: u32, most: u32): u32 {
  const key = at(s, victim).key;
  let count: u32 = 0;
  let index = victim;
  s.open++;
  do {
    at(s, index).leaving = 1;
    tier(s, t).leaving++;
    reserve(s, index, t + 1);
    count++;
    index = at(s, index).parent;
  } while (count < most && follows(s, t, index, key) && room(s, t + 1, 1));
  open(s, t, t + 1, victim, count);
  return count;
}

/**
 * Copies down, of the `n` blocks of a path that end with `end`, those that were used often enough
 * and whose parents have a copy below or get one with them. Without room, the first of a run.
 */
export function backup(s: Store, t: u32, end: u32, n: u32): void {
  if (t + 1 >= s.tiers || tier(s, t).mode != THROUGH) return;
  const least = tier(s, t).hits;
  let last: u32 = NIL;
  let count: u32 = 0;
  let index = end;
  for (let i: u32 = 0; ; i++) {
    const b = at(s, index);
    if (index == NIL || has(b.resident | b.incoming, t + 1)) {
      if (count) copyDown(s, t, last, count);
      count = 0;
    } else if (i < n && has(b.resident, t) && b.hits >= least && !b.leaving) {
      if (count++ == 0) last = index;
    } else {
      count = 0;
    }
    if (index == NIL || i >= n) return;
    index = b.parent;
  }
}

function copyDown(s: Store, t: u32, end: u32, count: u32): void {
  if (s.open == s.maxTransfers) return;
  room(s, t + 1, count);
  const fits = min(count, freeSlots(s, t + 1));
  let last = end;
  for (let i = fits; i < count; i++) last = at(s, last).parent;
  if (fits == 0 || s.open == s.maxTransfers) return;
  let index = last;
  for (let i: u32 = 0; i < fits; i++) {
    reserve(s, index, t + 1);
    index = at(s, index).parent;
  }
  s.open++;
  open(s, t, t + 1, last, fits);
}

/** Marks the blocks of a run as read or not, so that they are nobody's victim meanwhile. */
function protect(s: Store, end: u32, count: u32, by: u32): void {
  let index = end;
  for (let i: u32 = 0; i < count; i++) {
    at(s, index).busy += by;
    settle(s, index);
    index = at(s, index).parent;
  }
}

/** Ends and lengths of what a path lacks on the device, by the tier that it comes from. Scratch. */
const SEGMENTS: usize = memory.data(32, 8);

/**
 * Loads what leads to `end` and is not on the device, all or nothing; a part that is too short for
 * its tier is left, with what is behind it. Returns the blocks under way, 0: room is being made.
 */
export function loadPath(s: Store, end: u32, quota: u32): i32 {
  memory.fill(SEGMENTS, 0, 32);
  let index = end;
  while (index != NIL && !has(at(s, index).resident | at(s, index).incoming, 0)) {
    const segment = SEGMENTS + (<usize>bestOf(at(s, index)) << 3);
    const n = load<u32>(segment, 4);
    if (n == 0) store<u32>(segment, index);
    store<u32>(segment, n + 1, 4);
    index = at(s, index).parent;
  }
  let total: u32 = 0;
  let parts: u32 = 0;
  let tiers: u32 = 1;
  for (; tiers < s.tiers; tiers++) {
    const n = load<u32>(SEGMENTS + (<usize>tiers << 3), 4);
    if (n && n < tier(s, tiers).shortest) break;
    total += n;
    parts += <u32>(n != 0);
  }
  if (total == 0) return NONE;
  const device = tier(s, 0);
  const loading = device.used - device.best;
  if (<u64>loading + total > <u64>quota) return FULL;
  if (s.open + parts > s.maxTransfers) return BUSY;
  const evictable = device.best - s.pinned - unpinnedAbove(s, index);
  if (freeSlots(s, 0) + device.leaving + evictable < total) return FULL;
  s.clock++;
  touchPath(s, end);
  hold(s, index);
  stayPath(s, index);
  for (let t: u32 = 1; t < tiers; t++) each(s, t, 1);
  const fits = room(s, 0, total) && s.open + parts <= s.maxTransfers;
  for (let t: u32 = 1; t < tiers; t++) each(s, t, -1);
  if (fits) for (let t: u32 = 1; t < tiers; t++) start(s, t);
  release(s, index);
  return fits ? <i32>total : 0;
}

function each(s: Store, t: u32, by: u32): void {
  const segment = SEGMENTS + (<usize>t << 3);
  protect(s, load<u32>(segment), load<u32>(segment, 4), by);
}

function start(s: Store, t: u32): void {
  const segment = SEGMENTS + (<usize>t << 3);
  const end = load<u32>(segment);
  const count = load<u32>(segment, 4);
  if (count == 0) return;
  let index = end;
  for (let i: u32 = 0; i < count; i++) {
    stay(s, at(s, index));
    reserve(s, index, 0);
    index = at(s, index).parent;
  }
  s.open++;
  open(s, t, 0, end, count);
}

/** True when a transfer that was started before `serial` brings a block to `target`. */
function comesEarlier(s: Store, block: u32, target: u32, serial: u32): bool {
  for (let i: u32 = 0; i < s.highTransfer; i++) {
    const x = transfer(s, i);
    if (x.serial == 0 || x.target != target || <i32>(serial - x.serial) <= 0) continue;
    let index = x.end;
    for (let k: u32 = 0; k < x.count; k++) {
      if (index == block) return true;
      index = at(s, index).parent;
    }
  }
  return false;
}

/**
 * A copy has landed or failed. Answers 0: the blocks are in the target, 1: they are not, because
 * it failed or what they hang from never came. BUSY: what they hang from is still on its way.
 */
export function finish(s: Store, slot: u32, success: bool): i32 {
  const x = transfer(s, slot);
  const target = x.target;
  const source = x.source;
  const end = x.end;
  const count = x.count;
  let parent = end;
  for (let i: u32 = 0; i < count; i++) parent = at(s, parent).parent;
  let lands = success;
  const drained = target > source && tier(s, source).mode == BACK;
  if (lands && parent != NIL && !drained && !has(at(s, parent).resident, target)) {
    const waits = has(at(s, parent).incoming, target);
    if (waits && comesEarlier(s, parent, target, x.serial)) return BUSY;
    lands = false;
  }
  let index = end;
  for (let i: u32 = 0; i < count; i++) {
    const next = at(s, index).parent;
    land(s, index, x, lands);
    index = next;
  }
  x.serial = 0;
  x.next = s.freeTransfer;
  s.freeTransfer = slot;
  s.open--;
  if (source == 0 || target == 0) release(s, end);
  if (!lands) return 1;
  if (target) backup(s, target, end, count);
  return OK;
}

function land(s: Store, index: u32, x: Transfer, lands: bool): void {
  const b = at(s, index);
  const bit = <u8>1 << <u8>x.target;
  b.busy--;
  // The engine may have computed the block again meanwhile: then the copy is of no use.
  const awaited = (b.incoming & bit) != 0;
  b.incoming &= ~bit;
  if (awaited && !lands) tier(s, x.target).used--;
  const leaves = b.leaving != 0 && x.target == x.source + 1;
  if (!lands || !leaves) {
    if (leaves) stay(s, b);
    if (awaited && lands) setResident(s, index, b.resident | bit);
    else settle(s, index);
    return;
  }
  // Both at once, so that what hangs from it sees it move down, not away.
  stay(s, b);
  tier(s, x.source).used--;
  setResident(s, index, (b.resident | bit) & ~(<u8>1 << <u8>x.source));
}

/** Hands commands to the host, eight words each; returns how many. */
export function fetch(s: Store, out: usize, most: u32): u32 {
  let n: u32 = 0;
  let to = out;
  while (n < most && s.firstNew != NIL) {
    const slot = s.firstNew;
    const x = transfer(s, slot);
    s.firstNew = x.next;
    x.next = FETCHED;
    const bytes = <u64>x.count * s.blockBytes;
    store<u32>(to, idOf(x, slot));
    store<u32>(to, x.source, 4);
    store<u32>(to, x.target, 8);
    store<u32>(to, x.count, 12);
    store<u32>(to, x.end, 16);
    store<u32>(to, at(s, x.end).gen, 20);
    store<u32>(to, <u32>bytes, 24);
    store<u32>(to, <u32>(bytes >> 32), 28);
    to += 32;
    n++;
  }
  return n;
}

/** Number of a transfer: its slot, and some of its serial so that an old one is noticed. */
// @ts-ignore: decorator
@inline
export function idOf(x: Transfer, slot: u32): u32 {
  return (x.serial << 20) | slot;
}
