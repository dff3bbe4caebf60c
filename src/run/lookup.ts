// SPDX-License-Identifier: Apache-2.0
import type { Catalog } from '../config/index.js';
import { UserError } from '../core/user-error.js';
import { devices, findNamed, parts, type Device, type Part } from '../hardware/index.js';
import { contradiction, findModelIn, models, type ModelArchitecture } from '../model/index.js';
import { gpuHours, tariffs, type GpuHour, type Tariff } from '../price/index.js';

/** The built-in catalogue with a user's entries before it. */
export interface Lookup {
  readonly devices: readonly Device[];
  readonly parts: readonly Part[];
  readonly models: readonly ModelArchitecture[];
  readonly tariffs: readonly Tariff[];
  readonly gpuHours: readonly GpuHour[];
  findDevice(name: string): Device | undefined;
  findPart(name: string): Part | undefined;
  findModel(name: string): ModelArchitecture | undefined;
  findTariff(name: string): Tariff | undefined;
}

const EMPTY: Catalog = {
  schema: 1, devices: [], parts: [], models: [], tariffs: [], gpuHours: [],
};

/** An entry of a user replaces the built-in one with its id. */
function before<T extends { readonly id: string }>(own: readonly T[], all: readonly T[]): T[] {
  const ids = new Set(own.map(({ id }) => id));
  return [...own, ...all.filter(({ id }) => !ids.has(id))];
}

/**
 * Catalogue of a run: the `catalog` key of its config over the built-in entries.
 * @throws UserError naming the path of a field that contradicts another.
 */
export function lookup(catalog: Catalog | undefined): Lookup {
  const own = catalog ?? EMPTY;
  own.models.forEach((model, i) => {
    const wrong = contradiction(model);
    if (wrong === null) return;
    throw new UserError(wrong.what, { path: `catalog.models.${i}.${wrong.path}` });
  });
  const all = {
    devices: before<Device>(own.devices, devices),
    parts: before<Part>(own.parts, parts),
    models: before<ModelArchitecture>(own.models, models),
    tariffs: before<Tariff>(own.tariffs, tariffs),
    gpuHours: before<GpuHour>(own.gpuHours, gpuHours),
  };
  return {
    ...all,
    findDevice: (name) => findNamed(all.devices, name),
    findPart: (name) => findNamed(all.parts, name),
    findModel: (name) => findModelIn(all.models, name),
    findTariff: (name) => findNamed(all.tariffs, name),
  };
}
