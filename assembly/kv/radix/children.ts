// SPDX-License-Identifier: Apache-2.0
/** Child table: open addressing, 8-byte slots {hash, node}, node NIL = empty. */
import { NIL, Tree, at, tokens } from "./layout";

// @ts-ignore: decorator
@inline
function mix(h: u32, token: u32): u32 {
  const m = (h ^ token) * 0x7feb352d;
  return m ^ (m >> 15);
}

/** A call, so that the walk over pages of one token stays short. */
function mixRest(h: u32, page: usize, tokens: u32): u32 {
  for (let i: u32 = 1; i < tokens; i++) h = mix(h, load<u32>(page + (<usize>i << 2)));
  return h;
}

// @ts-ignore: decorator
@inline
function hashOf(parent: u32, space: u32, page: usize, tokens: u32): u32 {
  let h = mix(parent ? parent * 0x9e3779b1 : space * 0x85ebca6b, load<u32>(page));
  if (tokens > 1) h = mixRest(h, page, tokens);
  h *= 0x846ca68b;
  return h ^ (h >> 16);
}

// @ts-ignore: decorator
@inline
export function slotIn(table: usize, index: u32): usize {
  return table + (<usize>index << 3);
}

// @ts-ignore: decorator
@inline
export function child(t: Tree, parent: u32, space: u32, page: usize): u32 {
  const size = t.page;
  const h = hashOf(parent, space, page, size);
  const mask = t.tableMask;
  const table = <usize>t.tableBase;
  const token = load<u32>(page);
  let i = h;
  let index: u32 = 0;
  while (true) {
    const s = table + (<usize>(i & mask) << 3);
    index = load<u32>(s, 4);
    if (index == NIL) break;
    i++;
    if (load<u32>(s) != h) continue;
    const n = at(t, index);
    if (n.parent != parent) continue;
    if (load<u32>(tokens(n)) != token) continue;
    if (parent == 0 && n.space != space) continue;
    if (size > 1 && !isPage(tokens(n), page, size)) continue;
    break;
  }
  return index;
}

/** Compares all tokens of a page but the first, which agree. */
function isPage(a: usize, b: usize, size: u32): bool {
  for (let i: u32 = 1; i < size; i++) {
    if (load<u32>(a + (<usize>i << 2)) != load<u32>(b + (<usize>i << 2))) return false;
  }
  return true;
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
