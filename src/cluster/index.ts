// SPDX-License-Identifier: Apache-2.0
export { collectRecords } from './collect.js';
export { schedulingOf, type Scheduling } from './engine-scheduling.js';
export { KeySpace } from './key-space.js';
export type {
  PoolPlan, RouterKind, SchedulerKind, SimulationPlan, TimingPlan,
} from './options.js';
export { Priority, Simulation } from './simulation.js';
