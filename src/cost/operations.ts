// SPDX-License-Identifier: Apache-2.0
import { NS_PER_S, type Device } from '../hardware/index.js';
import {
  BYTES_PER_ELEMENT,
  type LatentAttention,
  type ModelArchitecture,
  type WeightDtype,
} from '../model/index.js';
import { efficiencyOf, type CalibratedOperation } from './calibration.js';
import type { StepModelOptions } from './options.js';

/** Matrix format of an operation; mixture-of-experts models store fp8 in 128x128 blocks. */
export type GemmFormat = 'bf16' | 'fp8' | 'fp8_block' | 'nvfp4';

/**
 * A roofline whose two sides are linear in the tokens n of a step:
 * count * max(n * computeNsPerToken, weightNs + n * trafficNsPerToken).
 */
export interface LinearOperation {
  name: string;
  /** Times it runs in a step. */
  count: number;
  computeNsPerToken: number;
  weightNs: number;
  trafficNsPerToken: number;
}

/** The fused expert layer: weight reads grow with the experts that n tokens touch. */
export interface ExpertOperation {
  count: number;
  computeNsPerToken: number;
  /** Reading all the experts of one rank. */
  allWeightsNs: number;
  trafficNsPerToken: number;
  routedExperts: number;
  expertsPerToken: number;
}

/** Formats of the parts of a model for a weight dtype. */
export interface Formats {
  attention: GemmFormat;
  ffn: GemmFormat;
}

/** fp8 is per tensor on dense models, in blocks on mixtures; nvfp4 mixtures keep bf16 attention. */
export function formatsOf(model: ModelArchitecture, dtype: WeightDtype): Formats {
  if (model.ffn.kind === 'dense') return { attention: dtype, ffn: dtype };
  if (dtype === 'fp8') return { attention: 'fp8_block', ffn: 'fp8_block' };
  return { attention: 'bf16', ffn: dtype };
}

function bytesOf(format: GemmFormat): number {
  return BYTES_PER_ELEMENT[format === 'fp8_block' ? 'fp8' : format];
}

/** Dense peak of a format, FLOP/s. */
export function peakFlopsPerS(device: Device, format: GemmFormat): number {
  if (format === 'bf16') return device.compute.bf16FlopsPerS;
  if (format !== 'nvfp4') return device.compute.fp8FlopsPerS;
  const peak = device.compute.nvfp4FlopsPerS;
  if (peak === null) throw new RangeError(`${device.name} has no nvfp4`);
  return peak;
}

/** ns a FLOP and ns a byte of a calibrated operation. */
export interface Rates {
  nsPerFlop: number;
  nsPerByte: number;
}

export function ratesOf(device: Device, op: CalibratedOperation, format: GemmFormat): Rates {
  const efficiency = efficiencyOf(op, device);
  return {
    nsPerFlop: NS_PER_S / (peakFlopsPerS(device, format) * efficiency.compute),
    nsPerByte: NS_PER_S / (device.memory.bandwidthBytesPerS * efficiency.memory),
  };
}

/** GEMM of n x inner by inner x outer; reads weights and input in their format, writes bf16. */
export function gemm(
  device: Device,
  name: string,
  format: GemmFormat,
  count: number,
  inner: number,
  outer: number,
): LinearOperation {
  const rates = ratesOf(device, `gemm ${format}`, format);
  const bytes = bytesOf(format);
  return {
    name,
    count,
    computeNsPerToken: 2 * inner * outer * rates.nsPerFlop,
    weightNs: bytes * inner * outer * rates.nsPerByte,
    trafficNsPerToken: (bytes * inner + 2 * outer) * rates.nsPerByte,
  };
}

function latentProjections(
  options: StepModelOptions,
  attention: LatentAttention,
  format: GemmFormat,
): LinearOperation[] {
  const { device, model, tensorParallel: ranks } = options;
  const { layers, hiddenSize: hidden } = model;
  const heads = attention.heads / ranks;
  const down = attention.qLoraRank + attention.kvLoraRank + attention.qkRopeHeadDim;
  const queryUp = heads * (attention.qkNopeHeadDim + attention.qkRopeHeadDim);
  return [
    // Every rank needs the whole latent row, so this one is not split.
    gemm(device, 'q and kv down', format, layers, hidden, down),
    gemm(device, 'q up', format, layers, attention.qLoraRank, queryUp),
    gemm(device, 'attention out', format, layers, heads * attention.vHeadDim, hidden),
  ];
}

