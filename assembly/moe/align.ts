// SPDX-License-Identifier: Apache-2.0
/**
 * Where routed tokens go in memory: sorted by expert, padded to the blocks of a grouped GEMM, or
 * dropped beyond a capacity.
 *
 * ```
 *  topk ids   t0: 2 0   t1: 0 1      slot = token * k + choice       block 2, sentinel n = 4
 *  sorted     │ 1 2 │ 3 4 │ 0 4 │    expert of each block │ 0 │ 1 │ 2 │
 *  permuted   │ 1 2 3 0 │            offsets │ 0 2 3 4 │
 * ```
 *
 * - AL-1  every slot with a valid expert appears exactly once; experts ascend, slots ascend within.
 * - AL-2  order, offsets and inverse of a permutation agree: inverse[order[p]] = p.
 * - AL-3  at most `capacity` assignments an expert survive: all first choices in token order before
 *         all second choices.
 * - AL-4  ids below 0 or from E on are left out; a refused call writes nothing.
 * - AL-5  a token counts once a rank and once a node, every slot once an expert.
 *
 * Complexity: O(slots + experts). Source: vLLM moe_align_block_size (ours is stable, theirs leaves
 * the order within an expert open); GShard (Lepikhin et al. 2020) for dropping.
 */
import { give, take } from "../arena";
import { BAD_ARGUMENT, NO_MEMORY, OK } from "../status";
import { BYTES, READ, WRITE, claim, get, put } from "./buffers";

const MAX_EXPERTS: u32 = 65536;
const MAX_TOKENS: u32 = 0xffffff;
const MAX_CHOICES: u32 = 4096;
/** No expert, no slot: -1 for the caller. */
export const NOWHERE: u32 = 0xffffffff;

/** True for a legal number of tokens, choices and experts. */
export function isShape(tokens: u32, k: u32, experts: u32): bool {
  if (experts == 0 || experts > MAX_EXPERTS || tokens > MAX_TOKENS || k > MAX_CHOICES) return false;
  return <u64>tokens * k <= 0x3fffffff;
}

/** Length of the sorted slots that moe_align writes; blocks: that over `block`, rounded up. */
export function moe_align_cap(tokens: u32, k: u32, experts: u32, block: u32, padded: u32): u32 {
  if (block == 0 || block > 65536 || experts > MAX_EXPERTS || k > MAX_CHOICES) return 0;
  const n = <u64>tokens * k;
  let cap = n + <u64>experts * (block - 1);
  if (padded) cap = ((cap + block - 1) / block) * block;
  if (n < <u64>experts) cap = min(n * block, cap);
  return cap > 0x3fffffff ? 0 : <u32>cap;
}

/**
 * Sorts slots into blocks of one expert each. map: 0, or a local id an expert, -1 = not here.
 * sorted: moe_align_cap slots; blockExperts: a local id a block, -1 unused. Returns the slots with
 * padding.
 */
export function moe_align(
  ids: usize,
  tokens: u32,
  k: u32,
  experts: u32,
  block: u32,
  padded: u32,
  map: usize,
  sorted: usize,
  blockExperts: usize,
): i32 {
  if (!isShape(tokens, k, experts) || padded > 1) return BAD_ARGUMENT;
  if (block == 0 || block > 65536) return BAD_ARGUMENT;
  const n = <u64>tokens * k;
  const cap = moe_align_cap(tokens, k, experts, block, padded);
  if (cap == 0 && n > 0) return BAD_ARGUMENT;
  const blocks = (cap + block - 1) / block;
  if (
    !claim(0, ids, n, READ) || !claim(1, map, map ? experts : 0, READ) ||
    !claim(2, sorted, cap, WRITE) || !claim(3, blockExperts, blocks, WRITE)
  ) {
    return BAD_ARGUMENT;
  }
  const next = take(experts << 2);
  if (!next) return NO_MEMORY;
  const used = fillBlocks(ids, <u32>n, experts, block, map, cap, sorted, blockExperts, next);
  give(next, experts << 2);
  return <i32>used;
}

/** Fills what moe_align has checked; next: a word an expert. Returns the slots with padding. */
function fillBlocks(
  ids: usize,
  n: u32,
  experts: u32,
  block: u32,
  map: usize,
  cap: u32,
  sorted: usize,
  blockExperts: usize,
  next: usize,
): u32 {
  memory.fill(next, 0, <usize>experts << 2);
  for (let slot: u32 = 0; slot < n; slot++) {
    const e = get(ids, slot);
    if (isHere(e, experts, map)) put(next, e, get(next, e) + 1);
  }
  for (let i: u32 = 0; i < cap; i++) put(sorted, i, n);
  for (let i: u32 = 0; i < (cap + block - 1) / block; i++) put(blockExperts, i, NOWHERE);
  let at: u32 = 0;
  for (let e: u32 = 0; e < experts; e++) {
    const count = get(next, e);
    put(next, e, at);
    const used = (count + block - 1) / block;
    const local = map ? get(map, e) : e;
    for (let i: u32 = 0; i < used; i++) put(blockExperts, at / block + i, local);
    at += used * block;
  }
  for (let slot: u32 = 0; slot < n; slot++) {
    const e = get(ids, slot);
    if (!isHere(e, experts, map)) continue;
    const place = get(next, e);
    put(sorted, place, slot);
    put(next, e, place + 1);
  }
  return at;
}

