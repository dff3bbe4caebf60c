// SPDX-License-Identifier: Apache-2.0
/** Several worker processes, each of which tries one mutant at a time. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('worker.mjs', import.meta.url));

/** `run(job)` answers when a worker has done it, jobs in the order of the calls. */
export function startJobs(count, options) {
  const waiting = [];
  const workers = [];

  function next(worker) {
    worker.job = waiting.shift() ?? null;
    if (worker.job === null) return;
    if (!worker.child) start(worker);
    worker.child.send({ ...worker.job.job, options });
  }

  function start(worker) {
    worker.child = fork(script);
    worker.child.on('message', ({ result, error }) => {
      const { resolve, reject } = worker.job;
      if (error === undefined) resolve(result);
      else reject(new Error(error));
      next(worker);
    });
    worker.child.on('exit', (code) => {
      worker.child = null;
      worker.job?.reject(new Error(`a worker ended with code ${code}`));
    });
  }

  for (let i = 0; i < count; i++) workers.push({ child: null, job: null });
  return {
    run(job) {
      return new Promise((resolve, reject) => {
        waiting.push({ job, resolve, reject });
        const idle = workers.find((worker) => worker.job === null);
        if (idle) next(idle);
      });
    },
    stop() {
      waiting.length = 0;
      for (const { child } of workers) child?.disconnect();
    },
  };
}
