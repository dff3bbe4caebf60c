// SPDX-License-Identifier: Apache-2.0
/**
 * Tier store: which blocks of which prefix lie on the device, in host memory, on disk, far away.
 *
 * Problem: a prefix cache over up to four tiers. Blocks are copied down when they are used or when
 * they are evicted, loaded back when a request needs them, and a chain never has a gap.
 *
 * ```
 *  blocks, 88 bytes                       ┌──── parent
 *  ┌──────┬────────────────┬─────┬────────┴┬──────────────────┬───────┬────────────────────┐
 *  │ hash │ priority·stamp │ due │ parent  │ children by tier │ locks │ resident, incoming │
 *  └──────┴────────────────┴─────┴─────────┴──────────────────┴───────┴────────────────────┘
 *  table      hash -> block
 *  heaps      victims of each tier, by (priority, last use); blocks by the end of their priority
 *  transfers  copies under way: the host fetches them as commands and reports their end
 * ```
 *
 * A block's best tier is the highest that holds it. It is a victim there alone, when it has no
 * child there and, unless it is copied down, would leave none above itself. Reading and writing
 * never block: a copy is a command; until the host reports its end the source stays and the slot in
 * the target is taken.
 *
 * Modes of a tier, for the way down from it: THROUGH copies blocks when `hits` inserts have passed
 * them (1: write-through, 2: write-through-selective), parents first; BACK copies them when they
 * are evicted, if their priority is at least `least`; 0 lets them go.
 *
 * Invariants (tier_check returns the number of the first one that fails)
 * - TIER-1  a block is in the table once and in one tier at least; its parent is a block or none.
 * - TIER-2  no gap: the best tier of a parent is not below its child's; children are counted by it.
 * - TIER-3  slots taken = blocks in a tier and on their way to it <= its capacity.
 * - TIER-4  THROUGH: with a block, the tier below holds its parent too.
 * - TIER-5  pinned is what is locked, held by a transfer, or leads to such; what is locked is on
 *           the device.
 * - TIER-6  the heap of a tier holds its victims, that of ends the blocks that have one, in order.
 * - TIER-7  transfers agree with what blocks say is on its way; what leaves is being copied.
 * - TIER-8  what the store leads to lies inside the arena, indices inside their tables.
 *
 * Complexity: O(1) a block matched, O(log blocks) a block inserted, evicted or moved, O(blocks not
 * locked yet) a lock. Memory: per block 88 bytes, 8 of table, 20 of heaps; 24 a transfer.
 *
 * Parts: tiers/layout (records), blocks, heaps, insert, moves (copies), events, verify.
 * Source: SGLang HiCache (hiradix_cache.py), TensorRT-LLM KV cache manager (offload threshold,
 * priorities with durations).
 */
import { areLongs, areWords, delist, enlist, give, hasRoom, pieceSize, take } from "../arena";
import {
  BAD_ARGUMENT,
  BAD_HANDLE,
  BUSY,
  FULL,
  NO_MEMORY,
  NONE,
  OK,
  STALE,
  UNBALANCED,
} from "../status";
import {
  DUE,
  FETCHED,
  MAGIC,
  MAX_TIERS,
  NIL,
  NO_HEAP,
  SETTINGS,
  STAMP_BITS,
  STAMP_MASK,
  STORE_BYTES,
  Store,
  THROUGH,
  BACK,
  TRANSFER_BYTES,
  BLOCK_BYTES,
  at,
  bestOf,
  freeSlots,
  has,
  isPinned,
  isStore,
  tier,
  transfer,
} from "./tiers/layout";
import {
  endPriorities,
  find,
  pinPath,
  roomForBlocks,
  settle,
  stayPath,
  touchPath,
  unpinPath,
  unpinnedAbove,
} from "./tiers/blocks";
import { CLEARED, EVENT_BYTES, log } from "./tiers/events";
import { setDue } from "./tiers/heaps";
import { place } from "./tiers/insert";
import { expelNext, fetch, finish, idOf, loadPath, unpass } from "./tiers/moves";

// @ts-ignore: decorator
@inline
function settingOf(settings: usize, t: u32, i: u32): u32 {
  return load<u32>(settings + (<usize>(t * SETTINGS + i) << 2));
}

/** Capacity of all tiers, 0 when a setting is out of range. */
function capacityOf(tiers: u32, settings: usize): u32 {
  let sum: u64 = 0;
  for (let t: u32 = 0; t < tiers; t++) {
    sum += <u64>settingOf(settings, t, 0);
    const mode = settingOf(settings, t, 1);
    if (mode > BACK || settingOf(settings, t, 0) == 0 || (mode != 0 && t + 1 == tiers)) return 0;
    if (mode == THROUGH && settingOf(settings, t, 2) == 0) return 0;
  }
  return sum > 0x1000000 ? 0 : <u32>sum;
}

