// SPDX-License-Identifier: Apache-2.0

/** Seeded 32-bit generator (xorshift), the same as in bench/native/harness.hpp. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  below(n: number): number {
    return this.next() % n;
  }
}
