// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { summarize } from '../../src/metrics/index.js';
import { emptyRecords, joinRecords, makeRecords } from '../support/records.js';

const summary = summarize(joinRecords(), { exactRequests: 10, blockSizeTokens: [16] });

test('requests, sessions and the makespan', () => {
  expect(summary.requests).toEqual({
    ...{ count: 6, main: 4, sub: 2, completed: 6, preempted: 1, preemptions: 1 },
  });
  expect(summary.sessions).toEqual({ count: 2, completed: 2 });
  expect(summary.makespanS).toBe(0.62);
});

test('tokens, and hit rates of two windows with their own ratios', () => {
  expect(summary.tokens).toEqual({ input: 4864, cached: 2348, uncached: 2516, output: 43 });
  expect(summary.cache).toEqual({
    ...{ hitRate: 2348 / 4864, readsPerWrite: 2348 / 2516, prefillTokens: 2552 },
    ...{ lookupTokens: 4928, hitTokens: 2348, lookupHitRate: 2348 / 4928 },
    lookupReadsPerWrite: 2348 / 2580,
  });
  const { hitRate, readsPerWrite } = summary.cache;
  expect(readsPerWrite).toBeCloseTo(hitRate! / (1 - hitRate!), 12);
});

test('latencies of all requests', () => {
  const { ttftMs, tpotMs, queueMs, turnS, sessionMin } = summary.latency;
  // 30 20 40 10 20 40
  expect(ttftMs).toMatchObject({ count: 6, p50: 20, p95: 40, max: 40 });
  expect(ttftMs.mean).toBeCloseTo(160 / 6, 12);
  // 100/10, 100/4, 100/2, 100/1, 100/20; the request with one token has none
  expect(tpotMs).toMatchObject({ count: 5, p50: 25, p99: 100, mean: 38 });
  // 10 0 10 0 0 10
  expect(queueMs).toMatchObject({ count: 6, p50: 0, max: 10, mean: 5 });
  // 130 120 140 110 120 40
  expect(turnS).toMatchObject({ count: 6, p50: 0.12, p95: 0.14, mean: 0.11 });
  expect(sessionMin).toMatchObject({ count: 2, p50: 0.001, max: 0.62 / 60 });
});

test('cold against warm prompts, main against sub-agents', () => {
  const { coldTtftMs, warmTtftMs } = summary.latency;
  expect(coldTtftMs).toMatchObject({ count: 3, p50: 40 });
  expect(warmTtftMs).toMatchObject({ count: 3, p50: 20 });
  expect(summary.roles.main).toMatchObject({
    tokens: { input: 3764, cached: 1900, uncached: 1864, output: 38 },
    latency: { ttftMs: { count: 4, p50: 20 }, tpotMs: { count: 3, max: 25 } },
  });
  expect(summary.roles.sub).toMatchObject({
    ...{ hitRate: 448 / 1100, latency: { turnS: { count: 2, max: 0.14 } } },
  });
});

test('throughput over the makespan, in all and a replica', () => {
  const { total, perReplica } = summary.throughput;
  expect(total.inputTokensPerS).toBe(4864 / 0.62);
  expect(total.outputTokensPerS).toBe(43 / 0.62);
  expect(perReplica.uncachedInputTokensPerS).toBe(2516 / (0.62 * 2));
  expect(perReplica.requestsPerS).toBe(6 / (0.62 * 2));
});

test('what bound the steps, and what they were made of', () => {
  expect(summary.steps).toMatchObject({ steps: 42, prefillSteps: 7, busyS: 0.341 });
  expect(summary.steps.bound).toEqual({
    compute: { seconds: 0.093, share: 93 / 341 },
    hbm: { seconds: 0.248, share: 248 / 341 },
  });
  expect(summary.steps.part.gemm).toEqual({ seconds: 0.186, share: 186 / 341 });
  expect(summary.steps.decodeTokensPerStep).toBe(37 / 42);
});

test('request time is queue, prefill and decode', () => {
  // 30 + 130 + 500 of 660 ms
  expect(summary.requestTime).toEqual({
    ...{ queueS: 0.03, prefillS: 0.13, decodeS: 0.5 },
    ...{ queueShare: 30 / 660, prefillShare: 130 / 660, decodeShare: 500 / 660 },
  });
});

test('load of replicas and of their pool', () => {
  expect(summary.replicas[0]).toMatchObject({
    ...{ pool: 'main', requests: 5, utilization: 0.5, kvMeanShare: 0.2, kvPeakShare: 0.4 },
    lookupHitRate: 2348 / 4800,
  });
  expect(summary.replicas[1]).toMatchObject({ requests: 1, utilization: 0.05, kvMeanBlocks: 1 });
  expect(summary.pools).toEqual([
    {
      ...{ pool: 'main', replicas: 2, requests: 6, busyS: 0.341, utilization: 0.275 },
      ...{ imbalance: 0.62 / 0.341, queueMean: 0.5, queuePeak: 2, batchMean: 1, batchPeak: 2 },
      ...{ kvBlocks: 200, kvCapacityTokens: 3200, kvMeanShare: 21 / 200, kvPeakShare: 0.4 },
      evictedBlocks: 7,
    },
  ]);
});

test('beyond the exact number of requests, percentiles say that they are not exact', () => {
  const rough = summarize(joinRecords(), { exactRequests: 5 });
  expect(rough.percentiles).toEqual({ method: 'histogram', relativeError: 1 / 256 });
  expect(rough.latency.ttftMs.relativeError).toBe(1 / 256);
  expect(Math.abs(rough.latency.ttftMs.p50! - 20)).toBeLessThan(20 / 256);
  expect(rough.latency.ttftMs.mean).toBe(summary.latency.ttftMs.mean);
});

test('requests under way count as far as they have come', () => {
  const open = summarize(
    makeRecords({
      sessions: [{ id: 's', startMs: 0, doneMs: -1 }],
      requests: [
        { session: 0, input: 100, cached: 64, output: 9, ms: [0, 1, 5, -1] },
        { session: 0, input: 100, output: 9, ms: [0, -1, -1, -1] },
        { session: 0, input: 100, output: 9, ms: [-1, -1, -1, -1] },
      ],
    }),
    { exactRequests: 10 },
  );
  expect(open.requests).toMatchObject({ count: 3, completed: 0 });
  expect(open.tokens).toEqual({ input: 100, cached: 64, uncached: 36, output: 0 });
  expect(open.latency.ttftMs).toMatchObject({ count: 1, max: 5 });
  expect(open.latency.turnS.count).toBe(0);
  expect(open.throughput.total.inputTokensPerS).toBeNull();
});

/** Every number of a summary. */
function numbers(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbers) : [];
}

test('an empty run has nulls and zeros, never NaN', () => {
  const unused = makeRecords({ sessions: [], requests: [], replicas: [{}, {}] });
  for (const records of [emptyRecords(), unused]) {
    const empty = summarize(records, { exactRequests: 10 });
    expect(numbers(empty).filter((value) => !Number.isFinite(value))).toEqual([]);
    expect(empty.cache.hitRate).toBeNull();
    expect(empty.cache.readsPerWrite).toBeNull();
    expect(empty.latency.sessionMin.p95).toBeNull();
    expect(empty.sessionTime).toMatchObject({ sessions: 0, shares: null, worst: null });
    expect(JSON.parse(JSON.stringify(empty))).toEqual(empty);
  }
});
