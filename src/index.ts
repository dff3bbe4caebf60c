// SPDX-License-Identifier: Apache-2.0
/**
 * kvloom: what happens to an agent workload on an inference system.
 *
 * @example
 * import { loadCore, loadWorkload, parseConfig, simulate, summarize } from 'kvloom';
 * const spec = parseConfig('{ pools: [{ name: main, replicas: 2 }], defaultPool: main }');
 * const result = simulate(spec, await loadWorkload(loadCore(), spec)); // loadWorkload: kvloom/node
 */
export { parseConfig, parseRunSpec, type RunConfig, type RunSpec } from './config/index.js';
export { loadCore, type Core } from './core/index.js';
export { UserError } from './core/user-error.js';
export { evaluateSlo, summarize, type RunRecords, type RunSummary } from './metrics/index.js';
export { summaryText } from './report/index.js';
export {
  generateWorkload,
  InvariantBroken,
  simulate,
  simulateAsync,
  type RunOptions,
  type RunResult,
} from './run/index.js';
export { readWorkload, type Workload } from './workload/index.js';
