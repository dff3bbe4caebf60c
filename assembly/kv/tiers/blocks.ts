// SPDX-License-Identifier: Apache-2.0
/** Blocks: found by hash, made, moved between tiers, pinned to the device, gone. */
import { give, hasRoom, pieceSize, take } from "../../arena";
import {
  BACK,
  BLOCK_BYTES,
  Block,
  DEFAULT_PRIORITY,
  DUE,
  MAX_TIERS,
  NIL,
  NO_HEAP,
  STAMP_BITS,
  STAMP_MASK,
  Store,
  at,
  bestOf,
  childrenAt,
  has,
  isPinned,
  tier,
} from "./layout";
import { MOVED, REMOVED, log } from "./events";
import { first, queue, setDue } from "./heaps";

// @ts-ignore: decorator
@inline
function home(s: Store, hash: u64): u32 {
  return <u32>((hash * 0x9e3779b97f4a7c15) >> 32) & s.tableMask;
}

// @ts-ignore: decorator
@inline
function slot(s: Store, i: u32): usize {
  return <usize>s.table + (<usize>i << 2);
}

/** Block of a hash, or NIL. */
export function find(s: Store, hash: u64): u32 {
  let i = home(s, hash);
  while (true) {
    const index = load<u32>(slot(s, i));
    if (index == NIL || at(s, index).hash == hash) return index;
    i = (i + 1) & s.tableMask;
  }
}

function addHash(s: Store, index: u32): void {
  let i = home(s, at(s, index).hash);
  while (load<u32>(slot(s, i)) != NIL) i = (i + 1) & s.tableMask;
  store<u32>(slot(s, i), index);
}

/** Takes a block out of the table and moves up those behind it that would be cut off. */
function dropHash(s: Store, index: u32): void {
  const mask = s.tableMask;
  let i = home(s, at(s, index).hash);
  while (load<u32>(slot(s, i)) != index) i = (i + 1) & mask;
  let j = i;
  while (true) {
    j = (j + 1) & mask;
    const other = load<u32>(slot(s, j));
    if (other == NIL) break;
    const h = home(s, at(s, other).hash);
    if (((j - h) & mask) < ((j - i) & mask)) continue;
    store<u32>(slot(s, i), other);
    i = j;
  }
  store<u32>(slot(s, i), NIL);
}

/** Makes room for `more` blocks more: tables double up to the bound. False: no room. */
export function roomForBlocks(s: Store, more: u32): bool {
  // Whatever is made has a slot in a tier: what is evicted for it goes first.
  const wanted = min(s.used + more, s.maxBlocks);
  if (wanted <= s.capacity) return true;
  let capacity = max(s.capacity, 64);
  while (capacity < wanted) capacity <<= 1;
  const heaps = MAX_TIERS + 1;
  const words = capacity * heaps;
  const tables = pieceSize(capacity << 3) + pieceSize(words << 2);
  const bytes = pieceSize(capacity * BLOCK_BYTES) + tables;
  if (!hasRoom(bytes)) return false;
  const old = s.capacity;
  const blocks = take(capacity * BLOCK_BYTES);
  const heap = take(words << 2);
  if (old) {
    memory.copy(blocks, s.blocks, <usize>(s.high * BLOCK_BYTES));
    for (let h: u32 = 0; h < heaps; h++) {
      const to = heap + (<usize>(h * capacity) << 2);
      memory.copy(to, s.heaps + ((h * old) << 2), <usize>tier(s, h).queued << 2);
    }
    give(s.blocks, old * BLOCK_BYTES);
    give(s.heaps, (old * heaps) << 2);
    give(s.table, old << 3);
  }
  s.blocks = <u32>blocks;
  s.heaps = <u32>heap;
  s.capacity = capacity;
  s.table = <u32>take(capacity << 3);
  s.tableMask = (capacity << 1) - 1;
  memory.fill(s.table, 0xff, <usize>capacity << 3);
  for (let i: u32 = 0; i < s.high; i++) {
    if (at(s, i).resident) addHash(s, i);
  }
  return true;
}

/** A block for a hash that has none, on the device. The room was made. */
export function make(s: Store, hash: u64, parent: u32): u32 {
  let index = s.freeBlock;
  let gen: u32 = 0;
  if (index != NIL) {
    s.freeBlock = at(s, index).parent;
    gen = at(s, index).gen;
  } else {
    index = s.high++;
  }
  s.used++;
  const b = at(s, index);
  memory.fill(changetype<usize>(b), 0, BLOCK_BYTES);
  b.hash = hash;
  b.parent = parent;
  b.gen = gen;
  b.key = DEFAULT_PRIORITY << STAMP_BITS;
  b.heap = NO_HEAP;
  addHash(s, index);
  b.resident = 1;
  tier(s, 0).best++;
  if (parent != NIL) {
    at(s, parent).children0++;
    settle(s, parent);
  }
  return index;
}

/** The best tier that a block would have if it lost its best one; MAX_TIERS: none. */
// @ts-ignore: decorator
@inline
export function nextOf(b: Block): u32 {
  return <u32>ctz<u32>((<u32>b.resident & ((<u32>b.resident) - 1)) | (1 << MAX_TIERS));
}

/** True when a block that lost its best tier would leave children above it. */
export function leads(b: Block): bool {
  const next = nextOf(b);
  for (let t = bestOf(b); t < next; t++) if (load<u32>(childrenAt(b, t))) return true;
  return false;
}

/** True when a block is to be copied down before it leaves its best tier. */
export function isWorthy(s: Store, b: Block): bool {
  const a = tier(s, bestOf(b));
  return a.mode == BACK && nextOf(b) == MAX_TIERS && <u32>(b.key >> STAMP_BITS) >= a.least;
}

