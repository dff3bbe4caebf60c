// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { RunRecords } from '../../src/metrics/index.js';
import { perfettoTrace } from '../../src/report/index.js';
import type { TraceEvent } from '../../src/report/trace-events.js';
import { emptyRecords, joinRecords, makeRecords } from '../support/records.js';

function eventsOf(records: RunRecords): TraceEvent[] {
  const document = JSON.parse([...perfettoTrace(records)].join('')) as {
    traceEvents: TraceEvent[];
  };
  return document.traceEvents;
}

/** Slices of a lane as [name, from, to] in ms. */
function lane(events: readonly TraceEvent[], pid: number, tid: number) {
  return events
    .filter((event) => event.ph === 'X' && event.pid === pid && event.tid === tid)
    .map(({ name, ts, dur }) => [name, ts! / 1e3, (ts! + dur!) / 1e3]);
}

const events = eventsOf(joinRecords());

test('a process a pool and a session, a thread an agent', () => {
  const names = events.filter(({ name }) => /_name$/.test(name));
  expect(names.map(({ pid, tid, args }) => [pid, tid, args!['name']])).toEqual([
    [1, undefined, 'pool main'],
    [2, undefined, 'session one'],
    [2, 1, 'main'],
    [2, 2, 'sub 1'],
    [3, undefined, 'session two'],
    [3, 3, 'main'],
  ]);
});

test('the lane of the main agent, waits and joins included', () => {
  expect(lane(events, 2, 1)).toEqual([
    ...[['queue', 0, 10], ['prefill', 10, 30], ['decode', 30, 130], ['tool wait', 130, 180]],
    ...[['prefill', 180, 200], ['decode', 200, 300]],
    ...[['sub-agents', 300, 460], ['tool wait', 460, 500], ['prefill', 500, 520]],
    ['decode', 520, 620],
  ]);
});

test('the lane of the sub-agent, and arrows to and from it', () => {
  expect(lane(events, 2, 2)).toEqual([
    ...[['spawn wait', 180, 185], ['queue', 185, 195], ['prefill', 195, 225], ['decode', 225, 325]],
    ...[['tool wait', 325, 350], ['prefill', 350, 360], ['decode', 360, 460]],
  ]);
  const arrows = events.filter(({ ph }) => ph === 's' || ph === 'f');
  expect(arrows.map(({ ph, name, tid, ts, id }) => [ph, name, tid, ts! / 1e3, id])).toEqual([
    ['s', 'spawn', 1, 180, 2],
    ['f', 'spawn', 2, 185, 2],
    // 1 ns before the end of the slice, so as to lie in it.
    ['s', 'join', 2, 459.999999, 4],
    ['f', 'join', 1, 500, 4],
  ]);
});

test('every request has a lifetime', () => {
  const of = (ph: string): unknown[] =>
    events.filter((event) => event.ph === ph).map(({ id, ts }) => [id, ts! / 1e3]);
  expect(of('b')).toEqual([[0, 0], [1, 180], [2, 185], [3, 350], [4, 500], [5, 60]]);
  expect(of('n')).toEqual([[0, 30], [1, 200], [2, 225], [3, 360], [4, 520], [5, 100]]);
  expect(of('e')).toEqual([[0, 130], [1, 300], [2, 325], [3, 460], [4, 620], [5, 100]]);
});

test('load of a replica at every change', () => {
  const of = (replica: number): unknown[] =>
    events
      .filter(({ name }) => name === `replica ${replica} requests`)
      .map(({ ts, args }) => [ts! / 1e3, args!['waiting'], args!['running']]);
  expect(of(1)).toEqual([[60, 1, 0], [70, 0, 1], [100, 0, 0]]);
  expect(of(0).slice(0, 7)).toEqual([
    ...[[0, 1, 0], [10, 0, 1], [130, 0, 0], [180, 0, 1]],
    ...[[185, 1, 1], [195, 0, 2], [300, 0, 1]],
  ]);
  expect(of(0).at(-1)).toEqual([620, 0, 0]);
});

test('requests of one agent that overlap stay off the lane', () => {
  const overlapping = eventsOf(
    makeRecords({
      sessions: [{ id: 's', startMs: 0, doneMs: 40 }],
      requests: [
        { session: 0, ms: [0, 0, 10, 30] },
        { session: 0, ms: [5, 5, 15, 20] },
        { session: 0, ms: [32, 32, 35, 40], gap: 'user', gapMs: 12, after: 1 },
      ],
    }),
  );
  expect(lane(overlapping, 2, 1)).toEqual([
    ...[['prefill', 0, 10], ['decode', 10, 30], ['user wait', 30, 32], ['prefill', 32, 35]],
    ['decode', 35, 40],
  ]);
  expect(overlapping.filter(({ ph }) => ph === 'b')).toHaveLength(3);
});

test('an empty or unfinished run is a valid trace, and a long one comes in chunks', () => {
  expect(eventsOf(emptyRecords()).every(({ ph }) => ph === 'M')).toBe(true);
  const open = makeRecords({
    sessions: [{ id: 's', startMs: 0, doneMs: -1 }],
    requests: [{ session: 0, ms: [1, 2, -1, -1] }],
  });
  expect(eventsOf(open).map(({ ph }) => ph)).toEqual(['M', 'M', 'C', 'C', 'M', 'M', 'M', 'M']);
  const long = makeRecords({
    sessions: [{ id: 's', startMs: 0, doneMs: 1e4 }],
    requests: Array.from({ length: 1000 }, (_, i) => ({
      ...{ session: 0, ms: [i * 4, i * 4 + 1, i * 4 + 2, i * 4 + 3] as const },
    })),
  });
  const chunks = [...perfettoTrace(long)];
  expect(chunks.length).toBeGreaterThan(2);
  expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(70_000);
  expect(eventsOf(long).filter(({ ph }) => ph === 'b')).toHaveLength(1000);
});
