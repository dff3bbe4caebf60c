// SPDX-License-Identifier: Apache-2.0
import { naturalLog } from '../cost/op/numbers.js';
import { type StepParts, stepParts, stepList } from '../cost/serving/index.js';
import type { Layout, StepFormats } from '../cost/serving/index.js';
import type { OperationEstimator } from '../cost/op/estimator.js';
import type { Peaks } from '../cost/op/peaks.js';
import type { ModelArchitecture } from '../model/index.js';
import { fitBounded } from './least-squares.js';
import type { StepRow } from './step-rows.js';

/** What the steps ran on. */
export interface StepSetting {
  readonly model: ModelArchitecture;
  readonly peaks: Peaks;
  readonly layout: Layout;
  readonly formats: StepFormats;
}

/** A constant on top of a step: docs/validation.md, forward steps. */
const CONSTANTS = [
  { name: 'gemm', low: 0.3, high: 4, scale: 0.5, centre: 1 },
  { name: 'attention', low: 0.3, high: 4, scale: 0.5, centre: 1 },
  { name: 'experts', low: 0.3, high: 4, scale: 0.5, centre: 1 },
  { name: 'comm', low: 0.3, high: 4, scale: 0.5, centre: 1 },
  { name: 'launches', low: 0, high: 1.5, scale: 0.3, centre: 0.8 },
  { name: 'glueUs', low: 0, high: 200, scale: 15, centre: 5 },
] as const;
const RIDGE = 0.003;

/** Errors of forward steps, absolute, in percent. */
export interface StepErrors {
  readonly n: number;
  readonly mean: number;
  readonly worst: number;
}

/** A step with its prediction. */
export interface StepPrediction extends StepRow {
  readonly predictedMs: number;
  /** Whether the constants saw it. */
  readonly fitted: boolean;
}

export interface StepValidation {
  readonly constants: Readonly<Record<string, number>>;
  readonly steps: readonly StepPrediction[];
  readonly all: StepErrors;
  /** Steps that no constant saw. */
  readonly heldOut: StepErrors;
  /** With constants that were never fitted to steps. */
  readonly neutral: StepErrors;
}

function predictUs(parts: StepParts, layers: number, x: ArrayLike<number>): number {
  const { gemm, attention, experts, comm, glue, fixed } = parts;
  return x[0] * gemm + x[1] * attention + x[2] * experts + x[3] * comm + x[4] * fixed + glue
    + x[5] * layers;
}

function errors(steps: readonly StepPrediction[]): StepErrors {
  const sizes = steps.map((s) => Math.abs(s.predictedMs / s.measuredMs - 1) * 100);
  const n = sizes.length;
  const mean = n === 0 ? 0 : sizes.reduce((a, b) => a + b, 0) / n;
  return { n, mean, worst: Math.max(0, ...sizes) };
}

/** Whether the fit sees a row: every second one, from the second, so never more than half. */
export function fitSees(i: number): boolean {
  return i % 2 === 1;
}

/** Fits constants on every second step and predicts all of them. */
export function validateSteps(
  rows: readonly StepRow[],
  setting: StepSetting,
  estimator: OperationEstimator,
): StepValidation {
  const { model, peaks, layout, formats } = setting;
  const priced = rows.map(({ shape }) =>
    stepParts(stepList(model, layout, formats, shape), estimator, peaks));
  const centre = CONSTANTS.map((c) => c.centre);
  const seen = rows.map((_, i) => i).filter(fitSees);
  const { x } = fitBounded({
    free: CONSTANTS.map((_, i) => i), low: CONSTANTS.map((c) => c.low),
    high: CONSTANTS.map((c) => c.high), scale: CONSTANTS.map((c) => c.scale), centre,
    ridge: RIDGE, residuals: seen.length,
    evaluate: (at, out) => seen.forEach((row, i) => {
      const ms = predictUs(priced[row], model.layers, at) / 1000;
      out[i] = naturalLog(ms / rows[row].measuredMs);
    }),
  }, centre);
  const predict = (at: ArrayLike<number>): StepPrediction[] => rows.map((row, i) => ({
    ...row, fitted: fitSees(i), predictedMs: predictUs(priced[i], model.layers, at) / 1000,
  }));
  const steps = predict(x);
  return {
    constants: Object.fromEntries(CONSTANTS.map(({ name }, i) => [name, x[i]])),
    steps, all: errors(steps), heldOut: errors(steps.filter(({ fitted }) => !fitted)),
    neutral: errors(predict(centre)),
  };
}
