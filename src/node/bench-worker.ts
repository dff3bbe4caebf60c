// SPDX-License-Identifier: Apache-2.0
// Entry file of a worker thread that measures one benchmark on one build of the kernels.
import { parentPort, workerData } from 'node:worker_threads';
import { findCase } from '../bench/kv.js';
import { localLane } from '../bench/lane.js';
import type { Lane } from '../bench/lane.js';
import { numericCases, numericLane } from '../bench/numeric/index.js';
import type { LaneData } from './bench-lane.js';

function open(data: LaneData): Lane | null {
  if ('numeric' in data) {
    const item = numericCases.find(({ id }) => id === data.id);
    return item === undefined ? null : numericLane(item, data.numeric);
  }
  const item = findCase(data.id);
  return item === null ? null : localLane(item, data.build, data.stream);
}

const data = workerData as LaneData;
const lane = open(data);
if (lane === null || parentPort === null) throw new Error(`bench: no case ${data.id}`);
const port = parentPort;
port.on('message', (ms: number) => {
  void lane.measure(ms).then((samples) => port.postMessage(samples));
});
port.postMessage({ checksum: lane.checksum, totals: lane.totals });
