// SPDX-License-Identifier: Apache-2.0
/** The tier store (tier-store) against its twin: all modes, copies that fail, wait, come late. */
import type { Core } from '../core/core.js';
import { bestOf, ReferenceTierStore } from '../core/reference/tier-store.js';
import type { ReferenceBlock, ReferenceTier } from '../core/reference/tier-store.js';
import { TierStore } from '../core/tier-store.js';
import type { TierBlock, TierOptions, TierStoreOptions } from '../core/tier-store.js';
import { Status } from '../core/status.js';
import { expectSame, outcomeOf } from './compare.js';
import type { FuzzTarget, RunOptions } from './target.js';
import { runOperations } from './target.js';

/** What the fuzzer needs of a store; a test plants bugs by handing in another one. */
export type TiersUnderTest = Omit<TierStore, 'handle'>;
export type MakeTiers = (core: Core, options: TierStoreOptions) => TiersUnderTest;

const MODES = ['none', 'through', 'back'] as const;

function tiersOf(setup: Uint8Array): TierOptions[] {
  const tiers = 1 + (setup[0] % 4);
  return Array.from({ length: tiers }, (_, t) => ({
    capacity: 4 + ((setup[1] >> t) % 4) * (t + 2) * 2,
    down: t + 1 === tiers ? 'none' : MODES[(setup[2] >> (2 * t)) % 3],
    hits: 1 + ((setup[3] >> t) & 1),
    minPriority: (setup[3] >> (t + 3)) & 1 ? 30 : 0,
    shortestLoad: 1 + ((setup[2] >> (t + 4)) & 1),
  }));
}

/** Hashes along a path of digits: what is shared at the start has equal hashes. */
function keysOf(op: Uint8Array, most: number): bigint[] {
  const length = 1 + (op[2] % most);
  let hash = 7n;
  return Array.from({ length }, (_, i) => {
    const digit = (op[3 + (i % 3)] >> (i % 7)) & (i < 2 ? 3 : 1);
    return (hash = BigInt.asUintN(64, hash * 1000003n + BigInt(1 + digit)));
  });
}

class TiersRun {
  readonly #twin: ReferenceTierStore;
  readonly #kernel: TiersUnderTest;
  /** Kernel's numbers of the twin's open transfers, by serial. */
  readonly #ids = new Map<number, number>();
  #fetched = 0;
  #now = 0;
  readonly #tiers: readonly TierOptions[];

  constructor(core: Core, make: MakeTiers, setup: Uint8Array) {
    this.#tiers = tiersOf(setup);
    const transfers = 1 + (setup[0] >> 4) * 2;
    const reference = this.#tiers.map(({ down, ...tier }) => ({ ...tier, mode: down }));
    this.#twin = new ReferenceTierStore(reference as ReferenceTier[], transfers);
    this.#kernel = make(core, { tiers: this.#tiers, blockBytes: 3 << 20, transfers });
  }

  apply(op: Uint8Array): void {
    const kind = op[0] % 32;
    if (kind < 10) this.#insert(op);
    else if (kind < 14) this.#match(op);
    else if (kind < 17) this.#evict(op);
    else if (kind < 20) this.#load(op);
    else if (kind < 26) this.#done(op);
    else if (kind < 28) this.#lock(op);
    else if (kind < 30) this.#unlock(op);
    else if (kind === 30) this.#retain(op);
    else this.#rest(op);
    this.#fetch();
  }

  compareSizes(): void {
    // The commands that each operation leads to are compared already; the twin has no other sum.
  }

