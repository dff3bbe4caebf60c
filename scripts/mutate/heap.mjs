// SPDX-License-Identifier: Apache-2.0
/** Bugs to plant in the event heap. */
const heap = 'assembly/event/heap.ts';

const mutants = [
  [heap, 'ties in order of the heap, not of priority and seq', 'order',
    'u32(time < other.time) | (u32(time == other.time) & u32(key < other.key))',
    'u32(time < other.time)'],
  [heap, 'pop: the least of three children', 'order',
    'const pick = beats(c + <usize>right * RECORD, c + <usize>left * RECORD);',
    'const pick: u32 = 0;'],
  [heap, 'pop: the last record stays at the bottom', 'order',
    'siftUp(h, i, last.time, last.key, last.payload);',
    'write(slot(h, i), last.time, last.key, last.payload);'],
  [heap, 'push beyond the capacity', 'overflow',
    'if (size == h.capacity) return FULL;', 'if (size == h.capacity + 1) return FULL;'],
  [heap, 'reserve loses the last event', 'off by one',
    'memory.copy(slots, h.slots, <usize>h.size * RECORD);',
    'memory.copy(slots, h.slots, <usize>(h.size - 1) * RECORD);'],
];

export const suite = {
  kernel: 'event heap',
  logs: null,
  fuzz: ['heap'],
  tests: ['test/core/event-heap.test.ts', 'test/core/guards.test.ts'],
  mutants,
};
