// SPDX-License-Identifier: Apache-2.0
import {
  GB,
  NS_PER_S,
  NS_PER_US,
  TB,
  TFLOPS,
  type Device,
  type Status,
} from '../hardware/index.js';
import { parameters } from '../model/index.js';
import { allReduceCost } from './all-reduce.js';
import { efficiencyOf, type CalibratedOperation, type VariedDevice } from './calibration.js';
import { stepCoverage } from './coverage.js';
import { GLUE_BYTES_PER_ELEMENT, GLUE_EFFICIENCY } from './gemm-table.js';
import { HOST_US_PER_STEP, layerFloor, SEQUENCE_US } from './layer-floor.js';
import { kvCapacity, MEMORY_FRACTIONS, type KvCapacityOptions } from './memory.js';
import { formatsOf, peakFlopsPerS, type GemmFormat } from './operations.js';
import type { StepModelOptions } from './options.js';
import { ALL_REDUCES_PER_LAYER, SAMPLING_BYTES_PER_LOGIT } from './step-model.js';
import type { StepLoad } from './types.js';

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

const FIT = 'kvloom fit to aiconfigurator single-operation latencies, commit 095f58a5';
const SERVING_FIT = 'kvloom fit to published aggregated serving points';

function calibratedOperations(options: StepModelOptions): CalibratedOperation[] {
  const { model, weightDtype, kvDtype } = options;
  const formats = formatsOf(model, weightDtype);
  const kv = kvDtype === 'bf16' ? 'bf16' : 'fp8';
  const operations = new Set<CalibratedOperation>(['gemm bf16', `gemm ${formats.attention}`]);
  operations.add(`gemm ${formats.ffn}`);
  if (model.ffn.kind === 'MoE' && formats.ffn !== 'fp8') operations.add(`moe ${formats.ffn}`);
  if (model.attention.kind === 'MLA') {
    operations.add(`context_mla kv ${kv}`).add(`generation_mla kv ${kv}`);
  } else {
    operations.add(`context_attention kv ${kv}`).add(`generation_attention kv ${kv}`);
  }
  return [...operations];
}

/** An input with what the time of steps does when it is varied; see `sensitivity.ts`. */
export interface VariableInput extends Assumption {
  /** Other options in which the input is `factor` times as large. */
  options?: (factor: number) => StepModelOptions;
  /** Or the time that a step takes more when it is, ns. */
  addedNs?: (factor: number, load: StepLoad) => number;
}

/** Options on a device that differs in one group of facts. */
function withGroup<G extends 'compute' | 'memory' | 'scaleUp'>(
  options: StepModelOptions,
  group: G,
  change: Partial<Device[G]>,
): StepModelOptions {
  const { device } = options;
  return { ...options, device: { ...device, [group]: { ...device[group], ...change } } };
}

function peakInput(options: StepModelOptions, format: GemmFormat): VariableInput {
  const { device } = options;
  const { source, status } = device.compute;
  const field = format === 'bf16'
    ? 'bf16FlopsPerS'
    : format === 'nvfp4' ? 'nvfp4FlopsPerS' : 'fp8FlopsPerS';
  const peak = peakFlopsPerS(device, format);
  return {
    what: `${device.name}: ${format} dense peak`,
    value: peak / TFLOPS,
    unit: 'TFLOP/s',
    source,
    status,
    options: (factor) => withGroup(options, 'compute', { [field]: peak * factor }),
  };
}

