// SPDX-License-Identifier: Apache-2.0
/**
 * Draft trees: several continuations judged in one pass of the target.
 *
 * ```
 *  flat ids   level 0: 0 .. topk-1      level d: topk + (d-1) topk^2 + slot * topk + j
 *  node 0 = root (the verified token), node i = flat id selected[i-1]
 *
 *        0            next_token[n]    lowest child of n, -1 = none
 *       / \           next_sibling[n]  next higher child of the same parent, -1 = none
 *      1   2
 *      |              mask[n][m]       1 when m is n, an ancestor of n, or the root
 *      3              positions[n]     seq_len + depth of n
 * ```
 *
 * - ST-1  next_token / next_sibling reach each node with a parent exactly once.
 * - ST-2  accept_index is a path from the root, then -1; at most num_spec - 1 nodes below the root.
 * - ST-3  with both thresholds 1 and siblings that differ, the token behind the root is distributed
 *         as the target's row.
 * - ST-4  a refused call writes nothing. A node whose parent is not selected is an orphan: no
 *         parent reaches it, its mask holds itself and the root, its position is seq_len + 1.
 *
 * Source: SGLang build_tree_kernel_efficient, verify_tree_greedy and
 * tree_speculative_sampling_target_only.
 */
import { inMemory } from "../arena";
import { BAD_ARGUMENT, OK } from "../status";
import { apart, f32At, i32At, isVocab, range, words } from "./rows";

const MAX_NODES: u32 = 4096;

// @ts-ignore: decorator
@inline
function put(at: usize, index: u32, value: i32): void {
  store<i32>(at + (<usize>index << 2), value);
}

/** Node of the parent of a flat id, or -1 for an orphan. */
function parentOf(flat: u32, topk: u32, parents: usize, count: u32, selected: usize, n: u32): i32 {
  const slot = flat / topk;
  if (slot == 0) return 0;
  if (slot >= count) return -1;
  const wanted = i32At(parents, slot);
  for (let i: u32 = 0; i < n; i++) if (i32At(selected, i) == wanted) return <i32>i + 1;
  return -1;
}

/**
 * Builds the tree of nodes 0 .. nodes-1. `parents`: flat id of the parent by slot (entry 0 unused);
 * `selected`: ascending flat ids of nodes 1 on. mask: nodes^2 bytes. Returns the orphans.
 */
export function tree_build(
  parents: usize,
  count: u32,
  selected: usize,
  nodes: u32,
  topk: u32,
  seqLen: u32,
  mask: usize,
  positions: usize,
  nextToken: usize,
  nextSibling: usize,
): i32 {
  if (nodes == 0 || nodes > MAX_NODES || topk == 0 || topk > 0xffff) return BAD_ARGUMENT;
  const n = nodes - 1;
  const cells = nodes * nodes;
  if (!words(parents, count) || !words(selected, n) || !inMemory(mask, cells)) return BAD_ARGUMENT;
  if (!words(positions, nodes) || !words(nextToken, nodes) || !words(nextSibling, nodes)) {
    return BAD_ARGUMENT;
  }
  const bytes = <u64>nodes << 2;
  range(0, mask, cells);
  range(1, positions, bytes);
  range(2, nextToken, bytes);
  range(3, nextSibling, bytes);
  range(4, parents, <u64>count << 2);
  range(5, selected, <u64>n << 2);
  if (!apart(4, 6)) return BAD_ARGUMENT;
  for (let i: u32 = 0; i < n; i++) {
    if (i32At(selected, i) < 0 || (i > 0 && i32At(selected, i) <= i32At(selected, i - 1))) {
      return BAD_ARGUMENT;
    }
  }
  memory.fill(mask, 0, cells);
  for (let i: u32 = 0; i < nodes; i++) {
    put(nextToken, i, -1);
    put(nextSibling, i, -1);
  }
  put(positions, 0, <i32>seqLen);
  store<u8>(mask, 1);
  let orphans: i32 = 0;
  for (let node: u32 = 1; node < nodes; node++) {
    // Flat ids ascend and a parent's is lower, so that its row of the mask stands already.
    const parent = parentOf(i32At(selected, node - 1), topk, parents, count, selected, n);
    const row = mask + <usize>(node * nodes);
    const known = parent >= 0 && <u32>parent < node;
    if (known) memory.copy(row, mask + <usize>(<u32>parent * nodes), nodes);
    else orphans++;
    store<u8>(row, 1);
    store<u8>(row + <usize>node, 1);
    put(positions, node, known ? i32At(positions, <u32>parent) + 1 : <i32>seqLen + 1);
  }
  for (let node = n; node > 0; node--) {
    const parent = parentOf(i32At(selected, node - 1), topk, parents, count, selected, n);
    if (parent < 0 || <u32>parent >= node) continue;
    put(nextSibling, node, i32At(nextToken, <u32>parent));
    put(nextToken, <u32>parent, <i32>node);
  }
  return orphans;
}

