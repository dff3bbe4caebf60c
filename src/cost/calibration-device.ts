// SPDX-License-Identifier: Apache-2.0
import type { Device } from '../hardware/index.js';

/** Devices whose single operations were fitted; see `calibration.ts`. */
const FITTED: readonly string[] = ['h100_sxm', 'h200_sxm', 'b200_sxm', 'gb300'];

/**
 * Id of the fitted device whose efficiencies apply: its own, or the nearest of its generation.
 * Rubin has none and takes GB300's. Reports mark what is borrowed as assumed.
 */
export function calibrationDevice(device: Device): string {
  if (FITTED.includes(device.id)) return device.id;
  if (device.architecture === 'hopper') return 'h200_sxm';
  const inRack = (device.scaleUp.domainGpus ?? 1) > 8;
  return device.architecture === 'blackwell' && !inRack ? 'b200_sxm' : 'gb300';
}
