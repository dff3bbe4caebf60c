// SPDX-License-Identifier: Apache-2.0
/**
 * Block pool: hands out fixed-size KV blocks, keeps freed ones findable by content until reused.
 *
 * Problem: allocate, share, free and evict paged KV blocks in O(1) each, in exactly the order of
 * vLLM v1 (`block_pool.py`, commit 48ebd6f2): freed blocks without a hash are reused first, hashed
 * ones least recently freed first, and a hashed free block can still be hit.
 *
 * ```
 *  blocks (one 32-byte record each, index 0 .. n-1; record n is the sentinel of the free queue)
 *  ┌──────┬──────┬─────┬───────┬───────────────┬─────────┬─────────┐
 *  │ prev │ next │ ref │ group │ key (64 bits) │ dupNext │ dupPrev │
 *  └──────┴──────┴─────┴───────┴───────────────┴─────────┴─────────┘
 *  free queue   sentinel ⇄ head (next to be handed out) ⇄ ... ⇄ tail ⇄ sentinel
 *  hash table   open addressing, 16-byte slots {key, group, first block}, backward-shift deletion
 *  duplicates   blocks with one (key, group) form a list, oldest first; lookup gives the oldest.
 *               dupPrev of the first points at the last, so that appending is O(1).
 * ```
 *
 * States of a block: null (id 0: never queued, never cached), free or used, each with or without a
 * hash. `next == UNQUEUED` exactly when the block is not in the free queue.
 *
 * Invariants (pool_check returns the number of the first one that fails)
 * - KV-1  queue length == free counter == blocks with ref 0 (null excluded), no cycle.
 * - KV-2  every table slot leads to blocks that carry its key and group, each exactly once; the
 *         number of such blocks is the hashed counter.
 * - KV-3  the null block is never queued and never carries a hash.
 * - KV-4  a refused call changes nothing.
 *
 * Complexity: O(1) a block for alloc, free, touch, cache, lookup, evict; O(n) for create and reset.
 */
import { take, give, hasRoom, inArena, inMemory, pieceSize } from "../arena";
import { OK, FULL, NONE, BAD_HANDLE, BAD_ARGUMENT, UNBALANCED, BUSY } from "../status";

const MAGIC: u32 = 0x6b76_0101;
const UNQUEUED: u32 = 0xffffffff;
const NO_GROUP: u32 = 0xffffffff;
const EMPTY: u32 = 0xffffffff;
/** Event kinds in the log. */
const STORED: u32 = 1;
const REMOVED: u32 = 2;
const CLEARED: u32 = 3;
const EVENT_BYTES: u32 = 32;

@unmanaged
class Pool {
  magic: u32;
  blocks: u32;
  free: u32;
  hashed: u32;
  caching: u32;
  tableShift: u32;
  tableMask: u32;
  recordBase: u32;
  tableBase: u32;
  eventBase: u32;
  eventCapacity: u32;
  eventCount: u32;
  eventLost: u32;
  evicted: u32;
}

@unmanaged
class Block {
  prev: u32;
  next: u32;
  ref: u32;
  group: u32;
  key: u64;
  dupNext: u32;
  dupPrev: u32;
}

@unmanaged
class Slot {
  key: u64;
  group: u32;
  first: u32;
}

@unmanaged
class PoolEvent {
  kind: u32;
  group: u32;
  key: u64;
  parent: u64;
  hasParent: u32;
  continued: u32;
}

// @ts-ignore: decorator
@inline
function open(handle: usize): Pool {
  if (!inArena(handle, offsetof<Pool>())) return changetype<Pool>(0);
  const p = changetype<Pool>(handle);
  return p.magic == MAGIC ? p : changetype<Pool>(0);
}

// @ts-ignore: decorator
@inline
function isNull(p: Pool): bool {
  return changetype<usize>(p) == 0;
}

// @ts-ignore: decorator
@inline
function block(p: Pool, id: u32): Block {
  return changetype<Block>(<usize>p.recordBase + (<usize>id << 5));
}

// @ts-ignore: decorator
@inline
function slot(p: Pool, index: u32): Slot {
  return changetype<Slot>(<usize>p.tableBase + (<usize>index << 4));
}

// @ts-ignore: decorator
@inline
function home(p: Pool, key: u64, group: u32): u32 {
  return <u32>(((key ^ (<u64>group << 32)) * 0x9e3779b97f4a7c15) >> <u64>p.tableShift);
}

