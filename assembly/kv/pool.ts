// SPDX-License-Identifier: Apache-2.0
/**
 * Block pool: hands out fixed-size KV blocks, keeps freed ones findable by content until reused.
 *
 * Problem: allocate, share, free and evict paged KV blocks in O(1) each, in exactly the order of
 * vLLM v1 (`block_pool.py`, commit 48ebd6f2): freed blocks without a hash are reused first, hashed
 * ones least recently freed first, and a hashed free block can still be hit.
 *
 * ```
 *  blocks, index 0 .. n-1; record n is the sentinel of the free queue
 *  ┌──────┬──────┬─────┬──────┐   16 bytes a block   free queue: sentinel ⇄ head (handed out next)
 *  │ prev │ next │ ref │ slot │                                  ⇄ ... ⇄ tail ⇄ sentinel
 *  └──────┴──────┴─────┴──│───┘   slot: NONE, where the hash stands, that | SHARED, or FOLLOWER
 *                         ▼
 *  hash table  ┌───────────────┬────────────────────────────┐   12 bytes a slot, open addressing,
 *              │ key (64 bits) │ group << 26 | oldest block │   backward-shift deletion
 *              └───────────────┴────────────────────────────┘
 *  duplicates  blocks with one (key, group) form a ring {next, prev}, oldest first; lookup gives
 *              the oldest. It alone knows the slot, marked SHARED; the others are FOLLOWERs.
 *              Where {next, prev} would stand, a block that has its hash alone keeps the key.
 * ```
 *
 * States of a block: null (id 0: never queued, never cached), free or used, each with or without a
 * hash. A block is in the free queue exactly when its `ref` is 0.
 *
 * Speed here is cache misses. Taking, sharing and freeing touch one 16-byte record, a lookup one
 * slot; a block leads straight to its slot, so that losing a hash needs neither key nor probing.
 * Blocks of one request mostly stand side by side: a run of lookups guesses the next block and
 * compares the key that the block keeps, which reads memory in order and probes nothing. No loop
 * over blocks makes a call: what lives across a call is on the stack, and the loop waits for it.
 *
 * Invariants (pool_check returns the number of the first one that fails)
 * - KV-1  queue length == free counter == blocks with ref 0 (null excluded), no cycle.
 * - KV-2  every table slot leads to blocks that carry its key and group, each exactly once; the
 *         number of such blocks is the hashed counter. A block alone in its slot keeps the key.
 * - KV-3  the null block is never queued and never carries a hash.
 * - KV-4  a refused call changes nothing that any call can see.
 * - KV-5  records, rings, table and log lie inside the arena, in the sizes that the pool asks for.
 *
 * Parts: pool/layout (records), queue, table (hashes), events, verify.
 *
 * Complexity: O(1) a block for alloc, free, touch, cache, lookup, evict; O(n) for create and reset.
 */
import { delist, enlist, give, hasRoom, pieceSize, take } from "../arena";
import { OK, FULL, NONE, BAD_HANDLE, BAD_ARGUMENT, UNBALANCED, BUSY } from "../status";
import {
  EMPTY,
  GROUPS,
  GROUP_SHIFT,
  ID_MASK,
  MAGIC,
  NONE_AT,
  NOWHERE,
  Pool,
  SHARED,
  SLOT_BYTES,
  block,
  factorOf,
  home,
  idAt,
  isLivePool,
  isPool,
  loneKey,
  owns,
  slot,
} from "./pool/layout";
import {
  clearTable,
  find,
  follow,
  hashNew,
  tableSlots,
  unhash,
} from "./pool/table";
import { linkRun, undoFree, undoTouch } from "./pool/queue";
import { CLEARED, EVENT_BYTES, log, logHead, logRemoved, logStored } from "./pool/events";

/** Table of a pool without hashes: empty, so that no lookup needs to ask. */
const BARE_SLOTS: u32 = 16;

