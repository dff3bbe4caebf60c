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

  constructor({ blocks, caching = true }: BlockPoolOptions) {
    this.blocks = blocks;
    this.#caching = caching;
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
    return Uint32Array.from(ids);
  }

  free(ids: ArrayLike<number>): void {
    const left = [...this.#references];
    for (const id of Array.from(ids)) {
      if (id === 0 || id >= this.blocks) throw new KernelError('pool_free', Status.badArgument);
      if (left[id] === 0) throw new KernelError('pool_free', Status.unbalanced);
      left[id]--;
    }
    const head: number[] = [];
    const tail: number[] = [];
    for (const id of Array.from(ids)) {
      this.#references[id]--;
      if (this.#references[id] > 0) continue;
      // A block without a hash can never be hit again: use it up first.
      if (this.#caching && this.#key[id] === null) head.push(id);
      else tail.push(id);
    }
    this.#queue = [...head, ...this.#queue, ...tail];
  }

  touch(ids: ArrayLike<number>): void {
    for (const id of Array.from(ids)) {
      const ok = id > 0 && id < this.blocks && this.#references[id] < MOST_REFERENCES;
      if (!ok) throw new KernelError('pool_touch', Status.badArgument);
    }
    for (const id of Array.from(ids)) {
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
    const list = Array.from(ids);
    const usable = (id: number): boolean => id > 0 && id < this.blocks && this.#key[id] === null;
    const twice = new Set(list).size < list.length;
    if (group === NO_GROUP || twice || !list.every(usable)) {
      throw new KernelError('pool_cache', Status.badArgument);
    }
    const named = list.map((_, i) => BigInt(keys[i]));
    list.forEach((id, i) => {
      this.#key[id] = named[i];
      this.#group[id] = group;
      this.#holders(named[i], group).push(id);
    });
    if (list.length > 0) this.#events.push({ kind: 'stored', keys: named, parent, group });
  }

  lookup(key: bigint | number, group = 0): number | null {
    return this.#registered.get(group)?.get(BigInt(key))?.[0] ?? null;
  }

  lookupRun(keys: ArrayLike<bigint | number>, group = 0): Uint32Array {
    const found: number[] = [];
    for (const key of Array.from(keys)) {
      const id = this.lookup(key, group);
      if (id === null) break;
      found.push(id);
    }
    return Uint32Array.from(found);
  }

  evict(ids: ArrayLike<number>): void {
    const list = Array.from(ids);
    if (list.some((id) => id >= this.blocks)) {
      throw new KernelError('pool_evict', Status.badArgument);
    }
    for (const id of list) this.#forget(id);
  }

  reset(): boolean {
    if (this.#queue.length < this.blocks - 1) return false;
    this.#key.fill(null);
    this.#registered.clear();
    this.#events.push({ kind: 'cleared' });
    return true;
  }

  references(id: number): number {
    if (id >= this.blocks) throw new KernelError('pool_ref', Status.badArgument);
    return this.#references[id];
  }

  queue(): Uint32Array {
    return Uint32Array.from(this.#queue);
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
    const keys = this.#registered.get(group) ?? new Map<bigint, number[]>();
    const holders = keys.get(key) ?? [];
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
    this.#events.push({ kind: 'removed', key, group });
  }
}
