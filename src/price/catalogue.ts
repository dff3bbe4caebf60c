// SPDX-License-Identifier: Apache-2.0
import { findNamed } from '../hardware/index.js';
import { ANTHROPIC_TARIFFS } from './anthropic.js';
import { GPU_HOURS } from './gpu-hours.js';
import { OPENAI_TARIFFS } from './open-ai.js';
import { OTHER_TARIFFS } from './other-providers.js';
import type { GpuHour, Tariff } from './types.js';

/** Every tariff of the catalogue. */
export const tariffs: readonly Tariff[] = [
  ...ANTHROPIC_TARIFFS,
  ...OPENAI_TARIFFS,
  ...OTHER_TARIFFS,
];

/** Every hourly price of a GPU. */
export const gpuHours: readonly GpuHour[] = GPU_HOURS;

/** The tariff of that id, name or alias, or undefined. */
export function findTariff(name: string): Tariff | undefined {
  return findNamed(tariffs, name);
}

/** Hourly prices of a device, in the order of the catalogue. */
export function gpuHoursOf(device: string): GpuHour[] {
  return gpuHours.filter((each) => each.device === device);
}
