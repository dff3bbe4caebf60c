// SPDX-License-Identifier: Apache-2.0
// Entry file of a node worker thread that simulates.
import { exposeTask } from '../worker/index.js';
import { runTask } from '../worker/run-task.js';
import { parentEndpoint } from './threads.js';

exposeTask(runTask, parentEndpoint());
