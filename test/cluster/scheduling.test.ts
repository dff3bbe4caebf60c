// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/run/index.js';
import type { RequestRecords } from '../../src/metrics/records.js';
import { generated, spec } from '../support/run.js';

const fixed = (requests: number, concurrency: number): Record<string, unknown> => ({
  kind: 'fixed',
  requests,
  inputTokens: 100,
  outputTokens: 20,
  concurrency,
});

function requests(workload: Record<string, unknown>, pool = {}): RequestRecords {
  const run = spec(workload, pool);
  return simulate(run, generated(run)).records.requests;
}

describe('continuous batching', () => {
  it('lets a request in while others decode', () => {
    const r = requests(fixed(2, 2), { maxBatchedTokens: 100 });
    expect(r.admittedNs[1]).toBeGreaterThan(r.admittedNs[0]);
    expect(r.admittedNs[1]).toBeLessThan(r.finishNs[0]);
  });

  it('never runs more sequences than maxSequences', () => {
    const r = requests(fixed(3, 3), { maxSequences: 2 });
    expect(r.admittedNs[2]).toBe(Math.min(r.finishNs[0], r.finishNs[1]));
  });

  it('computes a prompt longer than maxBatchedTokens in chunks', () => {
    const one = requests(fixed(1, 1), { maxBatchedTokens: 100 });
    const four = requests(fixed(1, 1), { maxBatchedTokens: 25 });
    expect(four.prefillNs[0]).toBeGreaterThan(3 * one.prefillNs[0]);
  });

  it('preempts the request admitted last when blocks run out, and finishes both', () => {
    // The prompts take 7 blocks each, the last tokens an eighth; 14 are there.
    const r = requests(fixed(2, 2), { numGpuBlocks: 15 });
    expect([...r.preemptions]).toEqual([0, 1]);
    expect(r.finishNs[1]).toBeGreaterThan(r.finishNs[0]);
  });

  it('with reserveFullPrompt waits instead of starting a prompt it cannot finish', () => {
    const pool = { numGpuBlocks: 12, maxBatchedTokens: 64 };
    const eager = requests(fixed(2, 2), { ...pool, reserveFullPrompt: false });
    expect(eager.preemptions[1]).toBe(1);
    expect(requests(fixed(2, 2), { ...pool, reserveFullPrompt: true }).preemptions[1]).toBe(0);
  });
});

describe('schedulers of other engines', () => {
  it('prefill-first stops decodes while a prompt is computed', () => {
    const pool = { maxBatchedTokens: 50 };
    const mixed = requests(fixed(2, 2), pool);
    const first = requests(fixed(2, 2), { ...pool, scheduler: 'prefill-first' });
    // The first request waits for the two chunks of the second and decodes beside it from there.
    expect(first.finishNs[0]).toBe(first.finishNs[1]);
    expect(mixed.finishNs[0]).toBeLessThan(mixed.finishNs[1]);
  });

  it('prefill-first decodes when the prompt that waits does not fit', () => {
    const pool = { numGpuBlocks: 12, scheduler: 'prefill-first' };
    const r = requests(fixed(2, 2), pool);
    expect(r.admittedNs[1]).toBe(r.finishNs[0]);
    expect([...r.preemptions]).toEqual([0, 0]);
  });

  it('whole-prompts never cuts a prompt, and lets several in while they fit', () => {
    const whole = { scheduler: 'whole-prompts' };
    const one = requests(fixed(1, 1), { maxBatchedTokens: 200 });
    expect(requests(fixed(1, 1), { ...whole, maxBatchedTokens: 25 }).prefillNs[0])
      .toBe(one.prefillNs[0]);
    const r = requests(fixed(3, 3), { ...whole, maxBatchedTokens: 250 });
    expect(r.admittedNs[1]).toBe(r.admittedNs[0]);
    expect(r.admittedNs[2]).toBe(r.firstTokenNs[0]);
  });

  it('reservedOutput 1 waits instead of preempting', () => {
    const r = requests(fixed(2, 2), { numGpuBlocks: 15, reservedOutput: 1 });
    expect([...r.preemptions]).toEqual([0, 0]);
    expect(r.admittedNs[1]).toBe(r.finishNs[0]);
  });

  it('reservedOutput leaves blocks for that share of the outputs alone', () => {
    // 14 blocks hold 2 prompts of 100 tokens and up to 12 more of each.
    const half = requests(fixed(2, 2), { numGpuBlocks: 15, reservedOutput: 0.5 });
    expect([...half.preemptions]).toEqual([0, 1]);
  });
});

const twoRounds = {
  kind: 'agentic',
  sessions: 2,
  rounds: 2,
  newInputTokens: { mean: 320 },
  outputTokens: { mean: 33 },
  thinkSeconds: 1,
};

describe('prefix caching', () => {
  it('finds the previous turn, with what it generated, and computes the rest', () => {
    const r = requests(twoRounds);
    // 320 + 32 computed tokens are 22 blocks of 16.
    expect([...r.cachedTokens]).toEqual([0, 352, 0, 352]);
    expect(r.inputTokens[1]).toBe(320 + 33 + 320);
  });

  it('always computes the last token, so a fully cached prompt gives up a block', () => {
    const run = spec({ ...twoRounds, rounds: 1, sharedPrefixTokens: 320, sessions: 2 });
    const workload = generated(run);
    const r = simulate(run, workload).records.requests;
    expect(r.cachedTokens[1]).toBeLessThan(r.inputTokens[1]);
  });

  it('can be switched off', () => {
    expect([...requests(twoRounds, { prefixCaching: false }).cachedTokens]).toEqual([0, 0, 0, 0]);
  });

  it('hits the same tokens whatever the block size', () => {
    const hits = [1, 2, 4, 8, 16].map((blockSize) =>
      requests(twoRounds, { blockSize }).cachedTokens.join());
    expect(new Set(hits).size).toBe(1);
  });
});

describe('routing', () => {
  const sessions = { ...twoRounds, sessions: 6, sessionsPerSecond: 50 };

  it('prefix-aware sends a session back to the replica that holds its context', () => {
    const r = requests(sessions, { replicas: 3 });
    for (let t = 0; t < r.count; t += 2) expect(r.replica[t + 1]).toBe(r.replica[t]);
    expect(new Set(r.replica).size).toBe(3);
  });

  it('round-robin takes one replica after the other', () => {
    const r = requests(fixed(6, 6), { replicas: 3, router: 'round-robin' });
    expect([...r.replica]).toEqual([0, 1, 2, 0, 1, 2]);
  });
});
