// SPDX-License-Identifier: Apache-2.0
/**
 * What a turn costs the host at 64K and at 1M tokens of context. An agent that brings a context
 * along, then adds some 700 tokens a turn: matching, hashing, allocating and recording should cost
 * what is new, so the time of a turn should not grow with the context. Measured twice: the kernels
 * alone, and a turn of the simulator.
 */
import { parseRunSpec } from '../config/parse.js';
import { Simulation } from '../cluster/index.js';
import { BlockPool, loadCore, RADIX_HEADER, RadixTree } from '../core/index.js';
import { expectStatus } from './case.js';
import { resolveRun } from '../run/index.js';
import { agenticSessions, type Workload } from '../workload/index.js';
import { summarize, type Timing } from './statistics.js';

/** Context tokens that the agent starts with. */
export const CONTEXTS: readonly number[] = [
  65_536, 131_072, 262_144, 524_288, 1_048_576,
];
const NEW_TOKENS = 640;
const OUTPUT_TOKENS = 50;
const BLOCK_SIZE = 16;
const TURNS = 400;

export interface ContextResult {
  readonly contextTokens: number;
  /** Host microseconds of a turn. */
  readonly turnUs: Timing;
  /** Nanoseconds of its kernel calls alone: allocate, match and extend from a handle, lock. */
  readonly kernelNs?: Timing;
  /** Both against the smallest context: median over rounds that measured the two. */
  readonly turnGrowth?: number;
  readonly kernelGrowth?: number;
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

/** Blocks that a turn adds. */
const NEW_BLOCKS = Math.ceil((NEW_TOKENS + OUTPUT_TOKENS) / BLOCK_SIZE);

/** Kernel time of a turn, ns: blocks for what is new, and the tree extended from a handle. */
function kernelNs(contextTokens: number, now: () => number): number {
  const core = loadCore();
  const held = contextTokens / BLOCK_SIZE;
  const blocks = held + (TURNS + 1) * NEW_BLOCKS;
  const pool = new BlockPool(core, { blocks: blocks + 1 }).handle;
  const tree = new RadixTree(core, { page: 1, nodes: 64 }).handle;
  const keys = core.take(blocks * 4);
  const ids = core.take(blocks * 4);
  core.reserve(blocks * 64 + (1 << 20));
  for (let i = 0; i < blocks; i++) core.u32[(keys >> 2) + i] = i + 1;
  const { pool_alloc, radix_insert, radix_match_from } = core.exports;
  const { radix_extend, radix_lock, radix_unlock } = core.exports;
  const { u32 } = core;
  const end = (tree + RADIX_HEADER.endNode) >> 2;
  const endGen = (tree + RADIX_HEADER.endGen) >> 2;
  expectStatus('pool_alloc', pool_alloc(pool, held, ids));
  expectStatus('radix_insert', radix_insert(tree, keys, ids, held, 0, 0, 0));
  let node = u32[end];
  let gen = u32[endGen];
  expectStatus('radix_lock', radix_lock(tree, node, gen));
  let from = 0;
  for (let turn = 0, depth = held; turn <= TURNS; turn++, depth += NEW_BLOCKS) {
    // The first turn moves the context to where it can grow.
    if (turn === 1) from = now();
    const at = depth * 4;
    expectStatus('pool_alloc', pool_alloc(pool, NEW_BLOCKS, ids + at));
    radix_match_from(tree, node, gen, depth, keys + at, NEW_BLOCKS, 1);
    const status = radix_extend(tree, node, gen, depth, keys + at, ids + at, NEW_BLOCKS);
    expectStatus('radix_extend', status);
    const last = u32[end];
    const lastGen = u32[endGen];
    radix_lock(tree, last, lastGen);
    expectStatus('radix_unlock', radix_unlock(tree, node, gen));
    node = last;
    gen = lastGen;
  }
  return ((now() - from) * 1e6) / TURNS;
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
    kernel: [] as number[],
  }));
  for (let warm = 0; warm < 3; warm++) {
    for (const { run, contextTokens } of cases) {
      turnUs(run, now);
      kernelNs(contextTokens, now);
    }
  }
  for (let round = 0; round < rounds; round++) {
    // Each begins in its turn: the first one pays for what the last one left behind.
    const order = cases.map((_, i) => cases[(i + round) % cases.length]);
    for (const { run, samples } of order) samples.push(turnUs(run, now));
    for (const { contextTokens, kernel } of order) kernel.push(kernelNs(contextTokens, now));
  }
  const [first] = cases;
  const growth = (a: readonly number[], b: readonly number[]): number =>
    summarize([a.map((value, round) => value / b[round])]).p50;
  return cases.map(({ contextTokens, samples, kernel }) => ({
    contextTokens,
    turnUs: summarize([samples]),
    kernelNs: summarize([kernel]),
    turnGrowth: growth(samples, first.samples),
    kernelGrowth: growth(kernel, first.kernel),
  }));
}
