// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { GapKind } from '../../src/workload/index.js';
import { chain, lines, read, refusal, waits } from '../support/trace.js';

const header = {
  schema: 'dynamo.agentic_mooncake', version: 2, block_size: 16, hash_id_scope: 'local',
};
const row = (request_id: string, session_id: string, ids: number[], more: object = {}): object => ({
  request_id, play_id: 'p', session_id, model: 'm', input_length: ids.length * 16,
  output_length: 3, hash_ids: ids, not_before_ms: 0, ...more,
});
const wait = (request_id: string, trigger: string, delay_ms: number, relation: string): object =>
  ({ request_id, trigger, delay_ms, relation });

const rows = [
  row('main-1', 'main', [1, 2], { recorded_api_time_ms: 1000 }),
  row('main-2', 'main', [1, 2, 3], {
    dependencies: [
      wait('main-1', 'completion', 0, 'sequence'),
      wait('sub-1', 'completion', 50, 'join'),
    ],
  }),
  row('sub-1', 'sub', [9], {
    recorded_api_time_ms: 500, dependencies: [wait('main-1', 'dispatch', 1200, 'spawn')],
  }),
];

it('agentic Mooncake: plays are sessions, their dependencies stand as recorded', async () => {
  const w = await read(lines(header, ...rows, row('other', 'main', [1], { play_id: 'q' })));
  expect(w.sessions.id).toEqual(['p', 'q']);
  expect([...w.turns.startNs]).toEqual([0, 1.2e9, 1.75e9, 0]);
  expect([...w.agents.parent]).toEqual([-1, 0, -1]);
  expect([...w.turns.gapKind]).toEqual([GapKind.none, GapKind.spawn, GapKind.tool, GapKind.none]);
  expect(waits(w, 1)).toEqual([[0, 'dispatch', 1.2]]);
  expect(waits(w, 2)).toEqual([[0, 'completion', 0], [1, 'completion', 0.05]]);
  expect([0, 1, 2, 3].map((turn) => chain(w, turn))).toEqual([[0, 1], [2], [0, 1, 3], [4]]);
  const shared = await read(lines({ ...header, hash_id_scope: 'global' }, ...rows,
    row('other', 'main', [1], { play_id: 'q' })));
  expect(chain(shared, 3)).toEqual([0]);
});

it('agentic Mooncake: not_before becomes a distance from the first request', async () => {
  const late = row('main-2', 'main', [1], {
    not_before_ms: 9000, dependencies: [wait('main-1', 'completion', 0, 'sequence')],
  });
  const w = await read(lines(header, row('main-1', 'main', [1], { not_before_ms: 4000 }), late));
  expect(w.sessions.arrivalNs[0]).toBe(4e9);
  expect(waits(w, 1)).toEqual([[0, 'completion', 0], [0, 'dispatch', 5]]);
});

it('agentic Mooncake: bad files', async () => {
  const refused = (...records: object[]): Promise<string> => refusal(lines(header, ...records));
  expect(await refused(rows[0], rows[0])).toBe(
    'trace:3: request_id: request appears twice in this file, got "main-1"');
  expect(await refused(rows[1])).toContain('trace:2: dependencies: no such request in play p');
  const cycle = ['a', 'b'].map((id, i) =>
    row(id, 'x', [1], { dependencies: [wait('ba'[i], 'completion', 0, 'sequence')] }));
  expect(await refused(...cycle)).toContain('wait for each other in a circle');
  const odd = (edge: object): object => row('a', 'x', [1], { dependencies: [edge] });
  expect(await refused(odd(wait('a', 'constructor', 0, 'join')))).toContain(
    'dependencies[0].trigger: unknown trigger, got "constructor" (allowed: completion, dispatch)');
  expect(await refused(odd(wait('a', 'dispatch', 0, 'friend')))).toContain('unknown relation');
  expect(await refusal(lines({ ...header, version: 1 }))).toContain('unknown version, got 1');
  expect(await refusal(lines(header))).toBe('trace: no sessions in this trace');
});
