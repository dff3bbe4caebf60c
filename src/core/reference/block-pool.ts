// SPDX-License-Identifier: Apache-2.0
import type { BlockPoolOptions, PoolEvent } from '../block-pool.js';
import { KernelError, Status } from '../status.js';

const MOST_REFERENCES = 0x7fffffff;
const NO_GROUP = 0xffffffff;

/**
 * The block pool as one would write it on a blackboard: the free queue is an array, the cache a
 * map to lists. Same methods, results and refusals as `BlockPool`, in O(blocks) a call.
 *
 * Every refusal is decided before anything is written, so "a refused call changes nothing" (KV-4)
 * can be read off the code.
 */
export class ReferenceBlockPool {
  readonly blocks: number;
  readonly #caching: boolean;
  /** Next block to be handed out first. */
  #queue: number[] = [];
  readonly #references: number[];
  readonly #key: (bigint | null)[];
  readonly #group: number[];
  /** group -> key -> blocks that carry it, oldest registration first. */
  readonly #registered = new Map<number, Map<bigint, number[]>>();
  #events: PoolEvent[] = [];
  readonly #logged: boolean;

  constructor({ blocks, caching = true, events = 0 }: BlockPoolOptions) {
    this.blocks = blocks;
    this.#caching = caching;
    this.#logged = events > 0;
    this.#references = Array<number>(blocks).fill(0);
    this.#key = Array<bigint | null>(blocks).fill(null);
    this.#group = Array<number>(blocks).fill(0);
    // Block 0 is the null block: in use for ever, so never queued.
    this.#references[0] = 1;
    for (let id = 1; id < blocks; id++) this.#queue.push(id);
  }

  get freeBlocks(): number {
    return this.#queue.length;
  }

  get hashedBlocks(): number {
    let hashed = 0;
    for (const key of this.#key) if (key !== null) hashed++;
    return hashed;
  }

  alloc(n: number): Uint32Array | null {
    if (n > this.#queue.length) return null;
    const ids = this.#queue.splice(0, n);
    for (const id of ids) {
      this.#forget(id);
      this.#references[id] = 1;
    }
    return new Uint32Array(ids);
  }

  free(ids: ArrayLike<number>): void {
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      if (id === 0 || id >= this.blocks) throw new KernelError('pool_free', Status.badArgument);
      let earlier = 0;
      for (let j = 0; j < i; j++) if (ids[j] === id) earlier++;
      const left = this.#references[id] - earlier;
      if (left === 0) throw new KernelError('pool_free', Status.unbalanced);
    }
    const head: number[] = [];
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      this.#references[id]--;
      if (this.#references[id] > 0) continue;
      // A block without a hash can never be hit again: use it up first.
      if (this.#caching && this.#key[id] === null) head.push(id);
      else this.#queue.push(id);
    }
    this.#queue.unshift(...head);
  }

  freeTable(table: ArrayLike<number>): void {
    this.free(Array.from(table).reverse());
  }

  touch(ids: ArrayLike<number>): void {
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      const ok = id > 0 && id < this.blocks && this.#references[id] < MOST_REFERENCES;
      if (!ok) throw new KernelError('pool_touch', Status.badArgument);
    }
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      if (this.#references[id] === 0) this.#queue.splice(this.#queue.indexOf(id), 1);
      this.#references[id]++;
    }
  }

  cache(
    ids: ArrayLike<number>,
    keys: ArrayLike<bigint | number>,
    group = 0,
    parent: bigint | null = null,
  ): void {
    const named: bigint[] = [];
    if (!this.#caching) throw new KernelError('pool_cache', Status.badArgument);
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      const usable = id > 0 && id < this.blocks && this.#key[id] === null;
      if (group === NO_GROUP || !usable || indexOf(ids, id) < i) {
        throw new KernelError('pool_cache', Status.badArgument);
      }
      named.push(BigInt(keys[i]));
    }
    for (let i = 0; i < ids.length; i++) {
      this.#key[ids[i]] = named[i];
      this.#group[ids[i]] = group;
      this.#holders(named[i], group).push(ids[i]);
    }
    if (ids.length > 0) this.#log({ kind: 'stored', keys: named, parent, group });
  }

  lookup(key: bigint | number, group = 0): number | null {
    const k = typeof key === 'bigint' ? key : BigInt(key);
    return this.#registered.get(group)?.get(k)?.[0] ?? null;
  }

  lookupRun(keys: ArrayLike<bigint | number>, group = 0): Uint32Array {
    const found: number[] = [];
    for (let i = 0; i < keys.length; i++) {
      const id = this.lookup(keys[i], group);
      if (id === null) break;
      found.push(id);
    }
    return new Uint32Array(found);
  }

  evict(ids: ArrayLike<number>): void {
    for (let i = 0; i < ids.length; i++) {
      if (ids[i] >= this.blocks) throw new KernelError('pool_evict', Status.badArgument);
    }
    for (let i = 0; i < ids.length; i++) this.#forget(ids[i]);
  }

  reset(): boolean {
    if (this.#queue.length < this.blocks - 1) return false;
    this.#key.fill(null);
    this.#registered.clear();
    this.#log({ kind: 'cleared' });
    return true;
  }

  references(id: number): number {
    if (id >= this.blocks) throw new KernelError('pool_ref', Status.badArgument);
    return this.#references[id];
  }

  queue(): Uint32Array {
    return new Uint32Array(this.#queue);
  }

  takeEvents(): PoolEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** True when the block carries a hash. Only the twin tells; programs choose operations by it. */
  isHashed(id: number): boolean {
    return this.#key[id] !== null;
  }

  check(): number {
    return 0;
  }

  dispose(): void {}

  #holders(key: bigint, group: number): number[] {
    const known = this.#registered.get(group)?.get(key);
    if (known !== undefined) return known;
    const keys = this.#registered.get(group) ?? new Map<bigint, number[]>();
    const holders: number[] = [];
    this.#registered.set(group, keys);
    keys.set(key, holders);
    return holders;
  }

  /** Takes the hash off a block, if it has one. */
  #forget(id: number): void {
    const key = this.#key[id];
    if (key === null) return;
    const group = this.#group[id];
    const holders = this.#holders(key, group);
    holders.splice(holders.indexOf(id), 1);
    this.#key[id] = null;
    this.#log({ kind: 'removed', key, group });
  }

  #log(event: PoolEvent): void {
    if (this.#logged) this.#events.push(event);
  }
}

function indexOf(ids: ArrayLike<number>, id: number): number {
  let i = 0;
  while (ids[i] !== id) i++;
  return i;
}
