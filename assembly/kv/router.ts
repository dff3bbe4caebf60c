// SPDX-License-Identifier: Apache-2.0
/**
 * Router index: which worker holds how much of a request's prefix.
 *
 * Problem: follow the KV events of many workers (blocks stored, removed, cleared) and answer, for a
 * request of hashed blocks, the number of leading blocks that each worker holds. Events come late,
 * twice, in the wrong order or never; workers hold copies; prefixes have holes.
 *
 * ```
 *  blocks, 48 bytes + a bit a worker           ┌──── parent ◄── first child ⇄ sibling ⇄ ...
 *  ┌──────┬───────┬────────┬──────────┬───────┴──┬─────────┬─────┬──────────────┐
 *  │ hash │ local │ parent │ children │ siblings │ holders │ gen │ workers' set │
 *  └──────┴───────┴────────┴──────────┴──────────┴─────────┴─────┴──────────────┘
 *  table        hash -> block                      (both forms)
 *  child table  (parent, local hash) -> block      (radix form)
 *  side table   (worker, block) -> further copies; the serial of its last routing (approximate)
 *  worker       event awaited, events waiting, blocks, holes, counters
 * ```
 *
 * Two forms with one answer: `radix` follows local hashes from the root and needs no chained hash
 * in a query; `positional` looks blocks up by chained hash and jumps JUMP blocks at a time while
 * every worker that is followed is closed under prefixes: it holds the parent of what it holds.
 *
 * Invariants (router_check returns the number of the first one that fails)
 * - ROUTER-1  each block in use stands in the table(s) exactly once; sets and holders agree.
 * - ROUTER-2  children and siblings agree with parents; a block that nobody holds leads to one that
 *             somebody does.
 * - ROUTER-3  blocks and holes of a worker are what its sets say.
 * - ROUTER-4  a side entry stands at a held block; events that wait ascend, beyond the one awaited.
 * - ROUTER-5  a refused call changes nothing.
 * - ROUTER-6  what the index leads to lies inside the arena, indices inside their tables.
 *
 * Complexity: O(1) a block stored or removed (O(children) up to 64 for holes), O(blocks matched) a
 * query, a JUMP-th of that when positional; clear and resync O(blocks of the index).
 * Memory: per block 48 + 4 ceil(workers / 32) bytes and 8 (positional) or 16 bytes of tables.
 *
 * Parts: router/layout (records), tables, memory (growth), blocks, events, query, approx, verify.
 * Source: ai-dynamo/dynamo lib/kv-router (radix tree, positional indexer, approximate mode).
 */
import { areLongs, areWords, delist, enlist, give, hasRoom, pieceSize, take } from "../arena";
import { BAD_ARGUMENT, BAD_HANDLE, NO_MEMORY, OK } from "../status";
import { APPLIED, CLEARED, Event, REMOVED, STORED, dropPending, receive } from "./router/events";
import { clearWorker, dump, hold, named, place } from "./router/blocks";
import { dropQueue, expire, roomToRoute, route } from "./router/approx";
import {
  MAGIC,
  NIL,
  POSITIONAL,
  RADIX,
  Router,
  WORKER_BYTES,
  isRouter,
  strideOf,
  worker,
} from "./router/layout";
import { roomForBlocks, roomForSide } from "./router/memory";
import { search } from "./router/query";

/** The event in hand. Scratch, no state. */
const EVENT: usize = memory.data(32, 8);

/**
 * An index for `workers` workers (1 to 4096) with room for `blocks` blocks, growing up to
 * `maxBlocks`. form: 0 radix, 1 positional. ttlNs > 0: approximate mode, entries live so long.
 */
export function router_create(
  form: u32,
  workers: u32,
  blocks: u32,
  maxBlocks: u32,
  ttlNs: f64,
): usize {
  if (form > POSITIONAL || workers == 0 || workers > 4096 || !(ttlNs >= 0)) return 0;
  if (maxBlocks < 64 || maxBlocks > 0x1000000 || blocks > maxBlocks) return 0;
  const words = (workers + 31) >> 5;
  const bytes = pieceSize(<u32>offsetof<Router>()) + pieceSize(workers * WORKER_BYTES);
  if (!hasRoom(bytes + pieceSize(words << 2))) return 0;
  const handle = take(<u32>offsetof<Router>());
  memory.fill(handle, 0, offsetof<Router>());
  const t = changetype<Router>(handle);
  t.form = form;
  t.workers = workers;
  t.words = words;
  t.stride = strideOf(words);
  t.maxBlocks = maxBlocks;
  t.freeBlock = NIL;
  t.sideMask = u32.MAX_VALUE;
  t.ttlNs = ttlNs;
  t.workerBase = <u32>take(workers * WORKER_BYTES);
  memory.fill(t.workerBase, 0, workers * WORKER_BYTES);
  t.active = <u32>take(words << 2);
  enlist(handle, MAGIC);
  if (!roomForBlocks(t, max(blocks, 1)) || !roomForSide(t, 1)) {
    router_destroy(handle);
    return 0;
  }
  return handle;
}

