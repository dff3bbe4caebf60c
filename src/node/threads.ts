// SPDX-License-Identifier: Apache-2.0
import { parentPort } from 'node:worker_threads';
import type { MessagePort, Worker } from 'node:worker_threads';
import type { Endpoint } from 'comlink';
// @ts-expect-error comlink ships this module without types of its own
import adapt from 'comlink/dist/esm/node-adapter.mjs';
import type { WorkerHandle } from '../worker/client.js';

const toEndpoint = adapt as (port: Worker | MessagePort) => Endpoint;

/** A worker thread as a handle for `WorkerClient`. */
export function nodeWorker(worker: Worker): WorkerHandle {
  return {
    endpoint: toEndpoint(worker),
    terminate: () => void worker.terminate(),
    onFailure(listener) {
      worker.on('error', listener);
      worker.on('messageerror', listener);
      worker.on('exit', (code) => listener(new Error(`worker: exited with code ${code}`)));
    },
  };
}

/** The endpoint for `exposeTask` inside a worker thread. */
export function parentEndpoint(): Endpoint {
  if (parentPort === null) throw new Error('parentEndpoint: not in a worker thread');
  return toEndpoint(parentPort);
}
