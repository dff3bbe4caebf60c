// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { WIDTH } from '../../src/report/lines.js';
import { ansiStyle, summaryText } from '../../src/report/index.js';
import { emptyRecords, joinRecords, makeRecords } from '../support/records.js';
import { scenario, textInput } from './input.js';

const slo = { ttft_ms: 2000, turn_s: 0.1, session_min_p99: 0.01 };
const text = summaryText(textInput(joinRecords(), slo));

const tooWide = (report: string): string[] =>
  report.split('\n').filter((line) => line.length > WIDTH);

test('the summary of a session with a sub-agent', () => {
  expect(text).toMatchSnapshot();
});

test('who computed it stands in the first line, what to do next in the last', () => {
  const lines = text.split('\n');
  expect(lines[0]).toBe('kvloom 0.1.0  core abi 1  seed 42  digest 9f3c…a1e7');
  expect(lines.at(-2)).toBe('  next         kvloom run -o out');
  expect(lines.at(-1)).toBe('');
});

test('objectives are ticked or crossed, with what a missed one spent its time on', () => {
  expect(text).toContain('ttft p95     < 2,000 ms      40.0 ms   ✓\n');
  expect(text).toMatch(/turn p95 +< 0\.1 s +0\.14 s +✗ {2}decode 76 %, prefill 20 %/);
  expect(text).toMatch(/session p99 .*✗ {2}decode 59 %, tool wait 17 %, prefill 16 %/);
});

test('a hit rate and its read:write ratio are two numbers', () => {
  expect(text).toContain('hit 48.3 % of tokens at first admission · read:write 0.93');
  expect(text).toContain('hit 47.6 % of tokens at every admission · read:write 0.91');
});

test('assumed inputs are counted and named', () => {
  expect(text).toContain('2 of 3 inputs (--json has all) · host time a step 500 us');
  expect(text).not.toContain('HBM bandwidth');
});

test('colour only on request, and it changes nothing else', () => {
  const codes = /\u001b\[\d+m/g;
  const coloured = summaryText(textInput(joinRecords(), slo), true);
  expect(text).not.toMatch(codes);
  expect(coloured).toMatch(codes);
  expect(coloured.replace(codes, '')).toBe(text);
  expect(summaryText(textInput(joinRecords(), slo), ansiStyle)).toBe(coloured);
});

test('no line is wider than 100 columns, whatever the names and numbers', () => {
  const long = 'a-name-that-goes-on-'.repeat(8);
  const wide = makeRecords({
    pools: [long, 'p'],
    sessions: [
      { id: long, startMs: 0, doneMs: 4e9 },
      { id: `${long}2`, startMs: 0, doneMs: 4e8 },
    ],
    requests: [
      {
        ...{ session: 0, input: 4e9, cached: 3e9, output: 1e9, preemptions: 12_345 },
        ms: [0, 9e8, 2e9, 4e9],
      },
      { session: 1, sub: true, input: 4e9, output: 3, ms: [0, 0, 2e8, 4e8] },
    ],
    replicas: Array.from({ length: 12 }, (_, r) => ({
      ...{ pool: r % 2, steps: 9e12, busyNs: 4e15, kvBlocks: 9e9, kvPeak: 9e9, kvMean: 4e9 },
      ...{ boundNs: [2e15, 2e15], evictedBlocks: 9e12, queueMean: 12345.6, queuePeak: 99_999 },
      ...{ lookupTokens: 9e12, hitTokens: 1e12, prefillTokens: 9e12, batchPeak: 99_999 },
    })),
  });
  const input = textInput(wide, { ttft_ms: 123_456_789, session_min_p99: 1, turn_s_max: 1 });
  const pool = { ...scenario.pools[0]!, name: long, model: long, device: long };
  const what = { what: long, value: 1, unit: 'furlongs', source: long, status: 'assumed' };
  const report = summaryText({
    ...input,
    scenario: { workload: long, pools: [pool, { ...pool, name: 'p' }] },
    assumptions: [what, what, what, what, what],
  });
  expect(tooWide(report)).toEqual([]);
  expect(tooWide(text)).toEqual([]);
});

test('an empty run and an unfinished one have a summary too', () => {
  const empty = summaryText(textInput(emptyRecords(), { ttft_ms: 1 }));
  expect(empty).toContain('0 requests = 0 main + 0 sub');
  expect(empty).toContain('not measured   ✗');
  expect(empty).not.toMatch(/NaN|undefined|null|Infinity/);
  const open = makeRecords({
    sessions: [{ id: 's', startMs: 0, doneMs: -1 }],
    requests: [{ session: 0, input: 10, output: 5, ms: [0, 1, 2, -1] }],
  });
  expect(summaryText(textInput(open))).toContain('1 request did not finish');
});
