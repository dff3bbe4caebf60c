// SPDX-License-Identifier: Apache-2.0
// Entry file of a browser worker that simulates: new Worker(new URL('./run-worker.js', ...)).
import { exposeTask } from './expose.js';
import { runTask } from './run-task.js';

exposeTask(runTask);
