// SPDX-License-Identifier: Apache-2.0
/**
 * Radix tree: finds the longest cached prefix of a token (or block-id) sequence.
 *
 * Problem: keep runs of u32 tokens with one u32 value each (the KV slot), match a key against them
 * page by page, evict least recently used leaves first, and do all of that in O(new tokens) for a
 * caller that extends a prefix it already holds. Follows SGLang `radix_cache.py` (commit d2f479e5)
 * for match, insert, split, lock and whole-leaf eviction; `extend`, `trim` and work from a handle
 * are ours, because an agent turn adds ten blocks to thousands.
 *
 * ```
 *  node table, 64 bytes a node, index 0 = root
 *  ┌─────┬─────┬─────┬────────┬───────┬──────────┬──────┬───────────────┬───────┬─────────┬─ ...
 *  │ seg │ off │ len │ parent │ start │ children │ lock │ protectedKids │ stamp │ heapPos │ gen
 *  └──│──┴──│──┴──│──┴────────┴───────┴──────────┴──────┴───────────────┴───────┴─────────┴─ ...
 *     ▼     ▼ off ▼ off+len
 *  ┌──────┬─────┬──────┬───────────────┬──────────────┐   a segment is shared by the halves of
 *  │ refs │ cap │ used │ tokens[cap]   │ values[cap]  │   a split, so a split copies nothing
 *  └──────┴─────┴──────┴───────────────┴──────────────┘
 *  child table  open addressing over hash(parent, name space under the root, first page)
 *  leaf heap    4-ary, holds exactly the evictable leaves: no lock and no child
 * ```
 *
 * Three things make a turn independent of the context length:
 * - a lock is kept on the end node alone; an ancestor counts as protected while `protectedKids`
 *   is above 0, so locking stops at the first ancestor that is protected already;
 * - a walk from a handle stamps only the nodes it enters: a node passes its stamp to its parent
 *   when it is removed, which is the first moment the parent's age can matter;
 * - heap keys are refreshed only when they surface, since stamps only grow.
 *
 * Invariants (radix_check returns the number of the first one that fails)
 * - RX-1  evictable + protected = tokens in the tree; each is the sum over its nodes.
 * - RX-2  a node is protected exactly when it or a descendant is locked.
 * - RX-3  siblings differ in their first page; the child table holds each node exactly once.
 * - RX-4  lengths are positive multiples of the page; start = end of the parent.
 * - RX-5  the leaf heap holds exactly the evictable leaves, in heap order of keys <= stamps.
 * - RX-6  a refused call changes nothing.
 *
 * Parts: radix/layout (records), compare, segment, children, leaves, nodes, walk, verify.
 *
 * Complexity: match and insert O(tokens walked / 4 + nodes entered); lock O(newly protected
 * nodes); evict and trim O(tokens freed + log leaves).
 */
import { delist, enlist, give, hasRoom, inMemory, take } from "../arena";
import { OK, BAD_HANDLE, BAD_ARGUMENT, NO_MEMORY, UNBALANCED, BUSY, STALE } from "../status";
import {
  MAGIC,
  NIL,
  NODE_SHIFT,
  Segment,
  Tree,
  at,
  isGuarded,
  isLive,
  isNull,
  open,
  values,
} from "./radix/layout";
import { dropSegment, makeSegment, moveRun, put } from "./radix/segment";
import { link } from "./radix/children";
import { leafAdd, leafRemove, oldestLeaf } from "./radix/leaves";
import { growTables, newNode, prepare, remove, tablesBytes } from "./radix/nodes";
import { INSERT, MATCH, PEEK, descend, settle } from "./radix/walk";
import { verify } from "./radix/verify";

/**
 * An empty tree over pages of `page` tokens (1 to 256). `valued` 1: each token carries a value.
 * `capacity` is the number of nodes to start with; the tables double when the arena has room.
 */
