// SPDX-License-Identifier: Apache-2.0
/**
 * Radix tree: finds the longest cached prefix of a token (or block-id) sequence.
 *
 * Problem: keep runs of u32 tokens with one u32 value each (the KV slot), match a key against them
 * page by page, evict leaves in the order of a policy, and do all of that in O(new tokens) for a
 * caller that extends a prefix it already holds. Follows SGLang `radix_cache.py` and
 * `evict_policy.py` (commit d2f479e5) for match, insert, split, lock, whole-leaf eviction, its
 * seven policies and its page events; `extend`, `trim`, `resume`, work from a handle and the
 * policies session and ttl are ours, because an agent turn adds ten blocks to thousands and then
 * waits.
 *
 * ```
 *  node table, 64 bytes a node, each on a cache line, index 0 = root
 *  ┌─────┬─────┬─────┬────────┬───────┬──────────┬──────┬───────────────┬───────┬─────────┬─ ...
 *  │ seg │ off │ len │ parent │ start │ children │ lock │ protectedKids │ stamp │ heapPos │ gen
 *  └──│──┴──│──┴──│──┴────────┴───────┴──────────┴──────┴───────────────┴───────┴─────────┴─ ...
 *     ▼     ▼ off ▼ off+len
 *  ┌──────┬─────┬──────┬─────┬─────────────┬─────────────┬─────────────┐  a segment is shared by
 *  │ refs │ cap │ used │ low │ tokens[cap] │ values[cap] │ page numbers│  the halves of a split,
 *  └──────┴─────┴──────┴─────┴─────────────┴─────────────┴─────────────┘  so a split copies nothing
 *  child table  open addressing over hash(parent, name space under the root, first page)
 *  leaf heap    4-ary by (rank, key), holds exactly the evictable leaves: no lock and no child
 *  side table   fifo, filo, session, ttl only: created, due, time, hold, heldKids, timerPos
 *  timers       session, ttl only: a binary heap of the nodes whose hint ends some day
 *  event log    words; see radix/events
 * ```
 *
 * Three things make a turn independent of the context length:
 * - a lock is kept on the end node alone; an ancestor counts as protected while `protectedKids`
 *   is above 0, so locking stops at the first ancestor that is protected already;
 * - a walk from a handle stamps only the nodes it enters: a node passes its stamp to its parent
 *   when it is removed, which is the first moment the parent's age can matter;
 * - heap entries are refreshed only when they surface, since ranks and stamps only grow. Where they
 *   may fall (mru, session, ttl) the one leaf that a walk can touch is sifted at its end.
 *
 * Invariants (radix_check returns the number of the first one that fails)
 * - RX-1  evictable + protected = tokens in the tree; each is the sum over its nodes.
 * - RX-2  a node is protected exactly when it or a descendant is locked.
 * - RX-3  siblings differ in their first page; the child table holds each node exactly once.
 * - RX-4  lengths are positive multiples of the page; start = end of the parent.
 * - RX-5  the leaf heap holds exactly the evictable leaves, in heap order, none behind its node.
 * - RX-6  a refused call changes nothing.
 * - RX-7  held = tokens of nodes that hints hold, at most the budget; the timers hold exactly the
 *         nodes whose hint ends, in heap order.
 *
 * Parts: radix/layout (records), compare, segment, children, leaves, timers, holds, events, nodes,
 * walk, evict, hints, verify.
 *
 * Complexity: match and insert O(tokens walked / 4 + nodes entered); lock O(newly protected
 * nodes); evict and trim O(tokens freed + log leaves); hint and each hint that ends O(log nodes).
 */
import { delist, enlist, give, hasRoom, inMemory, pieceSize, take } from "../arena";
import { OK, BAD_HANDLE, BAD_ARGUMENT, NO_MEMORY, UNBALANCED, BUSY, STALE } from "../status";
import {
  LRU,
  MAGIC,
  MOST_TOKENS,
  MRU,
  NIL,
  Node,
  RETENTION,
  Segment,
  TTL,
  Tree,
  at,
  isGuarded,
  isLive,
  isNull,
  isTree,
  open,
  values,
} from "./radix/layout";
import { dropSegment, makeSegment, moveRun, put } from "./radix/segment";
import { link } from "./radix/children";
import { lastPage, logCleared, logStored } from "./radix/events";
import { isHinted } from "./radix/holds";
import { leafAdd, leafRemove } from "./radix/leaves";
import {
  canSplit,
  giveTables,
  growTables,
  newNode,
  prepare,
  relist,
  retire,
  tablesBytes,
} from "./radix/nodes";
import { INSERT, MATCH, PEEK, descend, settle, touched } from "./radix/walk";
import { verify } from "./radix/verify";

