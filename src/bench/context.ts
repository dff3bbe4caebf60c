// SPDX-License-Identifier: Apache-2.0
/**
 * What a turn costs the host at 32K and at 1M tokens of context. An agent that brings a context
 * along, then adds some 700 tokens a turn: matching, hashing, allocating and recording should cost
 * what is new, so the time of a turn should not grow with the context.
 */
import { parseRunSpec } from '../config/parse.js';
import { Simulation } from '../cluster/index.js';
import { loadCore } from '../core/index.js';
import { resolveRun } from '../run/index.js';
import { agenticSessions, type Workload } from '../workload/index.js';
import { summarize, type Timing } from './statistics.js';

/** Context tokens that the agent starts with. */
export const CONTEXTS: readonly number[] = [
  32_768, 65_536, 131_072, 262_144, 524_288, 1_048_576,
];
const NEW_TOKENS = 640;
const OUTPUT_TOKENS = 50;
const BLOCK_SIZE = 16;
const TURNS = 400;

export interface ContextResult {
  readonly contextTokens: number;
  /** Host microseconds of a turn. */
  readonly turnUs: Timing;
}

function workload(contextTokens: number, rounds: number): Workload {
  const exact = (mean: number): { mean: number; sd: number } => ({ mean, sd: 0 });
  return agenticSessions(
    {
      sessions: 1,
      rounds,
      newTokens: exact(NEW_TOKENS),
      outputTokens: exact(OUTPUT_TOKENS),
      thinkSeconds: 1,
      sharedPrefixTokens: contextTokens,
      blockSize: BLOCK_SIZE,
    },
    () => 0,
  );
}

/** One replica whose KV cache holds the largest context. */
const spec = parseRunSpec({
  pools: [
    {
      model: 'llama-3.1-8b',
      device: 'h100_sxm',
      tensorParallel: 1,
      weightDtype: 'bf16',
      kvDtype: 'bf16',
      blockSize: BLOCK_SIZE,
      numGpuBlocks: 100_000,
    },
  ],
  workload: { kind: 'fixed', requests: 1, inputTokens: 1, outputTokens: 1, concurrency: 1 },
});

/** Host time of a turn, us: the first one, which pays for the context, is left out. */
function turnUs(workload: Workload, now: () => number): number {
  const simulation = new Simulation(loadCore(), resolveRun(spec, workload).plan);
  while (simulation.done === 0) simulation.advance(1);
  const from = now();
  while (simulation.advance()) continue;
  return ((now() - from) * 1000) / TURNS;
}

/**
 * Time of a turn at each context. Contexts take turns, so that they share what else the machine
 * does. `now` is in ms.
 */
export function benchContext(now: () => number, rounds: number): ContextResult[] {
  const cases = CONTEXTS.map((contextTokens) => ({
    contextTokens,
    run: workload(contextTokens, TURNS + 1),
    samples: [] as number[],
  }));
  for (let warm = 0; warm < 3; warm++) for (const { run } of cases) turnUs(run, now);
  for (let round = 0; round < rounds; round++) {
    for (const { run, samples } of cases) samples.push(turnUs(run, now));
  }
  return cases.map(({ contextTokens, samples }) => ({
    contextTokens,
    turnUs: summarize([samples]),
  }));
}
