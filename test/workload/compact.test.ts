// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { chain, lines, read, refusal, waits } from '../support/trace.js';

/** The session of weka.test.ts in the compact form (times in ms, block size 4). */
const session = {
  id: 's1', block_size: 4, tool: 0, sys: 0, models: ['big', 'small'],
  agents: [[0, 'Explore', 'completed', 3000, 10000]],
  r: [
    [0, 0, 0, 13, 5, 2000, -1, -1, 0],
    [3000, 1, 1, 9, 5, 1000, -1, -1, 0],
    [7000, 1, 1, 13, 5, 2000, 3000, 1, 2],
    [12000, 0, 0, 17, 5, 1000, -1, 0, 3],
    [20000, 0, 0, 13, 5, -1, -1, 0, 2],
  ],
};

it('compact: prompts are pointers to earlier rows', async () => {
  const w = await read(lines(session, { ...session, id: 's2' }));
  expect([0, 1, 2, 3, 4].map((turn) => chain(w, turn))).toEqual(
    [[0, 1, 2], [3, 4], [3, 4, 5], [0, 1, 2, 6], [0, 1, 7]]);
  expect(chain(w, 9)).toEqual([8, 9, 15]);
  expect(waits(w, 3)).toEqual([[0, 'completion', 3], [2, 'completion', 3]]);
  expect(waits(w, 8)).toEqual([[5, 'completion', 3], [7, 'completion', 3]]);
  expect([...w.turns.next.subarray(0, 5)]).toEqual([3, 2, -1, 4, -1]);
});

it('compact: bad rows', async () => {
  const bad = (...row: number[]): Promise<string> =>
    refusal(lines({ ...session, r: [session.r[0], row] }));
  expect(await bad(1, 0, 0, 13, 5, -1, -1, 0, 4)).toBe(
    'trace:1: r[1].k: must be a whole number, got 4 (allowed: 0 to 3)');
  expect(await bad(1, 0, 0, 13, 5, -1, -1, 1, 1)).toContain('r[1].p: must be a whole');
  expect(await bad(1, 2, 0, 13, 5, -1, -1, 0, 1)).toContain('r[1].agent');
  expect(await bad(1, 0, 9, 13, 5, -1, -1, 0, 1)).toContain('r[1].model');
  expect(await bad(1, 0, 0, 13, 5, -1, -1)).toContain('row of the wrong length, got a list of 7');
  expect(await refusal(lines({ ...session, r: [session.r[1], session.r[0]] }))).toContain(
    'r[1].t_ms: must be a time, got 0 (allowed: 3000 or more)');
  expect(await refusal(lines(session, session))).toContain('trace:2: id: session appears twice');
});
