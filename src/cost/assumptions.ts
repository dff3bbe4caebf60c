// SPDX-License-Identifier: Apache-2.0
import { GB, TB, TFLOPS, type Device, type Status } from '../hardware/index.js';
import { type ModelArchitecture, parameters } from '../model/index.js';
import { dtypeOf } from './op/dtype.js';
import { operationInputs, scaleInputs } from './operation-inputs.js';
import type { StepModelOptions } from './options.js';
import { isMxfp4 } from './serving/formats.js';
import { operationOptions, type OperationStepOptions } from './step/options.js';

/** One input of a run, as a report prints it. */
export interface Assumption {
  what: string;
  value: number;
  unit: string;
  source: string;
  status: Status;
  /**
   * Relative change of the result when this input is 10 % larger and all others stay: of the time
   * of the run's mean steps, or of the KV capacity. Absent: it was not varied.
   */
  influence?: number;
  influenceOn?: 'time' | 'KV capacity';
}

/** An input with what the time of steps does when it is varied; see `sensitivity.ts`. */
export interface VariableInput extends Assumption {
  /** Other options in which the input is `factor` times as large. */
  options?: (factor: number) => OperationStepOptions;
}

type Group = 'compute' | 'memory' | 'scaleUp';

/** An input that is one number of the device. */
function deviceInput<G extends Group>(
  options: OperationStepOptions,
  group: G,
  field: keyof Device[G] & string,
  named: { readonly what: string; readonly unit: string; readonly size: number },
): VariableInput {
  const { device } = options;
  const { source, status } = device[group];
  const value = device[group][field] as number;
  const { what, unit, size } = named;
  return {
    what: `${device.name}: ${what}`, value: value / size, unit, source, status,
    options: (factor) => {
      const changed = { ...device[group], [field]: value * factor };
      return { ...options, device: { ...device, [group]: changed } };
    },
  };
}

function deviceInputs(options: OperationStepOptions): VariableInput[] {
  const { device, layout, formats } = options;
  const { memory, scaleUp } = device;
  const list: VariableInput[] = [];
  const fp4 = device.compute.nvfp4FlopsPerS === null ? 'fp8' : 'nvfp4';
  const units = [formats.linear, formats.denseFfn, formats.experts].map((name) => {
    const { unit } = dtypeOf(name);
    return unit === 'fp4' ? fp4 : unit;
  });
  // The LM head and attention compute in bf16 whatever the weights are.
  for (const unit of new Set<'bf16' | 'fp8' | 'nvfp4'>(['bf16', ...units])) {
    const named = { what: `${unit} dense peak`, unit: 'TFLOP/s', size: TFLOPS };
    list.push(deviceInput(options, 'compute', `${unit}FlopsPerS`, named));
  }
  const hbm = { what: `${memory.type} bandwidth`, unit: 'TB/s', size: TB };
  list.push(deviceInput(options, 'memory', 'bandwidthBytesPerS', hbm), {
    what: `${device.name}: visible ${memory.type}`,
    value: memory.visibleBytes / GB,
    unit: 'GB',
    source: memory.source,
    status: memory.status,
  });
  if (layout.tp * layout.dp > 1) {
    const link = { what: `${scaleUp.name}, one direction`, unit: 'GB/s', size: GB };
    list.push(deviceInput(options, 'scaleUp', 'bandwidthBytesPerS', link));
  }
  return list;
}

/** Says that `weightDtype` has no say. */
function asPublished({ name, source }: ModelArchitecture): VariableInput {
  return {
    what: `${name}: experts in mxfp4, the rest in bf16, whatever weightDtype says`,
    value: 8 * dtypeOf('w4a16_mxfp4').bytes, unit: 'bits a weight of an expert',
    source, status: 'inferred',
  };
}

/** Every input of the step model, in a fixed order, with how to vary it. */
export function variableInputs(options: StepModelOptions): VariableInput[] {
  const { model } = options;
  const resolved = operationOptions(options);
  return [
    ...deviceInputs(resolved),
    {
      what: `${model.name}: parameters`,
      value: parameters(model).total,
      unit: 'parameters',
      source: `computed from the configuration: ${model.source}`,
      status: 'inferred',
    },
    ...(isMxfp4(model) ? [asPublished(model)] : []),
    ...operationInputs(resolved),
    ...scaleInputs(resolved),
  ];
}

/** An input as plain data. */
export function plainInput({ options: _, ...plain }: VariableInput): Assumption {
  return plain;
}

/** Every input that the step model of these options rests on. */
export function describeAssumptions(options: StepModelOptions): Assumption[] {
  return variableInputs(options).map(plainInput);
}
