// SPDX-License-Identifier: Apache-2.0
export { collectRecords } from './collect.js';
export { KeySpace } from './key-space.js';
export type { PoolPlan, RouterKind, SimulationPlan, TimingPlan } from './options.js';
export { Priority, Simulation } from './simulation.js';
