// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { parseRunSpec } from '../../src/config/index.js';
import { loadCore } from '../../src/core/index.js';
import { generateWorkload, simulate } from '../../src/run/index.js';
import { poolContexts } from '../../src/run/contexts.js';
import type { Workload } from '../../src/workload/index.js';
import { makeRecords, type Row } from '../support/records.js';

test('prompt and answer count together, and a context at the limit fits', () => {
  const of = (input: number, output: number): Row =>
    ({ session: 0, input, output, ms: [0, 0, 1, 2] });
  const records = makeRecords({
    pools: ['p'],
    sessions: [{ id: 's', startMs: 0, doneMs: 9 }],
    requests: [of(90, 10), of(90, 11), of(150, 50)],
  });
  expect(poolContexts(records, 0, 100)).toEqual({
    limitTokens: 100, longestTokens: 200, beyond: 2,
  });
  expect(poolContexts(records, 1, 100)).toEqual({
    limitTokens: 100, longestTokens: 0, beyond: 0,
  });
});

test('a run tells what its model was made for', () => {
  const spec = parseRunSpec({
    workload: { kind: 'fixed', requests: 4, inputTokens: 4096, outputTokens: 8, concurrency: 2 },
    pools: [{ model: 'llama-2-7b', tensorParallel: 1 }],
  });
  const [{ contexts }] = simulate(spec, generateWorkload(loadCore(), spec) as Workload).pools;
  expect(contexts).toEqual({ limitTokens: 4096, longestTokens: 4104, beyond: 4 });
});
