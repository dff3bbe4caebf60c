// SPDX-License-Identifier: Apache-2.0
/** Measured closed loops, run again on the simulated cluster. */
export { type ClosedLoop, ClosedLoopRunner, type LoopTimes } from './closed-loop.js';
export { pointLoop, requestLengths, type Uniform } from './point-loop.js';
export { ServingSimulator } from './serving-simulator.js';
