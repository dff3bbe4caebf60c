// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseRunSpec } from '../../src/config/index.js';
import { loadCore } from '../../src/core/index.js';
import { generateWorkload, simulate } from '../../src/run/index.js';
import { meanSteps } from '../../src/run/mean-steps.js';
import type { Workload } from '../../src/workload/index.js';

const spec = parseRunSpec({
  workload: { kind: 'fixed', requests: 64, inputTokens: 1024, outputTokens: 128, concurrency: 8 },
  pools: [{ model: 'qwen3-8b', tensorParallel: 1 }],
});
const result = simulate(spec, generateWorkload(loadCore(), spec) as Workload);

describe('mean steps of a run', () => {
  it('are as many as it had, with the batch and the context that it had', () => {
    const [decode, prefill] = meanSteps(result.records, 0);
    const { steps, prefillSteps, prefillTokens } = result.records.replicas;
    expect(decode.steps + prefill.steps).toBe(steps[0]);
    expect(prefill.steps).toBe(prefillSteps[0]);
    expect(decode.load.decodeSequences).toBeGreaterThan(6);
    expect(decode.load.decodeSequences).toBeLessThanOrEqual(8);
    const context = decode.load.decodeContext / decode.load.decodeSequences;
    expect(context).toBeCloseTo(1024 + 64, -1);
    expect(prefill.load.prefillTokens).toBe(Math.round(prefillTokens[0] / prefillSteps[0]));
  });

  it('are none where a pool did nothing', () => {
    expect(meanSteps(result.records, 1)).toEqual([]);
  });

  it('rank the inputs of the run, largest influence first', () => {
    const [{ assumptions }] = result.pools;
    const timed = assumptions.filter(({ influenceOn }) => influenceOn === 'time');
    expect(timed.length).toBeGreaterThan(8);
    const sizes = timed.map(({ influence }) => Math.abs(influence!));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(assumptions.slice(0, timed.length)).toEqual(timed);
  });
});
