// SPDX-License-Identifier: Apache-2.0
import { GB, NS_PER_US, TB, TFLOPS, type Status } from '../hardware/index.js';
import { parameters } from '../model/index.js';
import { allReduceCost } from './all-reduce.js';
import { efficiencyOf, type CalibratedOperation } from './calibration.js';
import { stepCoverage } from './coverage.js';
import { GLUE_EFFICIENCY } from './gemm-table.js';
import { HOST_US_PER_STEP, layerFloor, SEQUENCE_US } from './layer-floor.js';
import { kvCapacity, MEMORY_FRACTIONS, type KvCapacityOptions } from './memory.js';
import { formatsOf, peakFlopsPerS, type GemmFormat } from './operations.js';
import type { StepModelOptions } from './options.js';

/** One input of a run, as a report prints it. */
export interface Assumption {
  what: string;
  value: number;
  unit: string;
  source: string;
  status: Status;
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

function deviceAssumptions(options: StepModelOptions): Assumption[] {
  const { device, model, weightDtype, tensorParallel } = options;
  const { compute, memory, scaleUp } = device;
  const formats = formatsOf(model, weightDtype);
  const list: Assumption[] = [];
  for (const format of new Set<GemmFormat>(['bf16', formats.attention, formats.ffn])) {
    const value = peakFlopsPerS(device, format) / TFLOPS;
    const what = `${device.name}: ${format} dense peak`;
    list.push({ what, value, unit: 'TFLOP/s', source: compute.source, status: compute.status });
  }
  const { source, status } = memory;
  list.push(
    {
      what: `${device.name}: ${memory.type} bandwidth`,
      value: memory.bandwidthBytesPerS / TB,
      unit: 'TB/s',
      source,
      status,
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
    list.push({
      what: `${device.name}: ${scaleUp.name}, one direction`,
      value: scaleUp.bandwidthBytesPerS / GB,
      unit: 'GB/s',
      source: scaleUp.source,
      status: scaleUp.status,
    });
  }
  return list;
}

function calibrationAssumptions(options: StepModelOptions): Assumption[] {
  const list: Assumption[] = [];
  for (const operation of calibratedOperations(options)) {
    const row = efficiencyOf(operation, options.device);
    const where = row.fittedOn === undefined ? '' : `; borrowed from ${row.fittedOn}`;
    const source = `${FIT}; in-sample error ${row.fitErrorPercent} %${where}`;
    const status: Status = row.fittedOn === undefined ? 'inferred' : 'assumed';
    const share = { unit: 'of peak', source, status };
    list.push({ what: `${operation}: compute share`, value: row.compute, ...share });
    list.push({ what: `${operation}: HBM bandwidth share`, value: row.memory, ...share });
  }
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

function fixedTimeAssumptions(options: StepModelOptions): Assumption[] {
  const { device, model, tensorParallel: ranks, engine = 'vllm' } = options;
  const floor = layerFloor(engine, device.architecture, model);
  const lenders = [floor.borrowedFrom, floor.borrowedGeneration].filter((each) => each);
  const borrowed = lenders.length === 0 ? '' : `; borrowed from ${lenders.join(' and ')}`;
  const list: Assumption[] = [
    {
      what: `fixed time a layer, ${engine} on ${device.architecture}, host's share included`,
      value: floor.totalUsPerLayer,
      unit: 'us',
      source: `${SERVING_FIT}${borrowed}`,
      status: lenders.length === 0 ? 'inferred' : 'assumed',
    },
    {
      what: 'host time a step',
      value: HOST_US_PER_STEP,
      unit: 'us',
      source: `neutral start of the ${SERVING_FIT}; engines range over 0-1400`,
      status: 'assumed',
    },
    {
      what: 'host time a sequence and step',
      value: SEQUENCE_US,
      unit: 'us',
      source: `neutral start of the ${SERVING_FIT}; engines range over 0-27`,
      status: 'assumed',
    },
    {
      what: 'HBM bandwidth share of element-wise kernels and sampling',
      value: GLUE_EFFICIENCY,
      unit: 'of peak',
      source: 'kvloom',
      status: 'assumed',
    },
  ];
  if (ranks > 1) {
    const reduce = allReduceCost(device, ranks);
    const where = reduce.fittedOn === undefined ? '' : `; borrowed from ${reduce.fittedOn}`;
    list.push({
      what: `all-reduce over ${ranks} GPUs: latency`,
      value: reduce.latencyNs / NS_PER_US,
      unit: 'us',
      source: `${FIT}; in-sample error ${reduce.fitErrorPercent} %${where}`,
      status: reduce.fittedOn === undefined ? 'inferred' : 'assumed',
    });
  }
  return list;
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

/** Every input that the KV capacity rests on; none of it counts when numGpuBlocks is given. */
export function memoryAssumptions(options: KvCapacityOptions): Assumption[] {
  const { engine = 'vllm' } = options;
  const fraction = MEMORY_FRACTIONS[engine];
  const share: Assumption = {
    what: `memory fraction, ${engine}, of ${fraction.of} memory`,
    value: options.gpuMemoryUtilization ?? fraction.value,
    unit: 'share',
    source: 'config, or the default of the engine',
    status: 'inferred',
  };
  const parts = kvCapacity(options).parts.map(({ what, bytes, source, status }): Assumption => ({
    what: `memory: ${what}`,
    value: bytes / GB,
    unit: 'GB',
    source,
    status,
  }));
  return [share, ...parts];
}

/** Every input that the step model and the KV capacity of these options rest on. */
export function describeAssumptions(options: StepModelOptions): Assumption[] {
  const { model } = options;
  return [
    ...deviceAssumptions(options),
    {
      what: `${model.name}: parameters`,
      value: parameters(model).total,
      unit: 'parameters',
      source: `computed from the configuration: ${model.source}`,
      status: 'inferred',
    },
    ...coverageAssumptions(options),
    ...calibrationAssumptions(options),
    ...fixedTimeAssumptions(options),
  ];
}
