// SPDX-License-Identifier: Apache-2.0
/**
 * KV manager: block tables of requests over one shared block pool.
 *
 * Problem: decide, for each step of each request, which cached blocks it starts from, how many
 * blocks it needs, which ones it may drop and which become findable, exactly as vLLM v1 does
 * (`kv_cache_manager.py`, `kv_cache_coordinator.py`, `single_type_kv_cache_manager.py`, commit
 * 48ebd6f2), for models that mix full attention, sliding windows and recurrent states.
 *
 * ```
 *  manager ─► specs {window, leader, order} a group     request records: a list, reused when free
 *     │                                                    ┌────────┬────────┬──────┬─────────────┐
 *     ├─► pool                                             │ status │ tokens │ keys │ table/group │
 *     ├─► hits     row of ids a group, of the last lookup  └────────┴────────┴──│───┴──│──────────┘
 *     └─► copies   (from, to) the host has to do                u64 chain ◄─────┘      ▼
 *                                                     {ids, capacity, length, cached, low, took}
 *  ids  ┌────┬────┬────┬────┬────┬────┬─ ─
 *       │ 0  │ 0  │ b2 │ b3 │ b4 │ b5 │    left of `low` all null; left of `cached` all considered
 *       └────┴────┴────┴────┴────┴────┴─ ─ for registration; behind `length` room to grow
 *                  low        cached
 * ```
 *
 * Groups are full attention, a sliding window of w tokens, or a state: what a Mamba or linear
 * attention layer carries along. A state is one block, whole at its boundary only, so its table
 * holds one block per step and null between; a hit needs the block at its end and no other.
 *
 * A step never walks the old part of a table: the window moves `low`, registration moves `cached`,
 * growth happens at the end. Extending a request by k blocks is O(k) at any context.
 *
 * Invariants (mgr_check returns the number of the first one that fails)
 * - KM-1  the pool's own invariants hold.
 * - KM-2  tables: low and length in order; entries are null or blocks in use; null left of `low`,
 *         and in full-attention groups nowhere.
 * - KM-3  references of the pool == table entries + two for each pending copy.
 * - KM-4  holders == requests that are running; the others have empty tables and nothing computed.
 * - KM-5  no allocation ever took another number of blocks than it had predicted.
 * - KM-6  keys are at most as many as whole hash blocks.
 * - KM-7  records, tables and keys lie inside the arena, and the chain of records ends.
 *
 * Parts: manager/layout (records), lookup, request (life of a request), tables, verify.
 *
 * Complexity: lookup O(blocks of the request); alloc O(new + freed + registered), with hits O(hits)
 * once; append O(new keys); free, preempt, fork O(blocks).
 */
import { delist, enlist, give, hasRoom, pieceSize, take } from "../arena";
import { BAD_ARGUMENT, BAD_HANDLE, BUSY, FULL, NO_MEMORY, OK, STALE } from "../status";
import { pool_evict, pool_reset } from "./pool";
import { isLivePool, owns } from "./pool/layout";
import {
  FULL_ATTENTION,
  MAGIC,
  MOST,
  MOST_GROUPS,
  Manager,
  RUNNING,
  Request,
  STATE,
  caches,
  ceilDiv,
  fits,
  isManager,
  managerBytes,
  poolOf,
  refOf,
  regrow,
  requestOf,
  roomier,
  spec,
  tableOf,
} from "./manager/layout";
import { giveRequest } from "./manager/request";
import {
  fill,
  predict,
  register,
  registerTail,
  reserveTables,
  slide,
  takeHits,
} from "./manager/tables";

/** Flags of mgr_alloc: the whole request must fit; another request is scheduled already. */
const MUST_FIT: u32 = 1;
const SCHEDULED: u32 = 2;

/**
 * A manager of `pool`, which nobody else should use from now on. Blocks hold `size` tokens and
 * `per` keys (1: a key a block). windows[0..groups): 0 full attention, 0xffffffff state, else the
 * tokens of a sliding window. `watermark` is in blocks: floor(fraction * blocks of the pool).
 * `inFlight`: most tokens of a step, for the admission cap of windows. 0 when refused.
 */
