// SPDX-License-Identifier: Apache-2.0
import { Bench } from 'tinybench';
import { loadCore } from '../core/index.js';
import type { BenchCase, BenchTask, StreamTotals } from './case.js';
import type { RequestStream } from './stream.js';

export type BuildName = 'simd' | 'scalar';

/** One build on one benchmark. */
export interface Lane {
  /** Of the first run. */
  readonly checksum: number;
  readonly totals: StreamTotals | null;
  /** Samples of one round in ns per unit of work, after a warm-up. */
  measure(ms: number): Promise<number[]>;
  close(): Promise<void>;
}

/** Opens a lane; where it runs is up to the caller. */
export type OpenLane = (
  item: BenchCase,
  build: BuildName,
  stream: RequestStream,
) => Promise<Lane> | Lane;

/** A lane in this thread. */
export function localLane(item: BenchCase, build: BuildName, stream: RequestStream): Lane {
  return taskLane(item.prepare(loadCore({ simd: build === 'simd' ? 'on' : 'off' }), stream));
}

/** A lane of one task. */
export function taskLane(task: BenchTask): Lane {
  task.setup();
  task.run();
  const checksum = task.check();
  const totals = task.totals?.() ?? null;
  let warm = false;
  return {
    checksum,
    totals,
    measure(ms) {
      const samples = measureTask(task, ms, !warm);
      warm = true;
      return Promise.resolve(samples);
    },
    close: () => Promise.resolve(),
  };
}

/** A sample is one whole `run`: a millisecond or more, far above the resolution of the clock. */
function measureTask(task: BenchTask, ms: number, first: boolean): number[] {
  const bench = new Bench({
    time: ms,
    iterations: 5,
    warmup: true,
    warmupTime: first ? ms : 0,
    warmupIterations: first ? 5 : 2,
    retainSamples: true,
    throws: true,
  });
  bench.add('run', () => void task.run(), { beforeEach: () => task.setup() });
  const [{ result }] = bench.runSync();
  if (result.state !== 'completed') throw new Error(`bench: ${result.state}`);
  return Array.from(result.latency.samples ?? [], (t) => (t * 1e6) / task.units);
}
