// SPDX-License-Identifier: Apache-2.0
import { type Device, findDevice } from '../../hardware/index.js';
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

/** Generation whose constants a device has: its own, or the one before. */
export function generationOf({ architecture }: Pick<Device, 'architecture'>): Generation {
  return NEAREST[architecture];
}

/** Fitted peaks of the listed device, for one that differs from it in some numbers. */
function inProportion(own: Peaks, device: Device, listed: Device): Peaks {
  if (device === listed) return own;
  const { compute, memory, scaleUp, scaleOut } = device;
  const ratio = (mine: number | null, its: number | null): number =>
    mine === its || mine === null || its === null ? 1 : mine / its;
  return {
    ...own,
    bf16: own.bf16 * ratio(compute.bf16FlopsPerS, listed.compute.bf16FlopsPerS),
    fp8: own.fp8 * ratio(compute.fp8FlopsPerS, listed.compute.fp8FlopsPerS),
    fp4: own.fp4 * ratio(compute.nvfp4FlopsPerS, listed.compute.nvfp4FlopsPerS),
    hbm: own.hbm * ratio(memory.bandwidthBytesPerS, listed.memory.bandwidthBytesPerS),
    nvlink: own.nvlink * ratio(scaleUp.bandwidthBytesPerS, listed.scaleUp.bandwidthBytesPerS),
    nic: own.nic * ratio(scaleOut.bandwidthBytesPerS, listed.scaleOut.bandwidthBytesPerS),
  };
}

/**
 * What the operation forms need of a device. Fitted constants are shares of peaks, so a device that
 * was never measured takes its generation's (Rubin: Blackwell's) shares of its own peaks. A fitted
 * device with other numbers than the catalogue's (derated, varied) has its peaks in proportion.
 */
export function devicePeaks(device: Device): DevicePeaks {
  const own = peaksOf(device.id);
  const listed = findDevice(device.id);
  if (own !== undefined && listed !== undefined) {
    return { peaks: inProportion(own, device, listed), borrowed: '' };
  }
  const { compute, memory, scaleUp, scaleOut, architecture } = device;
  const generation = generationOf(device);
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
  const what = architecture === 'rubin'
    ? 'efficiencies, fixed times and L2' : 'SMs, L2 and exponentials';
  return { peaks, borrowed: `${what} of ${like.id} for ${device.id}` };
}
