// SPDX-License-Identifier: Apache-2.0
/**
 * Contexts between which the cost of decode attention is taken as linear: every token up to 32,
 * then 16 to an octave. Powers of two are on it, where windows end.
 */
export const GRID_CELLS = 432;

/** Cell that a mean context of a whole number of tokens lies in. */
export function cellOf(tokens: number): number {
  if (tokens < 32) return tokens;
  // Beyond 2^30 tokens the last cell goes on.
  const capped = Math.min(tokens, 0x3fffffff);
  const octave = 31 - Math.clz32(capped);
  return 16 * (octave - 4) + (capped >> (octave - 4));
}

/** First context of a cell, tokens. */
export function cellStart(cell: number): number {
  if (cell < 32) return cell;
  // At most 2^30: no overflow.
  return (16 + (cell % 16)) << (Math.floor(cell / 16) - 1);
}
