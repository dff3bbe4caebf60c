// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { chain, lines, read, refusal, waits } from '../support/trace.js';

const row = (timestamp: number, hash_ids: number[], more: object = {}): object =>
  ({ timestamp, input_length: hash_ids.length * 512 - 100, output_length: 7, hash_ids, ...more });

it('Mooncake: each line is a session, ids reach over the file', async () => {
  const w = await read(lines(row(0, [0, 1, 2]), row(1500.5, [0, 1, 5]), row(3000, [9])));
  expect(w.blockSize).toBe(512);
  expect([...w.sessions.arrivalNs]).toEqual([0, 1500500000, 3000000000]);
  expect([0, 1, 2].map((turn) => chain(w, turn))).toEqual([[0, 1, 2], [0, 1, 3], [4]]);
  expect([...w.turns.prefixTurn]).toEqual([-1, 0, -1]);
  expect(w.dependencies.turn.length).toBe(0);
});

it('Mooncake: equal session ids are the turns of one session', async () => {
  const second = { ...row(0, [0, 1, 2], { session_id: 'a', delay: 250 }), timestamp: undefined };
  const w = await read(lines(
    row(1000, [0, 1], { session_id: 'a' }),
    row(1000, [7], { session_id: 'b' }),
    row(2000, [0]),
    second,
    row(4000, [7, 8], { session_id: 'b' }),
  ));
  expect(w.sessions.id).toEqual(['a', 'b', '3']);
  expect([...w.sessions.turnStart]).toEqual([0, 2, 4, 5]);
  expect(waits(w, 1)).toEqual([[0, 'completion', 0.25]]);
  // A time stamp is a distance of starts, and no turn begins before the last answer.
  expect(waits(w, 3)).toEqual([[2, 'completion', 0], [2, 'dispatch', 3]]);
  expect(w.turns.startNs[3]).toBe(3e9);
});

it('Mooncake: 64-bit hashes keep all their digits', async () => {
  const ids = ['18446744073709551615', '18446744073709551614', '9007199254740993'];
  const text = (list: string[]): string =>
    `{"timestamp":0,"input_length":${list.length * 512},"output_length":1,"hash_ids":[${list}]}\n`;
  const w = await read(text(ids) + text([ids[0], ids[2]]) + text([ids[0], ids[1]]));
  expect([0, 1, 2].map((turn) => chain(w, turn))).toEqual([[0, 1, 2], [0, 3], [0, 1]]);
});

it('Mooncake: ids that are not chained count only under the same parent', async () => {
  const w = await read(lines(row(0, [1, 2, 3]), row(0, [2, 3]), row(0, [1, 3]), row(0, [2, 3, 3])));
  expect([0, 1, 2, 3].map((turn) => chain(w, turn))).toEqual(
    [[0, 1, 2], [3, 4], [0, 5], [3, 4, 6]]);
});

it('Mooncake: bad rows', async () => {
  expect(await refusal(lines(row(0, [1]), row(0, [1], { input_length: 2000 })))).toBe('trace:2: '
    + 'hash_ids: hash list of the wrong length for 2000 tokens, got 1 (allowed: 3 or 4)');
  expect(await refusal(lines(row(0, [1], { output_length: -1 })))).toContain('output_length');
  expect(await refusal(lines(row(-1, [1])))).toContain('timestamp: must be a time, got -1');
  expect(await refusal(lines(row(0, [-1])))).toContain('hash_ids[0]: must be a block id, got -1');
  expect(await refusal(`${lines(row(0, [1]))}{"timestamp":0,"input_l`)).toContain('truncated?');
  expect(await refusal('{"timestamp":0,"input_length":NaN}\n')).toContain('1: not valid JSON');
});
