// SPDX-License-Identifier: Apache-2.0
/** Hashes of blocks: open addressing, and rings of blocks with equal content. */
import {
  EMPTY,
  FOLLOWER,
  GROUP_SHIFT,
  ID_MASK,
  NONE_AT,
  Pool,
  SHARED,
  SLOT_BYTES,
  Slot,
  block,
  factorOf,
  home,
  ring,
  setLoneKey,
  slot,
} from "./layout";

export function tableSlots(blocks: u32): u32 {
  const least: u32 = blocks < 8 ? 16 : blocks << 1;
  return (<u32>1) << (32 - clz<u32>(least - 1));
}

export function clearTable(p: Pool): void {
  memory.fill(p.table, 0xff, <usize>((p.tableMask + 1) * SLOT_BYTES));
}

/** True when a slot with `entry` holds (key, group); an empty one is of no group. */
// @ts-ignore: decorator
@inline
export function holds(s: Slot, entry: u32, key: u64, group: u32): bool {
  return ((s.key ^ key) | <u64>((entry >> GROUP_SHIFT) ^ group)) == 0;
}

/** The slot with (key, group), or the empty slot where it would go. */
export function find(p: Pool, key: u64, group: u32): Slot {
  const mask = p.tableMask;
  let i = home(<u64>mask + 1, factorOf(group), key);
  while (true) {
    const s = slot(p.table, i);
    if (s.entry == EMPTY || holds(s, s.entry, key, group)) return s;
    i = (i + 1) & mask;
  }
}

/** Empties slot `index` and moves up those behind it that would be cut off from their home. */
// @ts-ignore: decorator
@inline
export function removeSlot(table: usize, mask: u32, records: usize, index: u32): void {
  const slots = <u64>mask + 1;
  let hole = slot(table, index);
  let i = index;
  let j = index;
  while (true) {
    j = (j + 1) & mask;
    const s = slot(table, j);
    const entry = s.entry;
    if (entry == EMPTY) break;
    const key = s.key;
    const h = home(slots, factorOf(entry >> GROUP_SHIFT), key);
    if (((j - h) & mask) < ((j - i) & mask)) continue;
    hole.key = key;
    hole.entry = entry;
    const oldest = block(records, entry & ID_MASK);
    oldest.slot = (oldest.slot & SHARED) | i;
    hole = s;
    i = j;
  }
  hole.entry = EMPTY;
}

/** The oldest block with the hash of `id`, which must carry one. */
export function oldestOf(p: Pool, id: u32): u32 {
  let oldest = id;
  while (block(p.records, oldest).slot == FOLLOWER) oldest = ring(p.rings, oldest).next;
  return oldest;
}

/** Takes the hash off block `id`, which must carry one. */
export function unhash(p: Pool, id: u32): void {
  const records = p.records;
  const b = block(records, id);
  const at = b.slot;
  b.slot = NONE_AT;
  p.hashed--;
  if (!(at & SHARED)) {
    removeSlot(p.table, p.tableMask, records, at);
    return;
  }
  const rings = p.rings;
  const next = ring(rings, id).next;
  const prev = ring(rings, id).prev;
  ring(rings, prev).next = next;
  ring(rings, next).prev = prev;
  if (at != FOLLOWER) {
    // The next one is the oldest now.
    const s = slot(p.table, at ^ SHARED);
    s.entry = (s.entry & ~ID_MASK) | next;
    block(records, next).slot = at;
  }
  if (next == prev) {
    const index = block(records, next).slot & ~SHARED;
    block(records, next).slot = index;
    setLoneKey(rings, next, slot(p.table, index).key);
  }
}

/**
 * Puts ids[from..n) under their keys, up to a block that must not be or a key that is there
 * already; returns its index. A probe that misses goes round the same loop again.
 */
export function hashNew(p: Pool, ids: usize, keys: usize, from: u32, n: u32, group: u32): u32 {
  const records = p.records;
  const rings = p.rings;
  const table = p.table;
  const mask = p.tableMask;
  const slots = <u64>mask + 1;
  const factor = factorOf(group);
  const last = p.blocks - 1;
  const tag = group << GROUP_SHIFT;
  const end = ids + (<usize>n << 2);
  const start = ids + (<usize>from << 2);
  let at = start;
  let keyAt = keys + (<usize>from << 3);
  let step: u32 = 0;
  while (at < end) {
    const id = load<u32>(at);
    if (id - 1 >= last) break;
    const b = block(records, id);
    if (b.slot != NONE_AT) break;
    const key = load<u64>(keyAt);
    const index = (home(slots, factor, key) + step) & mask;
    const s = slot(table, index);
    if (s.entry == EMPTY) {
      s.key = key;
      s.entry = tag | id;
      b.slot = index;
      setLoneKey(rings, id, key);
      step = 0;
      at += 4;
      keyAt += 8;
    } else {
      if (holds(s, s.entry, key, group)) break;
      step++;
    }
  }
  const i = <u32>(at - ids) >> 2;
  p.hashed += i - from;
  return i;
}

/** Makes block `id` the youngest of those under a key. */
export function follow(p: Pool, id: u32, key: u64, group: u32): void {
  const rings = p.rings;
  const oldest = find(p, key, group).entry & ID_MASK;
  const first = ring(rings, oldest);
  const b = block(p.records, oldest);
  if (!(b.slot & SHARED)) {
    b.slot |= SHARED;
    first.next = oldest;
    first.prev = oldest;
  }
  const youngest = first.prev;
  p.hashed++;
  block(p.records, id).slot = FOLLOWER;
  const r = ring(rings, id);
  r.next = oldest;
  r.prev = youngest;
  ring(rings, youngest).next = id;
  first.prev = id;
}
