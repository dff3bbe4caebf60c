// SPDX-License-Identifier: Apache-2.0
/**
 * The run as a timeline for ui.perfetto.dev, in the Chrome trace format: a process a pool with
 * the load of its replicas, and a process a session with a lane an agent. Time starts at the
 * simulation's zero.
 */
import type { RunRecords } from '../metrics/index.js';
import { replicaTrace } from './replica-trace.js';
import { sessionTrace } from './session-trace.js';
import type { TraceEvent } from './trace-events.js';

/** Characters gathered before a chunk is handed out. */
const CHUNK = 1 << 16;

function* events(records: RunRecords): Generator<TraceEvent> {
  const firstPool = 1;
  const firstSession = firstPool + records.pools.length;
  yield* replicaTrace(records, firstPool);
  for (let session = 0; session < records.sessions.count; session++) {
    yield* sessionTrace(records, session, firstSession + session);
  }
}

/** Chunks of one JSON document; valid once complete. */
export function* perfettoTrace(records: RunRecords): Generator<string, void, undefined> {
  let chunk = '{"displayTimeUnit":"ms","traceEvents":[';
  let separator = '\n';
  for (const event of events(records)) {
    chunk += separator + JSON.stringify(event);
    separator = ',\n';
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  yield `${chunk}\n]}\n`;
}
