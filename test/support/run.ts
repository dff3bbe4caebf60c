// SPDX-License-Identifier: Apache-2.0
/** Small configs and workloads for tests of the simulator. */
import { parseRunSpec, type RunSpec } from '../../src/config/index.js';
import { loadCore, type Core } from '../../src/core/index.js';
import { generateWorkload } from '../../src/run/index.js';
import type { Workload } from '../../src/workload/index.js';

type Pool = Record<string, unknown>;

/** A run of llama-3.1-8b on one H100 unless said otherwise. */
export function spec(workload: Record<string, unknown>, pool: Pool = {}, seed = 7): RunSpec {
  const defaults = {
    model: 'llama-3.1-8b',
    device: 'h100_sxm',
    tensorParallel: 1,
    weightDtype: 'bf16',
    kvDtype: 'bf16',
    blockSize: 16,
  };
  return parseRunSpec({ seed, pools: [{ ...defaults, ...pool }], defaultPool: 'main', workload });
}

/** Sessions whose context grows by about 600 tokens a round. */
export const agentic = (
  sessions: number,
  rounds: number,
  sharedPrefixTokens = 512,
): Record<string, unknown> => ({
  kind: 'agentic',
  sessions,
  rounds,
  newInputTokens: { mean: 600, stddev: 400 },
  outputTokens: { mean: 60, stddev: 60 },
  thinkSeconds: 0.5,
  sessionsPerSecond: 4,
  sharedPrefixTokens,
});

export function generated(run: RunSpec, core: Core = loadCore()): Workload {
  const workload = generateWorkload(core, run);
  if (workload === null) throw new Error('this spec reads a trace');
  return workload;
}
