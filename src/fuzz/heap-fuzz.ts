// SPDX-License-Identifier: Apache-2.0
import type { Core } from '../core/core.js';
import { EventHeap } from '../core/event-heap.js';
import { ReferenceEventHeap } from '../core/reference/event-heap.js';
import { expectSame } from './compare.js';
import type { FuzzTarget, RunOptions } from './target.js';
import { runOperations } from './target.js';

/** What the fuzzer needs of a heap; a test plants bugs by handing in another one. */
export type HeapUnderTest = Omit<EventHeap, 'handle'>;
export type MakeHeap = (core: Core, capacity: number) => HeapUnderTest;

/** Few and close together, so that priority and seq decide often. */
const TIMES = [0, 1, 2, 3, 1e9, 2 ** 53 - 1, Number.MIN_VALUE, Infinity];
const MOST_EVENTS = 200;

/** Kernel and twin of the event heap under one program. */
class HeapRun {
  readonly kernel: HeapUnderTest;
  readonly #twin = new ReferenceEventHeap();
  #seq = 0;

  constructor(core: Core, make: MakeHeap, setup: Uint8Array) {
    this.kernel = make(core, 1 + (setup[0] % 32));
  }

  apply(op: Uint8Array): void {
    const kind = op[0] % 16;
    if (kind < 8) this.#push(op);
    else if (kind < 15) this.#pop();
    else if (op[1] % 16 === 0) this.#clear();
    else if (op[1] % 4 === 1) this.#pushBadTime(op[2]);
  }

  compareSizes(): void {
    expectSame('size', this.#twin.size, this.kernel.size);
    expectSame('next time', this.#twin.nextTime, this.kernel.nextTime);
  }

  compareAll(): void {
    expectSame('invariant', 0, this.kernel.check());
  }

  dispose(): void {
    while (this.#twin.size > 0) this.#pop();
    this.#pop();
    this.kernel.dispose();
  }

  #push(op: Uint8Array): void {
    if (this.#twin.size === MOST_EVENTS) return;
    const time = TIMES[op[1] % TIMES.length] + (op[2] % 4);
    // Not in order of pushing: keys must decide, not the history.
    const seq = (this.#seq++ * 0x9e3779b1) >>> 0;
    const [priority, a, b] = [op[3] % 3, op[4], 0xffffff00 + op[5]];
    this.#twin.push({ time, priority, seq, a, b });
    this.kernel.push(time, priority, seq, a, b);
  }

  #pop(): void {
    const first = this.#twin.pop();
    expectSame('pop', first !== undefined, this.kernel.pop());
    if (first === undefined) return;
    const { time, priority, seq, a, b } = this.kernel;
    const { time: t, priority: p, seq: s, a: x, b: y } = first;
    expectSame('event', [t, p, s, x, y], [time, priority, seq, a, b]);
  }

  #clear(): void {
    this.#twin.clear();
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
