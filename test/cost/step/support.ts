// SPDX-License-Identifier: Apache-2.0
import type { Engine, StepModel } from '../../../src/cost/index.js';
import {
  makeOperationStepModel, operationFormats, operationLayout, type OperationStepOptions,
} from '../../../src/cost/step/index.js';
import type { KvDtype, WeightDtype } from '../../../src/model/index.js';
import { device, model } from '../support.js';

/** A model on GPUs; attention replicas and expert ranks as told. */
export function stepOptions(
  deviceName: string,
  modelName: string,
  tensorParallel: number,
  weightDtype: WeightDtype,
  kvDtype: KvDtype,
  engine: Engine = 'vllm',
  attentionDataParallel = 1,
): OperationStepOptions {
  const shape = model(modelName);
  const on = device(deviceName);
  return {
    device: on, model: shape, engine,
    layout: operationLayout(shape, tensorParallel, attentionDataParallel),
    formats: operationFormats(on, shape, weightDtype, kvDtype),
  };
}

export function operationSteps(...layout: Parameters<typeof stepOptions>): StepModel {
  return makeOperationStepModel(stepOptions(...layout));
}

/** Layouts, formats and kinds of attention that the property tests run over. */
export const STEP_LAYOUTS: readonly Parameters<typeof stepOptions>[] = [
  ['h100', 'llama-2-7b', 1, 'bf16', 'bf16'],
  ['h200', 'qwen3-32b', 4, 'fp8', 'fp8', 'trtllm'],
  ['h200', 'deepseek-v3', 8, 'fp8', 'bf16', 'sglang'],
  ['b200', 'deepseek-v3', 1, 'nvfp4', 'fp8', 'trtllm', 8],
  ['b200', 'gpt-oss-120b', 2, 'nvfp4', 'fp8'],
  ['b200', 'glm-5', 8, 'fp8', 'bf16', 'sglang'],
  ['gb300', 'qwen3.5-397b-a17b', 4, 'nvfp4', 'bf16'],
];
