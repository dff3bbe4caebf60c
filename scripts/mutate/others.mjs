// SPDX-License-Identifier: Apache-2.0
/** Bugs to plant in the arena, the event heap and the hashes. */
const arena = 'assembly/arena.ts';
const heap = 'assembly/event/heap.ts';
const hash = 'assembly/hash/xxh3.ts';

const plant = (file, tests, what, reference, find, replace) => ({
  file, what, reference, find, replace, tests,
});
const arenaTests = ['test/core/core.test.ts', 'test/core/integrity.test.ts',
  'test/core/guards.test.ts'];
const heapTests = ['test/core/event-heap.test.ts', 'test/core/guards.test.ts'];
const hashTests = ['test/core/hash.test.ts'];

export const otherMutants = [
  plant(arena, arenaTests, 'sizes rounded down to their class', 'bug 26: pieces overlap',
    '(size - (1 << k) + step - 1) / step', '(size - (1 << k)) / step'),
  plant(arena, arenaTests, 'a piece taken stays on its free list', 'bug 30: freed by two paths',
    'store<u32>(head, load<u32>(piece));\n    return piece;', 'return piece;'),
  plant(arena, arenaTests, 'a buffer is given back twice', 'bug 7',
    'if (free == <u32>piece) return UNBALANCED;', ''),
  plant(arena, arenaTests, 'a destroyed object stays on the list', 'bug 37',
    'if (o.older == <u32>handle) {\n      o.older = older;', 'if (o.older == <u32>handle) {'),
  plant(arena, arenaTests, 'a snapshot of another ABI is taken', 'foreign snapshot',
    'a.magic != ARENA_MAGIC || a.abi != 2) return BAD_ARGUMENT;',
    'a.magic == 1) return BAD_ARGUMENT;'),
  plant(arena, arenaTests, 'a buffer keeps the bytes of its last owner', 'stale memory',
    'if (piece) memory.fill(piece, 0, bytes);', ''),
  plant(heap, heapTests, 'ties in order of the heap, not of priority and seq', 'order',
    'u32(time < other.time) | (u32(time == other.time) & u32(key < other.key))',
    'u32(time < other.time)'),
  plant(heap, heapTests, 'pop: the least of three children', 'order',
    'const pick = beats(c + <usize>right * RECORD, c + <usize>left * RECORD);',
    'const pick: u32 = 0;'),
  plant(heap, heapTests, 'pop: the last record stays at the bottom', 'order',
    'siftUp(h, i, last.time, last.key, last.payload);',
    'write(slot(h, i), last.time, last.key, last.payload);'),
  plant(heap, heapTests, 'push beyond the capacity', 'overflow',
    'if (size == h.capacity) return FULL;', 'if (size == h.capacity + 1) return FULL;'),
  plant(heap, heapTests, 'reserve loses the last event', 'off by one',
    'memory.copy(slots, h.slots, <usize>h.size * RECORD);',
    'memory.copy(slots, h.slots, <usize>(h.size - 1) * RECORD);'),
  plant(hash, hashTests, 'chain: the parent is forgotten', 'bugs 3 and 24',
    'parent = i > 0 || hasParent ?', 'parent = i > 0 ?'),
  plant(hash, hashTests, '240 bytes hashed as a long input', 'bug 19: collisions',
    'if (len > 240) return hashLong(x, len);', 'if (len >= 240) return hashLong(x, len);'),
];
