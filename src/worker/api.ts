// SPDX-License-Identifier: Apache-2.0
/**
 * What both sides of the worker boundary agree on.
 *
 * One message a run each way: a comlink round trip costs 50 to 100 us, so it is never in the path
 * of an event. Progress goes the other way as messages that nobody waits for. A busy worker reads
 * no messages, so a request to cancel arrives through shared memory where the host has it.
 */

/** How far a run is. Units are the run's own; `done` <= `total`. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

export type ProgressListener = (progress: Progress) => void;

/** What a task gets besides its spec. */
export interface TaskContext {
  /** Tells the caller; cheap enough to call at each event, passed on 100 times a run at most. */
  progress(done: number, total: number): void;
  /** True when the caller gave up: stop soon, the result is not read. */
  cancelled(): boolean;
}

/** A unit of work that a worker offers: plain data in, plain data and typed arrays out. */
export type Task<Spec, Result> = (spec: Spec, context: TaskContext) => Result | Promise<Result>;

/** The object that comlink exposes. */
export interface WorkerApi<Spec, Result> {
  run(spec: Spec, onProgress: ProgressListener | null, flag: CancelFlag): Promise<Result>;
}

/** One word of shared memory, 1 when cancelled; null where the host has no SharedArrayBuffer. */
export type CancelFlag = Int32Array | null;

/** A fresh flag. Browsers have shared memory on cross-origin isolated pages alone. */
export function createCancelFlag(): CancelFlag {
  if (typeof SharedArrayBuffer === 'undefined') return null;
  return new Int32Array(new SharedArrayBuffer(4));
}

export function raise(flag: CancelFlag): void {
  if (flag !== null) Atomics.store(flag, 0, 1);
}

export function isRaised(flag: CancelFlag): boolean {
  return flag !== null && Atomics.load(flag, 0) === 1;
}
