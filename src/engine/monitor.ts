// SPDX-License-Identifier: Apache-2.0
import type { StateRegistry } from './registry.js';

/**
 * Time-weighted level of a queue, pool or link, one row an entity: mean and peak come for free.
 * The mean is over the time between the first and the last change of an entity's level.
 */
export class Monitor {
  readonly #level: Float64Array;
  readonly #since: Float64Array;
  readonly #first: Float64Array;
  readonly #area: Float64Array;
  readonly #peak: Float64Array;

  constructor(state: StateRegistry, name: string, entities: number) {
    this.#level = state.f64(`${name}.level`, entities);
    this.#since = state.f64(`${name}.since`, entities);
    this.#first = state.f64(`${name}.first`, entities, -1);
    this.#area = state.f64(`${name}.area`, entities);
    this.#peak = state.f64(`${name}.peak`, entities);
  }

  /** The level of `entity` is `level` from `now` (ns) on. */
  set(entity: number, level: number, now: number): void {
    if (this.#first[entity] < 0) this.#first[entity] = now;
    else this.#area[entity] += this.#level[entity] * (now - this.#since[entity]);
    this.#level[entity] = level;
    this.#since[entity] = now;
    if (level > this.#peak[entity]) this.#peak[entity] = level;
  }

  /** Raises or lowers the level. */
  add(entity: number, change: number, now: number): void {
    this.set(entity, this.#level[entity] + change, now);
  }

  level(entity: number): number {
    return this.#level[entity];
  }

  peak(entity: number): number {
    return this.#peak[entity];
  }

  mean(entity: number): number {
    const span = this.#since[entity] - this.#first[entity];
    return span > 0 ? this.#area[entity] / span : this.#level[entity];
  }
}
