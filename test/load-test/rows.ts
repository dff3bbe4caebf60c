// SPDX-License-Identifier: Apache-2.0
import type { PricedRow } from '../../src/calibrate/index.js';
import { FITTED, OperationEstimator } from '../../src/cost/op/index.js';
import {
  findServingDevice, findServingModel, pointParts, type ServingPoint,
} from '../../src/cost/serving/index.js';

const estimator = new OperationEstimator(FITTED, true);

/** A row that nobody measured: llama-3.1-70b in fp8 on two H100, eight users, unless changed. */
export function row(change: Partial<ServingPoint> = {}): PricedRow {
  const point: ServingPoint = {
    model: findServingModel('llama-3.1-70b')!, device: findServingDevice('h100_sxm')!,
    engine: 'vllm', version: '', precision: 'fp8', isl: 1024, osl: 1024, concurrency: 8, batch: 8,
    columns: { tpSize: 2, attentionDpSize: 1, moeTpSize: 1, moeEpSize: 1 }, ...change,
  };
  const parts = pointParts(point, estimator);
  return { point, parts, line: 2, tpotMs: 1, ttftMs: NaN, defect: '', suspicion: '' };
}
