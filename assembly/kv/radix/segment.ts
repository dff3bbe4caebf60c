// SPDX-License-Identifier: Apache-2.0
/** Storage of tokens, values and page numbers: segments that the halves of a split share. */
import { take, give } from "../../arena";
import { Node, Segment, SEGMENT_HEADER, Tree, UNCUT, pagesAt, tokens, values } from "./layout";

// @ts-ignore: decorator
@inline
export function segmentBytes(t: Tree, capacity: u32): u32 {
  const bytes = SEGMENT_HEADER + (capacity << (2 + t.valued));
  return t.eventCapacity ? bytes + ((capacity + t.page - 1) / t.page << 2) : bytes;
}

export function makeSegment(t: Tree, capacity: u32): u32 {
  const s = take(segmentBytes(t, capacity));
  if (s == 0) return 0;
  const segment = changetype<Segment>(s);
  segment.refs = 1;
  segment.capacity = capacity;
  segment.used = 0;
  segment.low = UNCUT;
  return <u32>s;
}

export function dropSegment(t: Tree, s: u32): void {
  const segment = changetype<Segment>(<usize>s);
  if (--segment.refs == 0) give(<usize>s, segmentBytes(t, segment.capacity));
}

/** Copies `n` words. Few are quicker copied here than by a call out of the module. */
export function copyRun(to: usize, from: usize, n: u32): void {
  if (n > 48) {
    memory.copy(to, from, <usize>n << 2);
    return;
  }
  if (n < 4) {
    for (let i: u32 = 0; i < n; i++) {
      store<u32>(to + (<usize>i << 2), load<u32>(from + (<usize>i << 2)));
    }
    return;
  }
  // The last four may overlap those before.
  const last = (<usize>n << 2) - 16;
  let i: usize = 0;
  while (true) {
    if (ASC_FEATURE_SIMD) {
      v128.store(to + i, v128.load(from + i));
    } else {
      const high = load<u64>(from + i, 8);
      store<u64>(to + i, load<u64>(from + i));
      store<u64>(to + i, high, 8);
    }
    if (i == last) return;
    i = min(i + 16, last);
  }
}

/** Puts `count` tokens (and values) behind the run of `n`, which must own the segment's end. */
export function put(t: Tree, n: Node, keys: usize, vals: usize, count: u32): void {
  const segment = changetype<Segment>(<usize>n.segment);
  copyRun(tokens(n) + (<usize>n.length << 2), keys, count);
  if (t.valued) copyRun(values(n) + (<usize>n.length << 2), vals, count);
  n.length += count;
  segment.used = n.offset + n.length;
}

/** Moves the run of `n` to a segment of its own with room for `capacity` tokens. */
export function moveRun(t: Tree, n: Node, capacity: u32): bool {
  const s = makeSegment(t, capacity);
  if (s == 0) return false;
  const target = changetype<Segment>(<usize>s);
  memory.copy(<usize>s + SEGMENT_HEADER, tokens(n), <usize>n.length << 2);
  if (t.valued) {
    const into = <usize>s + SEGMENT_HEADER + (<usize>capacity << 2);
    memory.copy(into, values(n), <usize>n.length << 2);
  }
  target.used = n.length;
  if (t.eventCapacity) {
    const ids = pagesAt(t, n.segment, n.offset);
    memory.copy(pagesAt(t, s, 0), ids, <usize>(n.length / t.page) << 2);
  }
  const low = changetype<Segment>(<usize>n.segment).low;
  // A cut behind the run was another node's.
  if (low <= <i32>(n.offset + n.length)) target.low = low - <i32>n.offset;
  dropSegment(t, n.segment);
  n.segment = s;
  n.offset = 0;
  return true;
}
