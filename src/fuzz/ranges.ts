// SPDX-License-Identifier: Apache-2.0
/** Sets of whole numbers as runs [from, to), ascending and apart: which programs are done. */

export type Range = readonly [from: number, to: number];

/** Numbers in the set. */
export function sizeOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, [from, to]) => sum + to - from, 0);
}

/** The set with [from, to) added. */
export function withRange(ranges: readonly Range[], added: Range): Range[] {
  const all = [...ranges, added].sort((a, b) => a[0] - b[0]);
  const joined: Range[] = [];
  for (const [from, to] of all) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1]) {
      joined[joined.length - 1] = [last[0], Math.max(last[1], to)];
    } else {
      joined.push([from, to]);
    }
  }
  return joined;
}

/** The first numbers from `start` on that are missing below `end`, `most` of them; else null. */
export function firstMissing(
  ranges: readonly Range[],
  start: number,
  end: number,
  most: number,
): Range | null {
  let from = start;
  for (const [first, behind] of ranges) {
    if (from < first) return from < end ? [from, Math.min(first, end, from + most)] : null;
    from = Math.max(from, behind);
  }
  return from < end ? [from, Math.min(end, from + most)] : null;
}

/** True when these are runs as described above. */
export function isRanges(value: unknown): value is Range[] {
  let end = -1;
  return Array.isArray(value) && value.every((range: unknown) => {
    if (!Array.isArray(range) || range.length !== 2) return false;
    const [from, to] = range as unknown[];
    const ok = Number.isSafeInteger(from) && Number.isSafeInteger(to) &&
      (from as number) > end && (to as number) > (from as number);
    end = to as number;
    return ok;
  });
}
