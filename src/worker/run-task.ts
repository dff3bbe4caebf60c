// SPDX-License-Identifier: Apache-2.0
import type { RunSpec } from '../config/index.js';
import { simulate, type RunResult } from '../run/index.js';
import type { Workload } from '../workload/index.js';
import type { TaskContext } from './api.js';

/** A simulation as a worker's task: plain data in. */
export interface RunTask {
  readonly spec: RunSpec;
  readonly workload: Workload;
}

/** Simulates in this worker; same digest as on the main thread. */
export function runTask({ spec, workload }: RunTask, context: TaskContext): RunResult {
  return simulate(spec, workload, {
    onProgress(done, total) {
      if (context.cancelled()) throw new DOMException('the run was cancelled', 'AbortError');
      context.progress(done, total);
    },
  });
}
