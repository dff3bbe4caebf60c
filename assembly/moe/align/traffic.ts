// SPDX-License-Identifier: Apache-2.0
/**
 * Which copy of an expert a token goes to, and how many copies of tokens that sends from rank to
 * rank. Physical experts are numbered rank by rank, slots / ranks on each.
 *
 * ```
 *  4 ranks, 2 a node; a token of rank 0 goes to experts on ranks 1, 2 (twice) and 3
 *  once a rank   0→1  0→2  0→3            each rank reduces its share before it answers
 *  once a slot   0→1  0→2  0→2  0→3       low-latency kernels: no reduction on the way
 *  by relay      0→1  0→2  2→2  2→3       once a node, to the rank with the sender's place in it
 * ```
 *
 * - AT-1  a copy of the token's expert is chosen; an expert with none, or no expert, gives -1.
 * - AT-2  once a rank, a row sums to the ranks that its tokens reach; once a slot, to its slots.
 * - AT-3  by relay, at most one copy of a token crosses between two nodes.
 * - AT-4  a refused call writes nothing.
 *
 * Answers go back the same way: their matrix is the transposed one.
 * Source: vLLM eplb_map_to_physical (slot modulo copies), DeepEP's intranode, internode and
 * low-latency kernels.
 */
import { give, take } from "../../arena";
import { BAD_ARGUMENT, NO_MEMORY, OK } from "../../status";
import { NOWHERE, isShape } from "../align";
import { READ, WRITE, claim, get, put } from "../buffers";

/** How a copy is chosen. */
const SPREAD: u32 = 0;
const NEAREST: u32 = 1;

/** How tokens travel. */
const ONCE_A_RANK: u32 = 0;
const ONCE_A_SLOT: u32 = 1;
const BY_RELAY: u32 = 2;

function isGrid(ranks: u32, ranksPerNode: u32): bool {
  return ranks != 0 && ranksPerNode != 0 && ranks % ranksPerNode == 0;
}

/** Rank that holds token t: as told, or tokens in equal runs. */
// @ts-ignore: decorator
@inline
function rankOf(source: usize, t: u32, tokens: u32, ranks: u32): u32 {
  return source ? get(source, t) : <u32>((<u64>t * ranks) / tokens);
}

function areRanks(source: usize, tokens: u32, ranks: u32): bool {
  for (let t: u32 = 0; t < tokens; t++) if (get(source, t) >= ranks) return false;
  return true;
}

/**
 * Physical expert of every slot. copies: `width` physical ids an expert, -1 behind the last. Of the
 * candidates number slot % candidates is taken: all copies (rule 0), or those on the token's rank,
 * else those on its node, else all (rule 1). source: 0, or the rank of each token.
 */
export function moe_physical(
  ids: usize,
  tokens: u32,
  k: u32,
  experts: u32,
  copies: usize,
  width: u32,
  slots: u32,
  ranks: u32,
  ranksPerNode: u32,
  source: usize,
  rule: u32,
  out: usize,
): i32 {
  if (!isShape(tokens, k, experts) || rule > NEAREST || width == 0) return BAD_ARGUMENT;
  if (!isGrid(ranks, ranksPerNode) || slots < ranks || slots % ranks) return BAD_ARGUMENT;
  const n = <u64>tokens * k;
  const cells = <u64>experts * width;
  if (
    !claim(0, ids, n, READ) || !claim(1, copies, cells, READ) ||
    !claim(2, source, source ? tokens : 0, READ) || !claim(3, out, n, WRITE)
  ) {
    return BAD_ARGUMENT;
  }
  for (let i: u64 = 0; i < cells; i++) {
    const slot = get(copies, <u32>i);
    if (slot >= slots && slot != NOWHERE) return BAD_ARGUMENT;
  }
  if (source && !areRanks(source, tokens, ranks)) return BAD_ARGUMENT;
  const size = slots / ranks;
  for (let t: u32 = 0; t < tokens; t++) {
    const here = rule == SPREAD ? 0 : rankOf(source, t, tokens, ranks);
    for (let slot = t * k; slot < (t + 1) * k; slot++) {
      const e = get(ids, slot);
      const row = copies + <usize>((<u64>e * width) << 2);
      let copy = NOWHERE;
      if (e < experts) copy = choose(row, width, slot, size, here, ranksPerNode, rule);
      put(out, slot, copy);
    }
  }
  return OK;
}