// @ts-ignore: decorator
@inline
function isHere(e: u32, experts: u32, map: usize): bool {
  return e < experts && (map == 0 || <i32>get(map, e) >= 0);
}

/**
 * Stable counting sort of n slots by expert: order[p] = slot, offsets[E + 1], inverse[slot] = p or
 * -1. Returns the slots placed.
 */
export function moe_permute(
  ids: usize,
  n: u32,
  experts: u32,
  order: usize,
  offsets: usize,
  inverse: usize,
): i32 {
  if (experts == 0 || experts > MAX_EXPERTS || n > 0x3fffffff) return BAD_ARGUMENT;
  if (
    !claim(0, ids, n, READ) || !claim(1, order, n, WRITE) ||
    !claim(2, offsets, experts + 1, WRITE) || !claim(3, inverse, n, WRITE)
  ) {
    return BAD_ARGUMENT;
  }
  memory.fill(offsets, 0, <usize>(experts + 1) << 2);
  for (let slot: u32 = 0; slot < n; slot++) {
    const e = get(ids, slot);
    if (e < experts) put(offsets, e + 1, get(offsets, e + 1) + 1);
  }
  for (let e: u32 = 0; e < experts; e++) put(offsets, e + 1, get(offsets, e + 1) + get(offsets, e));
  const placed = get(offsets, experts);
  // Offsets serve as cursors, then shift back by one expert.
  for (let slot: u32 = 0; slot < n; slot++) {
    const e = get(ids, slot);
    if (e >= experts) {
      put(inverse, slot, NOWHERE);
      continue;
    }
    const place = get(offsets, e);
    put(order, place, slot);
    put(inverse, slot, place);
    put(offsets, e, place + 1);
  }
  for (let e = experts; e > 0; e--) put(offsets, e, get(offsets, e - 1));
  put(offsets, 0, 0);
  for (let p = placed; p < n; p++) put(order, p, NOWHERE);
  return <i32>placed;
}

/**
 * Drops what exceeds `capacity` assignments an expert: out[slot] = expert or -1. Returns the
 * assignments dropped.
 */
export function moe_capacity(
  ids: usize,
  tokens: u32,
  k: u32,
  experts: u32,
  capacity: u32,
  out: usize,
): i32 {
  if (!isShape(tokens, k, experts)) return BAD_ARGUMENT;
  const n = <u64>tokens * k;
  if (!claim(0, ids, n, READ) || !claim(1, out, n, WRITE)) return BAD_ARGUMENT;
  const counts = take(experts << 2);
  if (!counts) return NO_MEMORY;
  memory.fill(counts, 0, <usize>experts << 2);
  let dropped: i32 = 0;
  for (let choice: u32 = 0; choice < k; choice++) {
    for (let t: u32 = 0; t < tokens; t++) {
      const slot = t * k + choice;
      const e = get(ids, slot);
      if (e >= experts) {
        put(out, slot, NOWHERE);
        continue;
      }
      const full = get(counts, e) >= capacity;
      put(out, slot, full ? NOWHERE : e);
      if (full) dropped++;
      else put(counts, e, get(counts, e) + 1);
    }
  }
  give(counts, experts << 2);
  return dropped;
}

/**
 * Dispatch layout of `tokens` on ranks that hold experts / ranks experts each: a token counts
 * once a rank and once a node, every slot once an expert. inRank: tokens x ranks bytes, 0 or 1. Ids
 * that are no expert go nowhere.
 */
export function moe_dispatch(
  ids: usize,
  tokens: u32,
  k: u32,
  experts: u32,
  ranks: u32,
  ranksPerNode: u32,
  perRank: usize,
  perNode: usize,
  perExpert: usize,
  inRank: usize,
): i32 {
  if (!isShape(tokens, k, experts) || ranks == 0 || experts % ranks) return BAD_ARGUMENT;
  if (ranksPerNode == 0 || ranks % ranksPerNode) return BAD_ARGUMENT;
  const n = <u64>tokens * k;
  const nodes = ranks / ranksPerNode;
  if (
    !claim(0, ids, n, READ) || !claim(1, perRank, ranks, WRITE) ||
    !claim(2, perNode, nodes, WRITE) || !claim(3, perExpert, experts, WRITE) ||
    !claim(4, inRank, <u64>tokens * ranks, WRITE | BYTES)
  ) {
    return BAD_ARGUMENT;
  }
  memory.fill(perRank, 0, <usize>ranks << 2);
  memory.fill(perNode, 0, <usize>nodes << 2);
  memory.fill(perExpert, 0, <usize>experts << 2);
  memory.fill(inRank, 0, <usize>(tokens * ranks));
  const size = experts / ranks;
  for (let t: u32 = 0; t < tokens; t++) {
    const row = inRank + <usize>(t * ranks);
    for (let i: u32 = 0; i < k; i++) {
      const e = get(ids, t * k + i);
      if (e >= experts) continue;
      put(perExpert, e, get(perExpert, e) + 1);
      store<u8>(row + <usize>(e / size), 1);
    }
    for (let node: u32 = 0; node < nodes; node++) {
      let reached = false;
      for (let r = node * ranksPerNode; r < (node + 1) * ranksPerNode; r++) {
        if (!load<u8>(row + <usize>r)) continue;
        reached = true;
        put(perRank, r, get(perRank, r) + 1);
      }
      if (reached) put(perNode, node, get(perNode, node) + 1);
    }
  }
  return OK;
}
