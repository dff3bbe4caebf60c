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
    name: 'catalog',
    summary: 'list the hardware and the models that a config may name',
    load: () => import('./verb/catalog.js'),
  },
];