/** True when links stay inside the tree and lead to higher nodes only, so that no walk loops. */
function linksAreSound(nextToken: usize, nextSibling: usize, nodes: u32): bool {
  for (let i: u32 = 0; i < nodes; i++) {
    const child = i32At(nextToken, i);
    const sibling = i32At(nextSibling, i);
    if (child != -1 && (child <= <i32>i || child >= <i32>nodes)) return false;
    if (sibling != -1 && (sibling <= <i32>i || sibling >= <i32>nodes)) return false;
  }
  return true;
}

/** Bounds of a walk; notes its ranges, outputs first: 5. */
function sound(
  candidates: usize,
  nextToken: usize,
  nextSibling: usize,
  nodes: u32,
  numSpec: u32,
  accepted: usize,
  predicts: usize,
): bool {
  if (nodes == 0 || nodes > MAX_NODES || numSpec == 0 || numSpec > nodes) return false;
  const bytes = <u64>nodes << 2;
  range(0, accepted, <u64>numSpec << 2);
  range(1, predicts, bytes);
  range(2, candidates, bytes);
  range(3, nextToken, bytes);
  range(4, nextSibling, bytes);
  return (
    words(candidates, nodes) &&
    words(nextToken, nodes) &&
    words(nextSibling, nodes) &&
    words(accepted, numSpec) &&
    words(predicts, nodes) &&
    linksAreSound(nextToken, nextSibling, nodes)
  );
}

/**
 * Follows the target's argmax down the tree. accepted: numSpec node numbers; predicts: a token a
 * node. Returns the nodes accepted below the root.
 */
export function tree_greedy(
  candidates: usize,
  argmax: usize,
  nextToken: usize,
  nextSibling: usize,
  nodes: u32,
  numSpec: u32,
  accepted: usize,
  predicts: usize,
): i32 {
  if (!sound(candidates, nextToken, nextSibling, nodes, numSpec, accepted, predicts)) {
    return BAD_ARGUMENT;
  }
  range(5, argmax, <u64>nodes << 2);
  if (!words(argmax, nodes) || !apart(2, 6)) return BAD_ARGUMENT;
  for (let i: u32 = 0; i < nodes; i++) put(predicts, i, -1);
  let node: u32 = 0;
  let taken: u32 = 0;
  put(accepted, 0, 0);
  put(predicts, 0, i32At(argmax, 0));
  while (taken + 1 < numSpec) {
    let child = i32At(nextToken, node);
    const wanted = i32At(argmax, node);
    while (child >= 0 && i32At(candidates, child) != wanted) child = i32At(nextSibling, child);
    if (child < 0) break;
    node = child;
    taken++;
    put(accepted, taken, child);
    put(predicts, node, i32At(argmax, node));
  }
  for (let i = taken + 1; i < numSpec; i++) put(accepted, i, -1);
  return <i32>taken;
}