export function mgr_create(
  pool: usize,
  size: u32,
  per: u32,
  windows: usize,
  groups: u32,
  maxLength: u32,
  eagle: u32,
  watermark: u32,
  inFlight: u32,
): usize {
  if (!isLivePool(pool) || size - 1 >= 0xffff || per - 1 >= size || size % per) return 0;
  if (groups - 1 >= MOST_GROUPS || !owns(windows, <u64>groups << 2)) return 0;
  if (maxLength - 1 >= MOST || inFlight > MOST || watermark > MOST) return 0;
  for (let g: u32 = 0; g < groups; g++) {
    const w = load<u32>(windows + (<usize>g << 2));
    if (w > MOST && w != STATE) return 0;
  }
  const bytes = managerBytes(groups);
  if (!hasRoom(pieceSize(bytes))) return 0;
  const m = changetype<Manager>(take(bytes));
  memory.fill(changetype<usize>(m), 0, bytes);
  enlist(changetype<usize>(m), MAGIC);
  m.pool = pool;
  m.size = size;
  m.per = per;
  m.groups = groups;
  m.maxLength = maxLength;
  m.eagle = eagle ? 1 : 0;
  m.watermark = watermark;
  m.inFlight = inFlight;
  for (let g: u32 = 0; g < groups; g++) {
    const window = load<u32>(windows + (<usize>g << 2));
    let leader: u32 = 0;
    spec(m, g).window = window;
    while (spec(m, leader).window != window) leader++;
    spec(m, g).leader = leader;
  }
  order(m, true);
  order(m, false);
  return changetype<usize>(m);
}

/** Appends the leaders of full attention, or of the rest, to the order of lookup. */
function order(m: Manager, full: bool): void {
  for (let g: u32 = 0; g < m.groups; g++) {
    const s = spec(m, g);
    if (s.leader != g || (s.window == FULL_ATTENTION) != full) continue;
    spec(m, m.classes++).order = g;
  }
}

/** BUSY while a request holds blocks or a copy is pending. */
export function mgr_destroy(handle: usize): i32 {
  if (!isManager(handle)) return BAD_HANDLE;
  const m = changetype<Manager>(handle);
  if (m.holders || m.copyCount) return BUSY;
  let at = <usize>m.records;
  while (at) {
    const r = changetype<Request>(at);
    at = <usize>r.older;
    r.magic = 0;
    giveRequest(m, r);
  }
  if (m.hits) give(m.hits, (m.stride * m.groups) << 2);
  if (m.list) give(m.list, m.listCapacity << 2);
  if (m.copies) give(m.copies, m.copyCapacity << 3);
  delist(handle);
  give(handle, managerBytes(m.groups));
  return OK;
}

/** Room for what an allocation up to `blocks` entries a table may write down. */
function reserve(m: Manager, r: Request, blocks: u32): bool {
  if (m.listCapacity <= blocks) {
    const n = roomier(m.listCapacity, blocks + 1);
    if (!fits(n, 2)) return false;
    m.list = regrow(m.list, 0, m.listCapacity, n, 2);
    m.listCapacity = n;
  }
  if (m.copyCapacity < m.copyCount + m.groups) {
    const n = roomier(m.copyCapacity, m.copyCount + m.groups);
    if (!fits(n, 3)) return false;
    m.copies = regrow(m.copies, m.copyCount, m.copyCapacity, n, 3);
    m.copyCapacity = n;
  }
  return reserveTables(m, r, blocks);
}

/** True when the last lookup was of this request, hit as much, and the pool is as it was then. */
function fresh(m: Manager, request: usize, hit: u32): bool {
  const p = poolOf(m);
  return (
    m.hitOf == <u32>request &&
    m.hit == hit &&
    p.free == m.seenFree &&
    p.hashed == m.seenHashed &&
    p.evicted == m.seenEvicted
  );
}

