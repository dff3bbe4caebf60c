// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { collectRecords, Simulation } from '../../src/cluster/index.js';
import { loadCore } from '../../src/core/index.js';
import { resolveRun, runDigest } from '../../src/run/index.js';
import { agentic, generated, spec } from '../support/run.js';

const run = spec(agentic(10, 5), { replicas: 2, numGpuBlocks: 560, maxBatchedTokens: 256 });
const workload = generated(run);
const { plan } = resolveRun(run, workload);
const fresh = (): Simulation => new Simulation(loadCore(), plan);
const digest = (simulation: Simulation): string => {
  while (simulation.advance()) continue;
  return runDigest(run, workload.name, collectRecords(simulation));
};

describe('a snapshot', () => {
  it('taken in the middle of a run continues to the same result in another instance', () => {
    const expected = digest(fresh());
    for (const events of [1, 40, 333]) {
      const running = fresh();
      running.advance(events);
      const saved = running.snapshot();
      const forked = fresh();
      forked.restore(saved);
      expect(forked.done).toBe(running.done);
      expect(digest(forked)).toBe(expected);
      expect(digest(running)).toBe(expected);
    }
  });

  it('rewinds the instance it was taken from', () => {
    const running = fresh();
    running.advance(200);
    const saved = running.snapshot();
    const first = digest(running);
    running.restore(saved);
    expect(digest(running)).toBe(first);
  });

  it('of another plan is refused', () => {
    const other = spec(agentic(3, 2));
    const simulation = new Simulation(loadCore(), resolveRun(other, generated(other)).plan);
    expect(() => fresh().restore(simulation.snapshot())).toThrow('of this shape');
  });
});
