// SPDX-License-Identifier: Apache-2.0

/** Values are split here, so that each half adds up without rounding. */
const SPLIT = 2 ** 26;

/**
 * Sum of non-negative integers below 2^53, exact for up to 2^26 of them whatever their order: a
 * plain f64 sum of a million waits in ns passes 2^53 and would depend on how it was split.
 */
export class IntegerSum {
  count = 0;
  #high = 0;
  #low = 0;

  add(value: number): void {
    const high = Math.floor(value / SPLIT);
    this.#high += high;
    this.#low += value - high * SPLIT;
    this.count++;
  }

  merge(other: IntegerSum): void {
    this.#high += other.#high;
    this.#low += other.#low;
    this.count += other.count;
  }

  /** The sum, rounded once. */
  get value(): number {
    return this.#high * SPLIT + this.#low;
  }

  /** Null for an empty sum. */
  get mean(): number | null {
    return this.count === 0 ? null : this.value / this.count;
  }
}
