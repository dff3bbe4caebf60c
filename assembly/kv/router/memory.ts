// SPDX-License-Identifier: Apache-2.0
/** Room for blocks and side entries: tables double while the arena has room, up to the bound. */
import { give, hasRoom, pieceSize, take } from "../../arena";
import { NIL, RADIX, Router, at, home } from "./layout";
import { addChild, addHash } from "./tables";

// @ts-ignore: decorator
@inline
function tables(t: Router): u32 {
  return t.form == RADIX ? 2 : 1;
}

/** Bytes that `capacity` blocks take. */
export function blockBytes(t: Router, capacity: u32): u64 {
  const table = pieceSize(capacity << 3);
  return <u64>pieceSize(capacity * t.stride) + <u64>table * tables(t);
}

/** Makes room for `more` blocks more; false when the arena or the bound does not allow it. */
export function roomForBlocks(t: Router, more: u32): bool {
  if (t.used + more <= t.capacity) return true;
  let capacity = max(t.capacity, 64);
  while (capacity < t.used + more) capacity <<= 1;
  if (t.used + more > t.maxBlocks || capacity > 0x2000000) return false;
  const bytes = blockBytes(t, capacity);
  if (bytes > 0x3fffffff || !hasRoom(<u32>bytes)) return false;
  const blocks = take(capacity * t.stride);
  if (t.capacity) {
    memory.copy(blocks, t.blocks, <usize>(t.high * t.stride));
    give(t.blocks, t.capacity * t.stride);
    give(t.table, (t.tableMask + 1) << 2);
    if (t.form == RADIX) give(t.childTable, (t.tableMask + 1) << 2);
  }
  t.blocks = <u32>blocks;
  t.capacity = capacity;
  t.tableMask = (capacity << 1) - 1;
  t.table = <u32>take(capacity << 3);
  memory.fill(t.table, 0xff, <usize>capacity << 3);
  if (t.form == RADIX) {
    t.childTable = <u32>take(capacity << 3);
    memory.fill(t.childTable, 0xff, <usize>capacity << 3);
  }
  for (let i: u32 = 0; i < t.high; i++) {
    const b = at(t, i);
    if (b.placed == NIL) continue;
    addHash(t, i);
    if (b.placed) addChild(t, i);
  }
  return true;
}

/** Makes room for `more` side entries more. */
export function roomForSide(t: Router, more: u32): bool {
  const old = t.sideMask + 1;
  if ((t.sideUsed + more) << 1 <= old) return true;
  let size = max(old, 64);
  while (size < (t.sideUsed + more) << 1) size <<= 1;
  if (size > 0x2000000 || !hasRoom(pieceSize(size << 4))) return false;
  const before = <usize>t.side;
  t.side = <u32>take(size << 4);
  memory.fill(t.side, 0, <usize>size << 4);
  t.sideMask = size - 1;
  for (let i: u32 = 0; i < old && before; i++) {
    const entry = before + (<usize>i << 4);
    const key = load<u64>(entry);
    if (key == 0) continue;
    let j = home(t.sideMask, key);
    while (load<u64>(<usize>t.side + (<usize>j << 4)) != 0) j = (j + 1) & t.sideMask;
    memory.copy(<usize>t.side + (<usize>j << 4), entry, 16);
  }
  if (before) give(before, old << 4);
  return true;
}
