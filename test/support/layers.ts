// SPDX-License-Identifier: Apache-2.0
/** Which folder of `src` may import which: the direction of all dependencies. */

export interface Layer {
  /** Folders it may import anything from. */
  readonly uses: readonly string[];
  /** Folders it may import types from, which leaves nothing behind at run time. */
  readonly types?: readonly string[];
}

const models = ['hardware', 'model'];
const simulating = [
  'core', 'numeric', ...models, 'cost', 'workload', 'engine', 'cluster', 'metrics',
];
const tools = [
  'calibrate', 'load-test', 'search', 'report', 'config', 'run', 'fuzz', 'conform', 'bench',
  'worker',
];
const all = [...simulating, 'price', ...tools];

export const layers: Readonly<Record<string, Layer>> = {
  core: { uses: [] },
  numeric: { uses: ['core'] },
  hardware: { uses: [] },
  model: { uses: [] },
  price: { uses: ['hardware'] },
  cost: { uses: models },
  calibrate: { uses: ['core', 'cost'], types: ['model'] },
  'load-test': { uses: ['core', 'cost', 'calibrate', 'workload', 'cluster'] },
  workload: { uses: ['core'] },
  engine: { uses: ['core'] },
  cluster: { uses: ['core', 'cost', 'engine', 'workload'], types: [...models, 'metrics'] },
  metrics: { uses: ['core'], types: ['engine', 'workload'] },
  search: { uses: ['cluster', 'metrics', 'core', 'config'] },
  report: { uses: ['metrics'], types: ['core', 'config'] },
  config: { uses: ['core'], types: [...models, 'cost', 'workload', 'cluster'] },
  fuzz: { uses: ['core', 'numeric'] },
  run: { uses: [...simulating, 'price', 'config'] },
  conform: { uses: ['core', 'numeric', 'workload', 'cluster'] },
  bench: { uses: [...simulating, 'config', 'run', 'fuzz'] },
  worker: { uses: [...simulating, 'search', 'report', 'config', 'run'] },
  node: { uses: all },
  cli: { uses: [...all, 'node'] },
};

/** These two know Node; everything else runs unchanged in a browser worker. */
export const nodeFolders: readonly string[] = ['node', 'cli'];

/** Wall-clock time is legal where nothing is simulated. */
export const clockFolders: readonly string[] = ['node', 'cli', 'worker', 'bench'];
