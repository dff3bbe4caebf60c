// SPDX-License-Identifier: Apache-2.0
import type { PricedRow } from '../calibrate/index.js';
import type { StepModel } from '../cost/index.js';
import { devicePeaks, type ServingScales, stepFormats } from '../cost/serving/index.js';
import { makeOperationStepModel } from '../cost/step/index.js';
import { SpeculativeSteps } from './speculative-steps.js';

/** Step prices of a row's deployment under constants on top of operation costs. */
export function rowSteps({ point, parts }: PricedRow, scales: ServingScales): StepModel {
  const { model, device, engine } = point;
  const formats = stepFormats(point, devicePeaks(device).peaks.generation);
  const { layout } = parts.reading;
  const steps = makeOperationStepModel({ device, model, layout, engine, formats, scales });
  const { speculation, layers } = parts;
  return speculation === undefined ? steps : new SpeculativeSteps(steps, speculation, layers);
}
