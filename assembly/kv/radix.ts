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
 * Complexity: match and insert O(tokens walked / 4 + nodes entered); lock O(newly protected
 * nodes); evict and trim O(tokens freed + log leaves).
 */
import { take, give, hasRoom, inArena, inMemory } from "../arena";
import { OK, BAD_HANDLE, BAD_ARGUMENT, NO_MEMORY, UNBALANCED, BUSY, STALE } from "../status";

const MAGIC: u32 = 0x6b76_0201;
const NIL: u32 = 0xffffffff;
const NODE_SHIFT: u32 = 6;
const SEGMENT_HEADER: u32 = 16;

/** Look without stamping or splitting. */
const PEEK: u32 = 0;
/** Stamp the nodes entered and split where the match ends inside a node. */
const MATCH: u32 = 1;
/** As MATCH, and count a hit and raise the priority of each node entered. */
const INSERT: u32 = 2;

@unmanaged
class Tree {
  magic: u32;
  page: u32;
  /** 1 when tokens carry values. */
  valued: u32;
  nodeBase: u32;
  nodeCapacity: u32;
  /** Nodes ever used: the free list is inside [1, nodeHigh). */
  nodeHigh: u32;
  nodeFree: u32;
  nodes: u32;
  tableBase: u32;
  tableMask: u32;
  heapBase: u32;
  leaves: u32;
  evictable: u32;
  guarded: u32;
  clock: f64;
  /** Where the last walk or insert ended: node, its generation, and absolute depth in tokens. */
  endNode: u32;
  endGen: u32;
  endDepth: u32;
  /** Name space, priority and hit count that the walk in progress applies. */
  space: u32;
  priority: i32;
  hit: u32;
}

@unmanaged
class Node {
  segment: u32;
  offset: u32;
  length: u32;
  parent: u32;
  start: u32;
  children: u32;
  lock: u32;
  guardedKids: u32;
  stamp: f64;
  heapPos: u32;
  gen: u32;
  hits: u32;
  priority: i32;
  space: u32;
  hash: u32;
}

@unmanaged
class Segment {
  refs: u32;
  capacity: u32;
  used: u32;
  pad: u32;
}

@unmanaged
class HeapEntry {
  key: f64;
  node: u32;
  pad: u32;
}

// @ts-ignore: decorator
@inline
function open(handle: usize): Tree {
  if (!inArena(handle, offsetof<Tree>())) return changetype<Tree>(0);
  const t = changetype<Tree>(handle);
  return t.magic == MAGIC ? t : changetype<Tree>(0);
}

// @ts-ignore: decorator
@inline
function isNull(t: Tree): bool {
  return changetype<usize>(t) == 0;
}

// @ts-ignore: decorator
@inline
function at(t: Tree, index: u32): Node {
  return changetype<Node>(<usize>t.nodeBase + (<usize>index << NODE_SHIFT));
}

// @ts-ignore: decorator
@inline
function tokens(n: Node): usize {
  return <usize>n.segment + SEGMENT_HEADER + (<usize>n.offset << 2);
}

// @ts-ignore: decorator
@inline
function values(n: Node): usize {
  const capacity = changetype<Segment>(<usize>n.segment).capacity;
  return <usize>n.segment + SEGMENT_HEADER + (<usize>(capacity + n.offset) << 2);
}

// @ts-ignore: decorator
@inline
function isGuarded(n: Node): bool {
  return (n.lock | n.guardedKids) != 0;
}

/** True when (index, gen) names a live node. The root is live under gen 0. */
function isLive(t: Tree, index: u32, gen: u32): bool {
  if (index >= t.nodeHigh) return false;
  const n = at(t, index);
  return n.gen == gen && (index == 0 || n.segment != 0);
}

// ---- Segments ----

// @ts-ignore: decorator
@inline
function segmentBytes(t: Tree, capacity: u32): u32 {
  return SEGMENT_HEADER + (capacity << (2 + t.valued));
}

function makeSegment(t: Tree, capacity: u32): u32 {
  const s = take(segmentBytes(t, capacity));
  if (s == 0) return 0;
  const segment = changetype<Segment>(s);
  segment.refs = 1;
  segment.capacity = capacity;
  segment.used = 0;
  return <u32>s;
}

