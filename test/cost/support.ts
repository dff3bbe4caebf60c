// SPDX-License-Identifier: Apache-2.0
import { makeStepModel } from '../../src/cost/index.js';
import type { Engine, StepCost, StepLoad, StepModel } from '../../src/cost/index.js';
import { findDevice, type Device } from '../../src/hardware/index.js';
import {
  findModel,
  type KvDtype,
  type ModelArchitecture,
  type WeightDtype,
} from '../../src/model/index.js';

export function device(name: string): Device {
  const found = findDevice(name);
  if (found === undefined) throw new Error(`no device ${name}`);
  return found;
}

export function model(name: string): ModelArchitecture {
  const found = findModel(name);
  if (found === undefined) throw new Error(`no model ${name}`);
  return found;
}

export function stepModel(
  deviceName: string,
  modelName: string,
  tensorParallel: number,
  weightDtype: WeightDtype,
  kvDtype: KvDtype,
  engine: Engine = 'vllm',
): StepModel {
  return makeStepModel({
    device: device(deviceName),
    model: model(modelName),
    tensorParallel,
    weightDtype,
    kvDtype,
    engine,
  });
}

export function emptyCost(): StepCost {
  return {
    totalNs: -1,
    attentionNs: -1,
    gemmNs: -1,
    communicationNs: -1,
    overheadNs: -1,
    bound: -1,
  };
}

/** `sequences` decoding at `context` tokens in all. */
export function decodeLoad(sequences: number, context: number): StepLoad {
  return {
    decodeSequences: sequences,
    decodeContext: context,
    prefillTokens: 0,
    prefillSequences: 0,
    prefillPairs: 0,
    prefillContext: 0,
    sampledSequences: sequences,
  };
}

/** One chunk of `tokens` new tokens behind `past` cached ones. */
export function prefillLoad(tokens: number, past: number): StepLoad {
  return {
    decodeSequences: 0,
    decodeContext: 0,
    prefillTokens: tokens,
    prefillSequences: 1,
    prefillPairs: tokens * (tokens + 2 * past),
    prefillContext: past + tokens,
    sampledSequences: 1,
  };
}

/** The layouts that the property tests run over. */
export const LAYOUTS = [
  ['h100', 'llama-2-7b', 1, 'bf16', 'bf16'],
  ['h100', 'llama-3.1-8b', 2, 'fp8', 'fp8'],
  ['h200', 'qwen3-32b', 4, 'fp8', 'fp8'],
  ['h200', 'deepseek-v3', 8, 'fp8', 'bf16'],
  ['b200', 'qwen3-32b', 1, 'nvfp4', 'nvfp4'],
  ['b200', 'deepseek-v3', 8, 'nvfp4', 'fp8'],
  ['gb300', 'deepseek-v3', 4, 'nvfp4', 'fp8'],
  ['gb300', 'deepseek-v3', 16, 'bf16', 'bf16'],
] as const;

/** Duration of one decode-only step, ns. */
export function decodeNs(model: StepModel, sequences: number, context: number): number {
  return model.decodeEnds({ steps: 1, sequences, context, startNs: 0 }, new Float64Array(1), 0);
}
