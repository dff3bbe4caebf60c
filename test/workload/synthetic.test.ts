// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import {
  agenticSessions, fixedRequests, nextExtending, timeOrder,
} from '../../src/workload/index.js';
import { chain, waits } from '../support/trace.js';

it('fixed requests are sessions of their own', () => {
  const w = fixedRequests({ count: 3, inputTokens: 100, outputTokens: 7, rate: 2 });
  expect([...w.sessions.arrivalNs]).toEqual([0, 0.5e9, 1e9]);
  expect([...w.turns.blocks]).toEqual([6, 6, 6]);
  expect(w.uniqueBlocks).toBe(18);
  expect(waits(w, 2)).toEqual([]);
});

it('agentic sessions accumulate their context', () => {
  const draws: [string, number, number][] = [];
  const w = agenticSessions({
    sessions: 2, rounds: 3, thinkSeconds: 4, rate: 0.5, sharedPrefixTokens: 40,
    newTokens: { mean: 20, sd: 2 }, outputTokens: { mean: 10, sd: 100 },
  }, (purpose, entity, index) => {
    draws.push([purpose, entity, index]);
    return purpose === 'new-tokens' ? entity : -1;
  });
  expect([...w.turns.outputTokens]).toEqual([1, 1, 1, 1, 1, 1]);
  expect([...w.turns.inputTokens]).toEqual([60, 81, 102, 62, 85, 108]);
  expect([...w.sessions.arrivalNs]).toEqual([0, 2e9]);
  expect(waits(w, 5)).toEqual([[4, 'completion', 4]]);
  expect([0, 1, 2, 3].map((turn) => chain(w, turn))).toEqual(
    [[0, 1, 2], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5], [0, 1, 6]]);
  expect([0, 1, 3, 4].map((turn) => nextExtending(w, turn))).toEqual([1, 2, 4, 5]);
  expect(new Set(draws.map(String)).size).toBe(draws.length);
});

it('time order merges sessions and keeps ties in row order', () => {
  const w = agenticSessions({
    sessions: 2, rounds: 3, thinkSeconds: 4, newTokens: { mean: 20, sd: 0 },
    outputTokens: { mean: 10, sd: 0 },
  }, () => 0);
  expect([...timeOrder(w)]).toEqual([0, 3, 1, 4, 2, 5]);
  expect([...timeOrder(w, [0, 100e9])]).toEqual([0, 1, 2, 3, 4, 5]);
  expect([...timeOrder(w, [4e9, 0])]).toEqual([3, 0, 4, 1, 5, 2]);
});
