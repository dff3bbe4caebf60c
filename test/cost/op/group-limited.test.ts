// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import {
  canLimit, columnPicks, groupLimitedCounts, type Picks,
} from '../../../src/cost/op/group-limited.js';
import { rankLoad } from '../../../src/cost/op/index.js';

const sum = (counts: ArrayLike<number>): number => Array.from(counts).reduce((a, b) => a + b, 0);

it('deals counts as columns, so that no token picks an expert twice', () => {
  // Laid out 0 0 0 0 2 | 2 2 3 3 1: the first token picks 0 and 2, the last 2 and 1.
  const picks = columnPicks([4, 1, 3, 2], 5, 2);
  const rows = picks.flatMap(({ experts, tokens }) =>
    Array.from({ length: tokens }, () => Array.from(experts)));
  expect(rows).toEqual([[0, 2], [0, 2], [0, 3], [0, 3], [2, 1]]);
});

it('keeps four of eight groups and gives lost picks to the lowest experts there', () => {
  const spread: Picks = { experts: [1, 5, 9, 13, 17, 21, 25, 29], tokens: 10 };
  const counts = groupLimitedCounts([spread], 32);
  // One pick a group: groups 0 to 3 win the tie, experts 0, 2, 3 and 4 fill up.
  const taken = Array.from(counts.keys()).filter((e) => counts[e] === 10);
  expect(taken).toEqual([0, 1, 2, 3, 4, 5, 9, 13]);
  expect(sum(counts)).toBe(80);
});

it('prefers groups with two picks', () => {
  const counts = groupLimitedCounts([{ experts: [28, 29, 24, 25, 20, 21, 16, 17], tokens: 1 }], 32);
  expect(Array.from(counts.keys()).filter((e) => counts[e] > 0)).toEqual(
    [16, 17, 20, 21, 24, 25, 28, 29],
  );
});

it('limits only where groups divide the experts and hold enough of them', () => {
  expect(canLimit(256, 8)).toBe(true);
  expect(canLimit(100, 4)).toBe(false);
  expect(canLimit(8, 8)).toBe(false);
  const free = rankLoad(64, 8, 8, 1, 'balanced');
  expect(rankLoad(64, 8, 8, 1, 'balanced', true)).toEqual(free);
});

it('balanced tokens that pass the router touch half of the experts', () => {
  expect(rankLoad(128, 8, 256, 1, 'balanced').touched).toBe(256);
  expect(rankLoad(128, 8, 256, 1, 'balanced', true)).toMatchObject({ touched: 128, rows: 1024 });
});

it('the first rank takes the picks that were lost', () => {
  // A pick of their own a token, and the four that fill up.
  expect(rankLoad(8192, 8, 256, 8, 'balanced', true).rows).toBe(5 * 8192);
  expect(rankLoad(8192, 8, 256, 8, 'balanced').rows).toBe(8192);
});

it('a power law keeps every pick when one rank has all experts', () => {
  for (const tokens of [1, 16, 300, 8192]) {
    expect(rankLoad(tokens, 8, 128, 1, 'power_law_1.2', true).rows).toBe(tokens * 8);
  }
});