export function radix_create(page: u32, valued: u32, capacity: u32): usize {
  if (page == 0 || page > 256 || valued > 1 || capacity > 0x3fffff) return 0;
  const least: u32 = max(capacity, 16);
  const nodes = <u32>1 << (32 - clz<u32>(least - 1));
  const bytes = tablesBytes(nodes);
  if (!hasRoom(bytes + (bytes >> 1) + 1024)) return 0;
  const handle = take(<u32>offsetof<Tree>());
  memory.fill(handle, 0, offsetof<Tree>());
  const t = changetype<Tree>(handle);
  t.page = page;
  t.valued = valued;
  t.nodeHigh = 1;
  growTables(t, nodes);
  at(t, 0).heapPos = NIL;
  enlist(handle, MAGIC);
  return handle;
}

export function radix_destroy(handle: usize): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  for (let i: u32 = 1; i < t.nodeHigh; i++) {
    if (at(t, i).segment) dropSegment(t, at(t, i).segment);
  }
  give(<usize>t.nodeBase, t.nodeCapacity << NODE_SHIFT);
  give(<usize>t.heapBase, t.nodeCapacity << 4);
  give(<usize>t.tableBase, t.nodeCapacity << 4);
  delist(handle);
  give(handle, <u32>offsetof<Tree>());
  return OK;
}

/**
 * Longest prefix of keys[0..n) from the root, in tokens (floored to the page). `use` 1 makes it
 * a use: nodes are stamped and a node that the match ends in is split; 0 changes nothing.
 */
export function radix_match(handle: usize, keys: usize, n: u32, space: u32, use: u32): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  if (!inMemory(keys, <u64>n << 2)) return BAD_ARGUMENT;
  t.keepTail = 0;
  return matchFrom(t, 0, 0, keys, n, space, use);
}

/**
 * As radix_match, for keys that follow absolute `depth` in node (index, gen) or its ancestors, in
 * the name space of that node. Where a node is cut, the part behind the cut keeps its stamp: nobody
 * used it (SGLang stamps it, and so does radix_match).
 */
export function radix_match_from(
  handle: usize,
  node: u32,
  gen: u32,
  depth: u32,
  keys: usize,
  n: u32,
  use: u32,
): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  if (!isLive(t, node, gen)) return STALE;
  if (!inMemory(keys, <u64>n << 2)) return BAD_ARGUMENT;
  const home = settle(t, node, depth);
  if (depth % t.page || at(t, home).start + at(t, home).length < depth) return BAD_ARGUMENT;
  t.keepTail = 1;
  return matchFrom(t, home, depth - at(t, home).start, keys, n, at(t, node).space, use);
}

function matchFrom(
  t: Tree,
  node: u32,
  inside: u32,
  keys: usize,
  n: u32,
  space: u32,
  use: u32,
): i32 {
  const whole = n - (n % t.page);
  t.space = space;
  if (whole == 0 && node == 0) {
    t.endNode = 0;
    t.endGen = 0;
    t.endDepth = 0;
    return 0;
  }
  if (use) {
    if (!prepare(t, 0)) return NO_MEMORY;
    t.clock += 1;
  }
  return <i32>descend(t, node, inside, keys, whole, use ? MATCH : PEEK);
}

/**
 * Inserts keys[0..n) (whole pages) with their values; returns the length that was present, whose
 * values are kept: the caller frees its duplicates. `chunked` 1 counts no hit.
 */
export function radix_insert(
  handle: usize,
  keys: usize,
  vals: usize,
  n: u32,
  space: u32,
  priority: i32,
  chunked: u32,
): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  if (n % t.page || !inMemory(keys, <u64>n << 2)) return BAD_ARGUMENT;
  if (t.valued && !inMemory(vals, <u64>n << 2)) return BAD_ARGUMENT;
  if (!prepare(t, n)) return NO_MEMORY;
  t.space = space;
  t.priority = priority;
  t.hit = chunked ? 0 : 1;
  t.keepTail = 0;
  t.clock += 1;
  at(t, 0).priority = max(at(t, 0).priority, priority);
  const got = descend(t, 0, 0, keys, n, INSERT);
  if (got < n) grow(t, keys, vals, got, n, false);
  return <i32>got;
}

/**
 * Inserts keys[0..n) behind absolute `depth` of node (index, gen): O(n) whatever the depth. A leaf
 * that ends there, with no lock but the caller's, is extended in place. Returns the length that
 * was present.
 */
