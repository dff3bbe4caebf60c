// SPDX-License-Identifier: Apache-2.0
import type { Core } from '../core/core.js';
import { EventHeap } from '../core/event-heap.js';
import { expectSame } from './compare.js';
import type { FuzzTarget, RunOptions } from './target.js';
import { runOperations } from './target.js';

/** What the fuzzer needs of a heap; a test plants bugs by handing in another one. */
export type HeapUnderTest = Omit<EventHeap, 'handle'>;
export type MakeHeap = (core: Core, capacity: number) => HeapUnderTest;

interface Event {
  readonly time: number;
  readonly priority: number;
  readonly seq: number;
  readonly a: number;
  readonly b: number;
}

/** Few and close together, so that priority and seq decide often. */
const TIMES = [0, 1, 2, 3, 1e9, 2 ** 53 - 1, Number.MIN_VALUE, Infinity];
const MOST_EVENTS = 200;

function before(x: Event, y: Event): boolean {
  if (x.time !== y.time) return x.time < y.time;
  return x.priority !== y.priority ? x.priority < y.priority : x.seq < y.seq;
}

/** The event heap against a list that is searched for its smallest entry. */
class HeapRun {
  readonly kernel: HeapUnderTest;
  #events: Event[] = [];
  #seq = 0;

  constructor(core: Core, make: MakeHeap, setup: Uint8Array) {
    this.kernel = make(core, 1 + (setup[0] % 32));
  }

  apply(op: Uint8Array): void {
    const kind = op[0] % 16;
    if (kind < 8) this.#push(op);
    else if (kind < 15) this.#pop();
    else if (op[1] % 16 === 0) this.#clear();
    else this.#pushBadTime(op[1]);
  }

  compareSizes(): void {
    expectSame('size', this.#events.length, this.kernel.size);
    const first = this.#first();
    expectSame('next time', first?.time ?? Infinity, this.kernel.nextTime);
  }

  compareAll(): void {
    expectSame('invariant', 0, this.kernel.check());
  }

  dispose(): void {
    while (this.#events.length > 0) this.#pop();
    this.#pop();
    this.kernel.dispose();
  }

  #first(): Event | undefined {
    let first = this.#events[0];
    for (const event of this.#events) if (before(event, first)) first = event;
    return first;
  }

  #push(op: Uint8Array): void {
    if (this.#events.length === MOST_EVENTS) return;
    const time = TIMES[op[1] % TIMES.length] + (op[2] % 4);
    // Not in order of pushing: keys must decide, not the history.
    const seq = (this.#seq++ * 0x9e3779b1) >>> 0;
    const [priority, a, b] = [op[3] % 3, op[4], 0xffffff00 + op[5]];
    this.#events.push({ time, priority, seq, a, b });
    this.kernel.push(time, priority, seq, a, b);
  }

  #pop(): void {
    const first = this.#first();
    expectSame('pop', first !== undefined, this.kernel.pop());
    if (first === undefined) return;
    this.#events = this.#events.filter((event) => event !== first);
    const { time, priority, seq, a, b } = this.kernel;
    const { time: t, priority: p, seq: s, a: x, b: y } = first;
    expectSame('event', [t, p, s, x, y], [time, priority, seq, a, b]);
  }

  #clear(): void {
    this.#events = [];
    this.kernel.clear();
  }

  #pushBadTime(choice: number): void {
    let refused = false;
    try {
      this.kernel.push(choice % 2 === 0 ? NaN : -1, 0, 0, 0, 0);
    } catch {
      refused = true;
    }
    expectSame('refusal of a bad time', true, refused);
  }
}

/** Fuzzes an event heap, by default the wasm kernel's. */
export function heapTarget(
  core: Core,
  make: MakeHeap = (c, capacity) => new EventHeap(c, capacity),
): FuzzTarget {
  const empty = core.snapshot();
  return {
    kind: 'heap',
    run(body: Uint8Array, options: RunOptions): void {
      core.restore(empty);
      runOperations(body, options, (setup) => new HeapRun(core, make, setup));
    },
  };
}
