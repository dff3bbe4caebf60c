// SPDX-License-Identifier: Apache-2.0
/** Who runs the programs of a campaign: this thread, or threads of their own. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { loadCore } from '../core/load.js';
import { createTarget, runSpan } from '../fuzz/index.js';
import type { FuzzKind, FuzzTarget, Job, SpanResult, SpanSettings } from '../fuzz/index.js';

const file = fileURLToPath(new URL('../../dist/node/fuzz-worker.js', import.meta.url));

/** What a runner is started with. */
export interface RunnerData {
  readonly settings: SpanSettings;
  readonly build: 'simd' | 'scalar';
}

export interface JobDone {
  readonly result: SpanResult;
  readonly seconds: number;
}

export interface Runner {
  run(job: Job): Promise<JobDone>;
  close(): Promise<void>;
}

export type MakeTarget = (kind: FuzzKind) => FuzzTarget;

/** One instance of the kernels for all kinds: V8 compiles calls well that see a single one. */
export function makeTargets(build: RunnerData['build']): MakeTarget {
  const core = loadCore({ simd: build === 'simd' ? 'on' : 'off' });
  const empty = core.snapshot();
  return (kind) => {
    core.restore(empty);
    return createTarget(kind, core);
  };
}

export function localRunner(
  { settings, build }: RunnerData,
  make: MakeTarget = makeTargets(build),
): Runner {
  const targets = new Map<FuzzKind, FuzzTarget>();
  const targetOf = (kind: FuzzKind): FuzzTarget => {
    const target = targets.get(kind) ?? make(kind);
    targets.set(kind, target);
    return target;
  };
  return {
    run({ kind, from, to }) {
      const began = performance.now();
      const result = runSpan(targetOf(kind), settings, from, to);
      return Promise.resolve({ result, seconds: (performance.now() - began) / 1000 });
    },
    close: () => Promise.resolve(),
  };
}

/** A thread; without built outputs, this one. */
export function openRunner(data: RunnerData): Runner {
  if (!existsSync(file)) return localRunner(data);
  const worker = new Worker(file, { workerData: data });
  let running = '';
  const died = once(worker, 'exit').then(() => {
    throw new Error(`fuzz: the thread that ran ${running} died`);
  });
  // Closing ends the thread as well; then nobody waits for it.
  died.catch(() => undefined);
  return {
    async run(job) {
      running = `${job.kind} programs ${job.from} to ${job.to - 1}`;
      const answer = once(worker, 'message') as Promise<[JobDone]>;
      worker.postMessage(job);
      return (await Promise.race([answer, died]))[0];
    },
    async close() {
      await worker.terminate();
    },
  };
}
