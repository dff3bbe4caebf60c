// SPDX-License-Identifier: Apache-2.0
import { FITTED, OperationEstimator } from '../../../src/cost/op/index.js';
import {
  findServingDevice, findServingModel, type Layout, type Precision, type ServingPoint, stepFormats,
  stepList, type StepShape,
} from '../../../src/cost/serving/index.js';

export const cold = new OperationEstimator(FITTED, true);

/** A load on eight B200 with the fields replaced. */
export function point(name: string, more: Partial<ServingPoint> = {}): ServingPoint {
  return {
    model: findServingModel(name)!, device: findServingDevice('b200_sxm')!, engine: 'trtllm',
    version: '1.0', precision: 'fp8', isl: 1024, osl: 1024, concurrency: 16, batch: 16,
    columns: { tpSize: 8, attentionDpSize: 1, moeTpSize: 8, moeEpSize: 1 }, ...more,
  };
}

/** Operations of a model on a layout, in bf16 unless told. */
export function listOf(
  name: string,
  layout: Partial<Layout>,
  shape: Partial<StepShape>,
  precision: Precision = 'bf16',
) {
  const model = findServingModel(name)!;
  const formats = stepFormats({ model, engine: 'trtllm', precision }, 'blackwell');
  const all = { tp: 1, dp: 1, moeTp: 1, moeEp: 1, ...layout };
  const step = { kind: 'decode', sequences: 4, newTokens: 1, past: 1000, ...shape } as const;
  return stepList(model, all, formats, step);
}
