// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { runDocument, runJson, type RunJsonInput } from '../../src/report/index.js';
import { joinRecords } from '../support/records.js';
import { identity, textInput } from './input.js';

const { summary, slo, cost, assumptions } = textInput(joinRecords(), { ttft_ms: 2000 });
const input: RunJsonInput = {
  identity,
  spec: { schema: 1, seed: 42 },
  workload: {
    ...{ name: 'w', sessions: 2, agents: 3, requests: 6, mainRequests: 4, subRequests: 2 },
    ...{ recordedMin: 0, infiniteHitRate: 0.5, models: ['m'], blockSizeTokens: 64 },
    uniqueBlocks: 9,
  },
  contexts: [{ pool: 'p', model: 'm', limitTokens: 4096, longestTokens: 5000, beyond: 1 }],
  summary,
  slo,
  cost,
  assumptions,
};

test('keys stand in a fixed order, the digest at the top', () => {
  expect(Object.keys(runDocument(input))).toEqual([
    ...['schema', 'kvloom', 'digest', 'spec', 'workload', 'contexts', 'summary', 'slo', 'cost'],
    'assumptions',
  ]);
  expect(runJson(input).split('\n').slice(0, 7)).toEqual([
    ...['{', '  "schema": 1,', '  "kvloom": {', '    "version": "0.1.0",', '    "abi": 1', '  },'],
    '  "digest": "9f3c00112233a1e7",',
  ]);
});

test('the text holds everything, and ends its last line', () => {
  const text = runJson(input);
  expect(text.endsWith('\n}\n')).toBe(true);
  expect(JSON.parse(text)).toEqual(runDocument(input));
  expect(JSON.parse(text)).toMatchObject({ summary: { latency: { ttftMs: { p95: 40 } } } });
});

test('meta is the last key and changes nothing else', () => {
  const withMeta = { ...input, meta: { wallSeconds: 0.3 } };
  const { meta, ...rest } = runDocument(withMeta);
  expect(meta).toEqual({ wallSeconds: 0.3 });
  expect(JSON.stringify(rest)).toBe(JSON.stringify(runDocument(input)));
  expect(Object.keys(runDocument(withMeta)).at(-1)).toBe('meta');
});
