// SPDX-License-Identifier: Apache-2.0
import type { RunSpec } from '../config/index.js';
import { didYouMean } from '../config/suggest.js';
import { UserError } from '../core/user-error.js';
import type { Provenance } from '../hardware/index.js';
import type { GpuHour, Tariff } from '../price/index.js';
import type { Lookup } from './lookup.js';

/** What an hour of one GPU of a pool costs, and who says so. */
export interface HourlyPrice extends Provenance {
  readonly usdPerGpuHour: number;
  readonly what: string;
}

/** Prices of a run, found before it begins. */
export interface RunPrices {
  /** One a pool; null: the catalogue has none for its device. */
  readonly pools: readonly (HourlyPrice | null)[];
  /** Each bills every request. */
  readonly tariffs: readonly Tariff[];
  /** Tariff of each model of the trace, where the catalogue has it; used when none is named. */
  readonly ofModel: readonly (Tariff | null)[];
}

const OWN: Omit<HourlyPrice, 'usdPerGpuHour'> = {
  what: 'of the config', source: 'pools[].usdPerGpuHour', date: '', status: 'assumed',
};

/** Three-year rental if there is one, because it is found alike for most GPUs. */
function usualHour(hours: readonly GpuHour[]): GpuHour | undefined {
  return hours.find(({ id }) => id.endsWith('-rental-3y')) ?? hours[0];
}

function hourlyPrice(spec: RunSpec, index: number, catalogue: Lookup): HourlyPrice | null {
  const { usdPerGpuHour, gpuHour, device: name } = spec.pools[index];
  const path = `pools.${index}.gpuHour`;
  if (usdPerGpuHour !== undefined) {
    if (gpuHour === undefined) return { ...OWN, usdPerGpuHour };
    throw new UserError('and usdPerGpuHour exclude each other', { path });
  }
  const device = catalogue.findDevice(name);
  const hours = catalogue.gpuHours.filter((each) => each.device === device?.id);
  if (gpuHour === undefined) return usualHour(hours) ?? null;
  const found = hours.find(({ id }) => id === gpuHour);
  if (found !== undefined) return found;
  const ids = hours.map(({ id }) => id);
  throw new UserError(`is no hourly price of ${name}${didYouMean(gpuHour, ids)}`, { path }, {
    got: gpuHour,
    allowed: ids.length === 0 ? 'none is known: set usdPerGpuHour' : ids.join(', '),
  });
}

/** Providers put a date behind a model's name; its price stands under the name alone. */
function tariffOfModel(name: string, catalogue: Lookup): Tariff | null {
  return catalogue.findTariff(name) ?? catalogue.findTariff(name.replace(/-\d{8}$/, '')) ?? null;
}

/**
 * Hourly prices of the pools and tariffs to compare with.
 * @throws UserError naming the config path of a name that the catalogue lacks.
 */
export function resolvePrices(
  spec: RunSpec,
  catalogue: Lookup,
  models: readonly string[],
): RunPrices {
  const tariffs = (spec.tariffs ?? []).map((name, i) => {
    const found = catalogue.findTariff(name);
    if (found !== undefined) return found;
    const ids = catalogue.tariffs.map(({ id }) => id);
    throw new UserError(`is not in the catalogue${didYouMean(name, ids)}`, {
      path: `tariffs.${i}`,
    }, { got: name, allowed: ids.join(', ') });
  });
  return {
    pools: spec.pools.map((_, i) => hourlyPrice(spec, i, catalogue)),
    tariffs,
    ofModel: spec.tariffs === undefined ? models.map((m) => tariffOfModel(m, catalogue)) : [],
  };
}
