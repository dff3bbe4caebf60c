// SPDX-License-Identifier: Apache-2.0
/** Bugs to plant in the radix tree. */
const tree = 'assembly/kv/radix.ts';
const nodes = 'assembly/kv/radix/nodes.ts';
const walk = 'assembly/kv/radix/walk.ts';
const children = 'assembly/kv/radix/children.ts';
const leaves = 'assembly/kv/radix/leaves.ts';
const segment = 'assembly/kv/radix/segment.ts';
const tests = ['test/core/radix-tree.test.ts', 'test/core/guards.test.ts'];

const plant = (file, what, reference, find, replace) => ({
  file, what, reference, find, replace, tests,
});

export const radixMutants = [
  plant(nodes, 'split: the prefix forgets that its tail is locked', 'invariant 12',
    'p.guardedKids = isGuarded(n) ? 1 : 0;', 'p.guardedKids = 0;'),
  plant(nodes, 'split: hit count lost', 'bug 21, sglang 18843',
    'p.hits = n.hits;', 'p.hits = 0;'),
  plant(nodes, 'split: priority lost', 'bug 21',
    'p.priority = n.priority;', 'p.priority = 0;'),
  plant(nodes, 'split: name space lost', 'bug 23: names of spaces collide',
    'p.space = n.space;', 'p.space = 0;'),
  plant(nodes, 'split: the tail starts where it was', 'bug 22, sglang 10637',
    'n.start += keep;', ''),
  plant(nodes, 'split: the shared segment is not counted', 'bug 26, sglang 17191',
    'changetype<Segment>(<usize>n.segment).refs++;', ''),
  plant(nodes, 'evict: size drifts', 'bug 22, sglang 10637',
    't.evictable -= n.length;', 't.evictable -= 1;'),
  plant(nodes, 'evict: a parent never becomes a leaf', 'SGLang evict',
    '&& p.lock == 0) leafAdd(t, parent);', '&& p.lock == 77) leafAdd(t, parent);'),
  plant(nodes, 'evict: a handle outlives its node', 'bug 27, sglang 12107',
    'n.gen = (gen | 0xff) + 1;', ''),
  plant(nodes, 'evict: the parent forgets how recently it was used', 'invariant 15',
    'p.stamp = max(p.stamp, n.stamp);', ''),
  plant(walk, 'match: a mismatch inside a page counts', 'invariant 14',
    'if (page > 1) m -= m % page;', ''),
  plant(walk, 'match: access time not refreshed', 'SGLang match',
    'if (mode != PEEK) n.stamp = t.clock;', ''),
  plant(walk, 'insert: priority not raised on the path', 'SGLang insert',
    'n.priority = max(n.priority, t.priority);', ''),
  plant(walk, 'insert: no hit counted on the path', 'bug 21',
    'n.hits += t.hit;', ''),
  plant(walk, 'a look splits nodes', 'invariant 20',
    'if (mode != PEEK && here > 0) {', 'if (here > 0) {'),
  plant(tree, 'insert: chunks count as hits', 'bug 21, sglang 18843',
    't.hit = chunked ? 0 : 1;', 't.hit = 1;'),
  plant(tree, 'lock: ancestors stay evictable', 'invariant 12',
    'if (stop) break;', 'break;'),
  plant(tree, 'lock: sizes do not move', 'bug 22',
    't.evictable -= moved;\n  t.guarded += moved;', ''),
  plant(tree, 'unlock: more often than locked', 'SGLang quirk: lock_ref -1',
    'if (n.lock == 0) return UNBALANCED;', 'if (n.lock == 0) return 0;'),
  plant(tree, 'unlock: sizes do not move', 'bug 22',
    't.evictable += moved;\n  t.guarded -= moved;', ''),
  plant(tree, 'reset while something is locked', 'bug 27, sglang 12107',
    'if (t.guarded) return BUSY;', ''),
  plant(tree, 'extend: grows a node that another lock pins', 'bug 9',
    'e.children == 0 && e.lock <= 1', 'e.children == 0 && e.lock <= 9'),
  plant(tree, 'insert: a new leaf is not counted', 'bug 22',
    'link(t, index);\n  t.evictable += added;', 'link(t, index);'),
  plant(tree, 'insert: a parent stays in the leaf heap', 'bug 35, TRT-LLM 3735',
    'if (parent.heapPos != NIL) leafRemove(t, end);', ''),
  plant(children, 'table: deletion without repair', 'prototype survivor: needs scale',
    'store<u64>(slotAt(t, i), load<u64>(s));\n      i = j;', 'break;'),
  plant(tree, 'name spaces share their nodes', 'bug 23, vLLM 44701',
    'c.space = t.space;', 'c.space = 0;'),
  plant(leaves, 'heap: the last entry only sinks into a hole', 'order of eviction',
    'if (i > 0 && before(t, rank, key, node, entry(t, (i - 1) >> 2))) siftUp', 'if (false) siftUp'),
  plant(leaves, 'evict: leaves in the order of their old stamps', 'order of eviction',
    'if (rank == e.rank && key == e.key) return e.node;', 'return e.node;'),
  plant(segment, 'a moved run loses its values', 'bug 34, TRT-LLM 8830',
    'memory.copy(into, values(n), <usize>n.length << 2);', ''),
  plant(segment, 'segments are never given back', 'bug 17: leak',
    'if (--segment.refs == 0) give', 'if (--segment.refs == 77) give'),
];
