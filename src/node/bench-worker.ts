// SPDX-License-Identifier: Apache-2.0
// Entry file of a worker thread that measures one benchmark on one build of the kernels.
import { parentPort, workerData } from 'node:worker_threads';
import { findCase } from '../bench/kv.js';
import { localLane } from '../bench/lane.js';
import type { LaneData } from './bench-lane.js';

const { id, build, stream } = workerData as LaneData;
const item = findCase(id);
if (item === null || parentPort === null) throw new Error(`bench: no case ${id}`);
const port = parentPort;
const lane = localLane(item, build, stream);
port.on('message', (ms: number) => {
  void lane.measure(ms).then((samples) => port.postMessage(samples));
});
port.postMessage({ checksum: lane.checksum, totals: lane.totals });
