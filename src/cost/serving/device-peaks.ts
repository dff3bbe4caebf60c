// SPDX-License-Identifier: Apache-2.0
import type { Device } from '../../hardware/index.js';
import { type Generation, type Peaks, peaksOf } from '../op/peaks.js';

/** Peaks of a catalogue device, and what had to stand in. */
export interface DevicePeaks {
  readonly peaks: Peaks;
  /** What was borrowed; '' when operations were fitted on the device itself. */
  readonly borrowed: string;
}

/**
 * Streaming multiprocessors of a Rubin package, two dies: NVIDIA, "Inside NVIDIA Rubin GPU
 * Architecture" (developer blog, 2026-07), vendor claim, through secondary pages.
 */
const RUBIN_SMS = 224;

const NEAREST: Readonly<Record<Device['architecture'], Generation>> = {
  hopper: 'hopper', blackwell: 'blackwell', rubin: 'blackwell',
};

/**
 * What the operation forms need of a device. Fitted constants are shares of peaks, so a device that
 * was never measured takes its generation's (Rubin: Blackwell's) shares of its own peaks.
 */
export function devicePeaks(device: Device): DevicePeaks {
  const own = peaksOf(device.id);
  if (own !== undefined) return { peaks: own, borrowed: '' };
  const { compute, memory, scaleUp, scaleOut, architecture } = device;
  const generation = NEAREST[architecture];
  const like = peaksOf(generation === 'hopper' ? 'h200_sxm' : 'gb300')!;
  const peaks: Peaks = {
    id: device.id,
    generation,
    bf16: compute.bf16FlopsPerS,
    fp8: compute.fp8FlopsPerS,
    fp4: compute.nvfp4FlopsPerS ?? 0,
    flopsPerExp: like.flopsPerExp,
    hbm: memory.bandwidthBytesPerS,
    sms: architecture === 'rubin' ? RUBIN_SMS : like.sms,
    l2: like.l2,
    nvlink: scaleUp.bandwidthBytesPerS,
    nic: scaleOut.bandwidthBytesPerS,
    nvlinkGpus: scaleUp.domainGpus ?? like.nvlinkGpus,
  };
  const what = architecture === 'rubin' ? 'efficiencies, fixed times and L2' : 'SMs, L2 and shares';
  return { peaks, borrowed: `${what} of ${like.id} for ${device.id}` };
}