export function router_destroy(handle: usize): i32 {
  if (!isRouter(handle)) return BAD_HANDLE;
  const t = changetype<Router>(handle);
  for (let w: u32 = 0; w < t.workers; w++) dropPending(t, w);
  if (t.capacity) {
    give(t.blocks, t.capacity * t.stride);
    give(t.table, (t.tableMask + 1) << 2);
    if (t.form == RADIX) give(t.childTable, (t.tableMask + 1) << 2);
  }
  if (t.side) give(t.side, (t.sideMask + 1) << 4);
  dropQueue(t);
  give(t.workerBase, t.workers * WORKER_BYTES);
  give(t.active, t.words << 2);
  delist(handle);
  give(handle, <u32>offsetof<Router>());
  return OK;
}

/** Bytes of arena that `blocks` blocks and so many workers take, tables included. */
export function router_bytes(form: u32, workers: u32, blocks: u32): f64 {
  let capacity: u32 = 64;
  while (capacity < blocks && capacity < 0x2000000) capacity <<= 1;
  const stride = strideOf((workers + 31) >> 5);
  const tables: u32 = form == RADIX ? 2 : 1;
  const fixed = <f64>workers * (<f64>WORKER_BYTES + 1) + 8192;
  return <f64>capacity * (<f64>stride + 8 * <f64>tables) * 1.25 + fixed;
}

/** Fills EVENT. */
function event(id: u32, kind: u32, n: u32): Event {
  const e = changetype<Event>(EVENT);
  e.next = 0;
  e.id = id;
  e.kind = kind;
  e.n = n;
  e.parent = 0;
  e.hasParent = 0;
  e.spare = 0;
  return e;
}

/** 0 when a worker of an index that lives on events is meant. */
function unfit(handle: usize, w: u32): i32 {
  if (!isRouter(handle)) return BAD_HANDLE;
  const t = changetype<Router>(handle);
  return w >= t.workers || t.ttlNs > 0 ? BAD_ARGUMENT : OK;
}

/**
 * Event `id` of a worker: it stored blocks hashes[0..n), each behind the one before it, the first
 * behind `parent`. Answers 0 applied, 1 duplicate, 2 waits for an earlier event, 3 applied after a
 * loss.
 */
export function router_stored(
  handle: usize,
  w: u32,
  id: u32,
  hasParent: u32,
  parentLo: u32,
  parentHi: u32,
  locals: usize,
  hashes: usize,
  n: u32,
): i32 {
  const status = unfit(handle, w);
  if (status) return status;
  if (n > 0xffffff || !areLongs(locals, n) || !areLongs(hashes, n)) return BAD_ARGUMENT;
  const e = event(id, STORED, n);
  e.hasParent = hasParent;
  e.parent = (<u64>parentHi << 32) | <u64>parentLo;
  return receive(changetype<Router>(handle), w, e, hashes, locals);
}

/** Event `id` of a worker: it removed one copy of each of hashes[0..n). */
export function router_removed(handle: usize, w: u32, id: u32, hashes: usize, n: u32): i32 {
  const status = unfit(handle, w);
  if (status) return status;
  if (n > 0xffffff || !areLongs(hashes, n)) return BAD_ARGUMENT;
  return receive(changetype<Router>(handle), w, event(id, REMOVED, n), hashes, hashes);
}

/** Event `id` of a worker: it dropped everything. */
export function router_cleared(handle: usize, w: u32, id: u32): i32 {
  const status = unfit(handle, w);
  if (status) return status;
  return receive(changetype<Router>(handle), w, event(id, CLEARED, 0), EVENT, EVENT);
}

/**
 * The whole content of a worker, atomically: entry i is hashes[i] under parents[i], an index below
 * i or 0xffffffff for none; copies[i] copies of it. Events up to `next` - 1 are contained: the one
 * awaited is `next`, those that wait are forgotten.
 */