/**
 * Blocks for `tokens` tokens and `lookahead` draft slots of a request. If it holds none yet, `hit`
 * is what the lookup just before answered, or 0 to start from nothing. `reserved` free blocks must
 * stay. Returns the number of new blocks, those of the hit not counted: the ends of the tables.
 * FULL: nothing is taken, but blocks that left a window are freed already. STALE: the request is
 * gone, or the pool has changed since the lookup.
 */
export function mgr_alloc(
  handle: usize,
  request: usize,
  generation: u32,
  tokens: u32,
  hit: u32,
  lookahead: u32,
  flags: u32,
  reserved: u32,
): i32 {
  if (!isManager(handle)) return BAD_HANDLE;
  const m = changetype<Manager>(handle);
  const r = requestOf(m, request, generation);
  if (changetype<usize>(r) == 0) return STALE;
  const first = r.status != RUNNING;
  if (tokens - 1 >= MOST || lookahead > MOST || (hit && !first)) return BAD_ARGUMENT;
  if (hit && !fresh(m, request, hit)) return STALE;
  const p = poolOf(m);
  const start = first ? hit : r.computed;
  const step = start + tokens;
  if (step > MOST) return BAD_ARGUMENT;
  const goal = ceilDiv(min(step + lookahead, m.maxLength), m.size);
  if (!reserve(m, r, max(goal, ceilDiv(hit, m.size)))) return NO_MEMORY;
  const kept = first && flags & SCHEDULED ? <i64>m.watermark : 0;
  if (flags & MUST_FIT) {
    const whole = ceilDiv(min(r.tokens, m.maxLength), m.size);
    if (predict(m, r, hit, whole, whole, true) + kept > <i64>p.free) return FULL;
  }
  slide(m, r, start);
  const state = ceilDiv(min(step, m.maxLength), m.size);
  const need = predict(m, r, hit, goal, state, false);
  if (need + kept + <i64>reserved > <i64>p.free) return FULL;
  m.hitOf = 0;
  const before = p.free;
  if (hit) takeHits(m, r, hit);
  const taken = fill(m, r, start, goal, state, first);
  if (<i64>(before - p.free) != need) m.mispredicted = 1;
  if (caches(m)) {
    register(m, r, min(step, r.tokens), step);
    if (m.per > 1 && start < r.prompt && step >= r.prompt) registerTail(m, r);
  }
  if (first) {
    m.holders++;
    r.status = RUNNING;
    r.computed = step;
  }
  return <i32>taken;
}

/** As pool_evict: drops hashes. What requests have registered already stays counted. */
export function mgr_evict(handle: usize, ids: usize, n: u32): i32 {
  if (!isManager(handle)) return BAD_HANDLE;
  return pool_evict(changetype<Manager>(handle).pool, ids, n);
}

/** As pool_reset: drops all hashes while no block is in use, else BUSY. */
export function mgr_reset(handle: usize): i32 {
  if (!isManager(handle)) return BAD_HANDLE;
  return pool_reset(changetype<Manager>(handle).pool);
}

/**
 * Leading blocks of a group's table that every request with blocks shares: cascade attention may
 * read them once. 0 for windows, states, and without caching.
 */
export function mgr_common(handle: usize, request: usize, generation: u32, group: u32): i32 {
  if (!isManager(handle)) return BAD_HANDLE;
  const m = changetype<Manager>(handle);
  const r = requestOf(m, request, generation);
  if (changetype<usize>(r) == 0) return STALE;
  if (group >= m.groups) return BAD_ARGUMENT;
  if (spec(m, group).window != FULL_ATTENTION || !caches(m)) return 0;
  const t = tableOf(r, group);
  let n: u32 = 0;
  while (n < t.length && refOf(m, load<u32>(t.ids + (<usize>n << 2))) == m.holders) n++;
  return <i32>n;
}

/** Where the table record {ids, capacity, length, cached, low, took} of a group stands; 0: none. */
export function mgr_blocks(handle: usize, request: usize, generation: u32, group: u32): usize {
  if (!isManager(handle)) return 0;
  const m = changetype<Manager>(handle);
  const r = requestOf(m, request, generation);
  if (changetype<usize>(r) == 0 || group >= m.groups) return 0;
  return changetype<usize>(tableOf(r, group));
}