function dropSegment(t: Tree, s: u32): void {
  const segment = changetype<Segment>(<usize>s);
  if (--segment.refs == 0) give(<usize>s, segmentBytes(t, segment.capacity));
}

/** Puts `count` tokens (and values) behind the run of `n`, which must own the segment's end. */
function put(t: Tree, n: Node, keys: usize, vals: usize, count: u32): void {
  const segment = changetype<Segment>(<usize>n.segment);
  memory.copy(tokens(n) + (<usize>n.length << 2), keys, <usize>count << 2);
  if (t.valued) memory.copy(values(n) + (<usize>n.length << 2), vals, <usize>count << 2);
  n.length += count;
  segment.used = n.offset + n.length;
}

/** Moves the run of `n` to a segment of its own with room for `capacity` tokens. */
function moveRun(t: Tree, n: Node, capacity: u32): bool {
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

// ---- Child table: 8-byte slots {hash, node}, node NIL = empty ----

function hashOf(t: Tree, parent: u32, space: u32, page: usize): u32 {
  let h: u32 = parent * 0x9e3779b1;
  if (parent == 0) h ^= space * 0x85ebca6b;
  const end = page + (<usize>t.page << 2);
  for (let p = page; p < end; p += 4) {
    h = (h ^ load<u32>(p)) * 0x7feb352d;
    h ^= h >> 15;
  }
  h *= 0x846ca68b;
  return h ^ (h >> 16);
}

// @ts-ignore: decorator
@inline
function slotAt(t: Tree, index: u32): usize {
  return <usize>t.tableBase + (<usize>index << 3);
}

function child(t: Tree, parent: u32, space: u32, page: usize): u32 {
  const h = hashOf(t, parent, space, page);
  const mask = t.tableMask;
  let i = h & mask;
  while (true) {
    const s = slotAt(t, i);
    const index = load<u32>(s, 4);
    if (index == NIL) return NIL;
    if (load<u32>(s) == h) {
      const n = at(t, index);
      const same = n.parent == parent && (parent != 0 || n.space == space);
      if (same && run(tokens(n), page, t.page) == t.page) return index;
    }
    i = (i + 1) & mask;
  }
}

function link(t: Tree, index: u32): void {
  const n = at(t, index);
  n.hash = hashOf(t, n.parent, n.space, tokens(n));
  relink(t, index, n.hash);
}

function relink(t: Tree, index: u32, hash: u32): void {
  let i = hash & t.tableMask;
  while (load<u32>(slotAt(t, i), 4) != NIL) i = (i + 1) & t.tableMask;
  store<u32>(slotAt(t, i), hash);
  store<u32>(slotAt(t, i), index, 4);
}

function unlink(t: Tree, index: u32): void {
  const mask = t.tableMask;
  let i = at(t, index).hash & mask;
  while (load<u32>(slotAt(t, i), 4) != index) i = (i + 1) & mask;
  let j = i;
  while (true) {
    j = (j + 1) & mask;
    const s = slotAt(t, j);
    if (load<u32>(s, 4) == NIL) break;
    if (((j - load<u32>(s)) & mask) >= ((j - i) & mask)) {
      store<u64>(slotAt(t, i), load<u64>(s));
      i = j;
    }
  }
  store<u32>(slotAt(t, i), NIL, 4);
}

// ---- Leaf heap ----

// @ts-ignore: decorator
@inline
function entry(t: Tree, index: u32): HeapEntry {
  return changetype<HeapEntry>(<usize>t.heapBase + (<usize>index << 4));
}

// @ts-ignore: decorator
@inline
function place(t: Tree, index: u32, key: f64, node: u32): void {
  const e = entry(t, index);
  e.key = key;
  e.node = node;
  at(t, node).heapPos = index;
}

function siftUp(t: Tree, from: u32, key: f64, node: u32): void {
  let i = from;
  while (i > 0) {
    const up = (i - 1) >> 2;
    const e = entry(t, up);
    if (e.key <= key) break;
    place(t, i, e.key, e.node);
    i = up;
  }
  place(t, i, key, node);
}

function siftDown(t: Tree, from: u32, key: f64, node: u32): void {
  const count = t.leaves;
  let i = from;
  while (true) {
    const first = (i << 2) + 1;
    if (first >= count) break;
    const last = min(first + 4, count);
    let best = first;
    let bestKey = entry(t, first).key;
    for (let c = first + 1; c < last; c++) {
      const k = entry(t, c).key;
      if (k < bestKey) {
        best = c;
        bestKey = k;
      }
    }
    if (bestKey >= key) break;
    place(t, i, bestKey, entry(t, best).node);
    i = best;
  }
  place(t, i, key, node);
}

function leafAdd(t: Tree, node: u32): void {
  siftUp(t, t.leaves++, at(t, node).stamp, node);
}

function leafRemove(t: Tree, node: u32): void {
  const i = at(t, node).heapPos;
  at(t, node).heapPos = NIL;
  const last = entry(t, --t.leaves);
  if (i == t.leaves) return;
  const up = i > 0 ? entry(t, (i - 1) >> 2).key : last.key;
  if (up > last.key) siftUp(t, i, last.key, last.node);
  else siftDown(t, i, last.key, last.node);
}

/** The least recently used evictable leaf, or NIL. */
function oldestLeaf(t: Tree): u32 {
  while (t.leaves > 0) {
    const e = entry(t, 0);
    const stamp = at(t, e.node).stamp;
    if (stamp == e.key) return e.node;
    siftDown(t, 0, stamp, e.node);
  }
  return NIL;
}

// ---- Nodes ----

function newNode(t: Tree): u32 {
  let index = t.nodeFree;
  if (index) t.nodeFree = at(t, index).parent;
  else index = t.nodeHigh++;
  const n = at(t, index);
  n.children = 0;
  n.lock = 0;
  n.guardedKids = 0;
  n.heapPos = NIL;
  n.stamp = t.clock;
  t.nodes++;
  return index;
}

/** Bytes that doubling the tables needs. */
// @ts-ignore: decorator
@inline
function tablesBytes(capacity: u32): u32 {
  return capacity << (NODE_SHIFT + 1);
}

/** Makes sure that two nodes and a segment of `count` tokens can be made without failing. */
function prepare(t: Tree, count: u32): bool {
  // Half as much again covers the slack of size classes.
  const segment = segmentBytes(t, count) + (segmentBytes(t, count) >> 1) + 256;
  if (t.nodeFree == 0 || at(t, t.nodeFree).parent == 0) {
    if (t.nodeHigh + 2 > t.nodeCapacity) {
      const bytes = tablesBytes(t.nodeCapacity << 1);
      if (!hasRoom(bytes + (bytes >> 1) + segment)) return false;
      growTables(t, t.nodeCapacity << 1);
    }
  }
  return hasRoom(segment);
}

function growTables(t: Tree, capacity: u32): void {
  const old = t.nodeCapacity;
  const nodes = take(capacity << NODE_SHIFT);
  const heap = take(capacity << 4);
  const table = take(capacity << 4);
  memory.fill(nodes, 0, <usize>capacity << NODE_SHIFT);
  memory.fill(table, 0xff, <usize>capacity << 4);
  if (old) {
    memory.copy(nodes, <usize>t.nodeBase, <usize>old << NODE_SHIFT);
    memory.copy(heap, <usize>t.heapBase, <usize>t.leaves << 4);
    give(<usize>t.nodeBase, old << NODE_SHIFT);
    give(<usize>t.heapBase, old << 4);
    give(<usize>t.tableBase, old << 4);
  }
  t.nodeBase = <u32>nodes;
  t.heapBase = <u32>heap;
  t.tableBase = <u32>table;
  t.tableMask = (capacity << 1) - 1;
  t.nodeCapacity = capacity;
  for (let i: u32 = 1; i < t.nodeHigh; i++) if (at(t, i).segment) relink(t, i, at(t, i).hash);
}

/** Cuts node `index` at `keep` tokens: the new node is the prefix, the old object the tail. */
function split(t: Tree, index: u32, keep: u32): u32 {
  const prefix = newNode(t);
  const p = at(t, prefix);
  const n = at(t, index);
  unlink(t, index);
  p.segment = n.segment;
  changetype<Segment>(<usize>n.segment).refs++;
  p.offset = n.offset;
  p.length = keep;
  p.parent = n.parent;
  p.start = n.start;
  p.space = n.space;
  p.children = 1;
  p.guardedKids = isGuarded(n) ? 1 : 0;
  p.stamp = n.stamp;
  p.hits = n.hits;
  p.priority = n.priority;
  n.parent = prefix;
  n.offset += keep;
  n.length -= keep;
  n.start += keep;
  link(t, prefix);
  link(t, index);
  return prefix;
}

/** Takes a childless, unlocked node out of the tree. */
function remove(t: Tree, index: u32): void {
  const n = at(t, index);
  leafRemove(t, index);
  unlink(t, index);
  t.evictable -= n.length;
  const s = n.segment;
  const parent = n.parent;
  const p = at(t, parent);
  n.segment = 0;
  n.gen++;
  n.parent = t.nodeFree;
  t.nodeFree = index;
  t.nodes--;
  dropSegment(t, s);
  if (parent == 0) {
    p.children--;
    return;
  }
  if (p.segment == s) reclaim(t, p);
  p.stamp = max(p.stamp, n.stamp);
  if (--p.children == 0 && p.lock == 0) leafAdd(t, parent);
}

/** The tail that shared the segment of `n` is gone: its room is free for `n` again. */
function reclaim(t: Tree, n: Node): void {
  const segment = changetype<Segment>(<usize>n.segment);
  if (segment.refs != 1) return;
  segment.used = n.offset + n.length;
  const small = n.length + (n.length >> 1) + 16;
  if (segment.capacity > small << 1 && hasRoom(segmentBytes(t, small) << 1)) moveRun(t, n, small);
}

// ---- Walking ----

/** Number of equal leading tokens of a[0..n) and b[0..n). */
// @ts-ignore: decorator
@inline
function run(a: usize, b: usize, n: u32): u32 {
  let i: u32 = 0;
  if (ASC_FEATURE_SIMD) {
    while (i + 16 <= n) {
      const p = a + (<usize>i << 2);
      const q = b + (<usize>i << 2);
      const d = v128.or(
        v128.or(
          v128.xor(v128.load(p), v128.load(q)),
          v128.xor(v128.load(p, 16), v128.load(q, 16)),
        ),
        v128.or(
          v128.xor(v128.load(p, 32), v128.load(q, 32)),
          v128.xor(v128.load(p, 48), v128.load(q, 48)),
        ),
      );
      if (v128.any_true(d)) break;
      i += 16;
    }
  } else {
    while (i + 4 <= n) {
      const p = a + (<usize>i << 2);
      const q = b + (<usize>i << 2);
      const d = (load<u64>(p) ^ load<u64>(q)) | (load<u64>(p, 8) ^ load<u64>(q, 8));
      if (d) break;
      i += 4;
    }
  }
  while (i < n && load<u32>(a + (<usize>i << 2)) == load<u32>(b + (<usize>i << 2))) i++;
  return i;
}

// @ts-ignore: decorator
@inline
function enter(t: Tree, n: Node, mode: u32): void {
  if (mode == PEEK) return;
  n.stamp = t.clock;
}

// @ts-ignore: decorator
@inline
function count(t: Tree, n: Node): void {
  n.priority = max(n.priority, t.priority);
  n.hits += t.hit;
}

/**
 * Follows keys[0..n) down from `inside` tokens into node `from` and leaves the end in endNode,
 * endDepth. Returns the tokens matched. n is a multiple of the page.
 */
function descend(t: Tree, from: u32, inside: u32, keys: usize, n: u32, mode: u32): u32 {
  const page = t.page;
  let index = from;
  let here = inside;
  let got: u32 = 0;
  if (from != 0) enter(t, at(t, from), mode);
  while (true) {
    const node = at(t, index);
    if (here < node.length) {
      const most = min(node.length - here, n - got);
      let m = run(tokens(node) + (<usize>here << 2), keys + (<usize>got << 2), most);
      if (page > 1) m -= m % page;
      got += m;
      here += m;
      if (here < node.length) {
        if (mode != PEEK && here > 0) {
          index = split(t, index, here);
          t.endDepth = at(t, index).start + here;
        } else {
          t.endDepth = node.start + here;
        }
        if (mode == INSERT) count(t, at(t, index));
        break;
      }
    }
    if (mode == INSERT && index != 0) count(t, node);
    t.endDepth = node.start + node.length;
    if (got == n) break;
    const next = child(t, index, t.space, keys + (<usize>got << 2));
    if (next == NIL) break;
    index = next;
    here = 0;
    enter(t, at(t, index), mode);
  }
  t.endNode = index;
  t.endGen = at(t, index).gen;
  return got;
}

/** Climbs from a handle at absolute `depth` to the node that now holds this position. */
function settle(t: Tree, node: u32, depth: u32): u32 {
  let index = node;
  while (index != 0 && at(t, index).start >= depth) index = at(t, index).parent;
  return index;
}

// ---- Exports ----

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
  t.magic = MAGIC;
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
  t.magic = 0;
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
  return matchFrom(t, 0, 0, keys, n, space, use);
}

