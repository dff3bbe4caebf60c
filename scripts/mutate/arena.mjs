// SPDX-License-Identifier: Apache-2.0
/** Bugs to plant in the arena. */
const arena = 'assembly/arena.ts';

const mutants = [
  [arena, 'sizes rounded down to their class', 'bug 26: pieces overlap',
    '(last >> shift) - 15', '(size >> shift) - 16'],
  [arena, 'a piece taken stays on its free list', 'bug 30: freed by two paths',
    'store<u32>(head, load<u32>(piece));\n    return piece;', 'return piece;'],
  [arena, 'a buffer is given back twice', 'bug 7',
    'if (free == <u32>piece) return UNBALANCED;', ''],
  [arena, 'a destroyed object stays on the list', 'bug 37',
    'if (o.older == <u32>handle) {\n      o.older = older;', 'if (o.older == <u32>handle) {'],
  [arena, 'a snapshot of another ABI is taken', 'foreign snapshot',
    'a.magic != ARENA_MAGIC || a.abi != 2) return BAD_ARGUMENT;',
    'a.magic == 1) return BAD_ARGUMENT;'],
  [arena, 'a buffer keeps the bytes of its last owner', 'stale memory',
    'if (piece) memory.fill(piece, 0, bytes);', ''],
  [arena, 'adopts a top beyond the memory', 'foreign snapshot',
    'return a.top <= a.limit ? OK : BAD_ARGUMENT;', 'return OK;'],
];

export const suite = {
  kernel: 'arena',
  logs: null,
  fuzz: ['pool', 'radix', 'manager'],
  tests: [
    'test/core/core.test.ts',
    'test/core/integrity.test.ts',
    'test/core/guards.test.ts',
  ],
  mutants,
};
