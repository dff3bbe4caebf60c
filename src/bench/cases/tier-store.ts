// SPDX-License-Identifier: Apache-2.0
/**
 * Tier store: sessions that grow turn by turn over a device that holds a few of them, a host that
 * holds more and a disk. A turn matches, loads back what is below, inserts what is new; copies land
 * as soon as they are asked for.
 */
import { TierStore } from '../../core/index.js';
import type { Core, TierBlock } from '../../core/index.js';
import { SEED } from '../case.js';
import type { BenchCase, BenchTask } from '../case.js';
import { Checksum } from '../checksum.js';
import { Random } from '../random.js';

const SESSIONS = 200;
const TURNS = 2000;
const DEVICE = 4096;
const HOST = 16384;
const DISK = 65536;

/** Hashes of the blocks of each turn: a session's context and what this turn adds. */
function turns(): bigint[][] {
  const random = new Random(SEED);
  const contexts = Array.from({ length: SESSIONS }, (): bigint[] => [1n, 2n, 3n, 4n]);
  let fresh = 5n;
  return Array.from({ length: TURNS }, () => {
    const session = random.below(SESSIONS);
    const context = contexts[session];
    for (let n = 1 + random.below(12); n > 0; n--) context.push(fresh++ * 0x9e3779b97f4a7c15n);
    const blocks = context.map((hash) => BigInt.asUintN(64, hash));
    if (context.length > 300) contexts[session] = context.slice(0, 20);
    return blocks;
  });
}

function land(store: TierStore): void {
  for (const { id } of store.commands()) store.done(id);
}

function task(core: Core): BenchTask {
  const all = turns();
  const sum = new Checksum();
  let store: TierStore | null = null;
  const load = (end: TierBlock | null): void => {
    if (end === null || typeof store!.load(end) !== 'number') return;
    land(store!);
  };
  return {
    units: all.reduce((total, blocks) => total + blocks.length, 0),
    setup: () => {
      store?.dispose();
      const tiers = [
        { capacity: DEVICE, down: 'through', hits: 1 },
        { capacity: HOST, down: 'back' },
        { capacity: DISK },
      ] as const;
      store = new TierStore(core, { tiers });
    },
    run: () => {
      for (const blocks of all) {
        const { found, end, reach } = store!.match(blocks);
        if (reach[0] < found) load(end);
        const placed = store!.insert(blocks);
        land(store!);
        sum.add(found);
        sum.add(placed?.prefix ?? -1);
      }
    },
    check: () => {
      for (const { used } of store!.occupancy()) sum.add(used);
      return sum.value;
    },
  };
}

export const tierStoreCases: readonly BenchCase[] = [
  {
    id: 'tier.turns',
    family: 'tier',
    kernel: 'tier-store',
    title: 'growing sessions over device, host and disk',
    unit: 'block',
    parameters: { sessions: SESSIONS, turns: TURNS, device: DEVICE, host: HOST, disk: DISK },
    streamed: false,
    prepare: task,
  },
];