  compareAll(): void {
    expectSame('invariant', 0, this.#kernel.check());
    this.#kernel.occupancy().forEach((tier, t) => {
      expectSame(`tier ${t}: slots`, this.#twin.used(t), tier.used);
      expectSame(`tier ${t}: best`, this.#twin.withBest(t).length, tier.best);
      expectSame(`tier ${t}: leaving`, this.#twin.leaving(t), tier.leaving);
    });
    for (const b of this.#twin.blocks.values()) {
      const found = this.#kernel.residency(b.hash);
      const name = `block ${b.hash}`;
      expectSame(`${name}: resident`, [...b.resident].sort(), found?.resident);
      expectSame(`${name}: incoming`, [...b.incoming].sort(), found?.incoming);
      expectSame(`${name}: leaving`, b.leaving, found?.leaving);
      expectSame(`${name}: priority`, b.priority, found?.priority);
      expectSame(`${name}: hits`, b.hits, found?.hits);
      expectSame(`${name}: locks`, b.locks, found?.locks);
    }
  }

  dispose(): void {
    this.#kernel.dispose();
  }

  /** A block by an operation's choice, on both sides; null when there is none. */
  #pick(
    op: Uint8Array,
    list: readonly ReferenceBlock[] = [...this.#twin.blocks.values()],
  ): [ReferenceBlock, TierBlock] | null {
    if (list.length === 0) return null;
    const block = list[op[1] % list.length];
    return [block, this.#kernel.block(block.hash)!];
  }

  /** Every fourth path goes on from a block that it knows. */
  #from(op: Uint8Array): [ReferenceBlock, TierBlock] | null {
    return op[6] % 4 === 0 ? this.#pick(op) : null;
  }

  #insert(op: Uint8Array): void {
    const from = this.#from(op);
    const keys = keysOf(op, op[7] % 8 === 0 ? 24 : 6);
    if (from !== null) {
      const salt = (from[0].hash & 0xffffffn) << 32n;
      for (let i = 0; i < keys.length; i++) keys[i] ^= salt;
    }
    // Now and then a path that comes back to where it was.
    if (op[7] % 16 === 1) keys.push(keys[0]);
    const expected = this.#twin.insert(from?.[0] ?? null, keys);
    const found = outcomeOf(() => {
      const placed = this.#kernel.insert(keys, from?.[1] ?? null);
      return placed === null ? null : [placed.placed, placed.prefix];
    });
    if (expected === 'full') expectSame('insert', null, found);
    else if (expected === 'none') expectSame('insert', `refused (${Status.none})`, found);
    else if (expected === 'bad') expectSame('insert', `refused (${Status.badArgument})`, found);
    else expectSame('insert', [expected.placed, expected.prefix], found);
  }

  #match(op: Uint8Array): void {
    const from = this.#from(op);
    const keys = keysOf(op, 24);
    const expected = this.#twin.match(from?.[0] ?? null, keys);
    const found = this.#kernel.match(keys, from?.[1] ?? null);
    expectSame('found', expected.length, found.found);
    const reach = [0, 1, 2, 3].map((t) => expected.filter((b) => bestOf(b) <= t).length);
    expectSame('reach', reach, found.reach);
  }

  #evict(op: Uint8Array): void {
    const tier = op[1] % this.#tiers.length;
    const n = op[2] % 9;
    expectSame('evicted', this.#twin.evict(tier, n), this.#kernel.evict(tier, n));
  }

  #load(op: Uint8Array): void {
    const lower = [...this.#twin.blocks.values()].filter((b) => bestOf(b) > 0);
    const end = this.#pick(op, op[3] % 4 === 0 ? undefined : lower);
    if (end === null) return;
    const quota = op[2] % 5 === 0 ? op[2] % 8 : 1000;
    expectSame('loaded', this.#twin.load(end[0], quota), this.#kernel.load(end[1], quota));
  }

  #done(op: Uint8Array): void {
    const { open } = this.#twin;
    if (open.length === 0) return;
    const transfer = open[op[2] % 3 === 0 ? op[1] % open.length : 0];
    const success = op[3] % 8 !== 0;
    const id = this.#ids.get(transfer.serial)!;
    const expected = this.#twin.done(transfer, success);
    expectSame('done', expected, this.#kernel.done(id, success));
  }

  #lock(op: Uint8Array): void {
    const block = this.#pick(op);
    if (block === null) return;
    expectSame('locked', this.#twin.lock(block[0]), this.#kernel.lock(block[1]));
  }

  #unlock(op: Uint8Array): void {
    const locked = [...this.#twin.blocks.values()].filter(({ locks }) => locks > 0);
    const block = this.#pick(op, locked);
    if (block === null) return;
    this.#twin.unlock(block[0]);
    this.#kernel.unlock(block[1]);
  }

  #retain(op: Uint8Array): void {
    const block = this.#pick(op);
    if (block === null) return;
    const due = op[4] % 2 === 0 ? 0 : this.#now + 1 + (op[4] % 16);
    this.#twin.retain(block[0], op[2] % 8, op[3] % 101, due);
    this.#kernel.retain(block[1], op[2] % 8, op[3] % 101, due);
  }

  #rest(op: Uint8Array): void {
    if (op[1] % 16 === 0) {
      expectSame('cleared', this.#twin.clear(), this.#kernel.clear());
      return;
    }
    this.#now += op[2] % 8;
    expectSame('ended', this.#twin.refresh(this.#now), this.#kernel.refresh(this.#now));
  }

  /** Both sides ask for the same copies in the same order. */
  #fetch(): void {
    const wanted = this.#twin.open.filter(({ serial }) => serial > this.#fetched);
    const commands = this.#kernel.commands();
    const expected = wanted.map((x) => `${x.source}>${x.target} ${x.blocks.length}`);
    const told = commands.map((x) => `${x.source}>${x.target} ${x.blocks}`);
    expectSame('commands', expected.join(', '), told.join(', '));
    wanted.forEach(({ serial }, i) => {
      this.#ids.set(serial, commands[i].id);
      this.#fetched = serial;
    });
  }
}

/** Fuzzes a store, by default the wasm kernel's, against its twin. */
export function tiersTarget(
  core: Core,
  make: MakeTiers = (c, options) => new TierStore(c, options),
): FuzzTarget {
  const empty = core.snapshot();
  return {
    kind: 'tier',
    run(body: Uint8Array, options: RunOptions): void {
      core.restore(empty);
      runOperations(body, options, (setup) => new TiersRun(core, make, setup));
    },
  };
}
