// SPDX-License-Identifier: Apache-2.0
/**
 * Longest cached prefix over groups of several specs: the fixed point of vLLM v1's hybrid
 * coordinator. A lookup changes nothing but the scratch rows that hold its result.
 */
import { BAD_HANDLE, NO_MEMORY, STALE } from "../../status";
import { give, take } from "../../arena";
import { pool_lookup_run } from "../pool";
import { EMPTY, ID_MASK } from "../pool/layout";
import { find } from "../pool/table";
import {
  FULL_ATTENTION,
  Manager,
  Request,
  STATE,
  caches,
  ceilDiv,
  fits,
  hitRow,
  isManager,
  poolOf,
  requestOf,
  roomier,
  spec,
} from "./layout";

/** Block under a key in a group, 0 if there is none. */
function cachedAt(m: Manager, r: Request, key: u32, group: u32): u32 {
  const entry = find(poolOf(m), load<u64>(r.keys + (<usize>key << 3)), group).entry;
  return entry == EMPTY ? 0 : entry & ID_MASK;
}

/** Writes entry `index` of all groups of a class from the cache under `key`; false on a miss. */
function hitAll(m: Manager, r: Request, leader: u32, index: u32, key: u32): bool {
  let all = true;
  for (let g = leader; g < m.groups; g++) {
    if (spec(m, g).leader != leader) continue;
    const id = cachedAt(m, r, key, g);
    store<u32>(hitRow(m, g) + (<usize>index << 2), id);
    if (!id) all = false;
  }
  return all;
}

/** Full attention: blocks from the left until the first that some group of the class lacks. */
function hitFull(m: Manager, r: Request, leader: u32, limit: u32): u32 {
  let run = limit;
  for (let g = leader; g < m.groups; g++) {
    if (spec(m, g).leader != leader) continue;
    if (m.per == 1) {
      run = <u32>pool_lookup_run(m.pool, r.keys, run, g, hitRow(m, g));
      continue;
    }
    let i: u32 = 0;
    for (; i < run; i++) {
      const id = cachedAt(m, r, (i + 1) * m.per - 1, g);
      if (!id) break;
      store<u32>(hitRow(m, g) + (<usize>i << 2), id);
    }
    run = i;
  }
  return run;
}

/** Nulls left of entry `from` in the rows of a class. */
function blank(m: Manager, leader: u32, from: u32): void {
  for (let g = leader; g < m.groups; g++) {
    if (spec(m, g).leader == leader) memory.fill(hitRow(m, g), 0, <usize>from << 2);
  }
}

/**
 * Sliding window or state: from the right, the first run of `want` blocks in a row wins. Without
 * one the hit is the run at block 0, which for a state is no hit.
 */
function hitWindow(m: Manager, r: Request, leader: u32, limit: u32, want: u32): u32 {
  let run: u32 = 0;
  for (let i = limit; i > 0; ) {
    i--;
    if (!hitAll(m, r, leader, i, (i + 1) * m.per - 1)) {
      run = 0;
    } else if (++run >= want) {
      blank(m, leader, i);
      return i + run;
    }
  }
  return run;
}

function hitClass(m: Manager, r: Request, leader: u32, limit: u32, drop: bool): u32 {
  const window = spec(m, leader).window;
  if (!limit) return 0;
  if (window == STATE) {
    // A state is whole at its own boundary: one block is enough, and a dropped one need not exist.
    return hitWindow(m, r, leader, drop ? limit - 1 : limit, 1);
  }
  const extra: u32 = drop ? 1 : 0;
  const run =
    window == FULL_ATTENTION
      ? hitFull(m, r, leader, limit)
      : hitWindow(m, r, leader, limit, ceilDiv(window - 1, m.size) + extra);
  return run ? run - extra : 0;
}

/** The fixed point over all classes; sets hit (whole blocks) and boundary. */
function fixedPoint(m: Manager, r: Request): void {
  const size = m.size;
  const most = min<u32>(r.tokens - 1, (r.keyCount / m.per) * size + size - 1);
  const once = m.classes == 1 || (m.classes == 2 && spec(m, spec(m, 0).order).window == 0);
  let verified: u32 = 0;
  let firstFull: u32 = 0;
  let best: u32 = 0;
  let length = most;
  let c = length;
  for (let pass = 0; ; pass++) {
    c = length;
    for (let k: u32 = 0; k < m.classes; k++) {
      const leader = spec(m, k).order;
      const full = spec(m, leader).window == FULL_ATTENTION;
      if (pass && full) {
        c = min(c, firstFull);
        continue;
      }
      const drop = m.eagle != 0 && ((verified >> k) & 1) == 0;
      const limit = drop ? min(c + size, most) : c;
      const hit = hitClass(m, r, leader, limit / size, drop) * size;
      if (drop) verified |= 1 << k;
      else if (hit < c) verified = 0;
      if (full) firstFull = hit;
      best = max(best, hit);
      c = hit;
    }
    if (once || c >= length) break;
    length = c;
  }
  m.hit = c;
  m.boundary = m.classes > 1 && best > c ? best : 0;
}

/** Interior boundaries behind the last whole block, long to short (full attention alone). */
function probeInside(m: Manager, r: Request): void {
  const per = m.per;
  if (per == 1 || m.eagle || m.classes > 1 || spec(m, 0).window != FULL_ATTENTION) return;
  const grain = m.size / per;
  const index = m.hit / m.size;
  for (let j = per - 1; j > 0; j--) {
    const key = index * per + j;
    if (key > r.keyCount || m.hit + j * grain > r.tokens - 1) continue;
    if (!hitAll(m, r, 0, index, key - 1)) continue;
    m.hit += j * grain;
    return;
  }
}

/**
 * Tokens of the longest cached prefix, at most one less than the request has: the last one is
 * always computed. The rows say which blocks; mgr_alloc takes them if it is the next call.
 */
export function mgr_lookup(handle: usize, request: usize, generation: u32): i32 {
  if (!isManager(handle)) return BAD_HANDLE;
  const m = changetype<Manager>(handle);
  const r = requestOf(m, request, generation);
  if (changetype<usize>(r) == 0) return STALE;
  const need = r.keyCount / m.per + 1;
  if (m.stride < need) {
    const n = roomier(m.stride, need);
    if (!fits(n * m.groups, 2)) return NO_MEMORY;
    if (m.hits) give(m.hits, (m.stride * m.groups) << 2);
    m.hits = take((n * m.groups) << 2);
    m.stride = n;
  }
  m.hit = 0;
  m.boundary = 0;
  m.hitOf = <u32>request;
  if (caches(m) && r.tokens) {
    fixedPoint(m, r);
    probeInside(m, r);
  }
  const p = poolOf(m);
  m.seenFree = p.free;
  m.seenHashed = p.hashed;
  m.seenEvicted = p.evicted;
  return <i32>m.hit;
}

/** Where the blocks of the last lookup stand for a group: one entry per block begun, 0 = null. */
export function mgr_hits(handle: usize, group: u32): usize {
  if (!isManager(handle)) return 0;
  const m = changetype<Manager>(handle);
  return group < m.groups && m.stride ? hitRow(m, group) : 0;
}

/** The longest hit of a single group in the last lookup, if longer than the common one; else 0. */
export function mgr_boundary(handle: usize): i32 {
  return isManager(handle) ? <i32>changetype<Manager>(handle).boundary : BAD_HANDLE;
}
