// SPDX-License-Identifier: Apache-2.0
import { B200_SXM, B300_SXM, GB200, GB300 } from './gpu/blackwell.js';
import { H100_SXM, H200_SXM } from './gpu/hopper.js';
import { RUBIN, RUBIN_19_2 } from './gpu/rubin.js';
import { ACCELERATORS } from './part/accelerators.js';
import { HOSTS } from './part/hosts.js';
import { DEVICES, LINKS } from './part/network.js';
import { RACKS } from './part/racks.js';
import { TIERS } from './part/tiers.js';
import type { Device, Part } from './types.js';

/** Every GPU of the catalogue: what a pool may run on. */
export const devices: readonly Device[] = [
  H100_SXM,
  H200_SXM,
  B200_SXM,
  B300_SXM,
  GB200,
  GB300,
  RUBIN,
  RUBIN_19_2,
];

/** Everything else: other accelerators, hosts, network, tiers, racks. */
export const parts: readonly Part[] = [
  ...ACCELERATORS,
  ...HOSTS,
  ...DEVICES,
  ...LINKS,
  ...TIERS,
  ...RACKS,
];

interface Named {
  readonly id: string;
  readonly name: string;
  readonly aliases: readonly string[];
}

/** Letters and digits only, so that `H100 SXM`, `h100-sxm` and `h100_sxm` are one name. */
function normalise(name: string): string {
  return name.toLowerCase().replace(/^nvidia/, '').replace(/[^a-z0-9]/g, '');
}

/** The entry of that id, name or alias, or undefined. */
export function findNamed<T extends Named>(list: readonly T[], name: string): T | undefined {
  const wanted = normalise(name);
  return list.find((entry) =>
    [entry.id, entry.name, ...entry.aliases].some((each) => normalise(each) === wanted));
}

/** The device of that id, name or alias, or undefined. */
export function findDevice(nameOrAlias: string): Device | undefined {
  return findNamed(devices, nameOrAlias);
}

/** The part of that id, name or alias, or undefined. */
export function findPart(nameOrAlias: string): Part | undefined {
  return findNamed(parts, nameOrAlias);
}

/** Ids of the devices, for messages and completion. */
export function deviceNames(): string[] {
  return devices.map((device) => device.id);
}
