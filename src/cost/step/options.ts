// SPDX-License-Identifier: Apache-2.0
import type { Device } from '../../hardware/index.js';
import type { KvDtype, ModelArchitecture, WeightDtype } from '../../model/index.js';
import type { Engine } from '../engine.js';
import { layoutOf, type StepModelOptions } from '../options.js';
import { generationOf } from '../serving/device-peaks.js';
import { type StepFormats, stepFormats } from '../serving/formats.js';
import type { Layout } from '../serving/layout.js';
import type { ServingScales } from '../serving/tpot.js';
import type { Varied } from './varied.js';

/** What a step model prices: one rank of a model on a layout of a device under an engine. */
export interface OperationStepOptions {
  readonly device: Device;
  readonly model: ModelArchitecture;
  readonly layout: Layout;
  readonly engine: Engine;
  readonly formats: StepFormats;
  /** Constants on top of operation costs; default those fitted for engine, device and model. */
  readonly scales?: ServingScales;
  /** For asking what depends on it. */
  readonly varied?: Varied;
}

/** Formats of the operations of a model in stated weight and KV formats. */
export function operationFormats(
  device: Device,
  model: ModelArchitecture,
  weightDtype: WeightDtype,
  kvDtype: KvDtype,
): StepFormats {
  const precision = weightDtype === 'nvfp4' ? 'fp4' : weightDtype;
  const kv = kvDtype === 'bf16' ? 'bfloat16' : kvDtype;
  return { ...stepFormats({ model, engine: '', precision }, generationOf(device)), kv };
}

/** A pool's options in terms of operations. */
export function operationOptions(options: StepModelOptions): OperationStepOptions {
  const { device, model, weightDtype, kvDtype, engine = 'vllm' } = options;
  const formats = operationFormats(device, model, weightDtype, kvDtype);
  return { device, model, layout: layoutOf(options), engine, formats };
}