function groupedProjections(options: StepModelOptions, format: GemmFormat): LinearOperation[] {
  const { device, model, tensorParallel: ranks } = options;
  const { layers, hiddenSize: hidden, attention } = model;
  if (attention.kind === 'MLA') throw new Error('grouped attention expected');
  const heads = attention.heads / ranks;
  const kvHeads = Math.ceil(attention.kvHeads / ranks);
  const qkv = (heads + 2 * kvHeads) * attention.headDim;
  return [
    gemm(device, 'qkv', format, layers, hidden, qkv),
    gemm(device, 'attention out', format, layers, heads * attention.headDim, hidden),
  ];
}

function gatedFfn(
  options: StepModelOptions,
  name: string,
  format: GemmFormat,
  count: number,
  width: number,
): LinearOperation[] {
  const { device, model, tensorParallel: ranks } = options;
  return [
    gemm(device, `${name} gate and up`, format, count, model.hiddenSize, (2 * width) / ranks),
    gemm(device, `${name} down`, format, count, width / ranks, model.hiddenSize),
  ];
}

/** Every GEMM of a step that all n tokens pass through, the fused experts apart. */
export function layerOperations(options: StepModelOptions): LinearOperation[] {
  const { device, model } = options;
  const { ffn, attention } = model;
  const formats = formatsOf(model, options.weightDtype);
  const projections = attention.kind === 'MLA'
    ? latentProjections(options, attention, formats.attention)
    : groupedProjections(options, formats.attention);
  if (ffn.kind === 'dense') {
    const dense = gatedFfn(options, 'ffn', formats.ffn, model.layers, ffn.intermediateSize);
    return [...projections, ...dense];
  }
  const moeLayers = model.layers - ffn.denseLayers;
  const shared = ffn.sharedExperts * ffn.expertIntermediateSize;
  return [
    ...projections,
    ...gatedFfn(options, 'dense ffn', formats.ffn, ffn.denseLayers, ffn.denseIntermediateSize),
    gemm(device, 'router', 'bf16', moeLayers, model.hiddenSize, ffn.routedExperts),
    ...gatedFfn(options, 'shared expert', formats.ffn, moeLayers, shared),
  ];
}

/** The routed experts of one rank, or undefined for a dense model. Routing is taken as uniform. */
export function expertOperation(options: StepModelOptions): ExpertOperation | undefined {
  const { device, model, tensorParallel: ranks } = options;
  const { ffn } = model;
  if (ffn.kind === 'dense') return undefined;
  const format = formatsOf(model, options.weightDtype).ffn;
  if (format === 'fp8') throw new Error('mixtures store fp8 in blocks');
  const rates = ratesOf(device, `moe ${format}`, format);
  const bytes = bytesOf(format);
  const rowsPerToken = ffn.expertsPerToken / ranks;
  const expert = 3 * model.hiddenSize * ffn.expertIntermediateSize;
  const rowElements = 2 * model.hiddenSize + 3 * ffn.expertIntermediateSize;
  return {
    count: model.layers - ffn.denseLayers,
    // No tile padding here: the calibrated compute share already holds it.
    computeNsPerToken: 2 * expert * rowsPerToken * rates.nsPerFlop,
    allWeightsNs: (ffn.routedExperts / ranks) * expert * bytes * rates.nsPerByte,
    trafficNsPerToken: rowsPerToken * rowElements * bytes * rates.nsPerByte,
    routedExperts: ffn.routedExperts,
    expertsPerToken: ffn.expertsPerToken,
  };
}

/**
 * Expected share of the experts that n tokens touch under uniform routing, 1 - (1 - k/E)^n. The
 * power goes by squaring, which uses products only and is the same on every runtime.
 */
export function touchedShare(expertsPerToken: number, routedExperts: number, n: number): number {
  let base = 1 - expertsPerToken / routedExperts;
  let untouched = 1;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) untouched *= base;
    base *= base;
  }
  return 1 - untouched;
}
