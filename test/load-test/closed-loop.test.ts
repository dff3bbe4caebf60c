// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { type ClosedLoop, ClosedLoopRunner } from '../../src/load-test/index.js';
import { linearSteps } from './support.js';

const stepModel = linearSteps({ step: 1e6, sequence: 1e4, promptToken: 1000 });
const runner = new ClosedLoopRunner();

function loop(users: number, requests: number, change: Partial<ClosedLoop> = {}): ClosedLoop {
  const each = { inputTokens: 100, outputTokens: 50 };
  return {
    users, requests: Array.from({ length: requests }, () => each), kvTokens: 1e6,
    scheduler: 'mixed', reservedOutput: 0, maxBatchedTokens: 8192, stepModel, ...change,
  };
}

describe('closed loop', () => {
  it('of one user is one prompt step and decode steps of one sequence', () => {
    const times = runner.run(loop(1, 5));
    expect(times.ttftMs).toBeCloseTo(1 + 0.1, 9);
    expect(times.tpotMs).toBeCloseTo(1 + 0.01, 9);
  });

  it('keeps every user busy: each decodes beside all others', () => {
    expect(runner.run(loop(4, 40)).tpotMs).toBeCloseTo(1 + 0.04, 9);
  });

  it('gives the same times again on a used core', () => {
    const first = runner.run(loop(3, 30, { kvTokens: 300 }));
    expect(runner.run(loop(3, 30, { kvTokens: 300 }))).toEqual(first);
    expect(new ClosedLoopRunner().run(loop(3, 30, { kvTokens: 300 }))).toEqual(first);
  });

  it('lets users wait whom the KV cache does not hold', () => {
    const room = runner.run(loop(4, 40));
    const tight = runner.run(loop(4, 40, { kvTokens: 320, reservedOutput: 1 }));
    expect(tight.ttftMs).toBeGreaterThan(40 * room.tpotMs);
    expect(tight.tpotMs).toBeCloseTo(1 + 0.02, 9);
    expect(tight.preemptions).toBe(0);
  });

  it('has room for the largest request whatever the KV cache is said to hold', () => {
    expect(runner.run(loop(2, 4, { kvTokens: 1 })).tpotMs).toBeCloseTo(1 + 0.01, 9);
  });

  it('leaves requests of one token out of TPOT', () => {
    const requests = [{ inputTokens: 10, outputTokens: 1 }];
    expect(runner.run(loop(1, 0, { requests })).tpotMs).toBe(0);
  });

  it('refuses a loop of nobody or nothing', () => {
    expect(() => runner.run(loop(0, 4))).toThrow(/needs a user.*got 0 users/);
    expect(() => runner.run(loop(1, 0))).toThrow(/got 1 users and 0 requests/);
  });
});
