// SPDX-License-Identifier: Apache-2.0
import type { Operation } from './operation.js';
import type { Peaks } from './peaks.js';

/** What one operation takes, us. The parts are what each resource alone would need. */
export interface OperationCost {
  /** Predicted latency, us. */
  us: number;
  /** Arithmetic at the fitted share of peak. */
  computeUs: number;
  /** HBM (or L2) traffic at the fitted share of bandwidth. */
  memoryUs: number;
  /** Traffic over NVLink or NIC. */
  linkUs: number;
  /** Launch, and serial walks that neither FLOP nor bytes count. */
  fixedUs: number;
}

export function emptyCost(): OperationCost {
  return { us: 0, computeUs: 0, memoryUs: 0, linkUs: 0, fixedUs: 0 };
}

/** What can bind an operation. */
export type OperationBound = 'compute' | 'hbm' | 'link' | 'latency';

/** The largest part of a cost. */
export function boundOf(cost: Readonly<OperationCost>): OperationBound {
  const { computeUs, memoryUs, linkUs, fixedUs } = cost;
  const most = Math.max(computeUs, memoryUs, linkUs, fixedUs);
  if (most === computeUs) return 'compute';
  if (most === memoryUs) return 'hbm';
  return most === linkUs ? 'link' : 'latency';
}

/** One fitted constant of a form. */
export interface Constant {
  readonly name: string;
  /** `share` of a peak, `us`, or a bare factor. */
  readonly unit: 'share' | 'us' | 'factor';
  /** Bounds from physics; a fixed time also stays below the fastest measured row. */
  readonly low: number;
  readonly high: number;
  /** Neutral value that the fit is pulled to, and that it keeps when rows cannot tell. */
  readonly centre: number;
  /** Whether calibration may leave it at the centre when held-out error is no better with it. */
  readonly optional?: boolean;
  /** Fitted to a system alone, as the only ones of its form; the pool has them at the centre. */
  readonly perSystem?: boolean;
  readonly means: string;
}

/**
 * A closed form for a kind of operation. Pure: the same inputs give the same bits everywhere.
 * Fills `cost` and returns its `us`.
 */
export interface Form {
  readonly constants: readonly Constant[];
  /** Systems that the constants of a generation are fitted to; all where absent. */
  readonly pools?: (peaks: Peaks) => boolean;
  /** How firmly calibration holds the constants of a generation to their centres. */
  readonly pull: number;
  /** The same for a system and its generation; firmly where absent. */
  readonly systemPull?: number;
  evaluate(
    operation: Operation,
    peaks: Peaks,
    constants: ArrayLike<number>,
    cost: OperationCost,
    /** As in serving, where each layer has a KV cache of its own: nothing is found in L2. */
    cold?: boolean,
  ): number;
  /** Key of the shape without its size: held out as a whole by cross-validation. */
  shapeOf(operation: Operation): string;
  /** What lies outside of the ranges where the form was checked; empty when nothing does. */
  beyond(operation: Operation): string;
}
