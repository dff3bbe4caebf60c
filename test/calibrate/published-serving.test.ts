// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  crossValidateServing, fits, predictServing, priceRows, readServingRows, readStepRows,
  servingReport, validateSteps,
} from '../../src/calibrate/index.js';
import { FITTED, OperationEstimator } from '../../src/cost/op/index.js';
import {
  devicePeaks, findServingDevice, findServingModel, FITTED_SERVING, stepFormats,
} from '../../src/cost/serving/index.js';
import { sharedData } from '../support/data.js';

/** Published rows, which are not part of the project: see docs/validation.md. */
const serving = sharedData('measured', 'serving_points.csv');
const steps = sharedData('measured', 'vera_rubin_forward_steps.csv');
const cold = new OperationEstimator(FITTED, true);
const slow = { timeout: 120_000 };

test.skipIf(serving === null)('TPOT reaches its bars on rows and groups left out', slow, () => {
  const { rows } = readServingRows(readFileSync(serving!, 'utf8'), serving!);
  const priced = priceRows(rows, cold);
  const { fit } = FITTED_SERVING;
  const shipped = servingReport(predictServing(priced, FITTED_SERVING.effects)).total;
  expect(shipped.n).toBe(fit.n);
  expect(shipped.mean).toBeCloseTo(fit.mean, 0);
  for (const [fold, median, mean] of [['rows', 8, 12], ['groups', 12, 17]] as const) {
    const report = servingReport(crossValidateServing(priced.filter(fits), fold));
    expect(report.total.median, fold).toBeLessThanOrEqual(median);
    expect(report.total.mean, fold).toBeLessThanOrEqual(mean);
    const b300 = report.systems.find(({ name }) => name === 'b300_sxm')!;
    expect(b300.median, fold).toBeLessThanOrEqual(20);
  }
});

test.skipIf(steps === null)('forward steps of GLM-5.2 on four Rubin GPUs', () => {
  const { rows, others } = readStepRows(readFileSync(steps!, 'utf8'), steps!);
  expect([rows.length, others]).toEqual([25, 7]);
  const model = findServingModel('glm-5.2')!;
  const { peaks } = devicePeaks(findServingDevice('rubin')!);
  const formats = stepFormats({ model, engine: 'vllm', precision: 'fp4' }, peaks.generation);
  const layout = { tp: 4, dp: 1, moeTp: 4, moeEp: 1 };
  const result = validateSteps(rows, { model, peaks, layout, formats }, cold);
  expect(result.steps.filter(({ fitted }) => fitted).length).toBeLessThanOrEqual(12);
  for (const { mean, worst } of [result.all, result.heldOut]) {
    expect(mean).toBeLessThanOrEqual(8);
    expect(worst).toBeLessThanOrEqual(17);
  }
});
