// SPDX-License-Identifier: Apache-2.0
/** Small tier stores, and what tests ask of them. */
import { TierStore } from '../../src/core/index.js';
import type { Core, TierOptions, TierStoreOptions } from '../../src/core/index.js';

export const path = (from: number, n: number): bigint[] =>
  Array.from({ length: n }, (_, i) => BigInt(from + i));

export function storeOf(
  core: Core,
  device: Partial<TierOptions>,
  host: Partial<TierOptions> = {},
  rest: Partial<TierStoreOptions> = {},
): TierStore {
  const tiers = [{ capacity: 4, ...device }, { capacity: 8, ...host }];
  return new TierStore(core, { tiers, blockBytes: 1000, events: 64, ...rest });
}

/** Ends all copies that the store asks for, until it asks for none. */
export function copyAll(store: TierStore): string[] {
  const done: string[] = [];
  for (let list = store.commands(); list.length > 0; list = store.commands()) {
    for (const { id, source, target, blocks } of list) {
      done.push(`${source}>${target} x${blocks} ${store.done(id)}`);
    }
  }
  return done;
}

export const where = (store: TierStore, keys: bigint[]): string[] =>
  keys.map((key) => store.residency(key)?.resident.join('+') ?? '-');
