// SPDX-License-Identifier: Apache-2.0
import { cpus, totalmem } from 'node:os';
import type { Machine } from '../bench/report.js';

/** Where and when: nothing measured means anything without it. */
export function describeMachine(): Machine {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${process.platform} ${process.arch}`,
    node: process.version,
    v8: process.versions.v8,
    date: new Date().toISOString(),
  };
}