/** Bytes of arena that a pool made with these arguments takes. */
export function pool_bytes(blocks: u32, caching: u32, events: u32): u32 {
  return (
    pieceSize(<u32>offsetof<Pool>()) +
    pieceSize((blocks + 1) << 4) +
    pieceSize(ringBytes(blocks, caching)) +
    pieceSize((caching ? tableSlots(blocks) : BARE_SLOTS) * SLOT_BYTES) +
    (events ? pieceSize(events * EVENT_BYTES) : 0)
  );
}

/**
 * A pool of `blocks` blocks including the null block 0. `caching` 0 makes one without hashes: it
 * has no table, refuses pool_cache and queues every freed block at the tail. `events` is the
 * capacity of the event log (0: none).
 */
export function pool_create(blocks: u32, caching: u32, events: u32): usize {
  if (blocks < 2 || blocks > 0x3ffffff || events > 0xffffff) return 0;
  if (!hasRoom(pool_bytes(blocks, caching, events))) return 0;
  const p = changetype<Pool>(take(<u32>offsetof<Pool>()));
  const slots = caching ? tableSlots(blocks) : BARE_SLOTS;
  p.blocks = blocks;
  p.headSlot = caching ? NONE_AT : NOWHERE;
  p.tableMask = slots - 1;
  p.records = take((blocks + 1) << 4);
  p.rings = take(ringBytes(blocks, caching));
  p.table = take(slots * SLOT_BYTES);
  p.eventCapacity = events;
  p.eventBase = events ? <u32>take(events * EVENT_BYTES) : 0;
  enlist(changetype<usize>(p), MAGIC);
  clear(p);
  return changetype<usize>(p);
}

// @ts-ignore: decorator
@inline
function ringBytes(blocks: u32, caching: u32): u32 {
  return caching ? (blocks + 1) << 3 : 32;
}

function clear(p: Pool): void {
  const records = p.records;
  const n = p.blocks;
  p.free = n - 1;
  p.hashed = 0;
  p.eventCount = 0;
  p.eventLost = 0;
  p.evicted = 0;
  for (let id: u32 = 0; id <= n; id++) {
    const b = block(records, id);
    b.prev = id == 1 ? n : id - 1;
    b.next = id == n ? 1 : id + 1;
    b.ref = 0;
    b.slot = NONE_AT;
  }
  block(records, n).prev = n - 1;
  block(records, n - 1).next = n;
  const none = block(records, 0);
  none.ref = 1;
  clearTable(p);
}

export function pool_destroy(handle: usize): i32 {
  if (!isLivePool(handle)) return BAD_HANDLE;
  const p = changetype<Pool>(handle);
  give(p.records, (p.blocks + 1) << 4);
  give(p.rings, ringBytes(p.blocks, p.headSlot == NONE_AT ? 1 : 0));
  give(p.table, (p.tableMask + 1) * SLOT_BYTES);
  if (p.eventBase) give(<usize>p.eventBase, p.eventCapacity * EVENT_BYTES);
  delist(handle);
  give(handle, <u32>offsetof<Pool>());
  return OK;
}

/**
 * Takes `n` blocks from the head of the free queue into ids[0..n), ref 1 each; a hashed one loses
 * its hash (event `removed`, in pop order). FULL when fewer are free: nothing changes.
 */
