// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeySpace } from '../../src/cluster/index.js';
import type { Workload } from '../../src/workload/index.js';
import { read } from '../support/trace.js';

interface Turn {
  in: number;
  out: number;
  ids: number[];
}

/** One agent whose turns follow each other; trace blocks of 64 tokens. */
function agent(...turns: Turn[]): Promise<Workload> {
  const requests = turns.map((turn, i) => ({
    t: i * 10,
    type: 'n',
    model: 'm',
    in: turn.in,
    out: turn.out,
    hash_ids: turn.ids,
    api_time: 1,
    think_time: 1,
  }));
  const document = { id: 's', block_size: 64, hash_id_scope: 'local', requests };
  return read(JSON.stringify(document));
}

function keys(space: KeySpace, turn: number, from = 0, to = space.total[turn]): number[] {
  const out = new Uint32Array(to - from);
  space.write(turn, from, to, out, 0);
  return [...out];
}

/** Leading equal keys of two turns. */
function shared(space: KeySpace, a: number, b: number): number {
  const [x, y] = [keys(space, a), keys(space, b)];
  let n = 0;
  while (n < Math.min(x.length, y.length) && x[n] === y[n]) n++;
  return n;
}

const growing = [
  { in: 200, out: 100, ids: [1, 2, 3] },
  { in: 400, out: 20, ids: [1, 2, 3, 4, 5, 6] },
];

describe('KeySpace', () => {
  it('ID-2: a block completed while decoding takes the id of the next extending turn', async () => {
    // Turn 0 computes 200 + 99 tokens: trace blocks 0-2 are prompt, block 3 fills while decoding.
    const space = new KeySpace(await agent(...growing), 64);
    expect(space.known[0]).toBe(4);
    expect(shared(space, 0, 1)).toBe(4);
  });

  it('ID-3: without a turn that extends it, generated content is private', async () => {
    const [first] = growing;
    const broken = { in: 400, out: 20, ids: [1, 2, 7, 8, 9, 10] };
    const space = new KeySpace(await agent(first, broken), 64);
    expect(space.known[0]).toBe(3);
    expect(shared(space, 0, 1)).toBe(2);
  });

  it('ID-1: hit tokens agree at every block size that divides the trace block', async () => {
    const workload = await agent(...growing);
    for (const blockSize of [1, 2, 4, 8, 16, 32, 64]) {
      expect(shared(new KeySpace(workload, blockSize), 0, 1) * blockSize).toBe(256);
    }
  });

  it('ID-1: coarser and odd block sizes round the shared tokens down', async () => {
    const workload = await agent(...growing);
    for (const blockSize of [48, 96, 100, 128, 256, 300]) {
      const space = new KeySpace(workload, blockSize);
      expect(shared(space, 0, 1)).toBe(Math.floor(256 / blockSize));
    }
  });

  it('gives a partial last trace block (Mooncake) no identity', async () => {
    const row = { timestamp: 0, input_length: 700, output_length: 9, hash_ids: [1, 2] };
    const workload = await read(`${JSON.stringify(row)}\n${JSON.stringify(row)}\n`);
    const space = new KeySpace(workload, 16);
    expect(shared(space, 0, 1) * 16).toBe(512);
  });

  it('never gives two different contents one key', async () => {
    const turns = fc.array(
      fc.record({
        keep: fc.nat(6),
        blocks: fc.integer({ min: 1, max: 6 }),
        rest: fc.nat(63),
        out: fc.integer({ min: 1, max: 200 }),
      }),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(turns, fc.integer({ min: 1, max: 200 }), async (drawn, blockSize) => {
        let next = 1;
        let ids: number[] = [];
        const drafts = drawn.map(({ keep, blocks, rest, out }) => {
          ids = [...ids.slice(0, keep), ...Array.from({ length: blocks }, () => next++)];
          return { in: ids.length * 64 + rest, out, ids };
        });
        const space = new KeySpace(await agent(...drafts), blockSize);
        // A key that two turns hold must stand at the same place behind the same keys.
        const where = new Map<number, string>();
        drafts.forEach((_, turn) => {
          const chain = keys(space, turn);
          chain.forEach((key, j) => {
            const path = chain.slice(0, j).join();
            expect(where.get(key) ?? path).toBe(path);
            where.set(key, path);
          });
        });
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('writes any part of a chain as it writes the whole', async () => {
    const space = new KeySpace(await agent(...growing), 16);
    const all = keys(space, 1);
    fc.assert(
      fc.property(fc.nat(all.length), fc.nat(all.length), (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        expect(keys(space, 1, from, to)).toEqual(all.slice(from, to));
      }),
    );
  });
});
