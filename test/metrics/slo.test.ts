// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { evaluateSlo, summarize } from '../../src/metrics/index.js';
import { emptyRecords, joinRecords } from '../support/records.js';

const summary = summarize(joinRecords(), { exactRequests: 10 });

test('the p95 counts unless another statistic is named', () => {
  const [p95, p50] = evaluateSlo({ ttft_ms: 40.5, ttft_ms_p50: 20 }, summary);
  expect(p95).toEqual({
    ...{ name: 'ttft_ms', metric: 'ttft', unit: 'ms', percentile: 'p95' },
    ...{ limit: 40.5, value: 40, ok: true },
  });
  // Equal to the limit is not below it.
  expect(p50).toMatchObject({ name: 'ttft_ms_p50', percentile: 'p50', value: 20, ok: false });
});

test('values come in the unit of the key', () => {
  const results = evaluateSlo(
    { turn_ms_max: 141, turn_s_max: 0.14, session_s_max: 1, tpot_s_mean: 1, queue_min: 1 },
    summary,
  );
  expect(results.map(({ value }) => value)).toEqual([140, 0.14, 0.62, 0.038, 10 / 60e3]);
  expect(results.map(({ ok }) => ok)).toEqual([true, false, true, true, true]);
});

test('what was not measured is not met', () => {
  const empty = summarize(emptyRecords(), { exactRequests: 10 });
  expect(evaluateSlo({ tpot_ms: 25 }, empty)[0]).toMatchObject({ value: null, ok: false });
});

test('keys that no config lets through are refused', () => {
  for (const name of ['ttft', 'ttft_h', 'nope_ms', 'ttft_ms_p42', 'ttft_ms_p99_x', 'toString_ms']) {
    expect(() => evaluateSlo({ [name]: 1 }, summary)).toThrow(`unknown SLO ${name}`);
  }
});
