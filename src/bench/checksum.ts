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

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC-32 (zlib polynomial) of words as little-endian u32. */
export function crcOfWords(words: Uint32Array): number {
  let crc = 0xffffffff;
  for (const word of words) {
    for (let shift = 0; shift < 32; shift += 8) {
      crc = TABLE[(crc ^ (word >>> shift)) & 255] ^ (crc >>> 8);
    }
  }
  return ~crc >>> 0;
}
