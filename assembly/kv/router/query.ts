// SPDX-License-Identifier: Apache-2.0
/** How many leading blocks of a request each worker holds. */
import { JUMP, NIL, RADIX, Router, at, setOf, worker } from "./layout";
import { find, findChild } from "./tables";

// @ts-ignore: decorator
@inline
function u64At(base: usize, index: u32): u64 {
  return load<u64>(base + (<usize>index << 3));
}

/** Depths of the workers that are followed and not in the set: they end at `depth`. */
// @ts-ignore: decorator
@inline
function settle(t: Router, set: usize, depth: u32, scores: usize): bool {
  const words = t.words;
  let any: u32 = 0;
  for (let i: u32 = 0; i < words; i++) {
    const word = <usize>t.active + (<usize>i << 2);
    const followed = load<u32>(word);
    const stay = followed & load<u32>(set + (<usize>i << 2));
    let gone = followed ^ stay;
    store<u32>(word, stay);
    any |= stay;
    while (gone) {
      const w = (i << 5) + <u32>ctz(gone);
      store<u32>(scores + (<usize>w << 2), depth);
      gone &= gone - 1;
    }
  }
  return any != 0;
}

/** True when all workers followed are in the set. */
// @ts-ignore: decorator
@inline
function allIn(t: Router, set: usize): bool {
  for (let i: u32 = 0; i < t.words; i++) {
    const followed = load<u32>(<usize>t.active + (<usize>i << 2));
    if (followed & ~load<u32>(set + (<usize>i << 2))) return false;
  }
  return true;
}

/** True when each worker followed holds a set of blocks that is closed under prefixes. */
function allClosed(t: Router): bool {
  for (let i: u32 = 0; i < t.words; i++) {
    let followed = load<u32>(<usize>t.active + (<usize>i << 2));
    while (followed) {
      if (worker(t, (i << 5) + <u32>ctz(followed)).holes) return false;
      followed &= followed - 1;
    }
  }
  return true;
}

/** Ends the workers still followed at a depth. */
function finish(t: Router, depth: u32, scores: usize): void {
  for (let i: u32 = 0; i < t.words; i++) {
    let followed = load<u32>(<usize>t.active + (<usize>i << 2));
    while (followed) {
      const w = (i << 5) + <u32>ctz(followed);
      store<u32>(scores + (<usize>w << 2), depth);
      followed &= followed - 1;
    }
  }
}

/** Fills scores, one word a worker; returns the largest. */
export function search(t: Router, locals: usize, hashes: usize, n: u32, scores: usize): u32 {
  memory.fill(scores, 0, <usize>t.workers << 2);
  if (n == 0) return 0;
  const root = t.form == RADIX ? findChild(t, NIL, u64At(locals, 0)) : find(t, u64At(hashes, 0));
  if (root == NIL) return 0;
  memory.copy(t.active, setOf(at(t, root)), <usize>t.words << 2);
  const depth = t.form == RADIX ? walk(t, locals, n, root, scores) : jump(t, hashes, n, scores);
  finish(t, depth, scores);
  return depth;
}

/** Child by child. */
function walk(t: Router, locals: usize, n: u32, root: u32, scores: usize): u32 {
  let index = root;
  let depth: u32 = 1;
  if (isEmpty(t)) return 0;
  while (depth < n) {
    index = findChild(t, index, u64At(locals, depth));
    if (index == NIL) break;
    if (!settle(t, setOf(at(t, index)), depth, scores)) return depth;
    depth++;
  }
  return depth;
}

// @ts-ignore: decorator
@inline
function isEmpty(t: Router): bool {
  let any: u32 = 0;
  for (let i: u32 = 0; i < t.words; i++) any |= load<u32>(<usize>t.active + (<usize>i << 2));
  return any == 0;
}

/**
 * By position: when all workers hold the block JUMP further on and none has holes, they hold all
 * between. Otherwise block by block up to there.
 */
function jump(t: Router, hashes: usize, n: u32, scores: usize): u32 {
  if (isEmpty(t)) return 0;
  const closed = allClosed(t);
  let depth: u32 = 1;
  while (depth < n) {
    const target = min(depth + JUMP, n) - 1;
    if (closed && target > depth) {
      const far = find(t, u64At(hashes, target));
      if (far != NIL && allIn(t, setOf(at(t, far)))) {
        depth = target + 1;
        continue;
      }
    }
    for (; depth <= target; depth++) {
      const index = find(t, u64At(hashes, depth));
      if (index == NIL) return depth;
      if (!settle(t, setOf(at(t, index)), depth, scores)) return depth;
    }
  }
  return depth;
}