// @ts-ignore: decorator
@inline
function idAt(ids: usize, index: u32): u32 {
  return load<u32>(ids + (<usize>index << 2));
}

/** Bytes of arena that a pool of `blocks` blocks takes. */
export function pool_bytes(blocks: u32, events: u32): u32 {
  const table = tableSlots(blocks);
  return (
    pieceSize(<u32>offsetof<Pool>()) +
    pieceSize((blocks + 1) << 5) +
    pieceSize(table << 4) +
    (events ? pieceSize(events * EVENT_BYTES) : 0)
  );
}

function tableSlots(blocks: u32): u32 {
  const least: u32 = blocks < 8 ? 16 : blocks << 1;
  return (<u32>1) << (32 - clz<u32>(least - 1));
}

/**
 * A pool of `blocks` blocks including the null block 0. `caching` 0 queues every freed block at
 * the tail. `events` is the capacity of the event log (0: none).
 */
export function pool_create(blocks: u32, caching: u32, events: u32): usize {
  if (blocks < 2 || blocks > 0x3ffffff || events > 0xffffff) return 0;
  if (!hasRoom(pool_bytes(blocks, events))) return 0;
  const p = changetype<Pool>(take(<u32>offsetof<Pool>()));
  const slots = tableSlots(blocks);
  p.blocks = blocks;
  p.caching = caching ? 1 : 0;
  p.tableMask = slots - 1;
  p.tableShift = 32 + clz<u32>(slots - 1);
  p.recordBase = <u32>take((blocks + 1) << 5);
  p.tableBase = <u32>take(slots << 4);
  p.eventCapacity = events;
  p.eventBase = events ? <u32>take(events * EVENT_BYTES) : 0;
  p.magic = MAGIC;
  clear(p);
  return changetype<usize>(p);
}

function clear(p: Pool): void {
  const n = p.blocks;
  p.free = n - 1;
  p.hashed = 0;
  p.eventCount = 0;
  p.eventLost = 0;
  p.evicted = 0;
  for (let id: u32 = 0; id <= n; id++) {
    const b = block(p, id);
    b.prev = id == 1 ? n : id - 1;
    b.next = id == n ? 1 : id + 1;
    b.ref = 0;
    b.group = NO_GROUP;
  }
  block(p, n).prev = n - 1;
  block(p, n - 1).next = n;
  const none = block(p, 0);
  none.ref = 1;
  none.next = UNQUEUED;
  clearTable(p);
}

function clearTable(p: Pool): void {
  memory.fill(<usize>p.tableBase, 0xff, (<usize>p.tableMask + 1) << 4);
}

export function pool_destroy(handle: usize): i32 {
  const p = open(handle);
  if (isNull(p)) return BAD_HANDLE;
  give(<usize>p.recordBase, (p.blocks + 1) << 5);
  give(<usize>p.tableBase, (p.tableMask + 1) << 4);
  if (p.eventBase) give(<usize>p.eventBase, p.eventCapacity * EVENT_BYTES);
  p.magic = 0;
  give(handle, <u32>offsetof<Pool>());
  return OK;
}

function log(p: Pool, kind: u32, group: u32, key: u64): PoolEvent {
  if (p.eventCount == p.eventCapacity) {
    p.eventLost++;
    return changetype<PoolEvent>(0);
  }
  const at = <usize>p.eventBase + <usize>(p.eventCount++ * EVENT_BYTES);
  const e = changetype<PoolEvent>(at);
  e.kind = kind;
  e.group = group;
  e.key = key;
  e.hasParent = 0;
  e.continued = 0;
  return e;
}

/** Index of the slot with (key, group), or of the empty slot where it would go. */
// @ts-ignore: decorator
@inline
function find(p: Pool, key: u64, group: u32): u32 {
  const mask = p.tableMask;
  let i = home(p, key, group);
  while (true) {
    const s = slot(p, i);
    if (s.first == EMPTY || (s.key == key && s.group == group)) return i;
    i = (i + 1) & mask;
  }
}

function removeSlot(p: Pool, index: u32): void {
  const mask = p.tableMask;
  let i = index;
  let j = index;
  while (true) {
    j = (j + 1) & mask;
    const s = slot(p, j);
    if (s.first == EMPTY) break;
    const h = home(p, s.key, s.group);
    if (((j - h) & mask) >= ((j - i) & mask)) {
      const hole = slot(p, i);
      hole.key = s.key;
      hole.group = s.group;
      hole.first = s.first;
      i = j;
    }
  }
  slot(p, i).first = EMPTY;
}

