// SPDX-License-Identifier: Apache-2.0
/**
 * Expert placement: copies of hot experts, packed so that no GPU carries much more than another.
 *
 * ```
 *  weight of each logical expert (f32)
 *    1. pack groups of experts into nodes          (hierarchical; one node otherwise)
 *    2. replicate each node's experts: every further copy goes to the largest weight / copies
 *    3. pack the copies into the node's GPUs
 *  physical slot = node * slots a node + GPU * slots a GPU + rank in the GPU
 * ```
 *
 * Packing takes items in descending weight (stable: ties in index order) to the lightest pack with
 * room (first on ties). Packs hold equally many items.
 *
 * - EP-1  every expert has at least one copy; copies sum to the slots.
 * - EP-2  phy2log and log2phy are inverse; copies of an expert have ranks 0, 1, ...
 * - EP-3  in hierarchical mode the copies of a group's experts stay on one node.
 * - EP-4  max(weight / copies) is the least possible for the slots (of a node).
 * - EP-5  a refused call writes nothing.
 *
 * Complexity: O(n log n) to sort, O(n packs) to pack, O(copies n) to replicate.
 * Source: DeepSeek, deepseek-ai/EPLB (its sort made stable; its own leaves ties open).
 */
import { give, take } from "../arena";
import { BAD_ARGUMENT, NO_MEMORY, OK } from "../status";
import { READ, WRITE, claim, f32At, get, put, putF32 } from "./buffers";

const MAX_ITEMS: u32 = 65536;

function areWeights(weight: usize, n: u32): bool {
  for (let i: u32 = 0; i < n; i++) if (!(f32At(weight, i) >= 0)) return false;
  return true;
}

/** Indices 0 .. n-1 by descending weight, ties ascending: bottom-up merge sort. */
function sortDescending(weight: usize, n: u32, order: usize, spare: usize): void {
  for (let i: u32 = 0; i < n; i++) put(order, i, i);
  let from = order;
  let to = spare;
  for (let width: u32 = 1; width < n; width <<= 1) {
    for (let start: u32 = 0; start < n; start += width << 1) {
      const middle = min(start + width, n);
      const end = min(start + (width << 1), n);
      let a = start;
      let b = middle;
      for (let i = start; i < end; i++) {
        const left =
          a < middle &&
          (b >= end || f32At(weight, get(from, a)) >= f32At(weight, get(from, b)));
        put(to, i, left ? get(from, a) : get(from, b));
        if (left) a++;
        else b++;
      }
    }
    const swap = from;
    from = to;
    to = swap;
  }
  if (from != order) memory.copy(order, from, <usize>n << 2);
}

/** Packs n items into m packs of n / m; scratch: 2 n + 2 m words. */
function pack(weight: usize, n: u32, m: u32, packs: usize, ranks: usize, scratch: usize): void {
  const size = n / m;
  if (size == 1) {
    for (let i: u32 = 0; i < n; i++) {
      put(packs, i, i);
      put(ranks, i, 0);
    }
    return;
  }
  const order = scratch;
  const loads = scratch + (<usize>n << 3);
  const counts = loads + (<usize>m << 2);
  sortDescending(weight, n, order, scratch + (<usize>n << 2));
  memory.fill(loads, 0, <usize>m << 3);
  for (let i: u32 = 0; i < n; i++) {
    const item = get(order, i);
    let best: u32 = m;
    for (let p: u32 = 0; p < m; p++) {
      if (get(counts, p) == size) continue;
      if (best == m || f32At(loads, p) < f32At(loads, best)) best = p;
    }
    put(packs, item, best);
    put(ranks, item, get(counts, best));
    putF32(loads, best, f32At(loads, best) + f32At(weight, item));
    put(counts, best, get(counts, best) + 1);
  }
}

/** Replicates n experts to `slots` copies: expert and rank of each slot, copies of each expert. */
function replicate(
  weight: usize,
  n: u32,
  slots: u32,
  owner: usize,
  ranks: usize,
  counts: usize,
): void {
  for (let i: u32 = 0; i < n; i++) {
    put(owner, i, i);
    put(ranks, i, 0);
    put(counts, i, 1);
  }
  for (let slot = n; slot < slots; slot++) {
    let best: u32 = 0;
    let most: f32 = -1;
    for (let i: u32 = 0; i < n; i++) {
      const share: f32 = f32At(weight, i) / <f32>get(counts, i);
      if (share > most) {
        most = share;
        best = i;
      }
    }
    put(owner, slot, best);
    put(ranks, slot, get(counts, best));
    put(counts, best, get(counts, best) + 1);
  }
}

/** Packs weight[0..n) into `packs` equal packs: pack and rank in it of each item. */
export function eplb_pack(weight: usize, n: u32, packs: u32, index: usize, ranks: usize): i32 {
  if (n == 0 || n > MAX_ITEMS || packs == 0 || n % packs) return BAD_ARGUMENT;
  if (!claim(0, weight, n, READ) || !claim(1, index, n, WRITE) || !claim(2, ranks, n, WRITE)) {
    return BAD_ARGUMENT;
  }
  if (!areWeights(weight, n)) return BAD_ARGUMENT;
  const bytes = (n + packs) << 3;
  const scratch = take(bytes);
  if (!scratch) return NO_MEMORY;
  pack(weight, n, packs, index, ranks, scratch);
  give(scratch, bytes);
  return OK;
}