export function pool_alloc(handle: usize, n: u32, ids: usize): i32 {
  if (!isPool(handle)) return BAD_HANDLE;
  const p = changetype<Pool>(handle);
  const records = p.records;
  if (n > p.free) return FULL;
  if (!owns(ids, <u64>n << 2)) return BAD_ARGUMENT;
  const sentinel = p.blocks;
  const table = p.table;
  const mask = p.tableMask;
  if (p.eventCapacity) logHead(p, n);
  const end = ids + (<usize>n << 2);
  let at = ids;
  let id = block(records, sentinel).next;
  // Blocks without a hash mostly come first.
  while (at < end) {
    const b = block(records, id);
    if (b.slot != NONE_AT) break;
    b.ref = 1;
    store<u32>(at, id);
    at += 4;
    id = b.next;
  }
  // What takes more than emptying a slot (another block has the hash, other keys lie behind it) is
  // left for later: this loop keeps its values in registers.
  let dropped: u32 = 0;
  let left: u32 = 0;
  while (at < end) {
    const b = block(records, id);
    const index = b.slot;
    b.ref = 1;
    store<u32>(at, id);
    at += 4;
    id = b.next;
    if (<i32>index < 0) {
      if (index != NONE_AT) left++;
      continue;
    }
    if (slot(table, (index + 1) & mask).entry != EMPTY) {
      left++;
      continue;
    }
    slot(table, index).entry = EMPTY;
    b.slot = NONE_AT;
    dropped++;
  }
  block(records, sentinel).next = id;
  block(records, id).prev = sentinel;
  p.free -= n;
  p.hashed -= dropped;
  p.evicted += dropped + left;
  if (left) dropLeft(p, ids, n);
  return OK;
}

/** Takes the hashes off those of ids[0..n) that still carry one: what the loop of alloc left. */
function dropLeft(p: Pool, ids: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) {
    const id = idAt(ids, i);
    if (block(p.records, id).slot != NONE_AT) unhash(p, id);
  }
}

/**
 * Takes one reference off each of ids[0..n), given in eviction order. Blocks that reach 0 are
 * queued: those without a hash at the head (first id first out), those with one at the tail.
 * UNBALANCED when an id is freed more often than it was taken: nothing changes.
 */
export function pool_free(handle: usize, ids: usize, n: u32): i32 {
  return release(handle, ids, n, ids, 4);
}

/** pool_free of a table: from ids[n-1] to ids[0], so that a prefix outlives what follows it. */
export function pool_free_table(handle: usize, ids: usize, n: u32): i32 {
  return release(handle, ids, n, ids + (<usize>n << 2) - 4, -4);
}

/** Frees ids[0..n) from `first` on; the next one lies `stride` bytes further. */
function release(handle: usize, ids: usize, n: u32, first: usize, stride: isize): i32 {
  if (!isPool(handle)) return BAD_HANDLE;
  const p = changetype<Pool>(handle);
  if (!owns(ids, <u64>n << 2)) return BAD_ARGUMENT;
  const records = p.records;
  const sentinel = p.blocks;
  const oldTail = block(records, sentinel).prev;
  const last = sentinel - 1;
  const headSlot = p.headSlot;
  // Blocks for the head hang off the null block, which is never queued, until the end.
  let lastHead: u32 = 0;
  let tail = oldTail;
  let kept: u32 = 0;
  const end = first + <isize>n * stride;
  let at = first;
  while (at != end) {
    const from = at;
    at = linkRun(records, last, headSlot, true, at, end, stride, lastHead);
    if (at != from) lastHead = load<u32>(at - stride);
    const middle = at;
    at = linkRun(records, last, headSlot, false, at, end, stride, tail);
    if (at != middle) tail = load<u32>(at - stride);
    while (at != end) {
      const id = load<u32>(at);
      if (id - 1 >= last) break;
      const b = block(records, id);
      const ref = b.ref;
      if (<i32>ref <= 1) break;
      b.ref = ref - 1;
      at += stride;
      kept++;
    }
    // An id that none of the three took can only be refused.
    if (at == from) break;
  }
  if (at != end) {
    undoFree(p, first, at, stride, oldTail);
    return load<u32>(at) - 1 >= last ? BAD_ARGUMENT : UNBALANCED;
  }
  block(records, tail).next = sentinel;
  block(records, sentinel).prev = tail;
  if (lastHead) {
    const freed = block(records, 0).next;
    const head = block(records, sentinel).next;
    block(records, sentinel).next = freed;
    block(records, freed).prev = sentinel;
    block(records, lastHead).next = head;
    block(records, head).prev = lastHead;
  }
  p.free += n - kept;
  return OK;
}

