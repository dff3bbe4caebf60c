// SPDX-License-Identifier: Apache-2.0
/** Open addressing: blocks by hash, children by parent and local hash, side entries by worker. */
import { NIL, RADIX, Router, at, home } from "./layout";

// @ts-ignore: decorator
@inline
function slot(table: u32, index: u32): usize {
  return <usize>table + (<usize>index << 2);
}

/** Block of a hash, or NIL. */
// @ts-ignore: decorator
@inline
export function find(t: Router, hash: u64): u32 {
  const mask = t.tableMask;
  let i = home(mask, hash);
  while (true) {
    const index = load<u32>(slot(t.table, i));
    if (index == NIL || at(t, index).hash == hash) return index;
    i = (i + 1) & mask;
  }
}

/** Where a child hangs: its parent's index (NIL for the start) mixed into its local hash. */
// @ts-ignore: decorator
@inline
function childKey(parent: u32, local: u64): u64 {
  return local ^ ((<u64>parent + 1) * 0xc2b2ae3d27d4eb4f);
}

/** Child of a block (NIL: of the start) by local hash, or NIL. */
// @ts-ignore: decorator
@inline
export function findChild(t: Router, parent: u32, local: u64): u32 {
  const mask = t.tableMask;
  let i = home(mask, childKey(parent, local));
  while (true) {
    const index = load<u32>(slot(t.childTable, i));
    if (index == NIL) return NIL;
    const b = at(t, index);
    if (b.local == local && b.parent == parent) return index;
    i = (i + 1) & mask;
  }
}

export function addHash(t: Router, index: u32): void {
  let i = home(t.tableMask, at(t, index).hash);
  while (load<u32>(slot(t.table, i)) != NIL) i = (i + 1) & t.tableMask;
  store<u32>(slot(t.table, i), index);
}

export function addChild(t: Router, index: u32): void {
  if (t.form != RADIX) return;
  const b = at(t, index);
  let i = home(t.tableMask, childKey(b.parent, b.local));
  while (load<u32>(slot(t.childTable, i)) != NIL) i = (i + 1) & t.tableMask;
  store<u32>(slot(t.childTable, i), index);
}

/** Home of what stands in a slot of either table. */
// @ts-ignore: decorator
@inline
function homeOf(t: Router, index: u32, byChild: bool): u32 {
  const b = at(t, index);
  return home(t.tableMask, byChild ? childKey(b.parent, b.local) : b.hash);
}

/** Takes a block out of a table and moves up those behind it that would be cut off. */
function drop(t: Router, table: u32, index: u32, byChild: bool): void {
  const mask = t.tableMask;
  let i = homeOf(t, index, byChild);
  while (load<u32>(slot(table, i)) != index) i = (i + 1) & mask;
  let j = i;
  while (true) {
    j = (j + 1) & mask;
    const other = load<u32>(slot(table, j));
    if (other == NIL) break;
    const h = homeOf(t, other, byChild);
    if (((j - h) & mask) < ((j - i) & mask)) continue;
    store<u32>(slot(table, i), other);
    i = j;
  }
  store<u32>(slot(table, i), NIL);
}

export function dropHash(t: Router, index: u32): void {
  drop(t, t.table, index, false);
}

export function dropChild(t: Router, index: u32): void {
  if (t.form == RADIX) drop(t, t.childTable, index, true);
}

/** Side entries: 16 bytes each, key (worker + 1, block) and a value; key 0 = empty. */
// @ts-ignore: decorator
@inline
function sideAt(t: Router, index: u32): usize {
  return <usize>t.side + (<usize>index << 4);
}

// @ts-ignore: decorator
@inline
function sideKey(w: u32, block: u32): u64 {
  return ((<u64>w + 1) << 32) | <u64>block;
}

/** Value at (worker, block); 0 when there is none. */
export function sideGet(t: Router, w: u32, block: u32): i32 {
  const key = sideKey(w, block);
  let i = home(t.sideMask, key);
  while (true) {
    const here = load<u64>(sideAt(t, i));
    if (here == 0) return 0;
    if (here == key) return load<i32>(sideAt(t, i), 8);
    i = (i + 1) & t.sideMask;
  }
}

/** Sets the value at (worker, block); 0 takes the entry out. The caller has made room. */
export function sideSet(t: Router, w: u32, block: u32, value: i32): void {
  const key = sideKey(w, block);
  const mask = t.sideMask;
  let i = home(mask, key);
  while (load<u64>(sideAt(t, i)) != 0 && load<u64>(sideAt(t, i)) != key) i = (i + 1) & mask;
  if (value != 0) {
    if (load<u64>(sideAt(t, i)) == 0) t.sideUsed++;
    store<u64>(sideAt(t, i), key);
    store<i32>(sideAt(t, i), value, 8);
    return;
  }
  if (load<u64>(sideAt(t, i)) == 0) return;
  t.sideUsed--;
  let j = i;
  while (true) {
    j = (j + 1) & mask;
    const other = load<u64>(sideAt(t, j));
    if (other == 0) break;
    if (((j - home(mask, other)) & mask) < ((j - i) & mask)) continue;
    memory.copy(sideAt(t, i), sideAt(t, j), 16);
    i = j;
  }
  store<u64>(sideAt(t, i), 0);
}
