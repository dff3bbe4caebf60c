// SPDX-License-Identifier: Apache-2.0
/** "did you mean": the nearest of the allowed names, when one is near. */

/** Edits (insert, delete, replace) that turn `a` into `b`; one row of the table at a time. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, previous[j] + 1, row[j - 1] + 1));
    }
    previous = row;
  }
  return previous[b.length];
}

/** `num_gpu_blocks`, `NumGpuBlocks` and `numGpuBlocks` are one name to a reader. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[-_\s]/g, '');
}

/** The nearest name, or null when none is within a third of its length. */
export function nearest(name: string, allowed: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Infinity;
  for (const candidate of allowed) {
    const distance = editDistance(plain(name), plain(candidate));
    const limit = Math.max(1, Math.floor(candidate.length / 3));
    if (distance <= limit && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `, did you mean "x"?` or nothing. */
export function didYouMean(name: string, allowed: readonly string[]): string {
  const found = nearest(name, allowed);
  return found === null ? '' : `, did you mean "${found}"?`;
}