/**
 * Moves a block into the heap of victims that it belongs to: that of its best tier when nothing
 * keeps it, no child of it is there, and it may be dropped or copied down.
 */
export function settle(s: Store, index: u32): void {
  const b = at(s, index);
  const best = bestOf(b);
  const kept = best == 0 ? isPinned(b) : b.busy != 0;
  const stays = kept || load<u32>(childrenAt(b, best)) || (leads(b) && !isWorthy(s, b));
  queue(s, index, stays ? NO_HEAP : <u8>best);
}

/** A block's set of tiers changes; what follows from its best one follows. */
export function setResident(s: Store, index: u32, resident: u8): void {
  const b = at(s, index);
  const old = bestOf(b);
  b.resident = resident;
  const best = bestOf(b);
  if (best != old) {
    tier(s, old).best--;
    if (best < MAX_TIERS) tier(s, best).best++;
    if (isPinned(b)) s.pinned += <u32>(best == 0) - <u32>(old == 0);
    if (b.parent != NIL) {
      const p = at(s, b.parent);
      const left = childrenAt(p, old);
      store<u32>(left, load<u32>(left) - 1);
      if (best < MAX_TIERS) {
        const joined = childrenAt(p, best);
        store<u32>(joined, load<u32>(joined) + 1);
      }
      // Whoever used a block used what leads to it: noted when it no longer hides its parent.
      const stamp = b.key & STAMP_MASK;
      if (best > old && stamp > (p.key & STAMP_MASK)) p.key = (p.key & ~STAMP_MASK) | stamp;
      settle(s, b.parent);
    }
    log(s, best < MAX_TIERS ? MOVED : REMOVED, b, old, best);
  }
  if (best < MAX_TIERS) settle(s, index);
  else forget(s, index);
}

/** A block that is nowhere any more. */
function forget(s: Store, index: u32): void {
  const b = at(s, index);
  queue(s, index, NO_HEAP);
  setDue(s, index, 0);
  dropHash(s, index);
  b.gen++;
  b.parent = s.freeBlock;
  s.freeBlock = index;
  s.used--;
}

/** Gives back a block's slot in a tier. */
export function drop(s: Store, index: u32, t: u32): void {
  const b = at(s, index);
  tier(s, t).used--;
  stay(s, b);
  setResident(s, index, b.resident & ~(<u8>1 << <u8>t));
}

/** A block does not leave, whatever was planned. */
export function stay(s: Store, b: Block): void {
  if (!b.leaving) return;
  b.leaving = 0;
  tier(s, bestOf(b)).leaving--;
}

/** A block does not leave, and what leads to it does not either: something hangs from it. */
export function stayPath(s: Store, end: u32): void {
  for (let i = end; i != NIL && at(s, i).leaving; i = at(s, i).parent) stay(s, at(s, i));
}

/** A block was used now. */
export function touch(s: Store, index: u32): void {
  const b = at(s, index);
  b.key = (b.key & ~STAMP_MASK) | s.clock;
  settle(s, index);
}

/**
 * A block and what leads to it were used now. Victims of a tier are ends of what a path has in it,
 * or will have when a copy has landed: only those are noted, others when what hides them leaves.
 */
export function touchPath(s: Store, end: u32): void {
  let index = end;
  touch(s, index);
  while (bestOf(at(s, index)) && at(s, index).parent != NIL) {
    const b = at(s, index);
    index = b.parent;
    const p = at(s, index);
    if (bestOf(p) != bestOf(b) || p.incoming != b.incoming) touch(s, index);
  }
}

/** A block became pinned: so does what leads to it. O(blocks not pinned before). */
export function pinPath(s: Store, from: u32): void {
  let index = from;
  while (true) {
    const b = at(s, index);
    if (has(b.resident, 0)) s.pinned++;
    settle(s, index);
    index = b.parent;
    if (index == NIL) return;
    const was = isPinned(at(s, index));
    at(s, index).pinnedChildren++;
    if (was) return;
  }
}

/** A block may be pinned no longer. */
export function unpinPath(s: Store, from: u32): void {
  let index = from;
  while (!isPinned(at(s, index))) {
    const b = at(s, index);
    if (has(b.resident, 0)) s.pinned--;
    settle(s, index);
    index = b.parent;
    if (index == NIL) return;
    at(s, index).pinnedChildren--;
  }
}

/** Keeps a block and all that leads to it on the device while a call or a transfer needs it. */
export function hold(s: Store, index: u32): void {
  if (index == NIL) return;
  const was = isPinned(at(s, index));
  at(s, index).holds++;
  if (!was) pinPath(s, index);
}

/** Undoes one `hold`. */
export function release(s: Store, index: u32): void {
  if (index == NIL) return;
  at(s, index).holds--;
  unpinPath(s, index);
}

/** Blocks on the device that a pin of `from` would pin and that are not. */
export function unpinnedAbove(s: Store, from: u32): u32 {
  let n: u32 = 0;
  let index = from;
  while (index != NIL && !isPinned(at(s, index))) {
    n += <u32>has(at(s, index).resident, 0);
    index = at(s, index).parent;
  }
  return n;
}

/** Gives blocks whose priority has ended at `now` the usual one, as if they were used now. */
export function endPriorities(s: Store, now: f64): u32 {
  let ended: u32 = 0;
  while (tier(s, DUE).queued) {
    const index = first(s, DUE);
    if (at(s, index).due > now) break;
    if (!ended++) s.clock++;
    setDue(s, index, 0);
    at(s, index).key = DEFAULT_PRIORITY << STAMP_BITS;
    touchPath(s, index);
  }
  return ended;
}
