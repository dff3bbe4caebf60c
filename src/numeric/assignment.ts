// SPDX-License-Identifier: Apache-2.0
/**
 * The assignment problem: n rows to n columns, one to one, with the largest total gain. Integer
 * gains, so the answer is exact; ties fall the same way everywhere.
 *
 * Complexity: O(n^3). Source: Kuhn, Munkres; shortest augmenting paths with potentials.
 */
export function bestAssignment(
  n: number,
  gainOf: (row: number, column: number) => number,
): number[] {
  const cost = Array.from({ length: n * n }, (_, i) => -gainOf(Math.floor(i / n), i % n));
  const rowPotential = new Array<number>(n).fill(0);
  // Column n stands for "no column yet".
  const columnPotential = new Array<number>(n + 1).fill(0);
  const rowOf = new Array<number>(n + 1).fill(-1);
  for (let row = 0; row < n; row++) {
    const { end, before } = shortestPath(n, row, cost, rowPotential, columnPotential, rowOf);
    for (let at = end; at !== n; at = before[at]) rowOf[at] = rowOf[before[at]];
  }
  const columns = new Array<number>(n).fill(-1);
  for (let column = 0; column < n; column++) columns[rowOf[column]] = column;
  return columns;
}

/** Cheapest alternating path from a free row to a free column, by the column before each column. */
function shortestPath(
  n: number,
  start: number,
  cost: readonly number[],
  rowPotential: number[],
  columnPotential: number[],
  rowOf: number[],
): { readonly end: number; readonly before: readonly number[] } {
  const least = new Array<number>(n).fill(Infinity);
  const before = new Array<number>(n).fill(n);
  const done = new Array<boolean>(n + 1).fill(false);
  rowOf[n] = start;
  let at = n;
  while (rowOf[at] >= 0) {
    done[at] = true;
    const row = rowOf[at];
    let next = -1;
    for (let j = 0; j < n; j++) {
      if (done[j]) continue;
      const reduced = cost[row * n + j] - rowPotential[row] - columnPotential[j];
      if (reduced < least[j]) {
        least[j] = reduced;
        before[j] = at;
      }
      if (next < 0 || least[j] < least[next]) next = j;
    }
    const delta = least[next];
    for (let j = 0; j <= n; j++) {
      if (done[j]) {
        rowPotential[rowOf[j]] += delta;
        columnPotential[j] -= delta;
      } else if (j < n) {
        least[j] -= delta;
      }
    }
    at = next;
  }
  return { end: at, before };
}