/** As radix_match, for keys that follow absolute `depth` in node (index, gen) or its ancestors. */
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
  return matchFrom(t, home, depth - at(t, home).start, keys, n, at(t, home).space, use);
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
  t.clock += 1;
  at(t, 0).priority = max(at(t, 0).priority, priority);
  const got = descend(t, 0, 0, keys, n, INSERT);
  if (got < n) grow(t, keys, vals, got, n, false);
  return <i32>got;
}

/**
 * Inserts keys[0..n) behind absolute `depth` of node (index, gen): O(n) whatever the depth. A leaf
 * that ends there is extended in place. Returns the length that was present.
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
  t.space = at(t, home).space;
  t.priority = 0;
  t.hit = 0;
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
  if (inPlace && end != 0 && e.children == 0) {
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
  c.priority = t.priority;
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

function verify(t: Tree, scratch: usize): i32 {
  const kids = scratch;
  const guards = scratch + (<usize>t.nodeHigh << 2);
  let evictable: u32 = 0;
  let guarded: u32 = 0;
  let leaves: u32 = 0;
  let nodes: u32 = 0;
  for (let i: u32 = 1; i < t.nodeHigh; i++) {
    const n = at(t, i);
    if (!n.segment) continue;
    nodes++;
    const p = at(t, n.parent);
    if (n.parent != 0 && !p.segment) return 4;
    if (n.length == 0 || n.length % t.page || n.start != p.start + p.length) return 4;
    if (child(t, n.parent, n.space, tokens(n)) != i) return 3;
    if (isGuarded(n)) guarded += n.length;
    else evictable += n.length;
    const up = kids + (<usize>n.parent << 2);
    store<u32>(up, load<u32>(up) + 1);
    const g = guards + (<usize>n.parent << 2);
    if (isGuarded(n)) store<u32>(g, load<u32>(g) + 1);
    const leaf = n.children == 0 && n.lock == 0;
    if (leaf != (n.heapPos != NIL)) return 5;
    if (!leaf) continue;
    leaves++;
    if (n.heapPos >= t.leaves || entry(t, n.heapPos).node != i) return 5;
    const key = entry(t, n.heapPos).key;
    if (key > n.stamp) return 5;
    if (n.heapPos > 0 && entry(t, (n.heapPos - 1) >> 2).key > key) return 5;
  }
  for (let i: u32 = 1; i < t.nodeHigh; i++) {
    const n = at(t, i);
    if (!n.segment) continue;
    if (load<u32>(kids + (<usize>i << 2)) != n.children) return 3;
    if (load<u32>(guards + (<usize>i << 2)) != n.guardedKids) return 2;
  }
  if (leaves != t.leaves) return 5;
  if (nodes != t.nodes || load<u32>(kids) != at(t, 0).children) return 3;
  return evictable == t.evictable && guarded == t.guarded ? 0 : 1;
}
