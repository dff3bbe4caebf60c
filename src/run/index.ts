// SPDX-License-Identifier: Apache-2.0
export { runDigest, type Sha256 } from './digest.js';
export { generateWorkload, Purpose } from './generate.js';
export { checkInvariants, InvariantBroken } from './invariants.js';
export { lookup, type Lookup } from './lookup.js';
export { resolveRun } from './plan.js';
export type { PoolFacts, ResolvedRun } from './plan.js';
export { simulate, simulateAsync } from './run.js';
export type { PoolResult, RunOptions, RunResult, WorkloadFacts } from './run.js';
export type { PoolContexts } from './contexts.js';
