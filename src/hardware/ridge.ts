// SPDX-License-Identifier: Apache-2.0
import type { Device } from './types.js';

/** FLOP a byte of HBM at which the dense peak of a format takes over; null: no such format. */
export function ridgePoint(device: Device, format: 'bf16' | 'fp8' | 'nvfp4'): number | null {
  const { compute, memory } = device;
  const peak = format === 'bf16'
    ? compute.bf16FlopsPerS
    : format === 'fp8' ? compute.fp8FlopsPerS : compute.nvfp4FlopsPerS;
  return peak === null ? null : peak / memory.bandwidthBytesPerS;
}
