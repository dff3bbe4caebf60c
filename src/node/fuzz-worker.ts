// SPDX-License-Identifier: Apache-2.0
// Entry file of a worker thread that runs fuzz programs.
import { parentPort, workerData } from 'node:worker_threads';
import type { Job } from '../fuzz/index.js';
import { localRunner } from './fuzz-runner.js';
import type { RunnerData } from './fuzz-runner.js';

if (parentPort === null) throw new Error('fuzz: not in a worker thread');
const port = parentPort;
const runner = localRunner(workerData as RunnerData);
port.on('message', (job: Job) => {
  void runner.run(job).then((done) => port.postMessage(done));
});