/** Takes the hash off block `id`, which must carry one. */
function unhash(p: Pool, id: u32): void {
  const b = block(p, id);
  const index = find(p, b.key, b.group);
  const s = slot(p, index);
  const first = s.first;
  if (first == id) {
    const second = b.dupNext;
    if (second == EMPTY) {
      removeSlot(p, index);
    } else {
      s.first = second;
      block(p, second).dupPrev = b.dupPrev;
    }
  } else {
    block(p, b.dupPrev).dupNext = b.dupNext;
    if (b.dupNext == EMPTY) block(p, first).dupPrev = b.dupPrev;
    else block(p, b.dupNext).dupPrev = b.dupPrev;
  }
  b.group = NO_GROUP;
  p.hashed--;
}

/**
 * Takes `n` blocks from the head of the free queue into ids[0..n), ref 1 each; a hashed one loses
 * its hash (event `removed`, in pop order). FULL when fewer are free: nothing changes.
 */
export function pool_alloc(handle: usize, n: u32, ids: usize): i32 {
  const p = open(handle);
  if (isNull(p)) return BAD_HANDLE;
  if (n > p.free) return FULL;
  if (!inMemory(ids, <u64>n << 2)) return BAD_ARGUMENT;
  const sentinel = p.blocks;
  const logging = p.eventCapacity != 0;
  let id = block(p, sentinel).next;
  for (let i: u32 = 0; i < n; i++) {
    const b = block(p, id);
    const next = b.next;
    if (b.group != NO_GROUP) {
      if (logging) log(p, REMOVED, b.group, b.key);
      unhash(p, id);
      p.evicted++;
    }
    b.ref = 1;
    b.next = UNQUEUED;
    store<u32>(ids + (<usize>i << 2), id);
    id = next;
  }
  block(p, sentinel).next = id;
  block(p, id).prev = sentinel;
  p.free -= n;
  return OK;
}

/** Undoes the first `n` steps of a free that turned out to be unbalanced. */
function undoFree(p: Pool, ids: usize, n: u32, tail: u32): void {
  for (let i: u32 = 0; i < n; i++) {
    const b = block(p, idAt(ids, i));
    b.ref++;
    b.next = UNQUEUED;
  }
  block(p, p.blocks).prev = tail;
  block(p, tail).next = p.blocks;
}

/**
 * Takes one reference off each of ids[0..n), given in eviction order. Blocks that reach 0 are
 * queued: those without a hash at the head (first id first out), those with one at the tail.
 * UNBALANCED when an id is freed more often than it was taken: nothing changes.
 */
export function pool_free(handle: usize, ids: usize, n: u32): i32 {
  const p = open(handle);
  if (isNull(p)) return BAD_HANDLE;
  if (!inMemory(ids, <u64>n << 2)) return BAD_ARGUMENT;
  const sentinel = p.blocks;
  const caching = p.caching != 0;
  const oldTail = block(p, sentinel).prev;
  let tail = oldTail;
  let firstHead: u32 = EMPTY;
  let lastHead: u32 = EMPTY;
  let queued: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    const id = idAt(ids, i);
    if (id >= sentinel || id == 0 || block(p, id).ref == 0) {
      undoFree(p, ids, i, oldTail);
      return id >= sentinel || id == 0 ? BAD_ARGUMENT : UNBALANCED;
    }
    const b = block(p, id);
    if (--b.ref != 0) continue;
    queued++;
    if (caching && b.group == NO_GROUP) {
      b.prev = lastHead;
      if (lastHead == EMPTY) firstHead = id;
      else block(p, lastHead).next = id;
      lastHead = id;
    } else {
      block(p, tail).next = id;
      b.prev = tail;
      tail = id;
    }
  }
  block(p, tail).next = sentinel;
  block(p, sentinel).prev = tail;
  if (firstHead != EMPTY) {
    const head = block(p, sentinel).next;
    block(p, sentinel).next = firstHead;
    block(p, firstHead).prev = sentinel;
    block(p, lastHead).next = head;
    block(p, head).prev = lastHead;
  }
  p.free += queued;
  return OK;
}

