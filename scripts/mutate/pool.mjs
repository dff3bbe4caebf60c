// SPDX-License-Identifier: Apache-2.0
/** Bugs to plant in the block pool. */
const pool = 'assembly/kv/pool.ts';
const queue = 'assembly/kv/pool/queue.ts';
const table = 'assembly/kv/pool/table.ts';
const events = 'assembly/kv/pool/events.ts';

const mutants = [
  [pool, 'free: unhashed blocks go to the tail', 'vLLM PR 43447',
    'const headSlot = p.headSlot;', 'const headSlot = NOWHERE;'],
  [pool, 'free: unhashed blocks reach the head in reverse', 'vLLM PR 43447',
    'const first = block(records, 0).next;\n',
    `const newLast = block(records, 0).next;
    let first: u32 = 0;
    for (let id = newLast, next: u32 = 0; ; id = next) {
      next = block(records, id).next;
      block(records, id).next = first;
      block(records, first).prev = id;
      first = id;
      if (id == lastHead) break;
    }
    lastHead = newLast;
`],
  [pool, 'free: without caching freed blocks go to the head', 'vLLM PR 48017',
    'p.headSlot = caching ? NONE_AT : NOWHERE;', 'p.headSlot = NONE_AT;'],
  [queue, 'free: a block in use twice is queued at once', 'sharing ignored',
    'if (b.ref != 1) break;', 'if (b.ref == 0) break;'],
  [pool, 'free: a block that others hold counts as free', 'invariant 1',
    'kept += <u32>(at - shared) >> 2;', ''],
  [queue, 'free: refused half-way, references stay down', 'bug 7, vLLM 42571',
    'block(records, load<u32>(at)).ref++;', '{}'],
  [queue, 'free: refused half-way, the queue ends in the wrong block', 'bug 8',
    '  block(records, tail).next = p.blocks;\n}', '}'],
  [pool, 'free: a block that is queued is freed again', 'bugs 7 and 33',
    'if (<i32>ref <= 1) break;', 'if (ref == 1) break;'],
  [pool, 'free: the null block is taken as any other', 'bug 5, vLLM 19031',
    'const last = sentinel - 1;\n  const headSlot', 'const last = sentinel;\n  const headSlot'],
  [pool, 'touch: a free block stays in the queue', 'invariant 8',
    'block(records, prev).next = next;\n        block(records, next).prev = prev;\n', ''],
  [pool, 'touch: the free counter keeps what was taken', 'invariant 1',
    'p.free -= taken;', ''],
  [pool, 'touch: references leak when refused', 'bug 1, vLLM 11565',
    'undoTouch(p, ids, at);', ''],
  [pool, 'touch: a block beyond the pool', 'range',
    'const last = p.blocks - 1;\n  const end', 'const last = p.blocks;\n  const end'],
  [pool, 'alloc: off by one when full', 'vLLM get_new_blocks',
    'if (n > p.free) return FULL;', 'if (n >= p.free) return FULL;'],
  [pool, 'alloc: more than is free', 'bug 8: popleft_n',
    'if (n > p.free) return FULL;', 'if (n > p.free + 1) return FULL;'],
  [pool, 'alloc: hands out blocks without a reference', 'invariant 8',
    'if (b.slot != NONE_AT) break;\n    b.ref = 1;',
    'if (b.slot != NONE_AT) break;\n    b.ref = 0;'],
  [pool, 'alloc: no removed events', 'invariant 19',
    'if (p.eventCapacity) logHead(p, n);', ''],
  [pool, 'alloc: a block keeps its hash', 'invariant 4',
    'slot(table, index).entry = EMPTY;\n    b.slot = NONE_AT;', 'b.slot = NONE_AT;'],
  [pool, 'alloc: copies of a content keep their hash', 'bug 4, vLLM 21357',
    'if (block(p.records, id).slot != NONE_AT) unhash(p, id);',
    'if (!(block(p.records, id).slot & SHARED)) unhash(p, id);'],
  [pool, 'cache: a refused call keeps the first hashes', 'invariant 6',
    'while (done > 0) unhash(p, idAt(ids, --done));', ''],
  [pool, 'cache: a block that is hashed already gets a second hash', 'bug 2, vLLM 14073',
    'block(p.records, id).slot != NONE_AT) {\n      while', 'false) {\n      while'],
  [pool, 'reset while blocks are in use', 'bug 27, sglang 12107',
    'if (p.free != p.blocks - 1) return BUSY;', ''],
  [pool, 'reset: the table keeps its entries', 'bug 37',
    'NONE_AT;\n  clearTable(p);', 'NONE_AT;'],
  [pool, 'evict: no removed event', 'invariant 19',
    'if (p.eventCapacity) logRemoved(p, id);', ''],
  [pool, 'lookup_run: goes on behind a miss', 'invariant 7',
    'EMPTY - tag) return <i32>((out - ids) >> 2);', 'EMPTY - tag) return <i32>n;'],
  [pool, 'buffers are not checked', 'memory safety',
    'if (!owns(ids, <u64>n << 2)) return BAD_ARGUMENT;\n  const sentinel', 'const sentinel'],
  [table, 'duplicates: the newest block wins', 'bug 4, vLLM 21357',
    'first.next = oldest;\n    first.prev = oldest;\n  }\n  const youngest = first.prev;',
    'first.next = oldest;\n    first.prev = oldest;\n  }\n  const youngest = first.next;'],
  [table, 'duplicates: evicting the oldest leaves the entry on it', 'bug 4, vLLM 21357',
    's.entry = (s.entry & ~ID_MASK) | next;', ''],
  [table, 'duplicates: evicting the oldest drops all', 'bug 4, vLLM 21357',
    's.entry = (s.entry & ~ID_MASK) | next;', 's.entry = EMPTY;'],
  [table, 'a removed hash cuts off those behind it', 'hash table without repair',
    'if (((j - h) & mask) < ((j - i) & mask)) continue;', 'continue;'],
  [table, 'duplicates: the last one left still counts as shared', 'bug 4',
    'if (next == prev) block(records, next).slot &= ~SHARED;', ''],
  [table, 'hashed counter keeps what lost its hash', 'invariant 4',
    'b.slot = NONE_AT;\n  p.hashed--;', 'b.slot = NONE_AT;'],
  [table, 'group ignored on lookup', 'bug 6, vLLM 44409',
    '| <u64>((entry >> GROUP_SHIFT) ^ group)', ''],
  [events, 'events: every block of a run starts a new one', 'bug 24',
    'e.continued = i > 0 ? 1 : 0;', 'e.continued = 0;'],
  [events, 'events: parent forgotten', 'Dynamo ParentBlockNotFound',
    'e.hasParent = has;', 'e.hasParent = 0;'],
  [events, 'events: a follower of a hash is logged under its own block', 'bug 24',
    'block(p.records, oldestOf(p, id)).slot & ~SHARED', 'block(p.records, 1).slot & ~SHARED'],
  [events, 'events: overflow goes unsaid', 'dropped events',
    'p.eventLost++;', ''],
];

export const suite = {
  kernel: 'block pool',
  logs: /^blockpool/,
  fuzz: ['pool'],
  tests: ['test/core/block-pool.test.ts', 'test/core/guards.test.ts'],
  mutants,
};