function deviceInputs(options: StepModelOptions): VariableInput[] {
  const { device, model, weightDtype, tensorParallel } = options;
  const { memory, scaleUp } = device;
  const formats = formatsOf(model, weightDtype);
  const used = new Set<GemmFormat>(['bf16', formats.attention, formats.ffn]);
  const list = [...used].map((format) => peakInput(options, format));
  const { source, status } = memory;
  const hbm = memory.bandwidthBytesPerS;
  list.push(
    {
      what: `${device.name}: ${memory.type} bandwidth`,
      value: hbm / TB,
      unit: 'TB/s',
      source,
      status,
      options: (factor) => withGroup(options, 'memory', { bandwidthBytesPerS: hbm * factor }),
    },
    {
      what: `${device.name}: visible ${memory.type}`,
      value: memory.visibleBytes / GB,
      unit: 'GB',
      source,
      status,
    },
  );
  if (tensorParallel > 1) {
    const link = scaleUp.bandwidthBytesPerS;
    list.push({
      what: `${device.name}: ${scaleUp.name}, one direction`,
      value: link / GB,
      unit: 'GB/s',
      source: scaleUp.source,
      status: scaleUp.status,
      options: (factor) => withGroup(options, 'scaleUp', { bandwidthBytesPerS: link * factor }),
    });
  }
  return list;
}

function shareInputs(options: StepModelOptions, operation: CalibratedOperation): VariableInput[] {
  const row = efficiencyOf(operation, options.device);
  const where = row.fittedOn === undefined ? '' : `; borrowed from ${row.fittedOn}`;
  const source = `${FIT}; in-sample error ${row.fitErrorPercent} %${where}`;
  const status: Status = row.fittedOn === undefined ? 'inferred' : 'assumed';
  const { compute, memory } = row;
  const vary = (shares: { compute: number; memory: number }): StepModelOptions => {
    const device: VariedDevice = { ...options.device, shares: { [operation]: shares } };
    return { ...options, device };
  };
  const share = { unit: 'of peak', source, status };
  return [
    {
      what: `${operation}: compute share`,
      value: compute,
      ...share,
      options: (factor) => vary({ compute: compute * factor, memory }),
    },
    {
      what: `${operation}: HBM bandwidth share`,
      value: memory,
      ...share,
      options: (factor) => vary({ compute, memory: memory * factor }),
    },
  ];
}

function calibrationInputs(options: StepModelOptions): VariableInput[] {
  const list = calibratedOperations(options).flatMap((each) => shareInputs(options, each));
  if (options.kvDtype === 'nvfp4') {
    list.push({
      what: 'nvfp4 KV cache: bytes an element, at the efficiency of fp8 kernels',
      value: 0.5625,
      unit: 'byte',
      source: '4-bit value and one FP8 scale per 16; no nvfp4 attention kernel is calibrated',
      status: 'assumed',
    });
  }
  return list;
}

/** Time of element-wise kernels and sampling in a step, ns. */
function glueNs({ device, model }: StepModelOptions, load: StepLoad): number {
  const bytes = (load.decodeSequences + load.prefillTokens)
    * GLUE_BYTES_PER_ELEMENT * model.layers * model.hiddenSize
    + load.sampledSequences * SAMPLING_BYTES_PER_LOGIT * model.vocabularySize;
  return (bytes / (device.memory.bandwidthBytesPerS * GLUE_EFFICIENCY)) * NS_PER_S;
}

function fixedTimeInputs(options: StepModelOptions): VariableInput[] {
  const { device, model, engine = 'vllm' } = options;
  const floor = layerFloor(engine, device.architecture, model);
  const lenders = [floor.borrowedFrom, floor.borrowedGeneration].filter((each) => each);
  const borrowed = lenders.length === 0 ? '' : `; borrowed from ${lenders.join(' and ')}`;
  const layersNs = model.layers * floor.totalUsPerLayer * NS_PER_US;
  return [
    {
      what: `fixed time a layer, ${engine} on ${device.architecture}, host's share included`,
      value: floor.totalUsPerLayer,
      unit: 'us',
      source: `${SERVING_FIT}${borrowed}`,
      status: lenders.length === 0 ? 'inferred' : 'assumed',
      addedNs: (factor) => layersNs * (factor - 1),
    },
    {
      what: 'host time a step',
      value: HOST_US_PER_STEP,
      unit: 'us',
      source: `neutral start of the ${SERVING_FIT}; engines range over 0-1400`,
      status: 'assumed',
      // The fixed time a layer was fitted with it inside: more of one is less of the other.
      addedNs: () => 0,
    },
    {
      what: 'host time a sequence and step',
      value: SEQUENCE_US,
      unit: 'us',
      source: `neutral start of the ${SERVING_FIT}; engines range over 0-27`,
      status: 'assumed',
      addedNs: (factor, load) =>
        (load.decodeSequences + load.prefillSequences) * SEQUENCE_US * NS_PER_US * (factor - 1),
    },
    {
      what: 'HBM bandwidth share of element-wise kernels and sampling',
      value: GLUE_EFFICIENCY,
      unit: 'of peak',
      source: 'kvloom',
      status: 'assumed',
      addedNs: (factor, load) => glueNs(options, load) * (1 / factor - 1),
    },
    ...allReduceInputs(options),
  ];
}

