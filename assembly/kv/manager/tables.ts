// SPDX-License-Identifier: Apache-2.0
/** Block tables: what a step needs, what left the window, growing, and registering full blocks. */
import { hasRoom, pieceSize } from "../../arena";
import { OK } from "../../status";
import { pool_alloc, pool_cache, pool_evict, pool_free, pool_touch } from "../pool";
import { NONE_AT, block } from "../pool/layout";
import { growTable } from "./request";
import {
  FULL_ATTENTION,
  Manager,
  Request,
  STATE,
  Table,
  ceilDiv,
  hitRow,
  poolOf,
  refOf,
  roomier,
  spec,
  tableOf,
} from "./layout";

/** Room for `blocks` entries in every table; false, and nothing grown, if the arena lacks it. */
export function reserveTables(m: Manager, r: Request, blocks: u32): bool {
  let bytes: u64 = 0;
  for (let g: u32 = 0; g < m.groups; g++) {
    const t = tableOf(r, g);
    if (t.capacity >= blocks) continue;
    bytes += <u64>pieceSize(roomier(t.capacity, blocks) << 2);
  }
  if (!bytes) return true;
  if (bytes > 0x40000000 || !hasRoom(<u32>bytes)) return false;
  for (let g: u32 = 0; g < m.groups; g++) growTable(tableOf(r, g), blocks);
  return true;
}

/** True when the step would write into a block of this table that another request holds too. */
function partial(m: Manager, t: Table, start: u32): bool {
  const index = start / m.size;
  if (start % m.size == 0 || index >= t.length || index < t.cached) return false;
  const id = load<u32>(t.ids + (<usize>index << 2));
  return id != 0 && refOf(m, id) > 1;
}

/**
 * Blocks that leave the free queue if tables grow to `goal` entries (`state` for states): new ones,
 * hits that are free, copies. With `capped`, a window group counts what it can hold at a time.
 */
export function predict(
  m: Manager,
  r: Request,
  hit: u32,
  goal: u32,
  state: u32,
  capped: bool,
): i64 {
  let sum: i64 = 0;
  const hits = ceilDiv(hit, m.size);
  for (let g: u32 = 0; g < m.groups; g++) {
    const window = spec(m, g).window;
    const t = tableOf(r, g);
    const held = t.length + hits;
    let want = goal;
    if (window == STATE) {
      want = state > held ? held + 1 : held;
    } else if (capped && window) {
      const most = min(window - 1 + m.inFlight, m.maxLength);
      want = min(want, ceilDiv(most, m.size) + 1);
    }
    if (want > held) sum += <i64>(want - held);
    if (hit % m.size || partial(m, t, r.computed)) sum++;
    const row = hitRow(m, g);
    for (let i: u32 = 0; i < hits; i++) {
      const id = load<u32>(row + (<usize>i << 2));
      if (id && !refOf(m, id)) sum++;
    }
  }
  return sum;
}

/**
 * Frees what no future token can see: right to left, one list a group. A window of w looks back
 * w - 1 tokens; a state is read from the block of the last computed token.
 */
export function slide(m: Manager, r: Request, start: u32): void {
  for (let g: u32 = 0; g < m.groups; g++) {
    const window = spec(m, g).window;
    if (window == FULL_ATTENTION) continue;
    const t = tableOf(r, g);
    const back: u32 = window == STATE ? 1 : window - 1;
    const end = min<u32>(start > back ? (start - back) / m.size : 0, t.length);
    if (end <= t.low) continue;
    let n: u32 = 0;
    for (let i = end; i > t.low; ) {
      i--;
      const at = t.ids + (<usize>i << 2);
      const id = load<u32>(at);
      if (!id) continue;
      store<u32>(m.list + (<usize>n << 2), id);
      n++;
      store<u32>(at, 0);
    }
    t.low = end;
    if (n) pool_free(m.pool, m.list, n);
  }
}

/** The tables become the hits, which get a reference each: all groups before anything is taken. */
export function takeHits(m: Manager, r: Request, hit: u32): void {
  const n = ceilDiv(hit, m.size);
  for (let g: u32 = 0; g < m.groups; g++) {
    const t = tableOf(r, g);
    memory.copy(t.ids, hitRow(m, g), <usize>n << 2);
    let low: u32 = 0;
    while (low < n && !load<u32>(t.ids + (<usize>low << 2))) low++;
    t.low = low;
    t.length = n;
    t.cached = hit / m.size;
    pool_touch(m.pool, t.ids + (<usize>low << 2), n - low);
  }
}

