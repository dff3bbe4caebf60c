// SPDX-License-Identifier: Apache-2.0
import type { RunRecords } from '../metrics/index.js';
import { counter, nameEvents, type TraceEvent } from './trace-events.js';

/** Sorted times of what happened on one replica. */
interface ReplicaTimes {
  readonly readyNs: Float64Array;
  readonly admittedNs: Float64Array;
  readonly finishNs: Float64Array;
}

/** Rows of the requests of each replica. */
function rowsOfReplicas({ requests, replicas }: RunRecords): Uint32Array[] {
  const counts = new Uint32Array(replicas.count);
  for (const replica of requests.replica) if (replica >= 0) counts[replica]++;
  const rows = Array.from(counts, (count) => new Uint32Array(count));
  counts.fill(0);
  requests.replica.forEach((replica, row) => {
    if (replica >= 0) rows[replica][counts[replica]++] = row;
  });
  return rows;
}

function timesOf({ requests }: RunRecords, rows: Uint32Array): ReplicaTimes {
  const sorted = (column: Float64Array): Float64Array =>
    Float64Array.from(rows, (row) => column[row])
      .filter((ns) => ns >= 0)
      .sort();
  return {
    readyNs: sorted(requests.readyNs),
    admittedNs: sorted(requests.admittedNs),
    finishNs: sorted(requests.finishNs),
  };
}

/** Requests that wait for their first admission, and those past it, at every change. */
function* levels(name: string, pid: number, times: ReplicaTimes): Generator<TraceEvent> {
  const columns = [times.readyNs, times.admittedNs, times.finishNs];
  const passed = [0, 0, 0];
  for (;;) {
    const now = Math.min(...columns.map((column, i) => column[passed[i]] ?? Infinity));
    if (now === Infinity) return;
    columns.forEach((column, i) => {
      while (passed[i] < column.length && column[passed[i]] === now) passed[i]++;
    });
    const [ready, admitted, finished] = passed;
    yield counter(name, pid, now, { waiting: ready - admitted, running: admitted - finished });
  }
}

/** Load of every replica over time, under one process a pool numbered from `firstPid` on. */
export function* replicaTrace(
  records: RunRecords,
  firstPid: number,
): Generator<TraceEvent, void, undefined> {
  const { pools, replicas } = records;
  for (const [p, pool] of pools.entries()) yield* nameEvents(`pool ${pool}`, firstPid + p);
  for (const [r, rows] of rowsOfReplicas(records).entries()) {
    const pid = firstPid + replicas.pool[r];
    yield* levels(`replica ${r} requests`, pid, timesOf(records, rows));
  }
}