export function radix_extend(
  handle: usize,
  node: u32,
  gen: u32,
  depth: u32,
  keys: usize,
  vals: usize,
  n: u32,
): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  if (!isLive(t, node, gen)) return STALE;
  if (n % t.page || depth % t.page || !inMemory(keys, <u64>n << 2)) return BAD_ARGUMENT;
  if (t.valued && !inMemory(vals, <u64>n << 2)) return BAD_ARGUMENT;
  const home = settle(t, node, depth);
  const h = at(t, home);
  if (h.start + h.length < depth) return BAD_ARGUMENT;
  if (!prepare(t, (h.length + n) << 1)) return NO_MEMORY;
  t.space = at(t, node).space;
  t.priority = i32.MIN_VALUE;
  t.hit = 0;
  t.keepTail = 1;
  t.clock += 1;
  const got = descend(t, home, depth - at(t, home).start, keys, n, INSERT);
  if (got < n) grow(t, keys, vals, got, n, true);
  return <i32>got;
}

/** Adds keys[got..n) at the end of the last walk: to the leaf itself or as a new child. */
function grow(t: Tree, keys: usize, vals: usize, got: u32, n: u32, inPlace: bool): void {
  const added = n - got;
  const from = keys + (<usize>got << 2);
  const fromVals = vals + (<usize>got << 2);
  const end = t.endNode;
  const e = at(t, end);
  // Under somebody else's lock the new tokens would stay pinned with the old ones.
  if (inPlace && end != 0 && e.children == 0 && e.lock <= 1) {
    const segment = changetype<Segment>(<usize>e.segment);
    const runEnd = e.offset + e.length;
    const fits = segment.used == runEnd && segment.capacity - runEnd >= added;
    if (fits || moveRun(t, e, (e.length + added) << 1)) {
      put(t, e, from, fromVals, added);
      if (e.lock) t.guarded += added;
      else t.evictable += added;
      t.endDepth += added;
      return;
    }
  }
  t.clock += 1;
  const index = newNode(t);
  const c = at(t, index);
  c.segment = makeSegment(t, added);
  c.offset = 0;
  c.length = 0;
  put(t, c, from, fromVals, added);
  c.parent = end;
  c.start = t.endDepth;
  c.space = t.space;
  c.hits = t.hit;
  c.priority = inPlace ? 0 : t.priority;
  const parent = at(t, end);
  if (parent.heapPos != NIL) leafRemove(t, end);
  parent.children++;
  link(t, index);
  t.evictable += added;
  leafAdd(t, index);
  t.endNode = index;
  t.endGen = c.gen;
  t.endDepth += added;
}

/** Protects a node and its ancestors. Returns the tokens that stop being evictable. */
export function radix_lock(handle: usize, node: u32, gen: u32): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  if (!isLive(t, node, gen)) return STALE;
  if (node == 0) return 0;
  let n = at(t, node);
  const before = isGuarded(n);
  if (n.lock == 0x7fffffff) return BAD_ARGUMENT;
  n.lock++;
  if (before) return 0;
  let moved: u32 = 0;
  let index = node;
  while (true) {
    moved += n.length;
    if (n.heapPos != NIL) leafRemove(t, index);
    index = n.parent;
    if (index == 0) break;
    n = at(t, index);
    const stop = isGuarded(n);
    n.guardedKids++;
    if (stop) break;
  }
  t.evictable -= moved;
  t.guarded += moved;
  return <i32>moved;
}

/** Takes one lock off a node. Returns the tokens that become evictable again. */
export function radix_unlock(handle: usize, node: u32, gen: u32): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  if (!isLive(t, node, gen)) return STALE;
  if (node == 0) return 0;
  let n = at(t, node);
  if (n.lock == 0) return UNBALANCED;
  n.lock--;
  let moved: u32 = 0;
  let index = node;
  while (!isGuarded(n)) {
    moved += n.length;
    if (n.children == 0) leafAdd(t, index);
    index = n.parent;
    if (index == 0) break;
    n = at(t, index);
    n.guardedKids--;
  }
  t.evictable += moved;
  t.guarded -= moved;
  return <i32>moved;
}

/**
 * Evicts whole leaves, least recently used first, until at least `n` tokens are freed or none is
 * left. Values go to out[0..max) in order of eviction; a leaf that no longer fits stays. Returns
 * the tokens freed.
 */
