// SPDX-License-Identifier: Apache-2.0
import * as Comlink from 'comlink';
import { isRaised } from './api.js';
import type { ProgressListener, Task, TaskContext, WorkerApi } from './api.js';
import { transferResult } from './transfer.js';

const PROGRESS_STEPS = 100;

/**
 * Offers `task` to the other side. Call it once in the worker's entry file.
 *
 * @param endpoint defaults to the scope of a browser worker; in Node pass `parentEndpoint()`.
 */
export function exposeTask<Spec, Result>(
  task: Task<Spec, Result>,
  endpoint?: Comlink.Endpoint,
): void {
  const api: WorkerApi<Spec, Result> = {
    async run(spec, onProgress, flag) {
      const reporter = new Reporter(onProgress);
      const context: TaskContext = {
        progress: (done, total) => reporter.report(done, total),
        cancelled: () => isRaised(flag),
      };
      try {
        return transferResult(await task(spec, context));
      } finally {
        await reporter.close();
      }
    },
  };
  Comlink.expose(api, endpoint);
}

/** Passes on a report only when the share done has grown by a hundredth, or the total changed. */
class Reporter {
  #lastStep = -1;
  #lastTotal = NaN;
  #delivered: Promise<void> = Promise.resolve();

  constructor(private readonly listener: ProgressListener | null) {}

  report(done: number, total: number): void {
    if (this.listener === null) return;
    const step = total > 0 ? Math.floor((done / total) * PROGRESS_STEPS) : 0;
    if (step === this.#lastStep && total === this.#lastTotal) return;
    this.#lastStep = step;
    this.#lastTotal = total;
    // Through comlink this is a message and a promise of its answer. The client keeps errors of
    // the listener to itself.
    this.#delivered = Promise.resolve(this.listener({ done, total }));
  }

  /** Waits until the last report was heard, so that the result does not overtake it. */
  async close(): Promise<void> {
    await this.#delivered;
    // An open port would keep Node alive.
    const proxy = this.listener as unknown as Partial<Comlink.ProxyMethods> | null;
    proxy?.[Comlink.releaseProxy]?.();
  }
}
