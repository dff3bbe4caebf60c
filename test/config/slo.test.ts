// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { parseSlo, sloTargets } from '../../src/config/index.js';

test('a list of bounds', () => {
  const slo = parseSlo('ttft_ms<2000, tpot_ms_p99 < 25.5');
  expect(slo).toEqual({ ttft_ms: 2000, tpot_ms_p99: 25.5 });
});

test('a target knows its metric, unit, statistic and simulated time', () => {
  const targets = sloTargets({ ttft_ms: 2000, session_min_max: 40 });
  expect(targets).toEqual([
    { key: 'ttft_ms', metric: 'ttft', unit: 'ms', statistic: 'p95', limit: 2000, limitNs: 2e9 },
    {
      key: 'session_min_max',
      metric: 'session',
      unit: 'min',
      statistic: 'max',
      limit: 40,
      limitNs: 2.4e12,
    },
  ]);
});

const cases: [string, string][] = [
  ['ttft_ms=2000', '--slo: must read name<value,..., for example ttft_ms<2000,tpot_ms<25'],
  ['ttft_ms<2,', '--slo: must read name<value,...'],
  ['', '--slo: must read name<value,...'],
  ['ttft_ms<0', '--slo ttft_ms: must be a number > 0, got 0'],
  ['ttft_ms<abc', '--slo ttft_ms: must be a number > 0, got abc'],
  ['ttft_ms<NaN', '--slo ttft_ms: must be a number > 0, got NaN'],
  ['ttft_ms<1,ttft_ms<2', '--slo ttft_ms: given twice'],
  ['tfft_ms<1', '--slo tfft_ms: unknown SLO, did you mean "ttft_ms"?'],
  ['speed<1', '--slo speed: unknown SLO, allowed: ttft_ms, tpot_ms, queue_ms, turn_s, session_min'],
];
test.each(cases)('%s', (text, message) => {
  expect(() => parseSlo(text)).toThrow(message);
});
