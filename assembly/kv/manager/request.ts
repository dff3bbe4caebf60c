// SPDX-License-Identifier: Apache-2.0
/** Requests: making them, feeding them tokens and keys, letting them go, forking their tables. */
import { BAD_ARGUMENT, BAD_HANDLE, FULL, NO_MEMORY, OK, STALE } from "../../status";
import { give, hasRoom, pieceSize, take } from "../../arena";
import { pool_free, pool_free_table, pool_touch } from "../pool";
import { owns } from "../pool/layout";
import {
  LIVE,
  MOST,
  Manager,
  PREEMPTED,
  RUNNING,
  Request,
  Table,
  WAITING,
  ceilDiv,
  fits,
  isManager,
  refOf,
  regrow,
  requestBytes,
  requestOf,
  roomier,
  tableOf,
} from "./layout";

/** A blank record, reused or new; its pieces are kept from its former life. */
function newRecord(m: Manager): Request {
  let r = changetype<Request>(<usize>m.spare);
  if (m.spare) {
    m.spare = r.spare;
  } else {
    const bytes = requestBytes(m);
    r = changetype<Request>(take(bytes));
    memory.fill(changetype<usize>(r), 0, bytes);
    r.owner = <u32>changetype<usize>(m);
    r.older = m.records;
    m.records = <u32>changetype<usize>(r);
  }
  r.magic = LIVE;
  r.generation = ++m.generation;
  r.status = WAITING;
  r.computed = 0;
  r.tokens = 0;
  r.prompt = 0;
  r.keyCount = 0;
  return r;
}

/** Room for `n` keys; false if the arena has none. */
function keysFit(r: Request, n: u32): bool {
  return n <= r.keyCapacity || fits(roomier(r.keyCapacity, n), 3);
}

function growKeys(r: Request, n: u32): void {
  if (n <= r.keyCapacity) return;
  const capacity = roomier(r.keyCapacity, n);
  r.keys = regrow(r.keys, r.keyCount, r.keyCapacity, capacity, 3);
  r.keyCapacity = capacity;
}

/**
 * A new request without tokens, WAITING: its offset, or 0 (no room, bad handle). Its generation is
 * the third word of the record; both name it in all further calls.
 */
export function mgr_request(handle: usize): usize {
  if (!isManager(handle)) return 0;
  const m = changetype<Manager>(handle);
  if (!m.spare && !hasRoom(pieceSize(requestBytes(m)))) return 0;
  return changetype<usize>(newRecord(m));
}

/**
 * `tokens` more tokens, and the chained u64 keys of the hash blocks that they completed. Costs
 * O(keys) however long the request is. The first call gives the prompt. Refuses more keys than
 * there are whole hash blocks.
 */
export function mgr_append(
  handle: usize,
  request: usize,
  generation: u32,
  tokens: u32,
  keys: usize,
  n: u32,
): i32 {
  if (!isManager(handle)) return BAD_HANDLE;
  const m = changetype<Manager>(handle);
  const r = requestOf(m, request, generation);
  if (changetype<usize>(r) == 0) return STALE;
  if (tokens > MOST - r.tokens || !owns(keys, <u64>n << 3)) return BAD_ARGUMENT;
  if (<u64>r.keyCount + <u64>n > <u64>((r.tokens + tokens) / (m.size / m.per))) {
    return BAD_ARGUMENT;
  }
  if (!keysFit(r, r.keyCount + n)) return NO_MEMORY;
  growKeys(r, r.keyCount + n);
  memory.copy(r.keys + (<usize>r.keyCount << 3), keys, <usize>n << 3);
  r.keyCount += n;
  if (r.tokens == 0) r.prompt = tokens;
  r.tokens += tokens;
  m.hitOf = 0;
  return OK;
}

/** Tokens that count as computed from now on; rejected drafts lie behind them. */
export function mgr_computed(handle: usize, request: usize, generation: u32, n: u32): i32 {
  if (!isManager(handle)) return BAD_HANDLE;
  const r = requestOf(changetype<Manager>(handle), request, generation);
  if (changetype<usize>(r) == 0) return STALE;
  if (r.status != RUNNING || n > r.tokens) return BAD_ARGUMENT;
  r.computed = n;
  return OK;
}

/** True when every block of the tables holds a reference to give back. */
function sound(m: Manager, r: Request): bool {
  for (let g: u32 = 0; g < m.groups; g++) {
    const t = tableOf(r, g);
    for (let i = t.low; i < t.length; i++) {
      const id = load<u32>(t.ids + (<usize>i << 2));
      if (id && !refOf(m, id)) return false;
    }
  }
  return true;
}

/** Frees the tables, each from its tail, nulls skipped, one group after the other. */
function letGo(m: Manager, r: Request): void {
  for (let g: u32 = 0; g < m.groups; g++) {
    const t = tableOf(r, g);
    // In place: the table is not needed any more.
    let n: u32 = 0;
    const end = t.ids + (<usize>t.length << 2);
    for (let at = t.ids + (<usize>t.low << 2); at < end; at += 4) {
      const id = load<u32>(at);
      if (!id) continue;
      store<u32>(t.ids + (<usize>n << 2), id);
      n++;
    }
    if (n) pool_free_table(m.pool, t.ids, n);
    t.length = 0;
    t.low = 0;
    t.cached = 0;
    t.took = 0;
  }
  m.hitOf = 0;
}