/**
 * A store of `tiers` tiers, 1 to 4. settings: per tier capacity in blocks, mode, hits, least
 * priority, fewest blocks of a load; the last tier has mode 0. At most `transfers` copies are under
 * way; `events` is the capacity of the event log.
 */
export function tier_create(
  tiers: u32,
  settings: usize,
  blockBytes: u32,
  transfers: u32,
  events: u32,
): usize {
  if (tiers == 0 || tiers > MAX_TIERS || !areWords(settings, tiers * SETTINGS)) return 0;
  if (transfers == 0 || transfers > 0x100000 || events > 0x1000000) return 0;
  const most = capacityOf(tiers, settings);
  if (most == 0) return 0;
  const queue = pieceSize(transfers * TRANSFER_BYTES);
  if (!hasRoom(pieceSize(STORE_BYTES) + queue + pieceSize(events * EVENT_BYTES))) return 0;
  const handle = take(STORE_BYTES);
  memory.fill(handle, 0, STORE_BYTES);
  const s = changetype<Store>(handle);
  s.tiers = tiers;
  s.blockBytes = blockBytes;
  s.maxBlocks = most;
  s.freeBlock = NIL;
  s.maxTransfers = transfers;
  s.transfers = <u32>take(transfers * TRANSFER_BYTES);
  memory.fill(s.transfers, 0, transfers * TRANSFER_BYTES);
  s.freeTransfer = NIL;
  s.firstNew = NIL;
  s.lastNew = NIL;
  s.eventCapacity = events;
  if (events) s.events = <u32>take(events * EVENT_BYTES);
  for (let t: u32 = 0; t < tiers; t++) {
    const to = changetype<usize>(tier(s, t));
    memory.copy(to, settings + (<usize>(t * SETTINGS) << 2), SETTINGS << 2);
    tier(s, t).passed = NIL;
  }
  enlist(handle, MAGIC);
  if (roomForBlocks(s, 1)) return handle;
  tier_destroy(handle);
  return 0;
}

export function tier_destroy(handle: usize): i32 {
  if (!isStore(handle)) return BAD_HANDLE;
  const s = changetype<Store>(handle);
  if (s.capacity) {
    give(s.blocks, s.capacity * BLOCK_BYTES);
    give(s.table, s.capacity << 3);
    give(s.heaps, (s.capacity * (MAX_TIERS + 1)) << 2);
  }
  give(s.transfers, s.maxTransfers * TRANSFER_BYTES);
  if (s.eventCapacity) give(s.events, s.eventCapacity * EVENT_BYTES);
  delist(handle);
  give(handle, STORE_BYTES);
  return OK;
}

/** Bytes of arena for growing to `blocks` blocks, with so many transfers and events. */
export function tier_bytes(blocks: u32, transfers: u32, events: u32): f64 {
  let capacity: u32 = 64;
  while (capacity < blocks && capacity < 0x1000000) capacity <<= 1;
  const perBlock: u32 = BLOCK_BYTES + 8 + ((MAX_TIERS + 1) << 2);
  const fixed = <f64>transfers * TRANSFER_BYTES + <f64>events * EVENT_BYTES + 4096;
  return (<f64>capacity * perBlock + fixed) * 1.25;
}

/** 0 when a block number of the host is still the block that it was. */
function stale(s: Store, index: u32, gen: u32): i32 {
  if (index >= s.high || at(s, index).gen != gen || at(s, index).resident == 0) return STALE;
  return OK;
}

/** 0 when a path may go on from `from`, keys[0..n) and out being legal. */
function unfit(handle: usize, from: u32, gen: u32, keys: usize, n: u32, out: usize): i32 {
  if (!isStore(handle)) return BAD_HANDLE;
  if (n == 0 || n > 0xffffff || !areLongs(keys, n) || !areWords(out, 8)) return BAD_ARGUMENT;
  return from == NIL ? OK : stale(changetype<Store>(handle), from, gen);
}

/**
 * The device holds the blocks keys[0..n) of a path, each behind the one before it, the first
 * behind `from`, which is on the device (0xffffffff: the start). Writes the block that they end
 * with, its generation and the number of leading blocks that the device held before; returns how
 * many were placed. Fewer than n: the hash of the next one stands elsewhere already; 0: blocks are
 * leaving to make room, insert again later.
 */