/** One more reference on each of ids[0..n); a free block leaves the queue. */
export function pool_touch(handle: usize, ids: usize, n: u32): i32 {
  const p = open(handle);
  if (isNull(p)) return BAD_HANDLE;
  if (!inMemory(ids, <u64>n << 2)) return BAD_ARGUMENT;
  for (let i: u32 = 0; i < n; i++) {
    const id = idAt(ids, i);
    if (id >= p.blocks || id == 0 || block(p, id).ref == 0x7fffffff) return BAD_ARGUMENT;
  }
  for (let i: u32 = 0; i < n; i++) {
    const b = block(p, idAt(ids, i));
    if (b.ref == 0) {
      block(p, b.prev).next = b.next;
      block(p, b.next).prev = b.prev;
      b.next = UNQUEUED;
      p.free--;
    }
    b.ref++;
  }
  return OK;
}

/**
 * Registers ids[i] under (keys[i], group) for i in [0, n): u64 keys, little-endian, one stored
 * event with the given parent. Several blocks may carry one key. Refuses blocks that are null or
 * hashed already, or out of range, before any is registered.
 */
export function pool_cache(
  handle: usize,
  ids: usize,
  keys: usize,
  n: u32,
  group: u32,
  parentLo: u32,
  parentHi: u32,
  hasParent: u32,
): i32 {
  const p = open(handle);
  if (isNull(p)) return BAD_HANDLE;
  if (!inMemory(ids, <u64>n << 2) || !inMemory(keys, <u64>n << 3)) return BAD_ARGUMENT;
  if (group == NO_GROUP) return BAD_ARGUMENT;
  for (let i: u32 = 0; i < n; i++) {
    const id = idAt(ids, i);
    const key = load<u64>(keys + (<usize>i << 3));
    if (id >= p.blocks || id == 0 || !hashOne(p, id, key, group)) {
      while (i > 0) unhash(p, idAt(ids, --i));
      return BAD_ARGUMENT;
    }
  }
  if (p.eventCapacity) logStored(p, keys, n, group, <u64>parentHi << 32 | <u64>parentLo, hasParent);
  return OK;
}

/** Puts one block under its key; false when it carries a hash already. */
function hashOne(p: Pool, id: u32, key: u64, group: u32): bool {
  const b = block(p, id);
  if (b.group != NO_GROUP) return false;
  b.key = key;
  b.group = group;
  b.dupNext = EMPTY;
  const s = slot(p, find(p, key, group));
  if (s.first == EMPTY) {
    s.key = key;
    s.group = group;
    s.first = id;
    b.dupPrev = id;
  } else {
    const first = block(p, s.first);
    block(p, first.dupPrev).dupNext = id;
    b.dupPrev = first.dupPrev;
    first.dupPrev = id;
  }
  p.hashed++;
  return true;
}

function logStored(p: Pool, keys: usize, n: u32, group: u32, parent: u64, has: u32): void {
  for (let i: u32 = 0; i < n; i++) {
    const e = log(p, STORED, group, load<u64>(keys + (<usize>i << 3)));
    if (changetype<usize>(e) == 0) continue;
    e.parent = parent;
    e.hasParent = has;
    e.continued = i > 0 ? 1 : 0;
  }
}

/** Oldest surviving block under (key, group), or NONE. */
export function pool_lookup(handle: usize, keyLo: u32, keyHi: u32, group: u32): i32 {
  const p = open(handle);
  if (isNull(p)) return BAD_HANDLE;
  const s = slot(p, find(p, (<u64>keyHi << 32) | <u64>keyLo, group));
  return s.first == EMPTY ? NONE : <i32>s.first;
}

/** Looks up keys[0..n) from the left until the first miss; ids go to `ids`. Returns the hits. */
export function pool_lookup_run(handle: usize, keys: usize, n: u32, group: u32, ids: usize): i32 {
  const p = open(handle);
  if (isNull(p)) return BAD_HANDLE;
  if (!inMemory(keys, <u64>n << 3) || !inMemory(ids, <u64>n << 2)) return BAD_ARGUMENT;
  for (let i: u32 = 0; i < n; i++) {
    const s = slot(p, find(p, load<u64>(keys + (<usize>i << 3)), group));
    if (s.first == EMPTY) return <i32>i;
    store<u32>(ids + (<usize>i << 2), s.first);
  }
  return <i32>n;
}

/** Drops the hashes of ids[0..n); references and queue positions stay. */
export function pool_evict(handle: usize, ids: usize, n: u32): i32 {
  const p = open(handle);
  if (isNull(p)) return BAD_HANDLE;
  if (!inMemory(ids, <u64>n << 2)) return BAD_ARGUMENT;
  for (let i: u32 = 0; i < n; i++) if (idAt(ids, i) >= p.blocks) return BAD_ARGUMENT;
  for (let i: u32 = 0; i < n; i++) {
    const id = idAt(ids, i);
    const b = block(p, id);
    if (b.group == NO_GROUP) continue;
    if (p.eventCapacity) log(p, REMOVED, b.group, b.key);
    unhash(p, id);
  }
  return OK;
}

