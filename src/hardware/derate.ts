// SPDX-License-Identifier: Apache-2.0
import { SOURCES } from './sources.js';
import type { Device } from './types.js';
import { TB } from './units.js';

/** Middle of the large-copy rates (10.15-10.33 TB/s) measured on pre-production Rubin parts. */
export const RUBIN_COPY_BYTES_PER_S = 10.24 * TB;

/**
 * The device with that share of its HBM bandwidth, for parts that do not reach their clocks.
 * @throws RangeError unless the share is above 0 and at most 1.
 */
export function derateHbm(device: Device, share: number): Device {
  if (!(share > 0 && share <= 1)) {
    throw new RangeError(`hbmBandwidthShare: must be above 0 and at most 1, got ${share}`);
  }
  if (share === 1) return device;
  const { memory } = device;
  return {
    ...device,
    memory: {
      ...memory,
      ...SOURCES.kvloomGuess,
      source: `${share} of ${memory.bandwidthBytesPerS / TB} TB/s (${memory.source})`,
      bandwidthBytesPerS: share * memory.bandwidthBytesPerS,
    },
  };
}
