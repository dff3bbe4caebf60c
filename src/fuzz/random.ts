// SPDX-License-Identifier: Apache-2.0

/** SplitMix32's finaliser: every input bit changes half of the output bits. */
export function scramble(word: number): number {
  let x = word | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}

/**
 * Fills `out` with the random bytes of episode `episode`. Addressed by (seed, episode, position),
 * so that an episode can be replayed without those before it.
 */
export function fillRandom(out: Uint8Array, seed: number, episode: number): void {
  let base = scramble(seed) ^ Math.imul(episode, 0x9e3779b9);
  base = scramble(base ^ Math.imul(Math.floor(seed / 2 ** 32), 0x85ebca6b));
  base = scramble(base + Math.imul(Math.floor(episode / 2 ** 32), 0xc2b2ae35));
  for (let at = 0, index = 1; at < out.length; at += 4, index++) {
    const word = scramble(base + Math.imul(index, 0x9e3779b9));
    out[at] = word;
    if (at + 1 < out.length) out[at + 1] = word >>> 8;
    if (at + 2 < out.length) out[at + 2] = word >>> 16;
    if (at + 3 < out.length) out[at + 3] = word >>> 24;
  }
}
