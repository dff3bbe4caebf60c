// SPDX-License-Identifier: Apache-2.0
/** One pending event. priority, seq, a and b are u32. */
export interface ReferenceEvent {
  time: number;
  priority: number;
  seq: number;
  a: number;
  b: number;
}

/** Slow, obvious twin of assembly/event/heap.ts: a sorted array. Keys must be unique. */
export class ReferenceEventHeap {
  readonly #events: ReferenceEvent[] = [];

  get size(): number {
    return this.#events.length;
  }

  get nextTime(): number {
    return this.#events[0]?.time ?? Infinity;
  }

  push(event: ReferenceEvent): void {
    if (!(event.time >= 0)) throw new RangeError(`time: must be >= 0, got ${event.time}`);
    const later = this.#events.findIndex((other) => compare(event, other) < 0);
    this.#events.splice(later === -1 ? this.size : later, 0, event);
  }

  pop(): ReferenceEvent | undefined {
    return this.#events.shift();
  }

  clear(): void {
    this.#events.length = 0;
  }
}

function compare(x: ReferenceEvent, y: ReferenceEvent): number {
  if (x.time !== y.time) return x.time < y.time ? -1 : 1;
  return x.priority - y.priority || x.seq - y.seq;
}
