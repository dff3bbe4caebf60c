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
 *
 * Complexity: O(slots + experts). Source: vLLM moe_align_block_size (ours is stable, theirs leaves
 * the order within an expert open); GShard (Lepikhin et al. 2020) for dropping.
 */
import { give, inMemory, take } from "../arena";
import { BAD_ARGUMENT, NO_MEMORY, OK } from "../status";

const MAX_EXPERTS: u32 = 65536;

// @ts-ignore: decorator
@inline
function words(at: usize, n: u64): bool {
  return (at & 3) == 0 && inMemory(at, n << 2);
}

// @ts-ignore: decorator
@inline
function apart(a: usize, n: u64, b: usize, m: u64): bool {
  return <u64>a + (n << 2) <= <u64>b || <u64>b + (m << 2) <= <u64>a;
}

// @ts-ignore: decorator
@inline
function get(at: usize, index: u32): i32 {
  return load<i32>(at + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
function put(at: usize, index: u32, value: i32): void {
  store<i32>(at + (<usize>index << 2), value);
}

/** Length of the sorted slots that moe_align writes; the blocks are that over `block`, rounded up. */
export function moe_align_cap(tokens: u32, k: u32, experts: u32, block: u32, padded: u32): u32 {
  const n = <u64>tokens * k;
  let cap = n + <u64>experts * (block - 1);
  if (padded) cap = ((cap + block - 1) / block) * block;
  if (n < <u64>experts) cap = min(n * block, cap);
  return cap > 0x3fffffff ? 0 : <u32>cap;
}

/**
 * Sorts slots into blocks of one expert each. map: 0, or the local id of each expert, -1 = not here.
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
  if (experts == 0 || experts > MAX_EXPERTS || block == 0 || block > 65536) return BAD_ARGUMENT;
  if (tokens > 0xffffff || k > 4096 || padded > 1) return BAD_ARGUMENT;
  const n = <u64>tokens * k;
  const cap = moe_align_cap(tokens, k, experts, block, padded);
  if ((cap == 0 && n > 0) || n > 0x3fffffff) return BAD_ARGUMENT;
  const blocks = (cap + block - 1) / block;
  if (!words(ids, n) || (map && !words(map, experts))) return BAD_ARGUMENT;
  if (!words(sorted, cap) || !words(blockExperts, blocks)) return BAD_ARGUMENT;
  if (
    !apart(sorted, cap, ids, n) || !apart(blockExperts, blocks, ids, n) ||
    !apart(sorted, cap, blockExperts, blocks) ||
    (map && (!apart(sorted, cap, map, experts) || !apart(blockExperts, blocks, map, experts)))
  ) {
    return BAD_ARGUMENT;
  }
  const next = take(experts << 2);
  if (!next) return NO_MEMORY;
  memory.fill(next, 0, <usize>experts << 2);
  for (let slot: u32 = 0; slot < <u32>n; slot++) {
    const e = get(ids, slot);
    if (isHere(e, experts, map)) put(next, e, get(next, e) + 1);
  }
  for (let i: u32 = 0; i < cap; i++) put(sorted, i, <i32>n);
  for (let i: u32 = 0; i < blocks; i++) put(blockExperts, i, -1);
  let at: u32 = 0;
  for (let e: u32 = 0; e < experts; e++) {
    const count = get(next, e);
    put(next, e, at);
    const used = (<u32>count + block - 1) / block;
    const local = map ? get(map, e) : <i32>e;
    for (let i: u32 = 0; i < used; i++) put(blockExperts, at / block + i, local);
    at += used * block;
  }
  for (let slot: u32 = 0; slot < <u32>n; slot++) {
    const e = get(ids, slot);
    if (!isHere(e, experts, map)) continue;
    const place = get(next, e);
    put(sorted, place, slot);
    put(next, e, place + 1);
  }
  give(next, experts << 2);
  return <i32>at;
}

// @ts-ignore: decorator
@inline
function isHere(e: i32, experts: u32, map: usize): bool {
  return <u32>e < experts && (map == 0 || get(map, e) >= 0);
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
  if (experts == 0 || experts > MAX_EXPERTS || n > 0x3fffffff || !words(ids, n)) return BAD_ARGUMENT;
  if (!words(order, n) || !words(offsets, experts + 1) || !words(inverse, n)) return BAD_ARGUMENT;
  if (
    !apart(order, n, ids, n) || !apart(offsets, experts + 1, ids, n) ||
    !apart(inverse, n, ids, n) || !apart(order, n, offsets, experts + 1) ||
    !apart(order, n, inverse, n) || !apart(offsets, experts + 1, inverse, n)
  ) {
    return BAD_ARGUMENT;
  }
  memory.fill(offsets, 0, <usize>(experts + 1) << 2);
  for (let slot: u32 = 0; slot < n; slot++) {
    const e = get(ids, slot);
    if (<u32>e < experts) put(offsets, e + 1, get(offsets, e + 1) + 1);
  }
  for (let e: u32 = 0; e < experts; e++) put(offsets, e + 1, get(offsets, e + 1) + get(offsets, e));
  const placed = get(offsets, experts);
  // Offsets serve as cursors, then shift back by one expert.
  for (let slot: u32 = 0; slot < n; slot++) {
    const e = get(ids, slot);
    if (<u32>e >= experts) {
      put(inverse, slot, -1);
      continue;
    }
    const place = get(offsets, e);
    put(order, place, slot);
    put(inverse, slot, place);
    put(offsets, e, place + 1);
  }
  for (let e = experts; e > 0; e--) put(offsets, e, get(offsets, e - 1));
  put(offsets, 0, 0);
  for (let p = <u32>placed; p < n; p++) put(order, p, -1);
  return placed;
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
  const n = <u64>tokens * k;
  if (experts == 0 || experts > MAX_EXPERTS || n > 0x3fffffff || !words(ids, n)) return BAD_ARGUMENT;
  if (!words(out, n) || !apart(out, n, ids, n)) return BAD_ARGUMENT;
  const counts = take(experts << 2);
  if (!counts) return NO_MEMORY;
  memory.fill(counts, 0, <usize>experts << 2);
  let dropped: i32 = 0;
  for (let choice: u32 = 0; choice < k; choice++) {
    for (let t: u32 = 0; t < tokens; t++) {
      const slot = t * k + choice;
      const e = get(ids, slot);
      if (<u32>e >= experts) {
        put(out, slot, -1);
        continue;
      }
      const full = <u32>get(counts, e) >= capacity;
      put(out, slot, full ? -1 : e);
      if (full) dropped++;
      else put(counts, e, get(counts, e) + 1);
    }
  }
  give(counts, experts << 2);
  return dropped;
}

/**
 * Dispatch layout of `tokens` on `ranks` ranks that hold experts / ranks experts each: a token counts
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
  const n = <u64>tokens * k;
  if (experts == 0 || experts > MAX_EXPERTS || ranks == 0 || experts % ranks) return BAD_ARGUMENT;
  if (ranksPerNode == 0 || ranks % ranksPerNode || n > 0x3fffffff) return BAD_ARGUMENT;
  const nodes = ranks / ranksPerNode;
  const cells = (<u64>tokens * ranks + 3) >> 2;
  if (!words(ids, n) || !words(perRank, ranks) || !words(perNode, nodes)) return BAD_ARGUMENT;
  if (!words(perExpert, experts) || !inMemory(inRank, <u64>tokens * ranks)) return BAD_ARGUMENT;
  if (
    !apart(perRank, ranks, ids, n) || !apart(perNode, nodes, ids, n) ||
    !apart(perExpert, experts, ids, n) || !apart(inRank, cells, ids, n) ||
    !apart(perRank, ranks, perNode, nodes) || !apart(perRank, ranks, perExpert, experts) ||
    !apart(perRank, ranks, inRank, cells) || !apart(perNode, nodes, perExpert, experts) ||
    !apart(perNode, nodes, inRank, cells) || !apart(perExpert, experts, inRank, cells)
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
      const e = <u32>get(ids, t * k + i);
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
