// SPDX-License-Identifier: Apache-2.0
import * as Comlink from 'comlink';
import { createCancelFlag, raise } from './api.js';
import type { CancelFlag, ProgressListener, WorkerApi } from './api.js';

/** A worker of any host. See `browserWorker` here and `nodeWorker` in src/node/threads.ts. */
export interface WorkerHandle {
  readonly endpoint: Comlink.Endpoint;
  terminate(): void;
  /** Calls `listener` when the worker dies or fails outside a task. */
  onFailure(listener: (error: Error) => void): void;
}

export interface RunOptions {
  onProgress?: ProgressListener;
  /**
   * Rejects the run at once and tells the worker to stop. Without shared memory the worker cannot
   * hear it, so it is terminated: the client is then closed. An error of `onProgress` does so too.
   */
  signal?: AbortSignal;
}

/**
 * Runs tasks in a worker.
 *
 * @example
 * const client = new WorkerClient<RunSpec, RunResult>(browserWorker(new Worker(url)));
 * const result = await client.run(spec, { onProgress, signal });
 * client.terminate();
 */
export class WorkerClient<Spec, Result> {
  readonly #api: Comlink.Remote<WorkerApi<Spec, Result>>;
  readonly #pending = new Set<(error: Error) => void>();
  #closed: Error | undefined;

  constructor(private readonly worker: WorkerHandle) {
    this.#api = Comlink.wrap<WorkerApi<Spec, Result>>(worker.endpoint);
    worker.onFailure((error) => this.#close(error));
  }

  /** True once the worker is gone; runs then reject. */
  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /** Result of the task for `spec`; rejects with its error, the abort reason or the death. */
  async run(spec: Spec, options: RunOptions = {}): Promise<Result> {
    const { onProgress, signal } = options;
    if (this.#closed !== undefined) throw this.#closed;
    signal?.throwIfAborted();
    const flag = createCancelFlag();
    let fail!: (error: Error) => void;
    const failed = new Promise<never>((_, reject) => (fail = reject));
    const giveUp = (error: Error): void => this.#giveUp(flag, error, fail);
    const onAbort = (): void => giveUp(signal?.reason as Error);
    this.#pending.add(fail);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([this.#call(spec, guarded(onProgress, giveUp), flag), failed]);
    } finally {
      this.#pending.delete(fail);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Stops the worker; pending runs reject. */
  terminate(): void {
    this.#close(new Error('worker: terminated'));
  }

  #call(
    spec: Spec,
    onProgress: ProgressListener | null,
    flag: CancelFlag,
  ): Promise<Result> {
    const listener = onProgress === null ? null : Comlink.proxy(onProgress);
    // comlink's mapped types do not resolve for open type parameters.
    const run = this.#api.run as unknown as WorkerApi<Spec, Result>['run'];
    return run(spec, listener, flag);
  }

  #giveUp(flag: CancelFlag, error: Error, fail: (error: Error) => void): void {
    fail(error);
    if (flag === null) this.terminate();
    else raise(flag);
  }

  #close(error: Error): void {
    if (this.#closed !== undefined) return;
    this.#closed = error;
    for (const fail of this.#pending) fail(error);
    this.#pending.clear();
    this.worker.terminate();
  }
}

/** A listener whose own error ends the run instead of getting lost in the worker. */
function guarded(
  listener: ProgressListener | undefined,
  giveUp: (error: Error) => void,
): ProgressListener | null {
  if (listener === undefined) return null;
  return (progress) => {
    try {
      listener(progress);
    } catch (error) {
      giveUp(error as Error);
    }
  };
}

/** A browser worker (also of Deno and Bun) as a handle. */
export function browserWorker(worker: Worker): WorkerHandle {
  return {
    endpoint: worker,
    terminate: () => worker.terminate(),
    onFailure(listener) {
      worker.addEventListener('error', (event) => {
        listener(new Error(`worker: ${event.message || 'failed to start'}`));
      });
      worker.addEventListener('messageerror', () => {
        listener(new Error('worker: a message could not be read'));
      });
    },
  };
}
