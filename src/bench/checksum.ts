// SPDX-License-Identifier: Apache-2.0

/** Order-sensitive sum of u32 words; bench/native/harness.hpp computes the same one. */
export class Checksum {
  #h = 0x811c9dc5;

  add(word: number): void {
    this.#h = Math.imul(this.#h ^ word, 0x01000193);
  }

  get value(): number {
    return this.#h >>> 0;
  }
}