function allReduceInputs({ device, model, tensorParallel }: StepModelOptions): VariableInput[] {
  if (tensorParallel === 1) return [];
  const reduce = allReduceCost(device, tensorParallel);
  const where = reduce.fittedOn === undefined ? '' : `; borrowed from ${reduce.fittedOn}`;
  const latencyNs = ALL_REDUCES_PER_LAYER * model.layers * reduce.latencyNs;
  return [{
    what: `all-reduce over ${tensorParallel} GPUs: latency`,
    value: reduce.latencyNs / NS_PER_US,
    unit: 'us',
    source: `${FIT}; in-sample error ${reduce.fitErrorPercent} %${where}`,
    status: reduce.fittedOn === undefined ? 'inferred' : 'assumed',
    addedNs: (factor) => latencyNs * (factor - 1),
  }];
}

/** What the step model prices as something dearer. */
function coverageAssumptions(options: StepModelOptions): Assumption[] {
  return stepCoverage(options.model).upperBounds.map(({ what, layers }) => ({
    what: `${options.model.name}: ${what}`,
    value: layers,
    unit: 'layers',
    source: 'kvloom step model; an upper bound of the time',
    status: 'assumed' as const,
  }));
}

/** What `FRACTION` more of an input does to the KV capacity, as a share of it. */
const FRACTION = 0.1;

/** Every input that the KV capacity rests on; none of it counts when numGpuBlocks is given. */
export function memoryAssumptions(options: KvCapacityOptions): Assumption[] {
  const { engine = 'vllm' } = options;
  const fraction = MEMORY_FRACTIONS[engine];
  const value = options.gpuMemoryUtilization ?? fraction.value;
  const { parts, tokens, kvBytesPerTokenPerGpu } = kvCapacity(options);
  const kvBytes = tokens * kvBytesPerTokenPerGpu;
  const capacity = (bytes: number): Pick<Assumption, 'influence' | 'influenceOn'> =>
    ({ influence: (FRACTION * bytes) / kvBytes, influenceOn: 'KV capacity' });
  const share: Assumption = {
    what: `memory fraction, ${engine}, of ${fraction.of} memory`,
    value,
    unit: 'share',
    source: 'config, or the default of the engine',
    status: 'inferred',
    ...capacity(value * options.device.memory.visibleBytes),
  };
  const list = parts.map(({ what, bytes, source, status }): Assumption => ({
    what: `memory: ${what}`,
    value: bytes / GB,
    unit: 'GB',
    source,
    status,
    ...capacity(-bytes),
  }));
  return [share, ...list];
}

/** Every input of the step model, in a fixed order, with how to vary it. */
export function variableInputs(options: StepModelOptions): VariableInput[] {
  const { model } = options;
  return [
    ...deviceInputs(options),
    {
      what: `${model.name}: parameters`,
      value: parameters(model).total,
      unit: 'parameters',
      source: `computed from the configuration: ${model.source}`,
      status: 'inferred',
    },
    ...coverageAssumptions(options),
    ...calibrationInputs(options),
    ...fixedTimeInputs(options),
  ];
}

/** An input as plain data. */
export function plainInput({ options: _, addedNs: __, ...plain }: VariableInput): Assumption {
  return plain;
}

/** Every input that the step model of these options rests on. */
export function describeAssumptions(options: StepModelOptions): Assumption[] {
  return variableInputs(options).map(plainInput);
}
