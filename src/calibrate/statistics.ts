// SPDX-License-Identifier: Apache-2.0
import type { Prediction } from './folds.js';

/** Errors of predictions, in percent of the measured latency. */
export interface ErrorSummary {
  readonly n: number;
  /** Mean, median and 90th percentile of the absolute error. */
  readonly mean: number;
  readonly median: number;
  readonly p90: number;
  /** Mean signed error: above 0 when predictions are too slow. */
  readonly bias: number;
}

/** predicted / measured - 1, in percent. */
export function errorPercent({ row, predictedUs }: Prediction): number {
  return (predictedUs / row.measuredUs - 1) * 100;
}

/** All zero, n included, for no predictions. */
export function summarise(predictions: readonly Prediction[]): ErrorSummary {
  const n = predictions.length;
  if (n === 0) return { n, mean: 0, median: 0, p90: 0, bias: 0 };
  const signed = predictions.map(errorPercent);
  const sorted = signed.map(Math.abs).sort((a, b) => a - b);
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const at = (share: number): number => sorted[Math.min(n - 1, Math.ceil(share * n) - 1)];
  const median = (at(0.5) + sorted[Math.floor(n / 2)]) / 2;
  return { n, mean: sum(sorted) / n, median, p90: at(0.9), bias: sum(signed) / n };
}