/** One more reference on each of ids[0..n); a free block leaves the queue. */
export function pool_touch(handle: usize, ids: usize, n: u32): i32 {
  if (!isPool(handle)) return BAD_HANDLE;
  const p = changetype<Pool>(handle);
  if (!owns(ids, <u64>n << 2)) return BAD_ARGUMENT;
  const records = p.records;
  const last = p.blocks - 1;
  const end = ids + (<usize>n << 2);
  let taken: u32 = 0;
  let at = ids;
  while (at < end) {
    const from = at;
    // Blocks in use.
    while (at < end) {
      const id = load<u32>(at);
      if (id - 1 >= last) break;
      const b = block(records, id);
      const ref = b.ref;
      if (ref - 1 >= 0x7ffffffe) break;
      b.ref = ref + 1;
      at += 4;
    }
    if (at < end) {
      const id = load<u32>(at);
      const b = block(records, id);
      if (id - 1 < last && b.ref == 0) {
        // Those that one call freed lie side by side: they leave the queue together.
        const middle = at;
        let prev = b.prev;
        let next = b.next;
        b.ref = 1;
        at += 4;
        while (at < end) {
          const id = load<u32>(at);
          if (id > last) break;
          const b = block(records, id);
          if (id == prev) prev = b.prev;
          else if (id == next) next = b.next;
          else break;
          b.ref = 1;
          at += 4;
        }
        block(records, prev).next = next;
        block(records, next).prev = prev;
        taken += <u32>(at - middle) >> 2;
      }
    }
    // A block that neither took can only be refused.
    if (at == from) break;
  }
  if (at < end) {
    undoTouch(p, ids, at);
    return BAD_ARGUMENT;
  }
  p.free -= taken;
  return OK;
}

/**
 * Registers ids[i] under (keys[i], group) for i in [0, n): u64 keys, little-endian, one stored
 * event with the given parent. Several blocks may carry one key. Groups are 0 to 62. Refuses
 * blocks that are null, out of range or hashed already, and a pool without caching.
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
  if (!isPool(handle)) return BAD_HANDLE;
  const p = changetype<Pool>(handle);
  if (!owns(ids, <u64>n << 2) || !owns(keys, <u64>n << 3)) return BAD_ARGUMENT;
  if (group >= GROUPS || p.headSlot == NOWHERE) return BAD_ARGUMENT;
  if (p.group != group) p.group = p.hashed ? GROUPS : group;
  let done = hashNew(p, ids, keys, 0, n, group);
  while (done < n) {
    const id = idAt(ids, done);
    if (id - 1 >= p.blocks - 1 || block(p.records, id).slot != NONE_AT) {
      while (done > 0) unhash(p, idAt(ids, --done));
      return BAD_ARGUMENT;
    }
    follow(p, id, load<u64>(keys + (<usize>done << 3)), group);
    done = hashNew(p, ids, keys, done + 1, n, group);
  }
  if (p.eventCapacity) logStored(p, keys, n, group, <u64>parentHi << 32 | <u64>parentLo, hasParent);
  return OK;
}

/** Oldest surviving block under (key, group), or NONE. */
export function pool_lookup(handle: usize, keyLo: u32, keyHi: u32, group: u32): i32 {
  if (!isPool(handle)) return BAD_HANDLE;
  const p = changetype<Pool>(handle);
  if (group >= GROUPS) return NONE;
  const key = (<u64>keyHi << 32) | <u64>keyLo;
  const s = find(p, key, group);
  return s.entry == EMPTY ? NONE : <i32>(s.entry & ID_MASK);
}

