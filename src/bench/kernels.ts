// SPDX-License-Identifier: Apache-2.0
/** Runs the kernel benchmarks: SIMD build, scalar build and native in turns, so that they share
 *  whatever else the machine is doing. */
import { Bench } from 'tinybench';
import { loadCore } from '../core/index.js';
import { summarize } from './statistics.js';
import type { Timing } from './statistics.js';
import type { BenchCase, BenchTask, Family } from './case.js';
import type { RequestStream } from './stream.js';
import { blockPoolCases } from './cases/block-pool.js';
import { eventHeapCases } from './cases/event-heap.js';
import { hashCases } from './cases/hash.js';
import { radixTreeCases } from './cases/radix-tree.js';

export const benchCases: readonly BenchCase[] = [
  ...blockPoolCases,
  ...radixTreeCases,
  ...eventHeapCases,
  ...hashCases,
];

export const families: readonly Family[] = ['pool', 'tree', 'heap', 'hash'];

/** One run of the native side: ns per unit, and the checksum of the same work. */
export interface NativeRun {
  readonly samples: readonly number[];
  readonly checksum: number;
}

/** Null where there is no native build. */
export type NativeRunner = (item: BenchCase, ms: number) => Promise<NativeRun>;

export interface KernelOptions {
  readonly stream: RequestStream;
  readonly native: NativeRunner | null;
  /** Timed milliseconds of a build in a round, and rounds. */
  readonly ms: number;
  readonly rounds: number;
  /** Between rounds: progress, and a chance to stop by throwing. */
  readonly between?: (item: BenchCase, round: number) => Promise<void>;
}

export interface KernelResult {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly checksum: number;
  readonly simd: Timing;
  readonly scalar: Timing;
  readonly native: Timing | null;
  readonly bar: number | null;
}

/** Builds disagree about what the same work leaves behind: a bug in one of them. */
export class ChecksumMismatch extends Error {
  override readonly name = 'InvariantBroken';
}

/** Results in ns per unit, one for each case. */
export async function runKernels(
  cases: readonly BenchCase[],
  options: KernelOptions,
): Promise<KernelResult[]> {
  const results: KernelResult[] = [];
  for (const item of cases) results.push(await runCase(item, options));
  return results;
}

async function runCase(item: BenchCase, options: KernelOptions): Promise<KernelResult> {
  const { stream, native, ms, rounds } = options;
  const simd = item.prepare(loadCore({ simd: 'on' }), stream);
  const scalar = item.prepare(loadCore({ simd: 'off' }), stream);
  const checksum = firstRun(simd);
  expectSame(item, 'scalar', firstRun(scalar), checksum);
  const samples = { simd: [], scalar: [], native: [] } as Record<string, ArrayLike<number>[]>;
  for (let round = 0; round < rounds; round++) {
    samples.simd.push(measure(simd, ms, round === 0));
    if (native) {
      const run = await native(item, ms);
      expectSame(item, 'native', run.checksum, checksum);
      samples.native.push(run.samples);
    }
    samples.scalar.push(measure(scalar, ms, round === 0));
    await options.between?.(item, round);
  }
  return {
    id: item.id,
    title: item.title,
    unit: item.unit,
    checksum,
    simd: summarize(samples.simd),
    scalar: summarize(samples.scalar),
    native: native ? summarize(samples.native) : null,
    bar: item.bar ?? null,
  };
}

function firstRun(task: BenchTask): number {
  task.setup();
  task.run();
  return task.check();
}

function expectSame(item: BenchCase, build: string, got: number, want: number): void {
  if (got === want) return;
  const message = `${item.id}: the ${build} build left checksum ${got}, the SIMD build ${want}`;
  throw new ChecksumMismatch(message);
}

/** Samples of one round in ns per unit. A sample is one whole `run`, a millisecond or more. */
function measure(task: BenchTask, ms: number, first: boolean): number[] {
  const bench = new Bench({
    time: ms,
    iterations: 5,
    warmup: true,
    warmupTime: first ? ms / 2 : 0,
    warmupIterations: first ? 4 : 1,
    retainSamples: true,
    throws: true,
  });
  bench.add('run', task.run, { beforeEach: task.setup });
  const [{ result }] = bench.runSync();
  if (result.state !== 'completed') throw new Error(`bench: ${result.state}`);
  return Array.from(result.latency.samples ?? [], (t) => (t * 1e6) / task.units);
}