/** Drops all hashes, provided that no block but the null block is in use; else BUSY. */
export function pool_reset(handle: usize): i32 {
  const p = open(handle);
  if (isNull(p)) return BAD_HANDLE;
  if (p.free != p.blocks - 1) return BUSY;
  for (let id: u32 = 0; id < p.blocks; id++) block(p, id).group = NO_GROUP;
  clearTable(p);
  p.hashed = 0;
  if (p.eventCapacity) log(p, CLEARED, 0, 0);
  return OK;
}

export function pool_free_count(handle: usize): i32 {
  const p = open(handle);
  return isNull(p) ? BAD_HANDLE : <i32>p.free;
}

export function pool_hashed_count(handle: usize): i32 {
  const p = open(handle);
  return isNull(p) ? BAD_HANDLE : <i32>p.hashed;
}

/** References on block `id`. */
export function pool_ref(handle: usize, id: u32): i32 {
  const p = open(handle);
  if (isNull(p)) return BAD_HANDLE;
  return id < p.blocks ? <i32>block(p, id).ref : BAD_ARGUMENT;
}

/** Writes the free queue, head first, to ids (room for `max`); returns its length. */
export function pool_queue(handle: usize, ids: usize, max: u32): i32 {
  const p = open(handle);
  if (isNull(p)) return BAD_HANDLE;
  if (max < p.free || !inMemory(ids, <u64>max << 2)) return BAD_ARGUMENT;
  let id = block(p, p.blocks).next;
  let n: u32 = 0;
  while (id != p.blocks && n < max) {
    store<u32>(ids + (<usize>n << 2), id);
    id = block(p, id).next;
    n++;
  }
  return <i32>n;
}

/** Offset of the event log; its records are {kind, group, key, parent, hasParent, continued}. */
export function pool_events(handle: usize): usize {
  const p = open(handle);
  return isNull(p) ? 0 : <usize>p.eventBase;
}

/** Number of logged events; clears the log. Negative: the log overflowed by that many plus one. */
export function pool_events_take(handle: usize): i32 {
  const p = open(handle);
  if (isNull(p)) return BAD_HANDLE;
  const n = p.eventLost ? -1 - <i32>p.eventLost : <i32>p.eventCount;
  p.eventCount = 0;
  p.eventLost = 0;
  return n;
}

/** 0, or the number of the first KV invariant that does not hold. O(n). */
export function pool_check(handle: usize): i32 {
  const p = open(handle);
  if (isNull(p)) return BAD_HANDLE;
  const n = p.blocks;
  let length: u32 = 0;
  let prev = n;
  let id = block(p, n).next;
  while (id != n) {
    if (id > n || length > p.free) return 1;
    const b = block(p, id);
    if (b.prev != prev || b.ref != 0) return 1;
    if (id == 0) return 3;
    prev = id;
    id = b.next;
    length++;
  }
  if (length != p.free || block(p, n).prev != prev) return 1;
  let idle: u32 = 0;
  let hashed: u32 = 0;
  for (let i: u32 = 1; i < n; i++) {
    const b = block(p, i);
    if (b.ref == 0) idle++;
    if ((b.next == UNQUEUED) != (b.ref != 0)) return 1;
    if (b.group != NO_GROUP) hashed++;
  }
  if (idle != p.free) return 1;
  if (block(p, 0).group != NO_GROUP || block(p, 0).next != UNQUEUED) return 3;
  return hashed == p.hashed && tableHolds(p) == hashed ? 0 : 2;
}

/** Blocks reachable through the table, or 0xffffffff when an entry is wrong. */
function tableHolds(p: Pool): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i <= p.tableMask; i++) {
    const s = slot(p, i);
    if (s.first == EMPTY) continue;
    if (find(p, s.key, s.group) != i) return EMPTY;
    let prev = s.first;
    for (let id = s.first; id != EMPTY; id = block(p, id).dupNext) {
      const b = block(p, id);
      if (b.key != s.key || b.group != s.group || ++count > p.blocks) return EMPTY;
      if (id != s.first && b.dupPrev != prev) return EMPTY;
      prev = id;
    }
    if (block(p, s.first).dupPrev != prev) return EMPTY;
  }
  return count;
}
