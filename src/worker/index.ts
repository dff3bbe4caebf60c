// SPDX-License-Identifier: Apache-2.0
export { createCancelFlag, isRaised, raise } from './api.js';
export type {
  CancelFlag,
  Progress,
  ProgressListener,
  Task,
  TaskContext,
  WorkerApi,
} from './api.js';
export { browserWorker, WorkerClient } from './client.js';
export type { RunOptions, WorkerHandle } from './client.js';
export { exposeTask } from './expose.js';
export { buffersOf, transferResult } from './transfer.js';
