// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventHeap } from '../../src/core/event-heap.js';
import { loadCore } from '../../src/core/load.js';
import { ReferenceEventHeap } from '../../src/core/reference/event-heap.js';
import { KernelError, Status } from '../../src/core/status.js';

const core = loadCore();

type Step =
  | { do: 'push'; time: number; priority: number; a: number; b: number }
  | { do: 'pop' | 'clear' };

const word = fc.integer({ min: 0, max: 0xffffffff });
const time = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 6 }) },
  fc.constantFrom(-0, 5e-324, Number.MAX_VALUE, Infinity),
  fc.double({ min: 0, noNaN: true }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      time,
      priority: fc.oneof(fc.integer({ min: 0, max: 2 }), word),
      a: word,
      b: word,
    }),
  },
  { weight: 9, arbitrary: fc.record({ do: fc.constant('pop' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
);

function replay(steps: Step[], firstSeq: number): void {
  const heap = new EventHeap(core, 1);
  const twin = new ReferenceEventHeap();
  let seq = firstSeq;
  for (const s of steps) {
    if (s.do === 'push') {
      // Odd multiplier: a permutation of u32, so seqs are unique and not in order.
      const event = { ...s, seq: Math.imul(seq++, 0x9e3779b1) >>> 0 };
      heap.push(event.time, event.priority, event.seq, event.a, event.b);
      twin.push(event);
    } else if (s.do === 'clear') {
      heap.clear();
      twin.clear();
    } else {
      const expected = twin.pop();
      expect(heap.pop()).toBe(expected !== undefined);
      if (expected !== undefined) {
        const { time: t, priority, a, b } = heap;
        expect(t).toBe(expected.time + 0);
        expect([priority, heap.seq, a, b]).toEqual([
          expected.priority,
          expected.seq,
          expected.a,
          expected.b,
        ]);
      }
    }
    expect(heap.size).toBe(twin.size);
    expect(heap.nextTime).toBe(twin.nextTime + 0);
    expect(heap.check()).toBe(0);
  }
  heap.dispose();
}

describe('event heap', () => {
  it('pops what a sorted array pops, for random programs', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), word, (steps, seq) => replay(steps, seq)),
      { numRuns: 200, seed: 1 },
    );
  });

  it('orders 20 000 events by time, priority and seq, growing from 64', () => {
    const heap = new EventHeap(core);
    let x = 1;
    for (let i = 0; i < 20000; i++) {
      x = (Math.imul(x, 1103515245) + 12345) >>> 0;
      heap.push(x % 50, (x >>> 8) % 3, i, i, ~i >>> 0);
    }
    expect(heap.check()).toBe(0);
    let last = [-1, 0, 0];
    let wrong = 0;
    for (let i = 0; i < 20000; i++) {
      if (!heap.pop() || heap.b !== ~heap.a >>> 0) wrong++;
      const now = [heap.time, heap.priority, heap.seq];
      const rising =
        now[0] > last[0] ||
        (now[0] === last[0] && (now[1] > last[1] || (now[1] === last[1] && now[2] > last[2])));
      if (!rising) wrong++;
      last = now;
    }
    expect(wrong).toBe(0);
    expect(heap.pop()).toBe(false);
    heap.dispose();
  });

  it('refuses NaN and negative times and stays as it was', () => {
    const heap = new EventHeap(core, 4);
    heap.push(3, 0, 1, 2, 3);
    for (const bad of [NaN, -1, -5e-324, -Infinity]) {
      expect(() => heap.push(bad, 0, 0, 0, 0)).toThrow(KernelError);
    }
    expect([heap.size, heap.nextTime, heap.check()]).toEqual([1, 3, 0]);
    heap.dispose();
  });

  it('answers FULL at capacity and NO_MEMORY when the arena has no room', () => {
    const own = loadCore();
    const { exports } = own;
    const handle = exports.heap_create(2) >>> 0;
    expect(exports.heap_push(handle, 1, 0, 0, 0, 0)).toBe(Status.ok);
    expect(exports.heap_push(handle, 1, 0, 1, 0, 0)).toBe(Status.ok);
    expect(exports.heap_push(handle, 1, 0, 2, 0, 0)).toBe(Status.full);
    expect(exports.heap_reserve(handle, 1 << 20)).toBe(Status.noMemory);
    expect(exports.heap_reserve(handle, 0x7fffffff)).toBe(Status.badArgument);
    expect(exports.heap_create(1 << 20)).toBe(0);
    expect(exports.heap_create(0)).toBe(0);
    expect([exports.heap_size(handle), exports.heap_check(handle)]).toEqual([2, 0]);
  });

  it('refuses handles that are not live, and changes nothing', () => {
    const own = loadCore();
    const { exports } = own;
    const heap = new EventHeap(own, 4);
    const gone = new EventHeap(own, 4);
    gone.dispose();
    const before = own.snapshot();
    const foreign = [0, 8, gone.handle, heap.handle + 8, heap.handle + 1, -8, 0x7ffffff8];
    for (const handle of foreign) {
      expect(exports.heap_push(handle, 1, 0, 0, 0, 0)).toBe(Status.badHandle);
      expect(exports.heap_pop(handle)).toBe(Status.badHandle);
      expect(exports.heap_size(handle)).toBe(Status.badHandle);
      expect(exports.heap_clear(handle)).toBe(Status.badHandle);
      expect(exports.heap_reserve(handle, 8)).toBe(Status.badHandle);
      expect(exports.heap_check(handle)).toBe(Status.badHandle);
      expect(exports.heap_destroy(handle)).toBe(Status.badHandle);
      expect(exports.heap_peek_time(handle)).toBeNaN();
    }
    expect(own.snapshot()).toEqual(before);
    expect(() => gone.pop()).toThrow('not a live handle');
    expect(() => gone.nextTime).toThrow('not a live handle');
  });

  it.each([
    ['HEAP-1', 1, 3, 99],
    ['HEAP-2', 2, 4, 4],
    ['HEAP-3', 3, null, 0x80000000],
    ['HEAP-4', 4, null, 0x40000000],
  ])('check reports %s', (_, number, headerWord, value) => {
    const own = loadCore();
    const heap = new EventHeap(own, 8);
    for (let i = 0; i < 5; i++) heap.push(i < 1 ? 0 : 1, 0, i, 0, 0);
    const slots = own.u32[(heap.handle >> 2) + 4];
    const at = headerWord === null ? (slots >> 2) + 1 : (heap.handle >> 2) + headerWord;
    own.u32[at] = value;
    expect(heap.check()).toBe(number);
  });

  it('comes back from a snapshot with its events', () => {
    const own = loadCore();
    const heap = new EventHeap(own, 2);
    for (let i = 0; i < 9; i++) heap.push(9 - i, 0, i, i, 0);
    const saved = own.snapshot();
    for (let i = 0; i < 100; i++) heap.push(i, 1, i, i, 0);
    heap.pop();
    own.restore(saved);
    const order: number[] = [];
    while (heap.pop()) order.push(heap.a);
    expect(order).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0]);
  });

  it('rejects a capacity that is no count', () => {
    for (const bad of [0, -1, 1.5, NaN, 1e9]) {
      expect(() => new EventHeap(core, bad)).toThrow('capacity: must be an integer');
    }
  });
});