/** A running request loses its blocks; tokens and keys stay. Its hashed blocks can be hit again. */
export function mgr_preempt(handle: usize, request: usize, generation: u32): i32 {
  if (!isManager(handle)) return BAD_HANDLE;
  const m = changetype<Manager>(handle);
  const r = requestOf(m, request, generation);
  if (changetype<usize>(r) == 0) return STALE;
  if (r.status != RUNNING || !sound(m, r)) return BAD_ARGUMENT;
  letGo(m, r);
  m.holders--;
  r.status = PREEMPTED;
  r.computed = 0;
  return OK;
}

/** The request is over: its blocks are freed, its handle is refused from now on. */
export function mgr_free(handle: usize, request: usize, generation: u32): i32 {
  if (!isManager(handle)) return BAD_HANDLE;
  const m = changetype<Manager>(handle);
  const r = requestOf(m, request, generation);
  if (changetype<usize>(r) == 0) return STALE;
  if (!sound(m, r)) return BAD_ARGUMENT;
  if (r.status == RUNNING) m.holders--;
  letGo(m, r);
  r.magic = 0;
  r.spare = m.spare;
  m.spare = <u32>request;
  return OK;
}

/** Entries a fork shares: those with computed tokens, not the lookahead behind them. */
// @ts-ignore: decorator
@inline
function sharedEntries(m: Manager, r: Request, t: Table): u32 {
  return min(t.length, ceilDiv(r.computed, m.size));
}

/**
 * A request that goes on where a running one is now: same tokens and keys, its blocks shared. The
 * last block, if partly filled, is copied when one of the two writes to it. 0: refused.
 */
export function mgr_fork(handle: usize, request: usize, generation: u32): usize {
  if (!isManager(handle)) return 0;
  const m = changetype<Manager>(handle);
  const r = requestOf(m, request, generation);
  if (changetype<usize>(r) == 0 || r.status != RUNNING) return 0;
  // Sum of the largest pieces it may need, so that half a fork cannot happen.
  let bytes: u64 = <u64>pieceSize(requestBytes(m)) + (<u64>r.keyCount << 4) + 256;
  for (let g: u32 = 0; g < m.groups; g++) bytes += (<u64>tableOf(r, g).length << 3) + 128;
  if (bytes > 0x40000000 || !hasRoom(<u32>bytes)) return 0;
  const child = newRecord(m);
  child.status = RUNNING;
  child.computed = r.computed;
  child.tokens = r.tokens;
  child.prompt = r.prompt;
  growKeys(child, r.keyCount);
  child.keyCount = r.keyCount;
  memory.copy(child.keys, r.keys, <usize>r.keyCount << 3);
  for (let g: u32 = 0; g < m.groups; g++) {
    const from = tableOf(r, g);
    const to = tableOf(child, g);
    const n = sharedEntries(m, r, from);
    growTable(to, n);
    memory.copy(to.ids, from.ids, <usize>n << 2);
    to.length = n;
    to.low = min(from.low, n);
    to.cached = min(from.cached, n);
    to.took = 0;
    for (let i = to.low; i < n; i++) {
      const at = to.ids + (<usize>i << 2);
      if (load<u32>(at)) pool_touch(m.pool, at, 1);
    }
  }
  m.holders++;
  m.hitOf = 0;
  return changetype<usize>(child);
}

export function growTable(t: Table, n: u32): void {
  if (n <= t.capacity) return;
  const capacity = roomier(t.capacity, n);
  t.ids = regrow(t.ids, t.length, t.capacity, capacity, 2);
  t.capacity = capacity;
}

/** The host has done the first `n` copies: their blocks lose the references kept for them. */
export function mgr_copied(handle: usize, n: u32): i32 {
  if (!isManager(handle)) return BAD_HANDLE;
  const m = changetype<Manager>(handle);
  if (n > m.copyCount) return FULL;
  if (!n) return OK;
  const status = pool_free(m.pool, m.copies, n << 1);
  if (status != OK) return status;
  const rest = m.copyCount - n;
  memory.copy(m.copies, m.copies + (<usize>n << 3), <usize>rest << 3);
  m.copyCount = rest;
  m.hitOf = 0;
  return OK;
}

/** Where the pending copies stand: pairs of u32 (from, to), oldest first. */
export function mgr_copies(handle: usize): usize {
  return isManager(handle) ? changetype<Manager>(handle).copies : 0;
}

export function mgr_copy_count(handle: usize): i32 {
  return isManager(handle) ? <i32>changetype<Manager>(handle).copyCount : BAD_HANDLE;
}

/** Frees the pieces of a request record. */
export function giveRequest(m: Manager, r: Request): void {
  if (r.keys) give(r.keys, r.keyCapacity << 3);
  for (let g: u32 = 0; g < m.groups; g++) {
    const t = tableOf(r, g);
    if (t.ids) give(t.ids, t.capacity << 2);
  }
  give(changetype<usize>(r), requestBytes(m));
}