/** Looks up keys[0..n) from the left until the first miss; ids go to `ids`. Returns the hits. */
export function pool_lookup_run(handle: usize, keys: usize, n: u32, group: u32, ids: usize): i32 {
  if (!isPool(handle)) return BAD_HANDLE;
  const p = changetype<Pool>(handle);
  if (!owns(keys, <u64>n << 3) || !owns(ids, <u64>n << 2)) return BAD_ARGUMENT;
  // An empty slot looks like one of the group above the last.
  if (group >= GROUPS) return 0;
  const records = p.records;
  const rings = p.rings;
  const table = p.table;
  const mask = p.tableMask;
  const slots = <u64>mask + 1;
  const factor = factorOf(group);
  const tag = group << GROUP_SHIFT;
  const end = keys + (<usize>n << 3);
  // Only where all hashes are of this group do records tell whose key a block has.
  const guessEnd = p.group == group ? end : keys;
  let at = keys;
  let out = ids;
  let id: u32 = 0;
  while (at < end) {
    const key = load<u64>(at);
    let i = home(slots, factor, key);
    let s = slot(table, i);
    let found = s.entry - tag;
    while ((s.key ^ key) | <u64>(found & ~ID_MASK)) {
      if (found == EMPTY - tag) return <i32>((out - ids) >> 2);
      i = (i + 1) & mask;
      s = slot(table, i);
      found = s.entry - tag;
    }
    const step = found - id;
    id = found;
    store<u32>(out, id);
    at += 8;
    out += 4;
    if ((step + 1) & ~2) continue;
    // The next one may follow on, up to the sentinel; whoever is alone with a key tells it.
    while (at < guessEnd) {
      const guess = id + step;
      const wrong = loneKey(rings, guess) ^ load<u64>(at);
      if (wrong | <u64>(block(records, guess).slot & SHARED)) break;
      id = guess;
      store<u32>(out, guess);
      at += 8;
      out += 4;
    }
  }
  return <i32>n;
}

/** Drops the hashes of ids[0..n); references and queue positions stay. */
export function pool_evict(handle: usize, ids: usize, n: u32): i32 {
  if (!isLivePool(handle)) return BAD_HANDLE;
  const p = changetype<Pool>(handle);
  if (!owns(ids, <u64>n << 2)) return BAD_ARGUMENT;
  for (let i: u32 = 0; i < n; i++) if (idAt(ids, i) >= p.blocks) return BAD_ARGUMENT;
  for (let i: u32 = 0; i < n; i++) {
    const id = idAt(ids, i);
    if (block(p.records, id).slot == NONE_AT) continue;
    if (p.eventCapacity) logRemoved(p, id);
    unhash(p, id);
  }
  return OK;
}

/** Drops all hashes, provided that no block but the null block is in use; else BUSY. */
export function pool_reset(handle: usize): i32 {
  if (!isLivePool(handle)) return BAD_HANDLE;
  const p = changetype<Pool>(handle);
  if (p.free != p.blocks - 1) return BUSY;
  for (let id: u32 = 0; id < p.blocks; id++) block(p.records, id).slot = NONE_AT;
  clearTable(p);
  p.hashed = 0;
  if (p.eventCapacity) log(p, CLEARED, 0, 0);
  return OK;
}

export function pool_free_count(handle: usize): i32 {
  return isPool(handle) ? <i32>changetype<Pool>(handle).free : BAD_HANDLE;
}

export function pool_hashed_count(handle: usize): i32 {
  return isLivePool(handle) ? <i32>changetype<Pool>(handle).hashed : BAD_HANDLE;
}

/** References on block `id`. */
export function pool_ref(handle: usize, id: u32): i32 {
  if (!isLivePool(handle)) return BAD_HANDLE;
  const p = changetype<Pool>(handle);
  return id < p.blocks ? <i32>block(p.records, id).ref : BAD_ARGUMENT;
}

/** Writes the free queue, head first, to ids (room for `max`); returns its length. */
export function pool_queue(handle: usize, ids: usize, max: u32): i32 {
  if (!isLivePool(handle)) return BAD_HANDLE;
  const p = changetype<Pool>(handle);
  const records = p.records;
  if (max < p.free || !owns(ids, <u64>max << 2)) return BAD_ARGUMENT;
  let id = block(records, p.blocks).next;
  let n: u32 = 0;
  while (id != p.blocks && n < max) {
    store<u32>(ids + (<usize>n << 2), id);
    id = block(records, id).next;
    n++;
  }
  return <i32>n;
}