export function tier_insert(
  handle: usize,
  from: u32,
  gen: u32,
  keys: usize,
  n: u32,
  out: usize,
): i32 {
  const status = unfit(handle, from, gen, keys, n, out);
  if (status) return status;
  const s = changetype<Store>(handle);
  if (from != NIL && !has(at(s, from).resident, 0)) return NONE;
  let parent = from;
  let device = from;
  let known: u32 = 0;
  let absent: u32 = 0;
  for (; known < n; known++) {
    const index = find(s, load<u64>(keys + (<usize>known << 3)));
    if (index == NIL || at(s, index).parent != parent) break;
    if (has(at(s, index).resident | at(s, index).incoming, 0)) device = index;
    else absent++;
    parent = index;
  }
  let last = known;
  while (last < n && find(s, load<u64>(keys + (<usize>last << 3))) == NIL) last++;
  if (last == 0) return BAD_ARGUMENT;
  const need = absent + last - known;
  const evictable = tier(s, 0).best - s.pinned - unpinnedAbove(s, device);
  if (freeSlots(s, 0) + tier(s, 0).leaving + evictable < need) return FULL;
  if (!roomForBlocks(s, last - known)) return NO_MEMORY;
  return place(s, from, device, keys, known, last, need, out);
}

/**
 * Follows keys[0..n) from `from` on. Writes, for each of the four tiers, how many leading blocks
 * are in it or above; then the last block found and its generation, and the last one on the device
 * and its. Returns how many were found. What is found counts as used now.
 */
export function tier_match(
  handle: usize,
  from: u32,
  gen: u32,
  keys: usize,
  n: u32,
  out: usize,
): i32 {
  const status = unfit(handle, from, gen, keys, n, out);
  if (status) return status;
  const s = changetype<Store>(handle);
  s.clock++;
  let index = from;
  let device = from == NIL || !has(at(s, from).resident, 0) ? NIL : from;
  let best: u32 = 0;
  let i: u32 = 0;
  for (; i < n; i++) {
    const next = find(s, load<u64>(keys + (<usize>i << 3)));
    if (next == NIL || at(s, next).parent != index) break;
    const b = bestOf(at(s, next));
    while (best < b) store<u32>(out + (<usize>(best++) << 2), i);
    if (b == 0) device = next;
    index = next;
  }
  if (i) touchPath(s, index);
  while (best < MAX_TIERS) store<u32>(out + (<usize>(best++) << 2), i);
  store<u32>(out, index, 16);
  store<u32>(out, index == NIL ? 0 : at(s, index).gen, 20);
  store<u32>(out, device, 24);
  store<u32>(out, device == NIL ? 0 : at(s, device).gen, 28);
  return <i32>i;
}

/** Keeps a block and all that leads to it on the device until it is unlocked as often. */
export function tier_lock(handle: usize, index: u32, gen: u32): i32 {
  if (!isStore(handle)) return BAD_HANDLE;
  const s = changetype<Store>(handle);
  const status = stale(s, index, gen);
  if (status) return status;
  const b = at(s, index);
  if (!has(b.resident, 0)) return NONE;
  stayPath(s, index);
  const was = isPinned(b);
  b.locks++;
  if (!was) pinPath(s, index);
  return OK;
}

export function tier_unlock(handle: usize, index: u32, gen: u32): i32 {
  if (!isStore(handle)) return BAD_HANDLE;
  const s = changetype<Store>(handle);
  const status = stale(s, index, gen);
  if (status) return status;
  if (at(s, index).locks == 0) return UNBALANCED;
  at(s, index).locks--;
  unpinPath(s, index);
  return OK;
}

/** Evicts up to `n` blocks from a tier; returns how many have left or leave once copied down. */
export function tier_evict(handle: usize, t: u32, n: u32): i32 {
  if (!isStore(handle)) return BAD_HANDLE;
  const s = changetype<Store>(handle);
  if (t >= s.tiers || n > 0xffffff) return BAD_ARGUMENT;
  let done: u32 = 0;
  while (done < n) {
    const left = expelNext(s, t, n - done);
    if (left < 0) break;
    done += <u32>left;
  }
  unpass(s, t);
  return <i32>done;
}

/**
 * Loads the path that ends with a block onto the device, at most `quota` blocks being under way
 * there. Returns the blocks that this call asks for; 0: blocks leave to make room, load again
 * later. NONE: nothing to load, or too little of it.
 */
