// SPDX-License-Identifier: Apache-2.0
import type { Operation } from '../op/operation.js';
import type { RankLoad } from '../op/routing.js';

/** What fitted constants scale together. */
export type StepPart = 'gemm' | 'attention' | 'experts' | 'comm';

/** An operation of a step and how often a rank runs it. */
export interface StepOperation {
  readonly part: StepPart;
  readonly operation: Operation;
  readonly count: number;
  /** Share of the fixed time that shows: below 1 where the operation overlaps another. */
  readonly fixedShare: number;
  /** Experts: tokens that fall on the rank. */
  readonly load?: RankLoad | undefined;
  /** Another kernel for the same job, as collectives and fp4 experts have; the faster one runs. */
  readonly other?: Operation | undefined;
}

/** Elementwise work, priced by traffic or arithmetic alone. */
export interface StepTraffic {
  readonly part: StepPart | 'glue';
  /** HBM bytes over all layers. */
  readonly bytes: number;
  /** bf16 FLOP over all layers. */
  readonly flops: number;
  /** Share of either peak that is reached. */
  readonly share: number;
}

/** All that one rank does in a step. Pure data: no device and no time in it. */
export interface StepList {
  readonly operations: readonly StepOperation[];
  readonly traffic: readonly StepTraffic[];
}
