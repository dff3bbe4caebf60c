// SPDX-License-Identifier: Apache-2.0
import { check, KernelError, RADIX_HEADER, Status, U32Buffer, type Core } from '../core/index.js';

/**
 * Scratch that the KV caches of one core share: keys in, freed block ids out. Sized for the
 * largest request once: a buffer that moved would be host state outside the registry.
 */
export class KvScratch {
  readonly keys: U32Buffer;
  readonly ids: U32Buffer;

  constructor(core: Core, blocks: number) {
    this.keys = new U32Buffer(core, blocks);
    this.ids = new U32Buffer(core, blocks);
  }
}

/** Words of the last walk's end in the header of a radix tree. */
const END_NODE = RADIX_HEADER.endNode >>> 2;
const END_GEN = RADIX_HEADER.endGen >>> 2;

/**
 * KV memory of one replica: a block pool whose blocks are either owned by a running request or by
 * the radix tree of cached prefixes. Calls go straight to the kernels.
 *
 * Conservation: blocks - 1 = free + in the tree + owned by requests, at any time (`CL-2`).
 */
export class KvCache {
  readonly pool: number;
  readonly tree: number;
  /** Node where the last `find`, `use` or `extend` ended. */
  endNode = 0;
  endGen = 0;

  constructor(
    private readonly core: Core,
    private readonly scratch: KvScratch,
    readonly blocks: number,
  ) {
    const { exports } = core;
    core.reserve((exports.pool_bytes(blocks, 0, 0) >>> 0) + 131072);
    // Prefixes are found in the tree: the pool needs no hashes.
    this.pool = exports.pool_create(blocks, 0, 0) >>> 0;
    this.tree = exports.radix_create(1, 1, 64) >>> 0;
    if (this.pool === 0) throw new KernelError('pool_create', Status.badArgument);
    if (this.tree === 0) throw new KernelError('radix_create', Status.badArgument);
  }

  /** Blocks that nobody holds, neither a request nor the tree. */
  get free(): number {
    return this.core.exports.pool_free_count(this.pool);
  }

  /** Cached blocks that no running request uses. */
  get evictable(): number {
    return this.core.exports.radix_evictable(this.tree);
  }

  /** Blocks that running requests hold or lock. */
  get active(): number {
    return this.blocks - 1 - this.free - this.evictable;
  }

  /** True when `n` blocks are free, after evicting least recently used ones as needed. */
  makeRoom(n: number): boolean {
    const { exports } = this.core;
    const missing = n - exports.pool_free_count(this.pool);
    if (missing <= 0) return true;
    if (exports.radix_evictable(this.tree) < missing) return false;
    const { ids } = this.scratch;
    const freed = check('radix_trim', exports.radix_trim(this.tree, missing, ids.at));
    check('pool_free', exports.pool_free(this.pool, ids.at, freed));
    return true;
  }

  /** Takes `n` blocks, for which there must be room, and writes their ids at a byte offset. */
  alloc(n: number, at: number): void {
    check('pool_alloc', this.core.exports.pool_alloc(this.pool, n, at));
  }

  /** Gives back `n` blocks whose ids stand at a byte offset. */
  release(at: number, n: number): void {
    if (n > 0) check('pool_free', this.core.exports.pool_free(this.pool, at, n));
  }

  /**
   * Follows `n` keys of the scratch buffer behind `depth` of a node without leaving a mark.
   * Returns the blocks found, or -1 when the node is gone.
   */
  find(node: number, gen: number, depth: number, n: number): number {
    const { exports } = this.core;
    const { at } = this.scratch.keys;
    const found = exports.radix_match_from(this.tree, node, gen, depth, at, n, 0);
    if (found === Status.stale) return -1;
    this.#end();
    return check('radix_match_from', found);
  }

  /** Marks the prefix that ends at `depth` of a node as used now, and makes a node end there. */
  use(node: number, gen: number, depth: number): void {
    this.#retry('radix_match_from', () =>
      this.core.exports.radix_match_from(this.tree, node, gen, depth, this.scratch.keys.at, 0, 1),
    );
    this.#end();
  }

  /**
   * Hands `n` blocks (ids at a byte offset, keys in the scratch buffer) to the tree, behind
   * `depth` of a node. Returns how many keys were there already: these blocks stay the caller's.
   */
  extend(node: number, gen: number, depth: number, ids: number, n: number): number {
    const present = this.#retry('radix_extend', () =>
      this.core.exports.radix_extend(
        this.tree,
        node,
        gen,
        depth,
        this.scratch.keys.at,
        ids,
        n,
      ),
    );
    this.#end();
    return present;
  }

  lock(node: number, gen: number): void {
    check('radix_lock', this.core.exports.radix_lock(this.tree, node, gen));
  }

  unlock(node: number, gen: number): void {
    check('radix_unlock', this.core.exports.radix_unlock(this.tree, node, gen));
  }

  #end(): void {
    const { u32 } = this.core;
    const at = this.tree >>> 2;
    this.endNode = u32[at + END_NODE];
    this.endGen = u32[at + END_GEN];
  }

  /** Runs a call, making room in the arena (a safe point) when the kernel asks for it. */
  #retry(operation: string, call: () => number): number {
    for (let bytes = 1 << 20; ; bytes *= 2) {
      const result = call();
      if (result !== Status.noMemory) return check(operation, result);
      this.core.reserve(bytes);
    }
  }
}
