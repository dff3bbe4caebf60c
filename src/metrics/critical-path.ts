// SPDX-License-Identifier: Apache-2.0
/**
 * Where the time of one session went: back from its last token, at every request through the
 * dependency that came last, to its start. What runs beside this path costs the user nothing.
 *
 * ```
 *   main   [queue|prefill|decode]--tool--[q|p|d]                         [q|p|d]  last token
 *                                        |spawn                     tool^
 *   sub                                  +--[q|p|d]--tool--[q|p|d]------+
 *   path   ============================= +=======================================
 * ```
 *
 * A sub-agent starts when its parent's request is sent: the path then leaves that request at its
 * beginning, and the parent's own queue, prefill and decode are not on it.
 */
import { decodeNs } from './latency.js';
import type { RunRecords } from './records.js';

/** What the path is made of; the waits in front of requests are named by who is waited for. */
export const PATH_PARTS = ['queue', 'prefill', 'decode', 'tool', 'user', 'spawn', 'other'] as const;
export type PathPart = (typeof PATH_PARTS)[number];

const [QUEUE, PREFILL, DECODE, OTHER] = [0, 1, 2, 6];

/** Part of a wait by its `gapKind`: none, tool, user, spawn. Unnamed waits are `other`. */
const PART_OF_GAP = [OTHER, 3, 4, 5];

/** Names of `RequestRecords.gapKind`. */
export const GAP_KINDS = ['none', 'tool', 'user', 'spawn'] as const;

/** The request of a session that finished last; -1 while one is still open. */
function lastRequest(records: RunRecords, session: number): number {
  const { requestStart, doneNs } = records.sessions;
  if (doneNs[session] < 0) return -1;
  const { finishNs } = records.requests;
  let last = -1;
  for (let row = requestStart[session]; row < requestStart[session + 1]; row++) {
    if (last < 0 || finishNs[row] >= finishNs[last]) last = row;
  }
  return last;
}

/**
 * Adds the parts of a session's critical path to `partsNs` (one entry a `PATH_PARTS`); they add up
 * to the time between its start and its end. `other` is time before the first request of the path,
 * for example up to its recorded start. Returns the requests on the path, 0 for an open session.
 */
export function addCriticalPath(
  records: RunRecords,
  session: number,
  partsNs: Float64Array,
): number {
  const { requests } = records;
  const { readyNs, finishNs, queueNs, prefillNs, gapNs, gapKind, after } = requests;
  let row = lastRequest(records, session);
  if (row < 0) return 0;
  let onPath = 0;
  let served = true;
  for (;;) {
    if (served) {
      partsNs[QUEUE] += queueNs[row];
      partsNs[PREFILL] += prefillNs[row];
      partsNs[DECODE] += decodeNs(requests, row);
      onPath++;
    }
    const before = after[row];
    if (before < 0) break;
    partsNs[PART_OF_GAP[gapKind[row]] ?? OTHER] += gapNs[row];
    const trigger = readyNs[row] - gapNs[row];
    // The wait began when that request was done, or when it was sent.
    served = trigger >= finishNs[before];
    partsNs[OTHER] += trigger - (served ? finishNs[before] : readyNs[before]);
    row = before;
  }
  partsNs[OTHER] += readyNs[row] - records.sessions.startNs[session];
  return onPath;
}