/**
 * Samples down the tree from the target's rows alone: one coin a level; a child is kept when the
 * coin is at most the probability of the children so far over thresholdAcc, or its own reaches
 * thresholdSingle. The last token is drawn from what is left of the row. Returns as tree_greedy.
 */
export function tree_sample(
  candidates: usize,
  target: usize,
  vocab: u32,
  coins: usize,
  coinFinal: f32,
  thresholdSingle: f32,
  thresholdAcc: f32,
  nextToken: usize,
  nextSibling: usize,
  nodes: u32,
  numSpec: u32,
  accepted: usize,
  predicts: usize,
): i32 {
  if (!sound(candidates, nextToken, nextSibling, nodes, numSpec, accepted, predicts)) {
    return BAD_ARGUMENT;
  }
  if (!isVocab(vocab) || !words(target, <u64>nodes * vocab)) return BAD_ARGUMENT;
  if (!words(coins, nodes) || !(thresholdSingle >= 0) || !(thresholdAcc >= 0)) return BAD_ARGUMENT;
  range(5, target, <u64>nodes * vocab << 2);
  range(6, coins, <u64>nodes << 2);
  if (!(coinFinal >= 0) || !apart(2, 7)) return BAD_ARGUMENT;
  for (let i: u32 = 1; i < nodes; i++) if (<u32>i32At(candidates, i) >= vocab) return BAD_ARGUMENT;
  for (let i: u32 = 0; i < nodes; i++) put(predicts, i, -1);
  const floor = max<f32>(thresholdAcc, <f32>1e-9);
  let node: u32 = 0;
  let taken: u32 = 0;
  put(accepted, 0, 0);
  while (taken + 1 < numSpec) {
    const row = target + (<usize>node * vocab << 2);
    const coin = f32At(coins, node);
    let sum: f32 = 0;
    let child = i32At(nextToken, node);
    while (child >= 0) {
      const p = f32At(row, i32At(candidates, child));
      sum += p;
      if (coin <= sum / floor || p >= thresholdSingle) break;
      child = i32At(nextSibling, child);
    }
    if (child < 0) break;
    put(predicts, node, i32At(candidates, child));
    node = child;
    taken++;
    put(accepted, taken, child);
  }
  const rest = taken + 1 < numSpec ? nextToken : 0;
  const last = finalToken(target, vocab, node, candidates, rest, nextSibling, coinFinal);
  put(predicts, node, last);
  for (let i = taken + 1; i < numSpec; i++) put(accepted, i, -1);
  return <i32>taken;
}

/** Weight of a token behind `node`: 0 when a child of the node that was refused carries it. */
// @ts-ignore: decorator
@inline
function weight(row: usize, v: u32, refused: bool): f64 {
  const p = f32At(row, v);
  return refused || !(p > 0) ? 0 : <f64>p;
}

/** Draws from the row of a node without the tokens of its refused children (nextToken 0: none). */
function finalToken(
  target: usize,
  vocab: u32,
  node: u32,
  candidates: usize,
  nextToken: usize,
  nextSibling: usize,
  coin: f32,
): i32 {
  const row = target + (<usize>node * vocab << 2);
  const first = nextToken ? i32At(nextToken, node) : -1;
  let sum: f64 = 0;
  for (let v: u32 = 0; v < vocab; v++) {
    sum += weight(row, v, isRefused(first, v, candidates, nextSibling));
  }
  const limit = <f64>coin * sum;
  let running: f64 = 0;
  let last: i32 = 0;
  for (let v: u32 = 0; v < vocab; v++) {
    const w = weight(row, v, isRefused(first, v, candidates, nextSibling));
    if (w == 0) continue;
    last = <i32>v;
    running += w;
    if (running > limit) break;
  }
  return last;
}

// @ts-ignore: decorator
@inline
function isRefused(first: i32, token: u32, candidates: usize, nextSibling: usize): bool {
  let child = first;
  while (child >= 0 && i32At(candidates, child) != <i32>token) child = i32At(nextSibling, child);
  return child >= 0;
}
