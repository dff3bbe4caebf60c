// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { convertToNative, parseNative, writeNative } from '../../src/workload/index.js';
import { chain, chunked, lines, read, refusal, waits } from '../support/trace.js';

const header = {
  schema: 'kvloom.trace', version: 1, name: 'demo', block_size: 64, models: ['big', 'small'],
};
const session = {
  id: 's1', arrival: 0, agents: [-1, 0],
  turns: [
    [0, 0, 0, 200, 50, 2e9, 0, -1, 0, 3],
    [3e9, 1, 1, 130, 9, -1, 3, -1, 0, 2, [0, 0, 1e9]],
    [5e9, 0, 0, 300, 9, -1, 1, 0, 3, 5, [0, 0, 1e9, 1, 0, 1e9]],
  ],
};
/** Turn 3 of the file shares the head of turn 0, which belongs to the session before. */
const second = { id: 's2', arrival: 7, agents: [-1], turns: [[0, 0, 0, 70, 1, -1, 0, 0, 1, 1]] };

it('native: everything that a workload holds', async () => {
  const w = await read(lines(header, session, second));
  expect(w.name).toBe('demo');
  expect(w.models).toEqual(['big', 'small']);
  expect([0, 1, 2, 3].map((turn) => chain(w, turn))).toEqual(
    [[0, 1, 2], [3, 4], [0, 1, 2, 5, 6], [0]]);
  expect(waits(w, 2)).toEqual([[0, 'completion', 1], [1, 'completion', 1]]);
  expect([...w.turns.gapKind]).toEqual([0, 3, 1, 0]);
  expect([...w.sessions.arrivalNs]).toEqual([0, 7]);
  expect([...writeNative(w)].join('')).toBe(lines(header, session, second));
  expect(parseNative(new TextEncoder().encode(lines(header, session, second)))).toEqual(w);
});

it('native: any trace converts', async () => {
  const csv = 'arrived_at,num_prefill_tokens,num_decode_tokens\n0,100,5\n1,200,6\n';
  let text = '';
  for await (const line of convertToNative(chunked(csv), { file: 'x', name: 'chat' })) text += line;
  expect(parseNative(text)).toEqual(await read(csv, { name: 'chat' }));
});

it('native: bad files', async () => {
  const bad = (...turn: unknown[]): Promise<string> =>
    refusal(lines(header, { ...session, turns: [turn] }));
  expect(await bad(0, 0, 0, 200, 50, -1, 0, -1, 1, 3)).toBe(
    'trace:2: turns[0].k: must be a whole number, got 1 (allowed: 0 to 0)');
  expect(await bad(0, 0, 0, 200, 50, -1, 0, 0, 0, 3)).toContain('turns[0].p');
  expect(await bad(0, 2, 0, 200, 50, -1, 0, -1, 0, 3)).toContain('turns[0].agent');
  expect(await bad(0, 0, 2, 200, 50, -1, 0, -1, 0, 3)).toContain('turns[0].model');
  expect(await bad(0, 0, 0, 200, 50, -1, 0, -1, 0, 9)).toContain('wrong length for 200 tokens');
  expect(await bad(0, 0, 0, 200, 50, -1, 0, -1, 0, 3, [0, 0])).toContain('must be triples');
  expect(await bad(0, 0, 0, 200, 50, -1, 0, -1, 0, 3, [1, 0, 0])).toContain('turns[0].waits[0]');
  expect(await bad(0, 0)).toContain('turn of the wrong length, got a list of 2');
  expect(await refusal(lines({ ...header, version: 9 }))).toContain('unknown version, got 9');
  expect(await refusal(lines(header))).toBe('trace: no sessions in this trace');
  expect(await refusal(lines(header, session, session))).toContain('trace:3: id: session');
  expect(await refusal(lines(header, session).slice(0, -20))).toContain('truncated?');
});
