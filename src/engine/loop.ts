// SPDX-License-Identifier: Apache-2.0
import { EventHeap, type Core } from '../core/index.js';
import { UserError } from '../core/user-error.js';
import type { StateRegistry } from './registry.js';

/** Handles one event; `tag` and `id` are what `schedule` was given. */
export type EventHandler = (kind: number, tag: number, id: number) => void;

/** Event kinds fit in 4 bits, tags in the other 28. */
const KIND_BITS = 4;
const TAG_MASK = 0xfffffff;

/**
 * The discrete-event loop: pops events in the order (time, priority, seq) and hands them on.
 *
 * An event is data: a kind, a tag (for instance a generation that makes older events void) and the
 * id of an entity. `seq` is the id too, so the order of simultaneous events depends on what they
 * are, never on who scheduled first: that is what lets fast-forward skip events without a trace.
 *
 * Time is integer nanoseconds in f64, exact up to 2^53 ns = 104 days.
 */
export class EventLoop {
  readonly #heap: EventHeap;
  readonly #clock: Float64Array;

  constructor(core: Core, state: StateRegistry, capacity = 1024) {
    this.#heap = new EventHeap(core, capacity);
    this.#clock = state.f64('loop.clock', 1);
  }

  /** Simulated time, ns. */
  get now(): number {
    return this.#clock[0];
  }

  /** Time of the next event, ns; Infinity when there is none. */
  get nextTime(): number {
    return this.#heap.nextTime;
  }

  /** Pending events. */
  get pending(): number {
    return this.#heap.size;
  }

  /**
   * Schedules an event at `time` (ns, not before now).
   *
   * @throws UserError when simulated time runs past what it can count exactly.
   */
  schedule(time: number, priority: number, kind: number, id: number, tag = 0): void {
    if (!(time <= Number.MAX_SAFE_INTEGER)) {
      throw new UserError(`simulated time reaches ${time} ns`, {}, {
        allowed: 'up to 2^53 ns, 104 days: shorten waits or raise rates',
      });
    }
    this.#heap.push(time, priority, id, kind | ((tag & TAG_MASK) << KIND_BITS), id);
  }

  /**
   * Runs until no event is left, or until `events` were handled. Returns the number handled.
   */
  run(handle: EventHandler, events = Infinity): number {
    let handled = 0;
    while (handled < events && this.#heap.pop()) {
      this.#clock[0] = this.#heap.time;
      handle(this.#heap.a & ((1 << KIND_BITS) - 1), this.#heap.a >>> KIND_BITS, this.#heap.b);
      handled++;
    }
    return handled;
  }

  /** True when `tag` is what `schedule` made of `generation`. */
  static sameTag(tag: number, generation: number): boolean {
    return tag === (generation & TAG_MASK);
  }
}
