// SPDX-License-Identifier: Apache-2.0
import type { Workload } from './types.js';

/**
 * All turns by recorded absolute start (session arrival + start), ties in row order: the order in
 * which a cache of unbounded speed sees them. Rows of a session already stand in the order of the
 * unrounded starts, and rounding to ns is monotonic, so it cannot reorder them.
 *
 * `arrivalNs` replaces the recorded arrivals, one entry a session.
 */
export function timeOrder(
  workload: Workload,
  arrivalNs: ArrayLike<number> = workload.sessions.arrivalNs,
): Uint32Array {
  const { sessions, turns } = workload;
  const starts = new Float64Array(turns.count);
  const order = new Uint32Array(turns.count);
  let sorted = true;
  for (let session = 0; session < sessions.count; session++) {
    const end = sessions.turnStart[session + 1];
    for (let turn = sessions.turnStart[session]; turn < end; turn++) {
      starts[turn] = arrivalNs[session] + turns.startNs[turn];
      order[turn] = turn;
      if (turn > 0 && starts[turn] < starts[turn - 1]) sorted = false;
    }
  }
  return sorted ? order : order.sort((a, b) => starts[a] - starts[b] || a - b);
}
