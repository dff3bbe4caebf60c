// SPDX-License-Identifier: Apache-2.0

export interface ReferenceNgram {
  readonly minN: number;
  readonly maxN: number;
  readonly maxModelLen: number;
  readonly drafts: number;
}

/** Slow, obvious twin of assembly/spec/ngram.ts: tries each length at each place. */
export function referenceNgram(tokens: ArrayLike<number>, options: ReferenceNgram): number[] {
  const { minN, maxN, maxModelLen, drafts } = options;
  const text = Array.from(tokens);
  const room = Math.min(drafts, maxModelLen - text.length);
  if (room <= 0) return [];
  for (let n = Math.min(maxN, text.length - 1); n >= minN; n--) {
    const ending = text.slice(text.length - n);
    for (let start = 0; start < text.length - n; start++) {
      if (ending.every((token, i) => token === text[start + i])) {
        return text.slice(start + n, start + n + room);
      }
    }
  }
  return [];
}
