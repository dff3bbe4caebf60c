// SPDX-License-Identifier: Apache-2.0
/** Digest of the results of many programs that does not depend on the order they ran in. */
import { scramble } from './random.js';

/** Two u32. */
export type Digest = readonly [a: number, b: number];

export const NO_RESULTS: Digest = [0, 0];

/** Adds a program by its number and the digest of its results. */
export function addProgram([a, b]: Digest, program: number, results: number): Digest {
  const place = scramble(program) ^ scramble(Math.floor(program / 2 ** 32) + 1);
  const word = scramble(place ^ results);
  return [(a + word) >>> 0, (b + scramble(word ^ place)) >>> 0];
}

export function addDigests([a, b]: Digest, [c, d]: Digest): Digest {
  return [(a + c) >>> 0, (b + d) >>> 0];
}

export function digestText(digest: Digest): string {
  return digest.map((word) => word.toString(16).padStart(8, '0')).join('');
}

/** Null when the text is no digest. */
export function parseDigest(text: unknown): Digest | null {
  if (typeof text !== 'string' || !/^[0-9a-f]{16}$/.test(text)) return null;
  return [parseInt(text.slice(0, 8), 16), parseInt(text.slice(8), 16)];
}
