// SPDX-License-Identifier: Apache-2.0
import type { Core } from './core.js';
import { check, KernelError, Status } from './status.js';

/** Bytes of a slot, and where the header holds capacity and the record popped last. */
const RECORD_BYTES = 24;
const CAPACITY = 8;
const POPPED = 24;

/**
 * Pending events, earliest first: by time, then priority, then seq. See assembly/event/heap.ts.
 *
 * An event is plain data: two words `a` and `b` say what happens (kind and ids), never a closure.
 *
 * @example
 * const events = new EventHeap(core);
 * events.push(1500, 0, 1, kind, request);
 * while (events.pop()) handle(events.time, events.a, events.b);
 */
export class EventHeap {
  readonly handle: number;
  /** The event that the last `pop` returned. Time in the unit of `push`. */
  time = NaN;
  priority = 0;
  seq = 0;
  a = 0;
  b = 0;

  constructor(
    private readonly core: Core,
    capacity = 64,
  ) {
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > 0x2aaaaaa) {
      throw new RangeError(`capacity: must be an integer from 1 to 44739242, got ${capacity}`);
    }
    core.reserve(slackened(capacity) + 256);
    this.handle = core.exports.heap_create(capacity) >>> 0;
    if (this.handle === 0) throw new KernelError('heap_create', Status.noMemory);
  }

  /** Number of pending events. */
  get size(): number {
    return check('heap_size', this.core.exports.heap_size(this.handle));
  }

  /** Time of the earliest event, Infinity when there is none. */
  get nextTime(): number {
    const time = this.core.exports.heap_peek_time(this.handle);
    if (time !== time) throw new KernelError('heap_peek_time', Status.badHandle);
    return time;
  }

  /**
   * Adds an event; `seq` makes its key unique. priority, seq, a and b are u32. Grows the heap when
   * it is full, which may re-derive the views of the core.
   *
   * @throws KernelError when time is negative or NaN.
   */
  push(time: number, priority: number, seq: number, a: number, b: number): void {
    const { exports } = this.core;
    let status = exports.heap_push(this.handle, time, priority, seq, a, b);
    if (status === 0) return;
    if (status === Status.full) {
      this.reserve(this.core.u32[(this.handle + CAPACITY) >>> 2] * 2);
      status = exports.heap_push(this.handle, time, priority, seq, a, b);
    }
    check('heap_push', status);
  }

  /** Moves the earliest event to the properties of this object; false when there is none. */
  pop(): boolean {
    const status = this.core.exports.heap_pop(this.handle);
    if (status !== 0) {
      if (status === Status.none) return false;
      check('heap_pop', status);
    }
    const { f64, u32 } = this.core;
    const at = (this.handle + POPPED) >>> 2;
    this.time = f64[at >>> 1];
    this.seq = u32[at + 2];
    this.priority = u32[at + 3];
    this.a = u32[at + 4];
    this.b = u32[at + 5];
    return true;
  }

  /** Room for `capacity` events. A safe point: views of the core are re-derived. */
  reserve(capacity: number): void {
    this.core.reserve(slackened(capacity) + 256);
    check('heap_reserve', this.core.exports.heap_reserve(this.handle, capacity));
  }

  /** Drops all events. */
  clear(): void {
    check('heap_clear', this.core.exports.heap_clear(this.handle));
  }

  /** Number of the first HEAP invariant that does not hold, 0 when all do. */
  check(): number {
    return check('heap_check', this.core.exports.heap_check(this.handle));
  }

  dispose(): void {
    check('heap_destroy', this.core.exports.heap_destroy(this.handle));
  }
}

/** Bytes of the slots with the slack of the arena's size classes. */
function slackened(capacity: number): number {
  return Math.ceil(capacity * RECORD_BYTES * 1.25);
}
