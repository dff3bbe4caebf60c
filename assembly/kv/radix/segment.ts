// SPDX-License-Identifier: Apache-2.0
/** Storage of tokens and values: segments that the halves of a split share. */
import { take, give } from "../../arena";
import { Node, Segment, SEGMENT_HEADER, Tree, tokens, values } from "./layout";

// @ts-ignore: decorator
@inline
export function segmentBytes(t: Tree, capacity: u32): u32 {
  return SEGMENT_HEADER + (capacity << (2 + t.valued));
}

export function makeSegment(t: Tree, capacity: u32): u32 {
  const s = take(segmentBytes(t, capacity));
  if (s == 0) return 0;
  const segment = changetype<Segment>(s);
  segment.refs = 1;
  segment.capacity = capacity;
  segment.used = 0;
  return <u32>s;
}

export function dropSegment(t: Tree, s: u32): void {
  const segment = changetype<Segment>(<usize>s);
  if (--segment.refs == 0) give(<usize>s, segmentBytes(t, segment.capacity));
}

/** Puts `count` tokens (and values) behind the run of `n`, which must own the segment's end. */
export function put(t: Tree, n: Node, keys: usize, vals: usize, count: u32): void {
  const segment = changetype<Segment>(<usize>n.segment);
  memory.copy(tokens(n) + (<usize>n.length << 2), keys, <usize>count << 2);
  if (t.valued) memory.copy(values(n) + (<usize>n.length << 2), vals, <usize>count << 2);
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
  dropSegment(t, n.segment);
  n.segment = s;
  n.offset = 0;
  return true;
}