export function radix_evict(handle: usize, n: u32, out: usize, max: u32): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  if (!inMemory(out, <u64>max << 2)) return BAD_ARGUMENT;
  let freed: u32 = 0;
  while (freed < n) {
    const index = oldestLeaf(t);
    if (index == NIL) break;
    const leaf = at(t, index);
    const length = leaf.length;
    if (freed + length > max) break;
    if (t.valued) memory.copy(out + (<usize>freed << 2), values(leaf), <usize>length << 2);
    freed += length;
    remove(t, index);
  }
  return <i32>freed;
}

/**
 * Frees up to `n` tokens (whole pages) from the ends of the least recently used leaves, so that
 * exactly what is needed goes and a long leaf survives as a shorter one (under a new generation).
 * Values go to out[0..n), deepest first. Returns the tokens freed.
 */
export function radix_trim(handle: usize, n: u32, out: usize): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  if (n % t.page || !inMemory(out, t.valued ? <u64>n << 2 : 0)) return BAD_ARGUMENT;
  let freed: u32 = 0;
  while (freed < n) {
    const index = oldestLeaf(t);
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
      const segment = changetype<Segment>(<usize>leaf.segment);
      if (segment.used == leaf.offset + leaf.length) segment.used -= part;
      leaf.length -= part;
      // Handles that point behind the new end must not outlive it.
      leaf.gen++;
      t.evictable -= part;
    }
  }
  return <i32>freed;
}

/** Empties the tree; BUSY while anything is locked. Handles into it become stale. */
export function radix_reset(handle: usize): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  if (t.guarded) return BUSY;
  t.nodeFree = 0;
  for (let i = t.nodeHigh - 1; i > 0; i--) {
    const n = at(t, i);
    if (n.segment) {
      dropSegment(t, n.segment);
      n.segment = 0;
      n.gen++;
    }
    n.parent = t.nodeFree;
    t.nodeFree = i;
  }
  memory.fill(<usize>t.tableBase, 0xff, <usize>(t.tableMask + 1) << 3);
  at(t, 0).children = 0;
  t.nodes = 0;
  t.leaves = 0;
  t.evictable = 0;
  return OK;
}

/** Writes the values from the root to the end of node (index, gen); returns their number. */
export function radix_values(handle: usize, node: u32, gen: u32, out: usize, max: u32): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  if (!isLive(t, node, gen)) return STALE;
  const total = at(t, node).start + at(t, node).length;
  if (!t.valued || total > max || !inMemory(out, <u64>max << 2)) return BAD_ARGUMENT;
  for (let i = node; i != 0; i = at(t, i).parent) {
    const n = at(t, i);
    memory.copy(out + (<usize>n.start << 2), values(n), <usize>n.length << 2);
  }
  return <i32>total;
}

export function radix_evictable(handle: usize): i32 {
  const t = open(handle);
  return isNull(t) ? BAD_HANDLE : <i32>t.evictable;
}

export function radix_protected(handle: usize): i32 {
  const t = open(handle);
  return isNull(t) ? BAD_HANDLE : <i32>t.guarded;
}

/** Nodes without the root. */
export function radix_nodes(handle: usize): i32 {
  const t = open(handle);
  return isNull(t) ? BAD_HANDLE : <i32>t.nodes;
}

/** Evictable leaves. */
export function radix_leaves(handle: usize): i32 {
  const t = open(handle);
  return isNull(t) ? BAD_HANDLE : <i32>t.leaves;
}

/** Offset of the node table (64-byte records) and, below, the number of records to look at. */
export function radix_node_base(handle: usize): usize {
  const t = open(handle);
  return isNull(t) ? 0 : <usize>t.nodeBase;
}

export function radix_node_high(handle: usize): i32 {
  const t = open(handle);
  return isNull(t) ? BAD_HANDLE : <i32>t.nodeHigh;
}

/** 0, or the number of the first RX invariant that does not hold. O(nodes); needs scratch room. */
export function radix_check(handle: usize): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  const bytes = t.nodeHigh << 3;
  if (!hasRoom(bytes + (bytes >> 1) + 64)) return NO_MEMORY;
  const scratch = take(bytes);
  memory.fill(scratch, 0, bytes);
  const result = verify(t, scratch);
  give(scratch, bytes);
  return result;
}
