// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { loadCore } from '../../src/core/index.js';
import { simulate, simulateAsync, type RunResult } from '../../src/run/index.js';
import type { RunTask } from '../../src/worker/run-task.js';
import { agentic, generated, spec } from '../support/run.js';

/** Tight memory: prefixes are evicted and requests preempted. */
const tight = spec(agentic(12, 6), {
  replicas: 2,
  numGpuBlocks: 560,
  reserveFullPrompt: false,
  maxBatchedTokens: 256,
});
const workload = generated(tight);

describe('the digest', () => {
  it('is the same for two runs of one config and seed', () => {
    expect(simulate(tight, workload).digest).toBe(simulate(tight, workload).digest);
  });

  it('is another one for another seed', () => {
    const other = { ...tight, seed: 8 };
    expect(simulate(other, generated(other)).digest).not.toBe(simulate(tight, workload).digest);
  });

  it('is the same with decode steps taken one by one and as runs', () => {
    const runs = simulate(tight, workload);
    const steps = simulate(tight, workload, { fastForward: false });
    expect(Math.max(...runs.records.requests.preemptions)).toBeGreaterThan(0);
    expect(runs.records.replicas.evictedBlocks[0]).toBeGreaterThan(0);
    expect(steps.digest).toBe(runs.digest);
  });

  it('is the same on a core that ran something else and was emptied', () => {
    const core = loadCore();
    const empty = core.snapshot();
    const first = simulate(tight, workload, { core });
    core.restore(empty);
    expect(simulate(tight, workload, { core }).digest).toBe(first.digest);
  });

  it('is the same on the SIMD and the scalar core', () => {
    const scalar = simulate(tight, workload, { core: loadCore({ simd: 'off' }) });
    expect(scalar.digest).toBe(simulate(tight, workload).digest);
  });

  it('is the same whether the run lets other tasks in or not', async () => {
    expect((await simulateAsync(tight, workload)).digest).toBe(simulate(tight, workload).digest);
  });

  it('is the same with the SHA-256 of the host', () => {
    const native = simulate(tight, workload, { sha256: createHash('sha256') });
    expect(native.digest).toBe(simulate(tight, workload).digest);
  });

  it('is the same in a worker', async () => {
    const built = new URL('../../dist/', import.meta.url);
    const { WorkerClient } = await import('../../src/worker/index.js');
    const { nodeWorker } = await import('../../src/node/threads.js');
    const worker = nodeWorker(new Worker(new URL('node/run-worker.js', built)));
    const client = new WorkerClient<RunTask, RunResult>(worker);
    try {
      const result = await client.run({ spec: tight, workload });
      expect(result.digest).toBe(simulate(tight, workload).digest);
      expect(result.records.requests.finishNs).toHaveLength(workload.turns.count);
    } finally {
      client.terminate();
    }
  });

  it('does not tell where the trace lies', () => {
    const at = (path: string): string =>
      simulate({ ...tight, ...{ workload: spec({ kind: 'trace', path }).workload } }, workload)
        .digest;
    expect(at('/some/where/x.json')).toBe(at('x.json'));
  });
});
