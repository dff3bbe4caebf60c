// SPDX-License-Identifier: Apache-2.0
/** Child table: open addressing, 8-byte slots {hash, node}, node NIL = empty. */
import { run } from "./compare";
import { NIL, Tree, at, tokens } from "./layout";

// @ts-ignore: decorator
@inline
function hashOf(parent: u32, space: u32, page: usize, tokens: u32): u32 {
  let h: u32 = parent ? parent * 0x9e3779b1 : space * 0x85ebca6b;
  const end = page + (<usize>tokens << 2);
  let p = page;
  do {
    h = (h ^ load<u32>(p)) * 0x7feb352d;
    h ^= h >> 15;
    p += 4;
  } while (p < end);
  h *= 0x846ca68b;
  return h ^ (h >> 16);
}

// @ts-ignore: decorator
@inline
export function slotIn(table: usize, index: u32): usize {
  return table + (<usize>index << 3);
}

export function child(t: Tree, parent: u32, space: u32, page: usize): u32 {
  const size = t.page;
  const h = hashOf(parent, space, page, size);
  const mask = t.tableMask;
  const table = <usize>t.tableBase;
  let i = h;
  while (true) {
    const s = table + (<usize>(i & mask) << 3);
    const index = load<u32>(s, 4);
    if (index == NIL) break;
    i++;
    if (load<u32>(s) != h) continue;
    const n = at(t, index);
    if (n.parent != parent) continue;
    if (parent == 0 && n.space != space) continue;
    if (load<u32>(tokens(n)) != load<u32>(page)) continue;
    if (size == 1 || run(tokens(n), page, size) == size) return index;
  }
  return NIL;
}

// @ts-ignore: decorator
@inline
export function link(t: Tree, index: u32): void {
  const n = at(t, index);
  n.hash = hashOf(n.parent, n.space, tokens(n), t.page);
  relink(t, index, n.hash);
}

export function relink(t: Tree, index: u32, hash: u32): void {
  const mask = t.tableMask;
  const table = <usize>t.tableBase;
  let i = hash & mask;
  while (load<u32>(slotIn(table, i), 4) != NIL) i = (i + 1) & mask;
  store<u64>(slotIn(table, i), (<u64>index << 32) | <u64>hash);
}

export function unlink(t: Tree, index: u32): void {
  const mask = t.tableMask;
  const table = <usize>t.tableBase;
  let i = at(t, index).hash & mask;
  while (load<u32>(slotIn(table, i), 4) != index) i = (i + 1) & mask;
  let hole = slotIn(table, i);
  let j = i;
  while (true) {
    j = (j + 1) & mask;
    const s = slotIn(table, j);
    const moved = load<u64>(s);
    if (<i64>moved >> 32 == -1) break;
    if (((j - <u32>moved) & mask) >= ((j - i) & mask)) {
      store<u64>(hole, moved);
      hole = s;
      i = j;
    }
  }
  store<u32>(hole, NIL, 4);
}
