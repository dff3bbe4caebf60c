// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { RunRecords } from '../../src/metrics/records.js';
import { simulate } from '../../src/run/index.js';
import { spec } from '../support/run.js';
import { ids, sessions, type SessionShape } from '../support/sessions.js';

const run = (blockSize: number, shapes: readonly SessionShape[], pool: object): RunRecords =>
  simulate(spec({ kind: 'trace', path: 'x' }, { ...pool }), sessions(blockSize, shapes)).records;
const prefix = ids(1, 10);

describe('KV memory of a replica', () => {
  it('lets go of a request\'s blocks though another one holds the prefix they grew from', () => {
    // R1 and R2 start from the cached prefix; R2 lives on and needs the blocks that R1 had.
    const { requests } = run(16, [
      { at: 0, turns: [{ in: 165, out: 1, ids: prefix }] },
      { at: 1e9, turns: [{ in: 1120, out: 2, ids: [...prefix, ...ids(1000, 60)] }] },
      { at: 1e9, turns: [{ in: 165, out: 1200, ids: prefix }] },
    ], { numGpuBlocks: 100 });
    expect([...requests.preemptions]).toEqual([0, 0, 0]);
    expect(Math.min(...requests.finishNs)).toBeGreaterThan(0);
  });

  it('evicts what was released first, not what was computed first', () => {
    // A is admitted before B and released after it; C then needs room.
    const shapes = [
      { at: 0, turns: [{ in: 640, out: 60, ids: ids(1, 10) }] },
      { at: 50e6, turns: [{ in: 640, out: 2, ids: ids(101, 10) }] },
      { at: 10e9, turns: [{ in: 448, out: 2, ids: ids(201, 7) }] },
      { at: 20e9, turns: [{ in: 640, out: 1, ids: ids(1, 10) }] },
      { at: 30e9, turns: [{ in: 640, out: 1, ids: ids(101, 10) }] },
    ];
    const { requests } = run(64, shapes, { numGpuBlocks: 90 });
    expect(requests.finishNs[1]).toBeLessThan(requests.finishNs[0]);
    expect(requests.cachedTokens[3]).toBe(624);
    expect(requests.cachedTokens[4]).toBeLessThan(624);
  });

  it('computes a prefix once for requests that are admitted together', () => {
    const turn = { in: 8000, out: 4, ids: ids(1, 500) };
    const both = [{ at: 0, turns: [turn] }, { at: 0, turns: [turn] }];
    const { requests, replicas } = run(16, both, { maxBatchedTokens: 65536 });
    expect([...requests.cachedTokens]).toEqual([0, 7984]);
    expect(requests.admittedNs[1]).toBe(requests.admittedNs[0]);
    expect(replicas.prefillTokens[0]).toBe(8000 + 16);
  });

  it('tries a refused request again when a running prompt brings it closer', () => {
    // Two equal prompts of 500 blocks do not fit 600 at once, sharing them they do.
    const turn = { in: 8000, out: 300, ids: ids(1, 500) };
    const both = [{ at: 0, turns: [turn] }, { at: 1, turns: [turn] }];
    const { requests } = run(16, both, { numGpuBlocks: 600, maxBatchedTokens: 4096 });
    expect(requests.admittedNs[1]).toBeLessThan(requests.finishNs[0]);
  });

  it('watches blocks at every step: the peak is what a long answer ends with', () => {
    const { replicas } = run(16, [{ at: 0, turns: [{ in: 16, out: 15000 }] }], {});
    expect(replicas.kvPeak[0]).toBe(Math.ceil((16 + 15000 - 1) / 16));
    expect(replicas.kvMean[0]).toBeGreaterThan(400);
    expect(replicas.kvMean[0]).toBeLessThan(540);
  });

  it('gives no identity to an answer that the next prompt has no room for', () => {
    const short = { in: 160, out: 400, ids: prefix };
    const next = { in: 320, out: 2, ids: [...prefix, ...ids(50, 10)] };
    const { requests } = run(16, [{ at: 0, turns: [short, next] }], {});
    expect(requests.cachedTokens[1]).toBe(160);
  });

  it('survives prompts whose ids reach beyond their complete blocks', () => {
    const turns = [
      { in: 1024, out: 9, ids: ids(1, 2) },
      { in: 1000, out: 9, ids: ids(1, 2) },
      { in: 1024, out: 9, ids: ids(1, 2) },
    ];
    const pool = { replicas: 2, router: 'round-robin' };
    const { requests } = run(512, [{ at: 0, turns }], pool);
    expect([...requests.cachedTokens]).toEqual([0, 0, 1008]);
  });
});

describe('simulated time', () => {
  it('is refused where it could not be counted exactly', () => {
    const late = [{ at: 0, turns: [{ in: 16, out: 1 }] }, { at: 1, turns: [{ in: 16, out: 1 }] }];
    const slow = spec({ kind: 'trace', path: 'x', sessionsPerSecond: 1e-8 });
    expect(() => simulate(slow, sessions(16, late))).toThrow(/^simulated time reaches 10{17} ns/);
  });
});
