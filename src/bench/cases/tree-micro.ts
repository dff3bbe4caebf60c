// SPDX-License-Identifier: Apache-2.0
/** Radix tree of 100,000 tokens in leaves of 16: the counterparts of the batches of the pool. */
import { RADIX_HEADER, RadixTree } from '../../core/index.js';
import type { Core } from '../../core/index.js';
import { Checksum } from '../checksum.js';
import { expectStatus, PER_OP, SEED } from '../case.js';
import type { BenchCase, BenchTask } from '../case.js';
import { Random } from '../random.js';

const PICKS = 4096;
const sizes = { tokens: 100_000, ops: 20_000, ring: 131_072 } as const;

/** Runs of 16 tokens from a ring that is longer than the tree is large. */
class LeafBench {
  readonly #handle: number;
  readonly #ring: number;
  readonly #out: number;
  #at = 0;
  /** Offsets of runs that are cached after `fill`. */
  readonly #picks = new Uint32Array(PICKS);
  sum = new Checksum();

  constructor(readonly core: Core) {
    const tree = new RadixTree(core, { page: 1, nodes: 8192 });
    this.#handle = tree.handle;
    this.#ring = core.take(sizes.ring * 4);
    this.#out = core.take(PER_OP * 4);
    core.reserve(sizes.tokens * 32 + (1 << 22));
    for (let i = 0; i < sizes.ring; i++) core.u32[(this.#ring >> 2) + i] = i + 1;
    this.cycle(sizes.ring / PER_OP);
    const random = new Random(SEED);
    const runs = Math.floor(sizes.tokens / PER_OP);
    const first = sizes.ring / PER_OP - runs;
    for (let i = 0; i < PICKS; i++) this.#picks[i] = (first + random.below(runs)) * PER_OP * 4;
  }

  /** Inserts `times` new runs, evicting an old one for each when full. */
  cycle(times: number): void {
    const { radix_insert, radix_evict } = this.core.exports;
    const { u32 } = this.core;
    const tree = this.#handle;
    const evictable = (tree + RADIX_HEADER.evictable) >> 2;
    const end = this.#ring + sizes.ring * 4;
    let at = this.#ring + this.#at;
    for (let i = 0; i < times; i++) {
      if (u32[evictable] + PER_OP > sizes.tokens) {
        expectStatus('radix_evict', radix_evict(tree, PER_OP, this.#out, PER_OP));
      }
      expectStatus('radix_insert', radix_insert(tree, at, at, PER_OP, 0, 0, 0));
      at += PER_OP * 4;
      if (at === end) at = this.#ring;
    }
    this.#at = at - this.#ring;
  }

  lookup(): void {
    const { radix_match } = this.core.exports;
    let hits = 0;
    for (let i = 0; i < sizes.ops; i++) {
      const keys = this.#ring + this.#picks[i & (PICKS - 1)];
      hits += radix_match(this.#handle, keys, PER_OP, 0, 1);
    }
    this.sum.add(hits);
  }

  hit(): void {
    const { radix_match, radix_lock, radix_unlock } = this.core.exports;
    const { u32 } = this.core;
    const tree = this.#handle;
    for (let i = 0; i < sizes.ops; i++) {
      radix_match(tree, this.#ring + this.#picks[i & (PICKS - 1)], PER_OP, 0, 1);
      const node = u32[(tree + RADIX_HEADER.endNode) >> 2];
      const gen = u32[(tree + RADIX_HEADER.endGen) >> 2];
      radix_lock(tree, node, gen);
      radix_unlock(tree, node, gen);
    }
  }

  task(run: () => void): BenchTask {
    const check = (): number => {
      this.sum.add(this.core.exports.radix_evictable(this.#handle));
      this.sum.add(this.core.u32[this.#out >> 2]);
      return this.sum.value;
    };
    return { units: sizes.ops * PER_OP, setup: () => {}, run, check };
  }
}

function micro(id: string, title: string, run: (bench: LeafBench) => void): BenchCase {
  return {
    id,
    family: 'tree',
    kernel: 'radix-tree',
    title,
    unit: 'page',
    native: id,
    parameters: sizes,
    streamed: false,
    prepare: (core) => {
      const bench = new LeafBench(core);
      return bench.task(() => run(bench));
    },
  };
}

export const treeMicroCases: readonly BenchCase[] = [
  micro('tree.cycle', 'evict + insert', (bench) => bench.cycle(sizes.ops)),
  micro('tree.lookup', 'match', (bench) => bench.lookup()),
  micro('tree.hit', 'match + lock + unlock', (bench) => bench.hit()),
];