export function tier_load(handle: usize, index: u32, gen: u32, quota: u32): i32 {
  if (!isStore(handle)) return BAD_HANDLE;
  const s = changetype<Store>(handle);
  const status = stale(s, index, gen);
  return status ? status : loadPath(s, index, quota);
}

/**
 * Fetches up to `max` copies that are to be made, eight words each: number, source, target,
 * blocks, the block they end with, its generation, bytes (low, high). Returns how many.
 */
export function tier_commands(handle: usize, out: usize, max: u32): i32 {
  if (!isStore(handle)) return BAD_HANDLE;
  if (max > 0x100000 || !areWords(out, <u64>max << 3)) return BAD_ARGUMENT;
  return <i32>fetch(changetype<Store>(handle), out, max);
}

/**
 * A copy has landed (success = 1) or failed (0). Answers 0: it counts, 1: it does not, because it
 * failed or because what its blocks hang from never came. BUSY: what they hang from is still on
 * its way and was asked for earlier; report that first.
 */
export function tier_done(handle: usize, id: u32, success: u32): i32 {
  if (!isStore(handle)) return BAD_HANDLE;
  const s = changetype<Store>(handle);
  const slot = id & 0xfffff;
  if (success > 1) return BAD_ARGUMENT;
  if (slot >= s.highTransfer) return NONE;
  const x = transfer(s, slot);
  if (x.serial == 0 || x.next != FETCHED || idOf(x, slot) != id) return NONE;
  return finish(s, slot, success == 1);
}

/**
 * Gives the last `n` blocks of a path a priority, 0 to 100, until `due` (0: for ever), a time that
 * `tier_refresh` is told.
 */
export function tier_retain(
  handle: usize,
  index: u32,
  gen: u32,
  n: u32,
  priority: u32,
  due: f64,
): i32 {
  if (!isStore(handle)) return BAD_HANDLE;
  const s = changetype<Store>(handle);
  const status = stale(s, index, gen);
  if (status) return status;
  if (priority > 100 || !(due >= 0) || due == Infinity) return BAD_ARGUMENT;
  let b = index;
  for (let i: u32 = 0; i < n && b != NIL; i++) {
    at(s, b).key = (at(s, b).key & STAMP_MASK) | (<u64>priority << STAMP_BITS);
    setDue(s, b, due);
    settle(s, b);
    b = at(s, b).parent;
  }
  return OK;
}

/** The time is `now`: priorities that end by then do. Returns how many. */
export function tier_refresh(handle: usize, now: f64): i32 {
  if (!isStore(handle)) return BAD_HANDLE;
  if (!(now >= 0)) return BAD_ARGUMENT;
  return <i32>endPriorities(changetype<Store>(handle), now);
}

/** Drops everything; block numbers of before stay stale. BUSY: locked, or copies are under way. */
export function tier_clear(handle: usize): i32 {
  if (!isStore(handle)) return BAD_HANDLE;
  const s = changetype<Store>(handle);
  if (s.open || s.pinned) return BUSY;
  memory.fill(s.table, 0xff, <usize>s.capacity << 3);
  s.used = 0;
  s.freeBlock = NIL;
  for (let i = s.high; i > 0; ) {
    const b = at(s, --i);
    if (b.resident) b.gen++;
    b.resident = 0;
    b.heap = NO_HEAP;
    b.due = 0;
    b.parent = s.freeBlock;
    s.freeBlock = i;
  }
  for (let t: u32 = 0; t <= DUE; t++) {
    tier(s, t).used = 0;
    tier(s, t).best = 0;
    tier(s, t).queued = 0;
  }
  log(s, CLEARED, at(s, 0), 0, 8);
  return OK;
}

/** Number of the block of a hash, or NONE. */
export function tier_lookup(handle: usize, keyLo: u32, keyHi: u32): i32 {
  if (!isStore(handle)) return BAD_HANDLE;
  const index = find(changetype<Store>(handle), (<u64>keyHi << 32) | <u64>keyLo);
  return index == NIL ? NONE : <i32>index;
}

/** Offset of the event log; records of 32 bytes: see tiers/events. */
export function tier_events(handle: usize): usize {
  return isStore(handle) ? <usize>changetype<Store>(handle).events : 0;
}

/** Number of logged events; clears the log. Negative: it overflowed by that many plus one. */
export function tier_events_take(handle: usize): i32 {
  if (!isStore(handle)) return BAD_HANDLE;
  const s = changetype<Store>(handle);
  const n = s.eventLost ? -1 - <i32>s.eventLost : <i32>s.eventCount;
  s.eventCount = 0;
  s.eventLost = 0;
  return n;
}
