// SPDX-License-Identifier: Apache-2.0
/**
 * One build of the kernels on one benchmark, in a thread of its own. V8 compiles a call of a wasm
 * export well only where it has seen a single instance: two builds in one thread slow both down.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { BenchCase } from '../bench/case.js';
import { localLane } from '../bench/lane.js';
import type { BuildName, Lane } from '../bench/lane.js';
import { numericLane } from '../bench/numeric/index.js';
import type { NumericBuild, NumericCase } from '../bench/numeric/index.js';
import type { RequestStream } from '../bench/stream.js';

const file = fileURLToPath(new URL('../../dist/node/bench-worker.js', import.meta.url));

/** What a worker is started with. */
export type LaneData =
  | { readonly id: string; readonly build: BuildName; readonly stream: RequestStream }
  | { readonly id: string; readonly numeric: NumericBuild };

/** A thread for one case and build; without built outputs, this thread. */
export async function openLane(
  item: BenchCase,
  build: BuildName,
  stream: RequestStream,
): Promise<Lane> {
  if (!existsSync(file)) return localLane(item, build, stream);
  return openWorker({ id: item.id, build, stream });
}

/** The same for a numeric case. */
export async function openNumericLane(item: NumericCase, build: NumericBuild): Promise<Lane> {
  if (!existsSync(file)) return numericLane(item, build);
  return openWorker({ id: item.id, numeric: build });
}

async function openWorker(data: LaneData): Promise<Lane> {
  const worker = new Worker(file, { workerData: data });
  const answer = async <T>(): Promise<T> => ((await once(worker, 'message')) as [T])[0];
  return {
    ...(await answer<Pick<Lane, 'checksum' | 'totals'>>()),
    measure(ms) {
      worker.postMessage(ms);
      return answer<number[]>();
    },
    async close() {
      await worker.terminate();
    },
  };
}