/** Replicates weight[0..n) to `slots` >= n slots. */
export function eplb_replicate(
  weight: usize,
  n: u32,
  slots: u32,
  phy2log: usize,
  ranks: usize,
  counts: usize,
): i32 {
  if (n == 0 || slots < n || slots > MAX_ITEMS) return BAD_ARGUMENT;
  if (
    !claim(0, weight, n, READ) || !claim(1, phy2log, slots, WRITE) ||
    !claim(2, ranks, slots, WRITE) || !claim(3, counts, n, WRITE)
  ) {
    return BAD_ARGUMENT;
  }
  if (!areWeights(weight, n)) return BAD_ARGUMENT;
  replicate(weight, n, slots, phy2log, ranks, counts);
  return OK;
}

/** Scratch words that one layer of eplb_rebalance needs. */
// @ts-ignore: decorator
@inline
function scratchWords(experts: u32, slots: u32): u32 {
  return 8 * experts + 12 * slots;
}

/**
 * Places one layer: weight[experts] -> phy2log[slots], rank of each slot's copy, counts[experts].
 * groups = nodes = 1 unless groups % nodes is 0 (the caller passes both as they are).
 */
export function eplb_rebalance(
  weight: usize,
  experts: u32,
  slots: u32,
  groups: u32,
  nodes: u32,
  gpus: u32,
  phy2log: usize,
  ranks: usize,
  counts: usize,
): i32 {
  if (experts == 0 || slots < experts || slots > MAX_ITEMS || groups == 0) return BAD_ARGUMENT;
  if (nodes == 0 || gpus == 0 || slots % gpus) return BAD_ARGUMENT;
  let g = groups;
  let n = nodes;
  if (g % n) g = n = 1;
  if (experts % g || gpus % n || slots % n || experts % n) return BAD_ARGUMENT;
  if (
    !claim(0, weight, experts, READ) || !claim(1, phy2log, slots, WRITE) ||
    !claim(2, ranks, slots, WRITE) || !claim(3, counts, experts, WRITE) ||
    !areWeights(weight, experts)
  ) {
    return BAD_ARGUMENT;
  }
  const bytes = scratchWords(experts, slots) << 2;
  const scratch = take(bytes);
  if (!scratch) return NO_MEMORY;
  place(weight, experts, slots, g, n, gpus, phy2log, ranks, counts, scratch);
  give(scratch, bytes);
  return OK;
}

function place(
  weight: usize,
  experts: u32,
  slots: u32,
  groups: u32,
  nodes: u32,
  gpus: u32,
  phy2log: usize,
  ranks: usize,
  counts: usize,
  scratch: usize,
): void {
  const groupSize = experts / groups;
  const local = experts / nodes;
  const slotsOfNode = slots / nodes;
  const sums = scratch;
  const groupNode = sums + (<usize>experts << 2);
  const groupRank = groupNode + (<usize>experts << 2);
  const expertOf = groupRank + (<usize>experts << 2);
  const weights = expertOf + (<usize>experts << 2);
  const localCounts = weights + (<usize>local << 2);
  const owner = localCounts + (<usize>local << 2);
  const copies = owner + (<usize>slots << 2);
  const loads = copies + (<usize>slots << 2);
  const gpuOf = loads + (<usize>slots << 2);
  const rankOf = gpuOf + (<usize>slots << 2);
  const rest = rankOf + (<usize>slots << 2);
  for (let g: u32 = 0; g < groups; g++) {
    let sum: f32 = 0;
    for (let i: u32 = 0; i < groupSize; i++) sum += f32At(weight, g * groupSize + i);
    putF32(sums, g, sum);
  }
  pack(sums, groups, nodes, groupNode, groupRank, rest);
  const groupsOfNode = groups / nodes;
  for (let g: u32 = 0; g < groups; g++) {
    const first = (get(groupNode, g) * groupsOfNode + get(groupRank, g)) * groupSize;
    for (let i: u32 = 0; i < groupSize; i++) put(expertOf, first + i, g * groupSize + i);
  }
  const gpusOfNode = gpus / nodes;
  const slotsOfGpu = slots / gpus;
  for (let node: u32 = 0; node < nodes; node++) {
    const mine = expertOf + (<usize>(node * local) << 2);
    for (let i: u32 = 0; i < local; i++) {
      putF32(weights, i, f32At(weight, get(mine, i)));
    }
    replicate(weights, local, slotsOfNode, owner, copies, localCounts);
    for (let s: u32 = 0; s < slotsOfNode; s++) {
      const e = get(owner, s);
      putF32(loads, s, f32At(weights, e) / <f32>get(localCounts, e));
    }
    pack(loads, slotsOfNode, gpusOfNode, gpuOf, rankOf, rest);
    for (let s: u32 = 0; s < slotsOfNode; s++) {
      const at = node * slotsOfNode + get(gpuOf, s) * slotsOfGpu + get(rankOf, s);
      put(phy2log, at, get(mine, get(owner, s)));
      put(ranks, at, get(copies, s));
    }
    for (let i: u32 = 0; i < local; i++) put(counts, get(mine, i), get(localCounts, i));
  }
}