/** Group by group: the copy of a shared last block, then new blocks up to the goal. */
export function fill(
  m: Manager,
  r: Request,
  start: u32,
  goal: u32,
  state: u32,
  first: bool,
): u32 {
  let taken: u32 = 0;
  for (let g: u32 = 0; g < m.groups; g++) {
    const t = tableOf(r, g);
    // A hit that ends inside a block is always copied: its owner goes on writing it.
    if (first ? start % m.size != 0 : partial(m, t, start)) copyBlock(m, t, start / m.size);
    const isState = spec(m, g).window == STATE;
    const end = isState ? state : goal;
    t.took = 0;
    if (end <= t.length) continue;
    // Of the blocks a state would have, only the one at the end of the step is real.
    const from = isState ? end - 1 : t.length;
    memory.fill(t.ids + (<usize>t.length << 2), 0, <usize>(from - t.length) << 2);
    if (pool_alloc(m.pool, end - from, t.ids + (<usize>from << 2)) != OK) m.mispredicted = 1;
    t.took = end - t.length;
    taken += end - from;
    t.length = end;
  }
  return taken;
}

/**
 * Copy on write. The source keeps the reference this table had, the copy gets one more: both until
 * the host reports the copy done, so that neither is handed out while it is read or written.
 */
function copyBlock(m: Manager, t: Table, index: u32): void {
  const at = t.ids + (<usize>index << 2);
  const pair = m.copies + (<usize>m.copyCount << 3);
  store<u32>(pair, load<u32>(at));
  if (pool_alloc(m.pool, 1, pair + 4) != OK) m.mispredicted = 1;
  store<u32>(at, load<u32>(pair + 4));
  pool_touch(m.pool, at, 1);
  m.copyCount++;
}

// @ts-ignore: decorator
@inline
function hashed(m: Manager, id: u32): bool {
  return block(poolOf(m).records, id).slot != NONE_AT;
}

/** Puts entries [from, to) of a table under their keys; none is null or hashed. */
function storeRun(m: Manager, r: Request, t: Table, g: u32, from: u32, to: u32): void {
  const per = m.per;
  const first = (from + 1) * per - 1;
  const parent = from ? load<u64>(r.keys + (<usize>(from * per - 1) << 3)) : 0;
  pool_cache(
    m.pool,
    t.ids + (<usize>from << 2),
    r.keys + (<usize>first << 3),
    to - from,
    g,
    <u32>parent,
    <u32>(parent >> 32),
    from ? 1 : 0,
  );
}

/**
 * Registers blocks that are full once this step is done. `known` are the tokens that are no drafts.
 * An index is considered once: if its hash is dropped later, it stays without.
 */
export function register(m: Manager, r: Request, known: u32, step: u32): void {
  const full = min(known / m.size, r.keyCount / m.per);
  for (let g: u32 = 0; g < m.groups; g++) {
    const t = tableOf(r, g);
    const end = min(full, t.length);
    let i = t.cached;
    if (full <= i) continue;
    t.cached = full;
    if (spec(m, g).window == STATE) {
      // A state is that of a boundary only if the step ends there, without drafts behind it.
      if (step != full * m.size) continue;
      i = full - 1;
    }
    while (i < end) {
      const id = load<u32>(t.ids + (<usize>i << 2));
      if (id && m.per > 1 && hashed(m, id)) pool_evict(m.pool, t.ids + (<usize>i << 2), 1);
      if (!id || hashed(m, id)) {
        i++;
        continue;
      }
      let to = i + 1;
      if (m.per == 1) {
        while (to < end) {
          const next = load<u32>(t.ids + (<usize>to << 2));
          if (!next || hashed(m, next)) break;
          to++;
        }
      }
      storeRun(m, r, t, g, i, to);
      i = to;
    }
  }
}

/** The last hash block of the prompt, inside a block, gives that block a key until it is full. */
export function registerTail(m: Manager, r: Request): void {
  const per = m.per;
  const key = r.prompt / (m.size / per);
  const index = key / per;
  if (key % per == 0 || key > r.keyCount) return;
  for (let g: u32 = 0; g < m.groups; g++) {
    const t = tableOf(r, g);
    if (spec(m, g).window != FULL_ATTENTION || index >= t.length || index < t.cached) continue;
    const at = t.ids + (<usize>index << 2);
    if (hashed(m, load<u32>(at))) continue;
    const before = load<u64>(r.keys + (<usize>max<i32>(<i32>key - 2, 0) << 3));
    const lo = <u32>before;
    const hi = <u32>(before >> 32);
    pool_cache(m.pool, at, r.keys + (<usize>(key - 1) << 3), 1, g, lo, hi, key > 1 ? 1 : 0);
  }
}
