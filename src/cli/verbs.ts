// SPDX-License-Identifier: Apache-2.0
/** The verbs, each loaded only when it is called. */
import type { Command } from 'commander';

export interface Verb {
  readonly name: string;
  readonly summary: string;
  /** The module builds the command with its options; its action loads the heavy layers. */
  readonly load: () => Promise<{ readonly command: () => Command }>;
}

export const verbs: readonly Verb[] = [
  {
    name: 'run',
    summary: 'simulate a workload on a cluster and say where its time went',
    load: () => import('./verb/run.js'),
  },
  {
    name: 'cache',
    summary: 'replay a trace through a prefix cache: infinite, LRU, TTL, Belady',
    load: () => import('./verb/cache.js'),
  },
  {
    name: 'conform',
    summary: 'replay recorded behaviour of real engines through the kernels',
    load: () => import('./verb/conform.js'),
  },
  {
    name: 'bench',
    summary: 'measure the kernels against native code, and whole simulations',
    load: () => import('./verb/bench.js'),
  },
  {
    name: 'fuzz',
    summary: 'run random programs on the kernels and their reference twins',
    load: () => import('./verb/fuzz.js'),
  },
  {
    name: 'encoders',
    summary: 'check the number encoders on every bf16 and f32 pattern',
    load: () => import('./verb/encoders.js'),
  },
  {
    name: 'catalog',
    summary: 'list the hardware, models and prices of the catalogue, with sources',
    load: () => import('./verb/catalog.js'),
  },
  {
    name: 'calibrate',
    summary: 'fit the cost model to measured rows, with held-out errors',
    load: () => import('./verb/calibrate.js'),
  },
  {
    name: 'validate',
    summary: 'predict measured operations, serving rows and steps and print the errors',
    load: () => import('./verb/validate.js'),
  },
];
