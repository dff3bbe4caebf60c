// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import {
  addCriticalPath,
  PATH_PARTS,
  summarize,
  type RunRecords,
} from '../../src/metrics/index.js';
import { joinRecords, makeRecords } from '../support/records.js';

const MS = 1e6;

/** Parts in ms, and the requests on the path. */
function pathOf(records: RunRecords, session: number): Record<string, number> {
  const partsNs = new Float64Array(PATH_PARTS.length);
  const onPath = addCriticalPath(records, session, partsNs);
  const parts = Object.fromEntries(PATH_PARTS.map((name, i) => [name, partsNs[i]! / MS]));
  return { onPath, ...parts };
}

test('the path runs through the sub-agent that the last request waited for', () => {
  // 4, 3, 2 and 0; of request 1 only the tool wait before it, since it spawned when it was sent.
  expect(pathOf(joinRecords(), 0)).toEqual({
    onPath: 4,
    ...{ queue: 10 + 10, prefill: 20 + 30 + 10 + 20, decode: 4 * 100 },
    ...{ tool: 50 + 25 + 40, user: 0, spawn: 5, other: 0 },
  });
});

test('time before the first request is other wait', () => {
  expect(pathOf(joinRecords(), 1)).toEqual({
    onPath: 1,
    ...{ queue: 10, prefill: 30, decode: 0, tool: 0, user: 0, spawn: 0, other: 20 },
  });
});

test('the parts add up to the session', () => {
  const records = joinRecords();
  for (const [session, ms] of [620, 60].entries()) {
    const { onPath, ...parts } = pathOf(records, session);
    expect(onPath).toBeGreaterThan(0);
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(ms);
  }
});

test('an unnamed delay is other wait, and of two last requests the later row counts', () => {
  const records = makeRecords({
    sessions: [{ id: 's', startMs: 0, doneMs: 50 }],
    requests: [
      { session: 0, ms: [0, 0, 5, 10] },
      { session: 0, agent: 1, ms: [10, 10, 20, 50], after: 0 },
      { session: 0, agent: 2, ms: [13, 13, 20, 50], gapMs: 3, after: 0 },
    ],
  });
  expect(pathOf(records, 0)).toMatchObject({ onPath: 2, other: 3, decode: 30 + 5 });
});

test('an open session has no path', () => {
  const records = makeRecords({
    sessions: [{ id: 's', startMs: 0, doneMs: -1 }],
    requests: [{ session: 0, ms: [0, 0, 5, -1] }],
  });
  expect(pathOf(records, 0)).toMatchObject({ onPath: 0, prefill: 0 });
});

test('session time adds the paths up and picks sessions by duration', () => {
  const { sessionTime } = summarize(joinRecords(), { exactRequests: 10 });
  expect(sessionTime.sessions).toBe(2);
  expect(sessionTime.seconds).toEqual({
    ...{ queue: 0.03, prefill: 0.11, decode: 0.4, tool: 0.115, user: 0, spawn: 0.005, other: 0.02 },
  });
  expect(sessionTime.shares!.tool).toBe(115 / 680);
  expect(sessionTime.median).toMatchObject({ id: 'two', durationMin: 0.001, requestsOnPath: 1 });
  expect(sessionTime.worst).toMatchObject({ id: 'one', requests: 5, requestsOnPath: 4 });
  expect(sessionTime.p99).toEqual(sessionTime.worst);
});