/** An LRU tree without events: see radix_create_policy. */
export function radix_create(page: u32, valued: u32, capacity: u32): usize {
  return radix_create_policy(page, valued, capacity, LRU, 0, 0);
}

/**
 * An empty tree over pages of `page` tokens (1 to 256). `valued` 1: each token carries a value.
 * `capacity` is the number of nodes to start with; the tables double when the arena has room.
 * `param` is what the policy needs: slru the hits that protect, session the grace in ns, ttl the
 * tokens that may be held. `events` is the size of the event log in words, 0: no log.
 */
export function radix_create_policy(
  page: u32,
  valued: u32,
  capacity: u32,
  policy: u32,
  param: f64,
  events: u32,
): usize {
  if (!(param >= 0)) return 0;
  const bytes = radix_bytes(page, valued, capacity, policy, events);
  if (bytes == 0 || !hasRoom(bytes + (bytes >> 1) + 1024)) return 0;
  const handle = take(<u32>offsetof<Tree>());
  memory.fill(handle, 0, offsetof<Tree>());
  const t = changetype<Tree>(handle);
  t.page = page;
  t.valued = valued;
  t.policy = policy;
  t.param = param;
  t.baseHold = policy == TTL ? RETENTION : 0;
  // Another tree's handles have other generations, so they are stale here.
  t.salt = (<u32>handle * 0x9e3779b1) & 0x7fffff00;
  t.nextPage = 1;
  t.eventCapacity = events;
  if (events) t.eventBase = <u32>take(events << 2);
  t.nodeHigh = 1;
  growTables(t, tableSize(capacity));
  at(t, 0).heapPos = NIL;
  enlist(handle, MAGIC);
  return handle;
}

function tableSize(capacity: u32): u32 {
  return <u32>1 << (32 - clz<u32>(max(capacity, 16) - 1));
}

/** Bytes of arena that such an empty tree takes; 0 when there can be none. */
export function radix_bytes(
  page: u32,
  valued: u32,
  capacity: u32,
  policy: u32,
  events: u32,
): u32 {
  if (page == 0 || page > 256 || valued > 1 || capacity > 0x3fffff) return 0;
  if (policy > TTL || events > 0xffffff) return 0;
  const tables = pieceSize(tablesBytes(policy, tableSize(capacity)));
  return tables + pieceSize(<u32>offsetof<Tree>()) + (events ? pieceSize(events << 2) : 0);
}

export function radix_destroy(handle: usize): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  for (let i: u32 = 1; i < t.nodeHigh; i++) {
    if (at(t, i).segment) dropSegment(t, at(t, i).segment);
  }
  giveTables(t);
  if (t.eventCapacity) give(<usize>t.eventBase, t.eventCapacity << 2);
  delist(handle);
  give(handle, <u32>offsetof<Tree>());
  return OK;
}

/**
 * Longest prefix of keys[0..n) from the root, in tokens (floored to the page). `use` 1 makes it
 * a use: nodes are stamped and a node that the match ends in is split; 0 changes nothing.
 */
export function radix_match(handle: usize, keys: usize, n: u32, space: u32, use: u32): i32 {
  if (!isTree(handle)) return BAD_HANDLE;
  const t = changetype<Tree>(handle);
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
  if (!isTree(handle)) return BAD_HANDLE;
  const t = changetype<Tree>(handle);
  if (!isLive(t, node, gen)) return STALE;
  if (!inMemory(keys, <u64>n << 2)) return BAD_ARGUMENT;
  const home = settle(t, node, depth);
  if (depth % t.page || at(t, home).start + at(t, home).length < depth) return BAD_ARGUMENT;
  t.keepTail = 1;
  return matchFrom(t, home, depth - at(t, home).start, keys, n, at(t, node).space, use);
}