/** Copy for a slot out of a row of copies. */
function choose(
  row: usize,
  width: u32,
  slot: u32,
  size: u32,
  here: u32,
  ranksPerNode: u32,
  rule: u32,
): u32 {
  if (rule == NEAREST) {
    const own = pick(row, width, slot, here * size, (here + 1) * size);
    if (own != NOWHERE) return own;
    const first = here - (here % ranksPerNode);
    const near = pick(row, width, slot, first * size, (first + ranksPerNode) * size);
    if (near != NOWHERE) return near;
  }
  return pick(row, width, slot, 0, NOWHERE);
}

/** Of the copies in [from, to) number slot % (their count), -1 if there are none. */
function pick(row: usize, width: u32, slot: u32, from: u32, to: u32): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < width; i++) {
    const at = get(row, i);
    if (at >= from && at < to) count++;
  }
  if (count == 0) return NOWHERE;
  let left = slot % count;
  let i: u32 = 0;
  while (true) {
    const at = get(row, i++);
    if (at < from || at >= to) continue;
    if (left-- == 0) return at;
  }
}

/**
 * Copies of tokens sent from rank to rank: counts[ranks x ranks], row = sender. source: 0, or the
 * rank of each token. rule: 0 once a rank, 1 once a slot, 2 by relay. On the diagonal stand copies
 * that need no link.
 */
export function moe_traffic(
  ids: usize,
  tokens: u32,
  k: u32,
  experts: u32,
  ranks: u32,
  ranksPerNode: u32,
  source: usize,
  rule: u32,
  counts: usize,
): i32 {
  if (!isShape(tokens, k, experts) || rule > BY_RELAY) return BAD_ARGUMENT;
  if (!isGrid(ranks, ranksPerNode) || experts % ranks) return BAD_ARGUMENT;
  if (
    !claim(0, ids, <u64>tokens * k, READ) || !claim(1, source, source ? tokens : 0, READ) ||
    !claim(2, counts, <u64>ranks * ranks, WRITE)
  ) {
    return BAD_ARGUMENT;
  }
  if (source && !areRanks(source, tokens, ranks)) return BAD_ARGUMENT;
  // Slots of the token under way on each rank.
  const reached = take(ranks << 2);
  if (!reached) return NO_MEMORY;
  memory.fill(counts, 0, <usize>(ranks * ranks) << 2);
  const size = experts / ranks;
  for (let t: u32 = 0; t < tokens; t++) {
    memory.fill(reached, 0, <usize>ranks << 2);
    for (let slot = t * k; slot < (t + 1) * k; slot++) {
      const e = get(ids, slot);
      if (e < experts) put(reached, e / size, get(reached, e / size) + 1);
    }
    send(counts, ranks, ranksPerNode, rankOf(source, t, tokens, ranks), reached, rule);
  }
  give(reached, ranks << 2);
  return OK;
}

// @ts-ignore: decorator
@inline
function add(counts: usize, cell: u32, n: u32): void {
  put(counts, cell, get(counts, cell) + n);
}

function send(counts: usize, ranks: u32, perNode: u32, from: u32, reached: usize, rule: u32): void {
  for (let first: u32 = 0; first < ranks; first += perNode) {
    // Where copies for the ranks of this node leave from; on the sender's own node that is itself.
    const hub = rule == BY_RELAY ? first + (from % perNode) : from;
    let any = false;
    for (let r = first; r < first + perNode; r++) {
      const n = get(reached, r);
      if (n == 0) continue;
      any = true;
      add(counts, hub * ranks + r, rule == ONCE_A_SLOT ? n : 1);
    }
    if (any && hub != from) add(counts, from * ranks + hub, 1);
  }
}
