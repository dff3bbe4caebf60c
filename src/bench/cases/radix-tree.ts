// SPDX-License-Identifier: Apache-2.0
/** Radix tree: the request stream, one call for match and one for insert a request. */
import { check, RADIX_HEADER, RadixTree } from '../../core/index.js';
import type { Core } from '../../core/index.js';
import { Checksum } from '../checksum.js';
import { expectStatus } from '../case.js';
import type { BenchCase, BenchTask } from '../case.js';
import type { RequestStream } from '../stream.js';

interface Sizes {
  readonly page: number;
  /** Tokens that the tree may hold, 0 for any number. */
  readonly capacity: number;
  readonly window: number;
}


class TreeBench {
  /** Keys of all requests, copied into linear memory once. */
  readonly #keys: number;
  readonly #values: number;
  readonly #out: number;
  readonly #tree: RadixTree;
  sum = new Checksum();

  constructor(
    readonly core: Core,
    readonly stream: RequestStream,
    readonly sizes: Sizes,
  ) {
    const { longest, ids } = stream;
    this.#keys = core.take(ids.length * 4 + 4);
    this.#values = core.take(longest * 4 + 4);
    this.#out = core.take((longest + sizes.capacity) * 4 + 4);
    core.u32.set(ids, this.#keys >> 2);
    for (let i = 0; i < longest; i++) core.u32[(this.#values >> 2) + i] = i;
    this.#tree = new RadixTree(core, { page: sizes.page, nodes: 4096 });
    // Room for every new token with its value, and for the tables: no call in a run may grow.
    core.reserve(countDistinct(ids) * 32 + (1 << 22));
  }

  reset(): void {
    this.#tree.reset();
    this.sum = new Checksum();
  }

  check(): number {
    this.sum.add(this.#tree.tokens);
    this.sum.add(this.#tree.nodes);
    return this.sum.value;
  }

  #tokens(): number {
    const { radix_evictable, radix_protected } = this.core.exports;
    return radix_evictable(this.#tree.handle) + radix_protected(this.#tree.handle);
  }

  /** Match and insert each request; with a capacity, trim back to it. */
  cache(): void {
    const { radix_match, radix_insert, radix_trim } = this.core.exports;
    const tree = this.#tree.handle;
    const values = this.#values;
    const { start } = this.stream;
    const { capacity } = this.sizes;
    for (let r = 0; r < start.length - 1; r++) {
      const n = start[r + 1] - start[r];
      const keys = this.#keys + start[r] * 4;
      this.sum.add(radix_match(tree, keys, n, 0, 1));
      expectStatus('radix_insert', radix_insert(tree, keys, values, n, 0, 0, 0));
      if (capacity === 0) continue;
      const over = this.#tokens() - capacity;
      if (over > 0) radix_trim(tree, over, this.#out);
    }
  }

  /** As an engine does it: match, lock, evict for what is missing, insert, hold for a while. */
  serve(): void {
    const { radix_match, radix_insert, radix_evict } = this.core.exports;
    const { radix_lock, radix_unlock } = this.core.exports;
    const { u32 } = this.core;
    const tree = this.#tree.handle;
    const { start } = this.stream;
    const { capacity, window } = this.sizes;
    const held: number[] = [];
    const release = (): void => {
      expectStatus('radix_unlock', radix_unlock(tree, held.shift()!, held.shift()!));
    };
    for (let r = 0; r < start.length - 1; r++) {
      const n = start[r + 1] - start[r];
      const keys = this.#keys + start[r] * 4;
      const hits = radix_match(tree, keys, n, 0, 1);
      const node = u32[(tree + RADIX_HEADER.endNode) >> 2];
      const gen = u32[(tree + RADIX_HEADER.endGen) >> 2];
      radix_lock(tree, node, gen);
      this.sum.add(hits);
      for (;;) {
        const over = this.#tokens() + n - hits - capacity;
        if (over <= 0) break;
        const freed = radix_evict(tree, over, this.#out, this.stream.longest + capacity);
        if (freed >= over) break;
        if (held.length === 0) throw new Error('bench: capacity is too small');
        release();
      }
      radix_insert(tree, keys, this.#values, n, 0, 0, 0);
      const end = u32[(tree + RADIX_HEADER.endNode) >> 2];
      const endGen = u32[(tree + RADIX_HEADER.endGen) >> 2];
      radix_lock(tree, end, endGen);
      held.push(end, endGen);
      check('radix_unlock', radix_unlock(tree, node, gen));
      if (held.length > 2 * window) release();
    }
    while (held.length > 0) release();
  }
}

function countDistinct(ids: Uint32Array): number {
  return new Set(ids).size;
}

function build(
  id: string,
  title: string,
  sizes: Sizes,
  run: (bench: TreeBench) => void,
  bar: { bar?: number } = {},
): BenchCase {
  const prepare = (core: Core, stream: RequestStream): BenchTask => {
    const bench = new TreeBench(core, stream, sizes);
    return {
      units: stream.ids.length,
      setup: () => bench.reset(),
      run: () => run(bench),
      check: () => bench.check(),
    };
  };
  const common = { family: 'tree', kernel: 'radix-tree', unit: 'page', streamed: true } as const;
  return { ...common, ...bar, id, native: id, title, parameters: { ...sizes }, prepare };
}

export const radixTreeCases: readonly BenchCase[] = [
  build(
    'tree.match-insert',
    'match + insert',
    { page: 1, capacity: 0, window: 0 },
    (bench) => bench.cache(),
    { bar: 1.5 },
  ),
  build(
    'tree.evict',
    'match + insert + trim to 16384',
    { page: 1, capacity: 16_384, window: 0 },
    (bench) => bench.cache(),
  ),
  build(
    'tree.serve',
    'match + lock + evict + insert, 50k',
    { page: 1, capacity: 50_000, window: 8 },
    (bench) => bench.serve(),
  ),
];
