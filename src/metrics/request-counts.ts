// SPDX-License-Identifier: Apache-2.0
import type { RunRecords } from './records.js';

export interface RequestCounts {
  readonly count: number;
  /** Of main agents, and of their sub-agents. */
  readonly main: number;
  readonly sub: number;
  readonly completed: number;
  /** Requests preempted at least once, and preemptions in all. */
  readonly preempted: number;
  readonly preemptions: number;
}

export interface SessionCounts {
  readonly count: number;
  readonly completed: number;
}

export function countRequests({ requests }: RunRecords): RequestCounts {
  let sub = 0;
  let completed = 0;
  let preempted = 0;
  let preemptions = 0;
  for (let row = 0; row < requests.count; row++) {
    sub += requests.isSub[row];
    if (requests.finishNs[row] >= 0) completed++;
    if (requests.preemptions[row] > 0) preempted++;
    preemptions += requests.preemptions[row];
  }
  const { count } = requests;
  return { count, main: count - sub, sub, completed, preempted, preemptions };
}

export function countSessions({ sessions }: RunRecords): SessionCounts {
  let completed = 0;
  for (const done of sessions.doneNs) if (done >= 0) completed++;
  return { count: sessions.count, completed };
}
