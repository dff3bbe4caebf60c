// SPDX-License-Identifier: Apache-2.0
import type { FamilyKey } from '../cost/op/fitted-family.js';

/** What errors are reported by, with bars on its mean absolute error in percent. */
export interface ErrorClass {
  readonly name: string;
  /** Bars on unseen rows and unseen shapes; undefined where none was set. */
  readonly bars?: readonly [rows: number, shapes: number];
  /** Operations with the same bars, where there are several. */
  readonly kind?: string;
}

const GEMM: Readonly<Record<string, readonly [number, number]>> = {
  bfloat16: [7, 9], fp8: [7, 8], fp8_block: [7, 11], nvfp4: [11, 13],
};

/** Class of a kernel. Slow-to-predict kernels of experts stand apart. */
export function errorClass(key: Pick<FamilyKey, 'op' | 'dtype' | 'kernelSource'>): ErrorClass {
  const { op, dtype, kernelSource } = key;
  const name = dtype === '' ? op : `${op} ${dtype}`;
  const withBars = (bars: readonly [number, number] | undefined, kind?: string): ErrorClass => ({
    name,
    ...(bars === undefined ? {} : { bars }),
    ...(kind === undefined ? {} : { kind }),
  });
  if (op === 'gemm') return withBars(GEMM[dtype]);
  if (op === 'generation_attention' || op === 'context_attention') return withBars([7, 8]);
  if (op === 'generation_mla' || op === 'context_mla') return withBars([10, 11], 'MLA');
  if (op === 'moe') {
    if (kernelSource.endsWith('min_latency')) {
      return { name: `${name} min-latency`, bars: [21, 28] };
    }
    return dtype.startsWith('w4a8') ? withBars([21, 28]) : withBars([13, 18], 'experts');
  }
  if (op.startsWith('nccl')) return withBars([10, 11], 'NCCL');
  if (op === 'custom_allreduce') return withBars([11, 10]);
  if (op.startsWith('deepep') || op.startsWith('alltoall')) {
    return withBars([10, 14], 'expert all-to-all');
  }
  return { name };
}
