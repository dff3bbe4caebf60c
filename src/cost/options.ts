// SPDX-License-Identifier: Apache-2.0
import type { Device } from '../hardware/index.js';
import type { KvDtype, ModelArchitecture, WeightDtype } from '../model/index.js';
import type { Engine } from './engine.js';
import type { Layout } from './serving/layout.js';

/** One model on one parallel layout of one device. */
export interface StepModelOptions {
  device: Device;
  model: ModelArchitecture;
  /** Ranks that split the heads and widths of attention. */
  tensorParallel: number;
  /** Attention replicas that share experts, each with sequences of its own; default 1. */
  attentionDataParallel?: number | undefined;
  /**
   * Ranks that the experts are dealt to whole; what is left of the GPUs splits their width. Default
   * as many of the GPUs as divide the experts; with 1 every expert is split by width.
   */
  expertParallel?: number | undefined;
  weightDtype: WeightDtype;
  kvDtype: KvDtype;
  /** Whose constants to use; default vllm. */
  engine?: Engine | undefined;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/**
 * Layout of ranks that split attention and of attention replicas beside each other. Experts are
 * dealt whole to `expertParallel` ranks, by default as many as divide them; the rest of the GPUs
 * splits their width. Pure arithmetic: `checkLayout` says whether it can exist.
 */
export function operationLayout(
  { ffn }: ModelArchitecture,
  tp: number,
  dp = 1,
  expertParallel?: number,
): Layout {
  if (ffn.kind === 'dense') return { tp, dp, moeTp: 1, moeEp: 1 };
  const gpus = tp * dp;
  const moeEp = expertParallel ?? greatestCommonDivisor(gpus, ffn.routedExperts);
  return { tp, dp, moeTp: gpus / moeEp, moeEp };
}

/** The layout of the options. */
export function layoutOf(options: StepModelOptions): Layout {
  const { model, tensorParallel, attentionDataParallel, expertParallel } = options;
  return operationLayout(model, tensorParallel, attentionDataParallel, expertParallel);
}

function checkExperts(options: StepModelOptions): void {
  const { model: { ffn, name }, expertParallel: ranks = 1 } = options;
  const { attentionDataParallel: replicas = 1, tensorParallel } = options;
  if (ffn.kind === 'dense') {
    if (replicas > 1) {
      const what = `${name} has no experts that replicas could share: use replicas`;
      throw new RangeError(`attentionDataParallel: ${what}, got ${replicas}`);
    }
    if (ranks > 1) throw new RangeError(`expertParallel: ${name} has no experts, got ${ranks}`);
    return;
  }
  const gpus = tensorParallel * replicas;
  if (gpus % ranks !== 0) {
    throw new RangeError(`expertParallel: must divide the ${gpus} GPUs of a replica, got ${ranks}`);
  }
  if (ffn.routedExperts % ranks !== 0) {
    throw new RangeError(
      `expertParallel: must divide the ${ffn.routedExperts} experts of ${name}, got ${ranks}`,
    );
  }
  const { moeTp } = layoutOf(options);
  if (ffn.expertIntermediateSize % moeTp !== 0) {
    throw new RangeError(
      `expertParallel: leaves ${moeTp} GPUs to split experts of width `
        + `${ffn.expertIntermediateSize}, which they do not divide`,
    );
  }
}

/** Throws a RangeError that begins with the option and a colon when a layout cannot exist. */
export function checkLayout(options: StepModelOptions): void {
  const { device, model, weightDtype, kvDtype } = options;
  const { tensorParallel, attentionDataParallel = 1, expertParallel = 1 } = options;
  const counts = { tensorParallel, attentionDataParallel, expertParallel };
  for (const [name, count] of Object.entries(counts)) {
    if (Number.isInteger(count) && count >= 1) continue;
    throw new RangeError(`${name}: must be a whole number of 1 or more, got ${count}`);
  }
  const { heads } = model.attention;
  const domain = device.scaleUp.domainGpus ?? 1;
  if (heads % tensorParallel !== 0) {
    const counts = Array.from({ length: domain }, (_, i) => i + 1);
    const allowed = counts.filter((count) => heads % count === 0).join(', ');
    const what = `must divide the ${heads} heads of ${model.name}: ${allowed}`;
    throw new RangeError(`tensorParallel: ${what}; got ${tensorParallel}`);
  }
  const linked = `${device.name} links ${domain} GPUs by ${device.scaleUp.name}`;
  if (tensorParallel > domain) {
    throw new RangeError(
      `tensorParallel: must be at most ${domain}, ${linked}, got ${tensorParallel}`,
    );
  }
  checkExperts(options);
  if (tensorParallel * attentionDataParallel > domain) {
    throw new RangeError(
      `attentionDataParallel: ${linked}, got ${attentionDataParallel} x ${tensorParallel}`,
    );
  }
  if (device.compute.nvfp4FlopsPerS === null) {
    if (weightDtype === 'nvfp4') throw new RangeError(`weightDtype: ${device.name} has no nvfp4`);
    if (kvDtype === 'nvfp4') throw new RangeError(`kvDtype: ${device.name} has no nvfp4`);
  }
}
