// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  fits, predictServing, priceRows, readServingRows, servingErrors, servingReport,
} from '../../src/calibrate/index.js';
import { FITTED, OperationEstimator } from '../../src/cost/op/index.js';
import { FITTED_SERVING } from '../../src/cost/serving/index.js';
import { ServingSimulator } from '../../src/load-test/index.js';
import { sharedData } from '../support/data.js';

/** Published rows, which are not part of the project: see docs/validation.md. */
const serving = sharedData('measured', 'serving_points.csv');
/** Every sixth row: all of them take half a minute. */
const STRIDE = 6;

test.skipIf(serving === null)('the simulator predicts published TPOT', { timeout: 120_000 }, () => {
  const { rows } = readServingRows(readFileSync(serving!, 'utf8'), serving!);
  const sample = rows.filter(fits).filter((_, i) => i % STRIDE === 0);
  const priced = priceRows(sample, new OperationEstimator(FITTED, true));
  const { effects } = FITTED_SERVING;
  const simulator = new ServingSimulator();
  const simulated = priced.map((row) => simulator.predict(row, effects));
  const { total } = servingReport(simulated);
  expect(total.median).toBeLessThanOrEqual(8);
  expect(total.mean).toBeLessThanOrEqual(12);
  // Formula and simulator mean the same: against each other they are within a few percent.
  const formula = predictServing(priced, effects);
  const apart = simulated.map(({ row, ...rest }, i) =>
    ({ ...rest, row: { ...row, tpotMs: formula[i].predictedMs } }));
  expect(servingErrors('', apart).mean).toBeLessThan(4);
});
