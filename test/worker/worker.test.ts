// SPDX-License-Identifier: Apache-2.0
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeWorker } from '../../src/node/threads.js';
import { createCancelFlag, isRaised, raise } from '../../src/worker/api.js';
import type { Progress } from '../../src/worker/api.js';
import { WorkerClient } from '../../src/worker/client.js';
import { buffersOf, transferResult } from '../../src/worker/transfer.js';

interface Spec {
  n: number;
  mode?: 'spin' | 'fail' | 'exit';
}

interface Result {
  columns: { column: Float64Array; again: Float64Array };
  text: string;
  spun: boolean;
}

let client: WorkerClient<Spec, Result> | undefined;

function connect(): WorkerClient<Spec, Result> {
  const url = new URL('./fixtures/count-worker.mjs', import.meta.url);
  return (client = new WorkerClient(nodeWorker(new Worker(url))));
}

afterEach(() => client?.terminate());

describe('worker client', () => {
  it('runs a task and gets its columns', async () => {
    const result = await connect().run({ n: 1000 });
    expect(result.text).toBe('done');
    expect(result.columns.column.at(-1)).toBe(499500);
    expect(result.columns.again).toBe(result.columns.column);
  });

  it('hears of progress, 101 times at most and up to the end', async () => {
    const heard: Progress[] = [];
    await connect().run({ n: 50000 }, { onProgress: (p) => heard.push(p) });
    expect(heard.length).toBeGreaterThan(10);
    expect(heard.length).toBeLessThanOrEqual(101);
    expect(heard.at(-1)).toEqual({ done: 50000, total: 50000 });
  });

  it('runs several tasks one after the other', async () => {
    const worker = connect();
    const sums = await Promise.all([10, 20, 30].map((n) => worker.run({ n })));
    expect(sums.map(({ columns }) => columns.column.at(-1))).toEqual([45, 190, 435]);
  });

  it('passes on the error of a task and lives on', async () => {
    const worker = connect();
    await expect(worker.run({ n: 1, mode: 'fail' })).rejects.toThrow('n: too much');
    expect((await worker.run({ n: 2 })).text).toBe('done');
  });

  it('cancels a busy task through shared memory and lives on', async () => {
    const worker = connect();
    const controller = new AbortController();
    const run = worker.run(
      { n: 10, mode: 'spin' },
      { signal: controller.signal, onProgress: () => controller.abort() },
    );
    await expect(run).rejects.toThrow(/abort/i);
    expect(worker.closed).toBe(false);
    expect((await worker.run({ n: 3 })).columns.column.at(-1)).toBe(3);
  });

  it('rejects with the error of a progress listener and lives on', async () => {
    const worker = connect();
    const onProgress = (): void => {
      throw new Error('listener broke');
    };
    await expect(worker.run({ n: 10 }, { onProgress })).rejects.toThrow('listener broke');
    expect((await worker.run({ n: 3 })).text).toBe('done');
  });

  it('refuses a run whose signal is aborted already', async () => {
    const run = connect().run({ n: 1 }, { signal: AbortSignal.abort() });
    await expect(run).rejects.toThrow(/abort/i);
  });

  it('rejects what is pending when it is terminated, and all later runs', async () => {
    const worker = connect();
    const run = worker.run({ n: 1, mode: 'spin' });
    worker.terminate();
    await expect(run).rejects.toThrow('worker: terminated');
    await expect(worker.run({ n: 1 })).rejects.toThrow('worker: terminated');
  });

  it('rejects when the worker dies', async () => {
    const worker = connect();
    await expect(worker.run({ n: 1, mode: 'exit' })).rejects.toThrow('exited with code 3');
    expect(worker.closed).toBe(true);
  });
});

describe('buffers of a result', () => {
  it('are found wherever they are, each once', () => {
    const a = new Float64Array(4);
    const b = new Uint8Array(8);
    const result: Record<string, unknown> = {
      a,
      half: a.subarray(2),
      list: [b, { raw: b.buffer }],
      map: new Map([['key', new Uint32Array(2)]]),
      text: 'x',
      nothing: null,
      call: undefined,
      shared: new Int32Array(new SharedArrayBuffer(4)),
    };
    result['self'] = result;
    const buffers = buffersOf(result);
    expect(buffers.length).toBe(3);
    expect(new Set(buffers).has(a.buffer)).toBe(true);
    expect(new Set(buffers).has(b.buffer)).toBe(true);
    expect(transferResult(result)).toBe(result);
  });
});

describe('cancel flag', () => {
  it('is raised once and for all', () => {
    const flag = createCancelFlag();
    expect(isRaised(flag)).toBe(false);
    raise(flag);
    expect(isRaised(flag)).toBe(true);
    raise(null);
    expect(isRaised(null)).toBe(false);
  });
});