export function router_resync(
  handle: usize,
  w: u32,
  next: u32,
  locals: usize,
  hashes: usize,
  parents: usize,
  copies: usize,
  n: u32,
): i32 {
  const status = unfit(handle, w);
  if (status) return status;
  const t = changetype<Router>(handle);
  if (n > 0xffffff || !areLongs(locals, n) || !areLongs(hashes, n)) return BAD_ARGUMENT;
  if (!areWords(parents, n) || !areWords(copies, n)) return BAD_ARGUMENT;
  for (let i: u32 = 0; i < n; i++) {
    const parent = load<u32>(parents + (<usize>i << 2));
    if ((parent != NIL && parent >= i) || load<u32>(copies + (<usize>i << 2)) == 0) {
      return BAD_ARGUMENT;
    }
  }
  if (!roomForBlocks(t, n) || !roomForSide(t, n)) return NO_MEMORY;
  router_forget(handle, w);
  const v = worker(t, w);
  v.started = 1;
  v.next = next;
  for (let i: u32 = 0; i < n; i++) {
    const up = load<u32>(parents + (<usize>i << 2));
    const parent = up == NIL ? NIL : named(t, load<u64>(hashes + (<usize>up << 3)));
    const index = named(t, load<u64>(hashes + (<usize>i << 3)));
    place(t, index, parent, load<u64>(locals + (<usize>i << 3)));
    const times = load<u32>(copies + (<usize>i << 2));
    for (let c: u32 = 0; c < times; c++) hold(t, w, index);
  }
  return APPLIED;
}

/** A worker is gone, or began anew: it holds nothing, and its next event may have any id. */
export function router_forget(handle: usize, w: u32): i32 {
  if (!isRouter(handle)) return BAD_HANDLE;
  const t = changetype<Router>(handle);
  if (w >= t.workers) return BAD_ARGUMENT;
  dropPending(t, w);
  clearWorker(t, w);
  worker(t, w).started = 0;
  return OK;
}

/**
 * Leading blocks of a request that each worker holds, a word a worker, into scores; returns the
 * largest. The radix form reads locals, the positional one hashes; the other may be 0.
 */
export function router_query(
  handle: usize,
  locals: usize,
  hashes: usize,
  n: u32,
  scores: usize,
): i32 {
  if (!isRouter(handle)) return BAD_HANDLE;
  const t = changetype<Router>(handle);
  if (n > 0xffffff || !areLongs(t.form == RADIX ? locals : hashes, n)) return BAD_ARGUMENT;
  if (!areWords(scores, t.workers)) return BAD_ARGUMENT;
  return <i32>search(t, locals, hashes, n, scores);
}

/** Approximate mode: a request of n blocks goes to a worker at `now` (ns, never decreasing). */
export function router_route(
  handle: usize,
  w: u32,
  locals: usize,
  hashes: usize,
  n: u32,
  now: f64,
): i32 {
  if (!isRouter(handle)) return BAD_HANDLE;
  const t = changetype<Router>(handle);
  if (w >= t.workers || !(t.ttlNs > 0) || !(now >= 0)) return BAD_ARGUMENT;
  if (n > t.maxBlocks || !areLongs(locals, n) || !areLongs(hashes, n)) return BAD_ARGUMENT;
  expire(t, now, u32.MAX_VALUE);
  if (t.used + n > t.maxBlocks) expire(t, now, t.maxBlocks / 5 * 4);
  if (t.used + n > t.maxBlocks) expire(t, now, t.maxBlocks - n);
  if (!roomToRoute(t, n)) return NO_MEMORY;
  route(t, w, locals, hashes, n, now);
  return OK;
}

/** Approximate mode: drops what is too old at `now`. */
export function router_expire(handle: usize, now: f64): i32 {
  if (!isRouter(handle)) return BAD_HANDLE;
  const t = changetype<Router>(handle);
  if (!(t.ttlNs > 0) || !(now >= 0)) return BAD_ARGUMENT;
  expire(t, now, u32.MAX_VALUE);
  return OK;
}

/** Blocks of the index. */
export function router_blocks(handle: usize): i32 {
  return isRouter(handle) ? <i32>changetype<Router>(handle).used : BAD_HANDLE;
}

/** Offset of a worker's record: see router/layout. 0 for a worker that is not there. */
export function router_worker(handle: usize, w: u32): usize {
  if (!isRouter(handle)) return 0;
  const t = changetype<Router>(handle);
  return w < t.workers ? changetype<usize>(worker(t, w)) : 0;
}

/** Hashes of the blocks that a worker holds, 64 bits each and a word of copies, in no order. */
export function router_dump(handle: usize, w: u32, hashes: usize, copies: usize, max: u32): i32 {
  if (!isRouter(handle)) return BAD_HANDLE;
  const t = changetype<Router>(handle);
  if (w >= t.workers || max < worker(t, w).blocks || !areLongs(hashes, max)) return BAD_ARGUMENT;
  if (!areWords(copies, max)) return BAD_ARGUMENT;
  return <i32>dump(t, w, hashes, copies);
}