// @ts-ignore: decorator
@inline
function matchFrom(
  t: Tree,
  node: u32,
  inside: u32,
  keys: usize,
  n: u32,
  space: u32,
  use: u32,
): i32 {
  const page = t.page;
  const whole = page > 1 ? n - (n % page) : n;
  t.space = space;
  if (whole == 0 && node == 0) {
    t.endNode = 0;
    t.endGen = 0;
    t.endDepth = 0;
    return 0;
  }
  if (use) {
    if (!canSplit(t) && !prepare(t, 0)) return NO_MEMORY;
    t.clock += 1;
  }
  t.tail = 0;
  const got = descend(t, node, inside, keys, whole, use ? MATCH : PEEK);
  if (use && t.policy >= MRU) touched(t, node);
  return <i32>got;
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
  if (!isTree(handle)) return BAD_HANDLE;
  const t = changetype<Tree>(handle);
  if (n > MOST_TOKENS || !inMemory(keys, <u64>n << 2)) return BAD_ARGUMENT;
  if (t.page > 1 && n % t.page) return BAD_ARGUMENT;
  if (t.valued && !inMemory(vals, <u64>n << 2)) return BAD_ARGUMENT;
  if (!prepare(t, n)) return NO_MEMORY;
  t.space = space;
  t.priority = priority;
  t.hit = chunked ? 0 : 1;
  t.keepTail = 0;
  t.clock += 1;
  at(t, 0).priority = max(at(t, 0).priority, priority);
  t.tail = 0;
  const got = descend(t, 0, 0, keys, n, INSERT);
  if (t.policy >= MRU) touched(t, 0);
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
  if (!isTree(handle)) return BAD_HANDLE;
  const t = changetype<Tree>(handle);
  if (!isLive(t, node, gen)) return STALE;
  if (n % t.page || depth % t.page || n > MOST_TOKENS) return BAD_ARGUMENT;
  if (!inMemory(keys, <u64>n << 2)) return BAD_ARGUMENT;
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
  t.tail = 0;
  const got = descend(t, home, depth - at(t, home).start, keys, n, INSERT);
  if (t.policy >= MRU) touched(t, home);
  if (got < n) grow(t, keys, vals, got, n, true);
  return <i32>got;
}

/** True when the leaf where the last walk ended can take `added` more tokens in its own segment. */
function hasPlace(t: Tree, e: Node, added: u32): bool {
  // Under somebody else's lock or hint the new tokens would be kept with the old ones.
  if (t.endNode == 0 || e.children != 0 || e.lock > 1) return false;
  if (e.length > MOST_TOKENS || isHinted(t, t.endNode)) return false;
  const segment = changetype<Segment>(<usize>e.segment);
  const runEnd = e.offset + e.length;
  if (segment.used == runEnd && segment.capacity - runEnd >= added) return true;
  return moveRun(t, e, (e.length + added) << 1);
}

/** Adds keys[got..n) at the end of the last walk: to the leaf itself or as a new child. */
function grow(t: Tree, keys: usize, vals: usize, got: u32, n: u32, inPlace: bool): void {
  const added = n - got;
  const end = t.endNode;
  const e = at(t, end);
  const page = t.eventCapacity ? lastPage(t, end) : 0;
  let index = end;
  if (!(inPlace && hasPlace(t, e, added))) {
    t.clock += 1;
    index = newNode(t);
    const made = at(t, index);
    made.segment = makeSegment(t, added);
    made.offset = 0;
    made.length = 0;
    made.parent = end;
    made.start = t.endDepth;
    made.space = t.space;
    made.hits = t.hit;
    made.priority = inPlace ? 0 : t.priority;
  }
  const c = at(t, index);
  put(t, c, keys + (<usize>got << 2), vals + (<usize>got << 2), added);
  if (t.eventCapacity) logStored(t, c, added, page);
  t.endDepth += added;
  if (index == end) {
    if (c.lock) t.guarded += added;
    else t.evictable += added;
    return;
  }
  const parent = at(t, end);
  if (parent.heapPos != NIL) leafRemove(t, end);
  parent.children++;
  link(t, index);
  t.evictable += added;
  leafAdd(t, index);
  t.endNode = index;
  t.endGen = c.gen;
}

/** Protects a node and its ancestors. Returns the tokens that stop being evictable. */
export function radix_lock(handle: usize, node: u32, gen: u32): i32 {
  if (!isTree(handle)) return BAD_HANDLE;
  const t = changetype<Tree>(handle);
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
  if (!isTree(handle)) return BAD_HANDLE;
  const t = changetype<Tree>(handle);
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

/** Empties the tree; BUSY while anything is locked. Handles into it become stale. */
export function radix_reset(handle: usize): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  if (t.guarded) return BUSY;
  t.nodeFree = 0;
  for (let i = t.nodeHigh - 1; i > 0; i--) {
    const n = at(t, i);
    if (!n.segment) {
      relist(t, i);
      continue;
    }
    dropSegment(t, n.segment);
    retire(t, i);
  }
  memory.fill(<usize>t.tableBase, 0xff, <usize>(t.tableMask + 1) << 3);
  at(t, 0).children = 0;
  t.nodes = 0;
  t.leaves = 0;
  t.evictable = 0;
  t.timers = 0;
  t.held = 0;
  if (t.eventCapacity) logCleared(t);
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
