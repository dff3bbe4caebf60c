// SPDX-License-Identifier: Apache-2.0
/**
 * Suffix drafter: proposes what most often followed the ending of the context in all text it has
 * seen. Agents repeat themselves (files, diffs, tool calls), so this drafts long runs for nothing.
 *
 * A trie of all runs of up to `depth` tokens with their counts. Each token of a stream extends the
 * `depth` runs that end before it.
 *
 * ```
 *  nodes, 16 bytes     │ parent │ token │ count │ best child │     index 0 = root
 *  table               open addressing over hash(parent, token) -> node
 *  ends                node of the last 1, 2, ... depth - 1 tokens of the stream
 * ```
 *
 * - SX-1  count of a node = times its run has ended at a token of a stream; a child's count is at
 *         most its parent's.
 * - SX-2  best child has the largest count; among equals the one that reached it first.
 * - SX-3  when the nodes are used up, known runs still count and new ones are not learnt.
 * - SX-4  a refused call changes nothing.
 *
 * Complexity: O(depth) a token to learn, O(depth (depth + k)) to draft.
 * Source: Oliaro et al. 2024, SuffixDecoding (arXiv 2411.04975).
 */
import { delist, enlist, give, hasRoom, inArena, inMemory, pieceSize, take } from "../arena";
import { BAD_ARGUMENT, BAD_HANDLE, OK } from "../status";
import { apart, range } from "./rows";

const MAGIC: u32 = 0x6b76_2101;
const MAX_DEPTH: u32 = 128;

@unmanaged
class Suffix {
  magic: u32;
  older: u32;
  depth: u32;
  capacity: u32;
  /** Nodes in use with the root. */
  used: u32;
  tableMask: u32;
  nodes: u32;
  table: u32;
  ends: u32;
  /** Valid entries of `ends`: tokens since the stream began, at most depth - 1. */
  length: u32;
  /** Runs that were not learnt because the nodes are used up. */
  dropped: u32;
  spare: u32;
}

@unmanaged
class Run {
  parent: u32;
  token: u32;
  count: u32;
  best: u32;
}

// @ts-ignore: decorator
@inline
function open(handle: usize): bool {
  return (
    inArena(handle, offsetof<Suffix>()) && changetype<Suffix>(handle).magic == MAGIC
  );
}

// @ts-ignore: decorator
@inline
function at(s: Suffix, index: u32): Run {
  return changetype<Run>(<usize>s.nodes + (<usize>index << 4));
}

// @ts-ignore: decorator
@inline
function tableSize(capacity: u32): u32 {
  return <u32>1 << (33 - clz<u32>(capacity - 1));
}

/** Bytes of arena that a drafter of so many nodes takes. */
export function suffix_bytes(depth: u32, nodes: u32): u32 {
  return (
    pieceSize(<u32>offsetof<Suffix>()) +
    pieceSize(nodes << 4) +
    pieceSize(tableSize(nodes) << 2) +
    pieceSize(depth << 2)
  );
}

/** A drafter of runs of up to `depth` (2 to 128) tokens in up to `nodes` nodes; 0 when refused. */
export function suffix_create(depth: u32, nodes: u32): usize {
  if (depth < 2 || depth > MAX_DEPTH || nodes < 16 || nodes > 0x3ffffff) return 0;
  if (!hasRoom(suffix_bytes(depth, nodes))) return 0;
  const handle = take(<u32>offsetof<Suffix>());
  memory.fill(handle, 0, offsetof<Suffix>());
  const s = changetype<Suffix>(handle);
  s.depth = depth;
  s.capacity = nodes;
  s.tableMask = tableSize(nodes) - 1;
  s.nodes = <u32>take(nodes << 4);
  s.table = <u32>take((s.tableMask + 1) << 2);
  s.ends = <u32>take(depth << 2);
  enlist(handle, MAGIC);
  suffix_clear(handle);
  return handle;
}

export function suffix_destroy(handle: usize): i32 {
  if (!open(handle)) return BAD_HANDLE;
  const s = changetype<Suffix>(handle);
  give(s.nodes, s.capacity << 4);
  give(s.table, (s.tableMask + 1) << 2);
  give(s.ends, s.depth << 2);
  delist(handle);
  give(handle, <u32>offsetof<Suffix>());
  return OK;
}

/** Forgets everything. */
export function suffix_clear(handle: usize): i32 {
  if (!open(handle)) return BAD_HANDLE;
  const s = changetype<Suffix>(handle);
  memory.fill(s.table, 0, <usize>(s.tableMask + 1) << 2);
  memory.fill(s.nodes, 0, 16);
  s.used = 1;
  s.length = 0;
  s.dropped = 0;
  return OK;
}

/** Slot of the child of `parent` by `token`: its own, or the empty one where it would stand. */
// @ts-ignore: decorator
@inline
function slotOf(s: Suffix, parent: u32, token: u32): usize {
  const mask = s.tableMask;
  const mixed = (<u64>parent << 32 | <u64>token) * 0x9e3779b97f4a7c15;
  let i = <u32>(mixed >> 32) & mask;
  while (true) {
    const slot = <usize>s.table + (<usize>i << 2);
    const node = load<u32>(slot);
    if (node == 0) return slot;
    const run = at(s, node);
    if (run.token == token && run.parent == parent) return slot;
    i = (i + 1) & mask;
  }
}

