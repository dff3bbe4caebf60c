// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { summarize } from '../../src/metrics/index.js';
import type { ScenarioContexts } from '../../src/report/index.js';
import { scenarioLines } from '../../src/report/scenario-lines.js';
import { joinRecords } from '../support/records.js';
import { identity, scenario } from './input.js';

const summary = summarize(joinRecords(), { exactRequests: 100, blockSizeTokens: [64] });
const plain = (_: string, text: string): string => text;

/** Lines of a run whose contexts came to this. */
function linesOf(contexts: { contexts?: ScenarioContexts } = {}): string[] {
  const pools = scenario.pools.map((pool) => ({ ...pool, ...contexts }));
  return scenarioLines(identity, { ...scenario, pools }, summary, plain);
}

test('requests longer than the model takes are counted: an engine refuses them', () => {
  const contexts = { limitTokens: 163_840, longestTokens: 201_338, beyond: 12 };
  const asked = '12 requests beyond the 163,840 tokens of deepseek-v3';
  expect(linesOf({ contexts }).at(-1)).toBe(`${asked} · longest 201,338: an engine refuses them`);
});

test('a layout is named by what it splits: attention replicas, tensors, experts', () => {
  const [pool] = scenario.pools;
  const layoutOf = (split: object): string => {
    const pools = [{ ...pool, ...split }];
    return scenarioLines(identity, { ...scenario, pools }, summary, plain)[1];
  };
  expect(layoutOf({})).toMatch(/ · 2 × tp8( ·|$)/);
  expect(layoutOf({ expertParallel: 8 })).toMatch(/ · 2 × tp8 ep8( ·|$)/);
  const wide = { tensorParallel: 1, attentionDataParallel: 8, expertParallel: 8 };
  expect(layoutOf(wide)).toMatch(/ · 2 × dp8 tp1 ep8( ·|$)/);
});

test('nothing is said of contexts that fit, or of which nothing is known', () => {
  const fits = { limitTokens: 163_840, longestTokens: 163_840, beyond: 0 };
  expect(linesOf({ contexts: fits })).toEqual(linesOf());
  expect(linesOf().join()).not.toContain('beyond');
});
