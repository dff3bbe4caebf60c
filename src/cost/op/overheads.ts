// SPDX-License-Identifier: Apache-2.0
/** Costs without measured rows: simple forms of stated constants. All in us. */
import type { Peaks } from './peaks.js';

/** Share of HBM bandwidth that element-wise kernels reach (aiconfigurator's memory scaling). */
export const ELEMENTWISE_SHARE = 0.8;

/**
 * Time of a kernel too small to matter otherwise, us: the middle of 1.7-2.4 in a captured graph and
 * 6.7-6.8 launched one by one (RMSNorm of few tokens on Rubin, ai-dynamo/aisimulate's evidence
 * page, Apache-2.0). Other generations: assumed the same.
 */
export const SMALL_KERNEL_US = { graph: 2.05, eager: 6.75 } as const;

export type LaunchMode = keyof typeof SMALL_KERNEL_US;

/**
 * Converts `elements` from one width to another: bytes in and out over HBM, plus a launch. For
 * products whose rows exclude it; rows of fp8 and nvfp4 products include it.
 */
export function quantizeUs(
  elements: number,
  fromBytes: number,
  toBytes: number,
  peaks: Peaks,
  mode: LaunchMode = 'graph',
): number {
  const bytes = elements * (fromBytes + toBytes);
  return SMALL_KERNEL_US[mode] + bytes / (peaks.hbm * ELEMENTWISE_SHARE * 1e-6);
}

/**
 * Samples one token for each sequence: reads the fp32 logits `passes` times (temperature and
 * softmax, top-k and top-p, draw: 3), one launch a pass.
 */
export function samplingUs(
  sequences: number,
  vocabulary: number,
  peaks: Peaks,
  passes = 3,
  mode: LaunchMode = 'graph',
): number {
  if (sequences === 0) return 0;
  const bytes = 4 * sequences * vocabulary * passes;
  return passes * SMALL_KERNEL_US[mode] + bytes / (peaks.hbm * ELEMENTWISE_SHARE * 1e-6);
}

/** Host time of a step and of a sequence in it, us: the neutral start of the serving fit. */
const HOST_US_PER_STEP = 500;
const SEQUENCE_US = 4;

/** Host time of a step: scheduling, input preparation, results. */
export function hostUs(sequences: number): number {
  return HOST_US_PER_STEP + SEQUENCE_US * sequences;
}

/**
 * Least time of the small kernels between the large ones of a layer (norms, rope, cache writes,
 * router): 6 in a dense layer, about 10 with experts. Served layers measure more (`glueUs` of the
 * serving fit): this is what remains when an engine adds nothing.
 */
export function smallKernelsUs(kernels: number, layers: number, mode: LaunchMode): number {
  return kernels * layers * SMALL_KERNEL_US[mode];
}
