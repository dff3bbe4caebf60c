// SPDX-License-Identifier: Apache-2.0
/** Child table: open addressing, 8-byte slots {hash, node}, node NIL = empty. */
import { run } from "./compare";
import { NIL, Tree, at, tokens } from "./layout";

export function hashOf(t: Tree, parent: u32, space: u32, page: usize): u32 {
  let h: u32 = parent * 0x9e3779b1;
  if (parent == 0) h ^= space * 0x85ebca6b;
  const end = page + (<usize>t.page << 2);
  for (let p = page; p < end; p += 4) {
    h = (h ^ load<u32>(p)) * 0x7feb352d;
    h ^= h >> 15;
  }
  h *= 0x846ca68b;
  return h ^ (h >> 16);
}

// @ts-ignore: decorator
@inline
export function slotAt(t: Tree, index: u32): usize {
  return <usize>t.tableBase + (<usize>index << 3);
}

export function child(t: Tree, parent: u32, space: u32, page: usize): u32 {
  const h = hashOf(t, parent, space, page);
  const mask = t.tableMask;
  let i = h & mask;
  while (true) {
    const s = slotAt(t, i);
    const index = load<u32>(s, 4);
    if (index == NIL) return NIL;
    if (load<u32>(s) == h) {
      const n = at(t, index);
      const same = n.parent == parent && (parent != 0 || n.space == space);
      if (same && run(tokens(n), page, t.page) == t.page) return index;
    }
    i = (i + 1) & mask;
  }
}

export function link(t: Tree, index: u32): void {
  const n = at(t, index);
  n.hash = hashOf(t, n.parent, n.space, tokens(n));
  relink(t, index, n.hash);
}

export function relink(t: Tree, index: u32, hash: u32): void {
  let i = hash & t.tableMask;
  while (load<u32>(slotAt(t, i), 4) != NIL) i = (i + 1) & t.tableMask;
  store<u32>(slotAt(t, i), hash);
  store<u32>(slotAt(t, i), index, 4);
}

export function unlink(t: Tree, index: u32): void {
  const mask = t.tableMask;
  let i = at(t, index).hash & mask;
  while (load<u32>(slotAt(t, i), 4) != index) i = (i + 1) & mask;
  let j = i;
  while (true) {
    j = (j + 1) & mask;
    const s = slotAt(t, j);
    if (load<u32>(s, 4) == NIL) break;
    if (((j - load<u32>(s)) & mask) >= ((j - i) & mask)) {
      store<u64>(slotAt(t, i), load<u64>(s));
      i = j;
    }
  }
  store<u32>(slotAt(t, i), NIL, 4);
}
