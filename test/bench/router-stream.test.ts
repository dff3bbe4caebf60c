// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { routerStreamRows, routerSteps, runRouterStream } from '../../src/bench/router-stream.js';
import { generateSessions, makeStream } from '../../src/bench/stream.js';
import { loadCore } from '../../src/core/index.js';

const sessions = generateSessions(3, { sessions: 12, turns: 20, shared: 4, first: 6, added: 5 });

it('events of a worker say what its cache holds at any time', () => {
  const held = Array.from({ length: 4 }, () => new Set<number>());
  for (const { kind, worker, ids } of routerSteps(sessions, 4, 60)) {
    for (const id of Array.from(ids)) {
      if (kind === 'stored') {
        expect(held[worker].has(id)).toBe(false);
        held[worker].add(id);
      } else if (kind === 'removed') {
        expect(held[worker].delete(id)).toBe(true);
      }
    }
    for (const cache of held) expect(cache.size).toBeLessThanOrEqual(60);
  }
});

it('both forms find what the best worker holds of each request', () => {
  const core = loadCore();
  let clock = 0;
  const options = { workers: 4, blocks: 60, rounds: 1 };
  const results = runRouterStream(core, sessions, options, () => clock++);
  const held = Array.from({ length: 4 }, () => new Set<number>());
  let found = 0;
  for (const { kind, worker, ids } of routerSteps(sessions, 4, 60)) {
    const list = Array.from(ids);
    if (kind === 'stored') for (const id of list) held[worker].add(id);
    else if (kind === 'removed') for (const id of list) held[worker].delete(id);
    else {
      const overlaps = held.map((cache) => {
        const end = list.findIndex((id) => !cache.has(id));
        return end < 0 ? list.length : end;
      });
      found += Math.max(...overlaps);
    }
  }
  expect(results.map((each) => each.found)).toEqual([found, found]);
  expect(results[0].counts.removed).toBeGreaterThan(0);
  expect(core.checkIntegrity()).toEqual({ ok: true });
});

it('a class without operations has no rate', () => {
  const once = makeStream('one request', [[1, 2, 3]]);
  const results = runRouterStream(loadCore(), once, { workers: 2, blocks: 64, rounds: 1 }, () => 0);
  expect(results[0].millions.removed).toBeNull();
  expect(routerStreamRows(results)[1]).toContain('-');
});
