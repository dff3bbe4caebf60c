// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { requestLine, requestsJsonl } from '../../src/report/index.js';
import { joinRecords, makeRecords } from '../support/records.js';

test('one line a request, in workload order', () => {
  const lines = [...requestsJsonl(joinRecords())];
  expect(lines).toHaveLength(6);
  for (const line of lines) expect(line).toMatch(/^\{[^\n]*\}\n$/);
  expect(lines.map((line) => (JSON.parse(line) as { request: number }).request)).toEqual([
    ...[0, 1, 2, 3, 4, 5],
  ]);
});

test('a sub-agent’s second request, field by field', () => {
  expect(requestLine(joinRecords(), 3, { modelOf: () => 'small' })).toEqual({
    ...{ session: 'one', request: 3, agent: 1, role: 'sub', model: 'small' },
    ...{ pool: 'main', replica: 0, input_tokens: 600, cached_tokens: 448, output_tokens: 2 },
    ...{ ready_ns: 350e6, admitted_ns: 350e6, first_token_ns: 360e6, finish_ns: 460e6 },
    ...{ ttft_ms: 10, tpot_ms: 100, turn_ms: 110, queue_ms: 0, prefill_ms: 10, decode_ms: 100 },
    ...{ preemptions: 0, gap_ms: 25, gap_kind: 'tool', after: 2 },
  });
});

test('every field but names and counts ends in its unit', () => {
  const plain = ['session', 'request', 'agent', 'role', 'pool', 'replica', 'preemptions'];
  const known = [...plain, 'gap_kind', 'after'];
  for (const key of Object.keys(requestLine(joinRecords(), 0))) {
    if (!known.includes(key)) expect(key).toMatch(/_(tokens|ns|ms)$/);
  }
});

test('what has not happened is null', () => {
  const records = makeRecords({
    sessions: [{ id: 'a "quoted"\nid', startMs: 0, doneMs: -1 }],
    requests: [{ session: 0, input: 5, output: 1, ms: [-1, -1, -1, -1] }],
  });
  expect(requestLine(records, 0)).toMatchObject({
    ...{ pool: null, replica: null, cached_tokens: null, ready_ns: null, finish_ns: null },
    ...{ ttft_ms: null, tpot_ms: null, turn_ms: null, queue_ms: null, decode_ms: null },
    after: null,
  });
  const [line] = [...requestsJsonl(records)];
  expect(JSON.parse(line!)).toMatchObject({ session: 'a "quoted"\nid' });
});
