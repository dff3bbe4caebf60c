// SPDX-License-Identifier: Apache-2.0
/** XXH3 chain over blocks of 16 tokens. */
import type { Core } from '../../core/index.js';
import { Checksum } from '../checksum.js';
import { expectStatus, PER_OP, SEED } from '../case.js';
import type { BenchCase, BenchTask } from '../case.js';
import { Random } from '../random.js';

function chain(core: Core, blocks: number, ops: number): BenchTask {
  const { block_hash_chain } = core.exports;
  const random = new Random(SEED);
  const tokens = core.take(blocks * PER_OP * 4);
  const local = core.take(blocks * 8);
  const seq = core.take(blocks * 8);
  const { u32 } = core;
  for (let i = 0; i < blocks * PER_OP; i++) u32[(tokens >> 2) + i] = random.below(128_000);
  const run = (): void => {
    for (let i = 0; i < ops; i++) {
      const status = block_hash_chain(tokens, blocks, PER_OP, 1337, 0, 0, 0, 0, local, seq);
      expectStatus('block_hash_chain', status);
    }
  };
  const check = (): number => {
    const sum = new Checksum();
    for (let i = 0; i < blocks; i++) sum.add(core.u32[(seq >> 2) + 2 * i]);
    return sum.value;
  };
  return { units: blocks * ops, setup: () => {}, run, check };
}

const parameters = { blocks: 4096, ops: 32 };

export const hashCases: readonly BenchCase[] = [
  {
    id: 'hash.chain',
    family: 'hash',
    kernel: 'hash',
    title: 'xxh3 chain, 16 tokens a block',
    unit: 'block',
    native: 'hash.chain',
    parameters,
    streamed: false,
    prepare: (core) => chain(core, parameters.blocks, parameters.ops),
  },
];
