// SPDX-License-Identifier: Apache-2.0
import type { Device } from '../hardware/index.js';
import { calibrationDevice } from './calibration-device.js';

/**
 * Share of peak that each operation reaches, by device: time = max(flops / (peak * compute),
 * bytes / (bandwidth * memory)). Our own grid fit of three constants to the single-operation
 * latencies that ai-dynamo/aiconfigurator publishes (commit 095f58a5, Apache-2.0; TensorRT-LLM
 * kernels). The third constant, the fixed time of a single launch, is left out on purpose: captured
 * graphs hide most of it in serving, and the per-layer floor of `layer-floor.ts` holds the rest.
 *
 * Fit errors are in-sample means. On shapes the fit did not see expect 8-14 % for bf16 and fp8
 * GEMM, 16-23 % for block-fp8 and nvfp4 GEMM, 9-16 % for decode attention, 17-26 % for context
 * attention and 23-37 % for experts.
 */
export interface Efficiency {
  /** Share of the dense peak of the operation's format. */
  compute: number;
  /** Share of HBM bandwidth; just above 1 where benchmark rows were partly cache-warm. */
  memory: number;
  /** Mean absolute error of the fit with its fixed time, in percent. */
  fitErrorPercent: number;
  /** Device whose rows were fitted, when this device had none. */
  fittedOn?: string;
}

/** Operation and format. Attention rows: bf16 arithmetic, named by the KV cache's format. */
export type CalibratedOperation =
  | 'gemm bf16'
  | 'gemm fp8'
  | 'gemm fp8_block'
  | 'gemm nvfp4'
  | 'context_attention kv bf16'
  | 'context_attention kv fp8'
  | 'generation_attention kv bf16'
  | 'generation_attention kv fp8'
  | 'context_mla kv bf16'
  | 'context_mla kv fp8'
  | 'generation_mla kv bf16'
  | 'generation_mla kv fp8'
  | 'moe bf16'
  | 'moe fp8_block'
  | 'moe nvfp4';

/** compute share, memory share, in-sample error in percent, and the device fitted if another. */
type Row = readonly [number, number, number, string?];

const H100: Readonly<Partial<Record<CalibratedOperation, Row>>> = {
  'gemm bf16': [0.8, 0.85, 4],
  'gemm fp8': [0.55, 0.75, 6],
  'gemm fp8_block': [0.5, 0.9, 7],
  'context_attention kv bf16': [0.5, 0.15, 7],
  'context_attention kv fp8': [0.7, 0.15, 9],
  'generation_attention kv bf16': [0.1, 0.85, 7],
  'generation_attention kv fp8': [0.1, 0.85, 11],
  'context_mla kv bf16': [0.6, 0.45, 6],
  'context_mla kv fp8': [0.65, 0.35, 7],
  'generation_mla kv bf16': [0.6, 0.95, 8],
  'generation_mla kv fp8': [0.35, 0.85, 10],
  'moe bf16': [0.5, 0.9, 14],
  'moe fp8_block': [0.25, 0.75, 17],
};

const H200: Readonly<Partial<Record<CalibratedOperation, Row>>> = {
  'gemm bf16': [0.8, 0.9, 4],
  'gemm fp8': [0.55, 0.8, 6],
  'gemm fp8_block': [0.5, 0.85, 7],
  'context_attention kv bf16': [0.5, 0.2, 11],
  'context_attention kv fp8': [0.6, 0.2, 15],
  'generation_attention kv bf16': [0.1, 0.8, 10],
  'generation_attention kv fp8': [0.1, 0.75, 11],
  'context_mla kv bf16': [0.55, 0.3, 5],
  'context_mla kv fp8': [0.65, 0.25, 9],
  'generation_mla kv bf16': [0.6, 0.95, 10],
  'generation_mla kv fp8': [0.35, 0.65, 8],
  'moe bf16': [0.5, 0.9, 14, 'h100_sxm'],
  'moe fp8_block': [0.25, 0.75, 17],
};

const B200: Readonly<Partial<Record<CalibratedOperation, Row>>> = {
  'gemm bf16': [0.65, 1.05, 6],
  'gemm fp8': [0.6, 0.7, 8],
  'gemm fp8_block': [0.55, 0.65, 7],
  'gemm nvfp4': [0.35, 0.55, 9],
  'context_attention kv bf16': [0.45, 0.1, 12],
  'context_attention kv fp8': [0.55, 0.2, 8],
  'generation_attention kv bf16': [0.1, 0.9, 11],
  'generation_attention kv fp8': [0.1, 0.85, 13],
  'context_mla kv bf16': [0.55, 0.35, 2],
  'context_mla kv fp8': [0.7, 0.25, 8],
  'generation_mla kv bf16': [0.6, 0.7, 10],
  'generation_mla kv fp8': [0.5, 0.85, 12],
  'moe bf16': [0.45, 1, 16],
  'moe fp8_block': [0.3, 0.75, 16],
  // Two kernels are mixed in these rows, hence the error.
  'moe nvfp4': [0.15, 1.05, 38],
};

const GB300: Readonly<Partial<Record<CalibratedOperation, Row>>> = {
  'gemm bf16': [0.75, 0.8, 6],
  'gemm fp8': [0.6, 0.8, 7],
  'gemm fp8_block': [0.65, 0.8, 7],
  'gemm nvfp4': [0.3, 0.6, 10],
  'context_attention kv bf16': [0.55, 0.1, 12],
  'context_attention kv fp8': [0.7, 0.15, 15],
  'generation_attention kv bf16': [0.1, 0.9, 10],
  'generation_attention kv fp8': [0.1, 0.9, 13],
  'context_mla kv bf16': [0.6, 0.35, 5],
  'context_mla kv fp8': [0.75, 0.95, 14],
  'generation_mla kv bf16': [0.55, 0.7, 11],
  'generation_mla kv fp8': [0.5, 0.85, 13],
  'moe bf16': [0.45, 1, 16, 'b200_sxm'],
  'moe fp8_block': [0.25, 0.75, 14],
  'moe nvfp4': [0.1, 0.75, 15],
};

const ROWS: Readonly<Record<string, Readonly<Partial<Record<CalibratedOperation, Row>>>>> = {
  h100_sxm: H100,
  h200_sxm: H200,
  b200_sxm: B200,
  gb300: GB300,
};

/** A device with efficiencies that stand in for the fitted ones: how a sensitivity varies them. */
export interface VariedDevice extends Device {
  shares?: Readonly<Partial<Record<CalibratedOperation, { compute: number; memory: number }>>>;
}

/**
 * The efficiency of an operation on a device, from `calibrationDevice` when it has no rows;
 * throws when nothing was fitted for the pair.
 */
export function efficiencyOf(
  operation: CalibratedOperation,
  device: VariedDevice,
): Efficiency {
  const from = calibrationDevice(device);
  const row = ROWS[from]?.[operation];
  if (row === undefined) throw new Error(`no calibration of "${operation}" on ${from}`);
  const [compute, memory, fitErrorPercent, own] = row;
  const efficiency = { compute, memory, fitErrorPercent, ...device.shares?.[operation] };
  const fittedOn = own ?? (from === device.id ? undefined : from);
  return fittedOn === undefined ? efficiency : { ...efficiency, fittedOn };
}