/** Counts one more child of `parent` by `token`; its node, or 0 when there is no room for it. */
function count(s: Suffix, parent: u32, token: u32): u32 {
  const slot = slotOf(s, parent, token);
  let node = load<u32>(slot);
  if (node == 0) {
    if (s.used == s.capacity) {
      s.dropped++;
      return 0;
    }
    node = s.used++;
    store<u32>(slot, node);
    const fresh = at(s, node);
    fresh.parent = parent;
    fresh.token = token;
    fresh.count = 0;
    fresh.best = 0;
  }
  const run = at(s, node);
  run.count++;
  const above = at(s, parent);
  if (above.best == 0 || run.count > at(s, above.best).count) above.best = node;
  return node;
}

/** Learns tokens[0..n). `fresh` 1: they begin a new stream. Returns the runs not learnt so far. */
export function suffix_learn(handle: usize, tokens: usize, n: u32, fresh: u32): i32 {
  if (!open(handle)) return BAD_HANDLE;
  if (tokens & 3 || !inMemory(tokens, <u64>n << 2)) return BAD_ARGUMENT;
  const s = changetype<Suffix>(handle);
  if (fresh) s.length = 0;
  const ends = <usize>s.ends;
  for (let i: u32 = 0; i < n; i++) {
    const token = load<u32>(tokens + (<usize>i << 2));
    // Longest first: the run of length l + 1 grows out of the one of length l before this token.
    const longest = min(s.length, s.depth - 1);
    for (let l = longest; l > 0; l--) {
      const parent = load<u32>(ends + (<usize>(l - 1) << 2));
      const node = parent ? count(s, parent, token) : 0;
      if (l < s.depth - 1) store<u32>(ends + (<usize>l << 2), node);
    }
    at(s, 0).count++;
    store<u32>(ends, count(s, 0, token));
    s.length = min(s.length + 1, s.depth - 1);
  }
  return <i32>min(s.dropped, 0x7fffffff);
}

/** Node of the run tokens[from..n), 0 when it was never seen. */
function find(s: Suffix, tokens: usize, from: u32, n: u32): u32 {
  let node: u32 = 0;
  for (let i = from; i < n; i++) {
    node = load<u32>(slotOf(s, node, load<u32>(tokens + (<usize>i << 2))));
    if (node == 0) break;
  }
  return node;
}

/**
 * Drafts up to k tokens behind tokens[0..n): for each ending that was seen, the likeliest path
 * while its probability is at least `least`, no longer than `factor` times the ending; the path
 * with the largest sum of probabilities wins, the longest ending among equals. probabilities: 0, or
 * f32 a token. Returns the length.
 */
export function suffix_draft(
  handle: usize,
  tokens: usize,
  n: u32,
  k: u32,
  factor: f64,
  least: f64,
  out: usize,
  probabilities: usize,
): i32 {
  if (!open(handle)) return BAD_HANDLE;
  if ((tokens | out | probabilities) & 3 || !inMemory(tokens, <u64>n << 2)) return BAD_ARGUMENT;
  if (!inMemory(out, <u64>k << 2) || !(factor > 0) || !(least >= 0)) return BAD_ARGUMENT;
  if (probabilities && !inMemory(probabilities, <u64>k << 2)) return BAD_ARGUMENT;
  range(0, out, <u64>k << 2);
  range(1, probabilities, probabilities ? <u64>k << 2 : 0);
  range(2, tokens, <u64>n << 2);
  if (!apart(2, 3)) return BAD_ARGUMENT;
  const s = changetype<Suffix>(handle);
  let bestNode: u32 = 0;
  let bestSize: u32 = 0;
  let bestScore: f64 = 0;
  for (let size = min(n, s.depth - 1); size > 0; size--) {
    const node = find(s, tokens, n - size, n);
    if (node == 0) continue;
    const score = follow(s, node, limit(size, k, factor), least, 0, 0);
    if (score > bestScore) {
      bestScore = score;
      bestNode = node;
      bestSize = size;
    }
  }
  if (bestNode == 0) return 0;
  follow(s, bestNode, limit(bestSize, k, factor), least, out, probabilities);
  return <i32>followed;
}

// @ts-ignore: decorator
@inline
function limit(size: u32, k: u32, factor: f64): u32 {
  return <u32>min(<f64>k, factor * <f64>size);
}

/** Length of the path followed last: a second result, no state. */
let followed: u32 = 0;

/** Follows best children; returns the sum of the probabilities of the path's tokens. */
function follow(
  s: Suffix,
  from: u32,
  most: u32,
  least: f64,
  out: usize,
  probabilities: usize,
): f64 {
  let node = from;
  let p: f64 = 1;
  let score: f64 = 0;
  let n: u32 = 0;
  while (n < most) {
    const best = at(s, node).best;
    if (best == 0) break;
    p *= <f64>at(s, best).count / <f64>at(s, node).count;
    if (p < least) break;
    if (out) store<u32>(out + (<usize>n << 2), at(s, best).token);
    if (probabilities) store<f32>(probabilities + (<usize>n << 2), <f32>p);
    score += p;
    node = best;
    n++;
  }
  followed = n;
  return score;
}

/** Nodes in use, without the root. */
export function suffix_nodes(handle: usize): i32 {
  return open(handle) ? <i32>changetype<Suffix>(handle).used - 1 : BAD_HANDLE;
}

/** 0, or the number of the first invariant that fails. */
export function suffix_check(handle: usize): i32 {
  if (!open(handle)) return BAD_HANDLE;
  const s = changetype<Suffix>(handle);
  for (let i: u32 = 1; i < s.used; i++) {
    const run = at(s, i);
    if (run.parent >= i || run.count == 0) return 1;
    const above = at(s, run.parent);
    if (run.count > above.count) return 1;
    if (above.best == 0 || above.best >= s.used) return 2;
    if (at(s, above.best).parent != run.parent) return 2;
    if (at(s, above.best).count < run.count) return 2;
    if (load<u32>(slotOf(s, run.parent, run.token)) != i) return 3;
  }
  return 0;
}
