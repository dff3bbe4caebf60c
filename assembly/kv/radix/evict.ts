// SPDX-License-Identifier: Apache-2.0
/** Giving tokens up, and what of a handle survives it. */
import { inMemory } from "../../arena";
import { BAD_ARGUMENT, BAD_HANDLE, STALE } from "../../status";
import { logRemoved } from "./events";
import { isHeld } from "./holds";
import { NIL, SESSION, Segment, Tree, at, isNull, isTree, open, values } from "./layout";
import { nextLeaf } from "./leaves";
import { remove } from "./nodes";
import { copyRun } from "./segment";

/**
 * Evicts whole leaves in the order of the policy until at least `n` tokens are freed or none is
 * left. Values go to out[0..max) in order of eviction; a leaf that no longer fits stays. Returns
 * the tokens freed.
 */
export function radix_evict(handle: usize, n: u32, out: usize, max: u32): i32 {
  if (!isTree(handle)) return BAD_HANDLE;
  const t = changetype<Tree>(handle);
  if (!inMemory(out, <u64>max << 2)) return BAD_ARGUMENT;
  let freed: u32 = 0;
  while (freed < n) {
    const index = nextLeaf(t);
    if (index == NIL) break;
    const leaf = at(t, index);
    const length = leaf.length;
    if (freed + length > max) break;
    if (t.valued) copyRun(out + (<usize>freed << 2), values(leaf), length);
    freed += length;
    remove(t, index);
  }
  return <i32>freed;
}

/**
 * Frees up to `n` tokens (whole pages) from the ends of the leaves in the order of the policy, so
 * that exactly what is needed goes and a long leaf survives as a shorter one (under a new
 * generation). Values go to out[0..n), deepest first. Returns the tokens freed.
 */
export function radix_trim(handle: usize, n: u32, out: usize): i32 {
  if (!isTree(handle)) return BAD_HANDLE;
  const t = changetype<Tree>(handle);
  if (n % t.page || !inMemory(out, t.valued ? <u64>n << 2 : 0)) return BAD_ARGUMENT;
  let freed: u32 = 0;
  while (freed < n) {
    const index = nextLeaf(t);
    if (index == NIL) break;
    const leaf = at(t, index);
    const part = min(leaf.length, n - freed);
    if (t.valued) {
      const end = values(leaf) + (<usize>leaf.length << 2);
      for (let i: u32 = 1; i <= part; i++) {
        store<u32>(out + (<usize>(freed + i - 1) << 2), load<u32>(end - (<usize>i << 2)));
      }
    }
    freed += part;
    if (part == leaf.length) {
      remove(t, index);
    } else {
      if (t.eventCapacity) logRemoved(t, leaf, part);
      if (t.policy >= SESSION && isHeld(t, index)) t.held -= part;
      const segment = changetype<Segment>(<usize>leaf.segment);
      if (segment.used == leaf.offset + leaf.length) segment.used -= part;
      leaf.length -= part;
      const cut = <i32>(leaf.offset + leaf.length);
      if (cut < segment.low) segment.low = cut;
      // Handles that point behind the new end must not outlive it.
      leaf.gen++;
      t.evictable -= part;
    }
  }
  return <i32>freed;
}

/**
 * How much of the first `depth` tokens of a handle is still there as it was, after trims of its
 * node too: whole pages. The node under its present generation stands where a walk's end stands.
 */
export function radix_resume(handle: usize, node: u32, gen: u32, depth: u32): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  if (node >= t.nodeHigh) return STALE;
  const n = at(t, node);
  if (node != 0 && !n.segment) return STALE;
  // The upper bits are those of the node's making, each trim adds 1.
  if ((n.gen ^ gen) >> 8 || gen > n.gen) return STALE;
  if (depth % t.page) return BAD_ARGUMENT;
  let keep = min(depth, n.start + n.length);
  if (gen != n.gen) {
    const low = <i32>n.start + changetype<Segment>(<usize>n.segment).low - <i32>n.offset;
    keep = <u32>max(0, min(<i32>keep, low));
  }
  t.endNode = node;
  t.endGen = n.gen;
  t.endDepth = keep;
  return <i32>keep;
}
