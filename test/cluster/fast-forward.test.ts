// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/run/index.js';
import { agentic, generated, spec } from '../support/run.js';

/** Clusters from roomy to thrashing, with all knobs that scheduling looks at. */
const clusters = fc.record({
  replicas: fc.integer({ min: 1, max: 3 }),
  router: fc.constantFrom('round-robin', 'prefix-aware'),
  blockSize: fc.constantFrom(1, 7, 16, 64),
  kvTokens: fc.integer({ min: 14000, max: 50000 }),
  maxSequences: fc.integer({ min: 1, max: 9 }),
  maxBatchedTokens: fc.integer({ min: 9, max: 3000 }),
  prefixCaching: fc.boolean(),
  reserveFullPrompt: fc.boolean(),
  scheduler: fc.constantFrom(undefined, 'prefill-first', 'whole-prompts'),
  reservedOutput: fc.constantFrom(undefined, 0.3, 1),
  sharedPrefix: fc.constantFrom(0, 16, 512, 3000),
  seed: fc.nat(1000),
});

describe('decode fast-forward', () => {
  it('equals single-stepping to the byte on any cluster', () => {
    fc.assert(
      fc.property(clusters, ({ kvTokens, sharedPrefix, seed, ...pool }) => {
        const numGpuBlocks = Math.ceil(kvTokens / pool.blockSize) + 1;
        const run = spec(agentic(7, 5, sharedPrefix), { ...pool, numGpuBlocks }, seed);
        const workload = generated(run);
        const fast = simulate(run, workload);
        const slow = simulate(run, workload, { fastForward: false });
        expect(fast.digest).toBe(slow.digest);
      }),
      { numRuns: 60, seed: 20261120 },
    );
  });
});
