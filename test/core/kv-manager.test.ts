// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockPool, KvManager, loadCore } from '../../src/core/index.js';
import type { AllocOptions, KvGroup, KvManagerOptions, KvRequest } from '../../src/core/index.js';
import { fuzz, managerTarget } from '../../src/fuzz/index.js';
import { describeBuilds } from '../support/cores.js';

interface Bench {
  pool: BlockPool;
  m: KvManager;
}

function make(
  blocks: number,
  groups: KvGroup[],
  options: Partial<KvManagerOptions> = {},
  caching = true,
): Bench {
  const core = loadCore();
  const pool = new BlockPool(core, { blocks, caching });
  const m = new KvManager(core, pool, { blockSize: 4, groups, maxModelLength: 1000, ...options });
  return { pool, m };
}

/** Keys 1, 2, 3 ...: requests of equal length have equal content. */
const keys = (n: number, from = 1): bigint[] =>
  Array.from({ length: n }, (_, i) => BigInt(from + i));
const ask = (m: KvManager, tokens: number, size = 4): KvRequest =>
  m.request(tokens, keys(Math.floor(tokens / size)));
const admit = (m: KvManager, r: KvRequest, tokens: number): number[][] | null => {
  const { hit } = m.lookup(r);
  return m.alloc(r, tokens - hit, { hit });
};
/** Computes a prompt and lets it go: its blocks stay cached. */
const warm = (m: KvManager, tokens: number): void => {
  const r = ask(m, tokens);
  m.alloc(r, tokens);
  m.free(r);
};

describe('KV manager, lookup', () => {
  it('never hits the last token: a cached prompt is recomputed from its last block', () => {
    const { m } = make(20, ['full']);
    warm(m, 8);
    expect(m.lookup(ask(m, 8))).toEqual({ hit: 4, blocks: [[1]], boundary: 0 });
    expect(m.lookup(ask(m, 9)).hit).toBe(8);
  });

  it('drops the last block of a hit for eagle', () => {
    const { m } = make(20, ['full'], { eagle: true });
    warm(m, 16);
    expect(m.lookup(ask(m, 17)).hit).toBe(12);
  });

  it('needs only the window of a sliding window, and nulls what is left of it', () => {
    const { m } = make(20, [9]);
    warm(m, 16);
    expect(m.lookup(ask(m, 17)).blocks).toEqual([[0, 0, 3, 4]]);
  });

  it('falls back to the run at block 0 when no window is whole', () => {
    const { m } = make(20, [9]);
    warm(m, 4);
    expect(m.lookup(ask(m, 17)).blocks).toEqual([[1]]);
  });

  it('rounds a window up that is no multiple of the block', () => {
    const { m } = make(20, [7]);
    warm(m, 16);
    expect(m.lookup(ask(m, 17)).blocks).toEqual([[0, 0, 3, 4]]);
  });

  it('eagle wants one block more of one window group, then drops it (vLLM 44082)', () => {
    const { m } = make(20, [5], { eagle: true });
    warm(m, 16);
    expect(m.lookup(ask(m, 17)).blocks).toEqual([[0, 0, 3]]);
  });

  it('drops for eagle once, not in each pass of a hybrid lookup (vLLM 33524)', () => {
    const { m } = make(40, ['full', 8, 5], { eagle: true });
    warm(m, 16);
    expect(m.lookup(ask(m, 17)).hit).toBe(12);
  });

  it('agrees on the longest prefix all groups have, and tells the longest of one', () => {
    const { pool, m } = make(40, ['full', 8]);
    warm(m, 16);
    // Window blocks 5 to 8: without the last, the run of two ends at block 7.
    expect(pool.lookup(4n, 1)).toBe(8);
    m.evict([8]);
    expect(m.lookup(ask(m, 17))).toEqual({
      hit: 12, blocks: [[1, 2, 3], [0, 6, 7]], boundary: 16,
    });
  });

  it('a second pass brings groups of three specs together', () => {
    const { m } = make(60, ['full', 5, 9]);
    warm(m, 16);
    const { blocks } = m.lookup(ask(m, 17));
    // The 9-token window loses block 4, so that it ends at 12; the 5-token window follows.
    m.evict([blocks[2][3]]);
    const { hit, blocks: after } = m.lookup(ask(m, 17));
    expect(hit).toBe(12);
    expect(after.map((list) => list.length)).toEqual([3, 3, 3]);
    expect(after[1].slice(0, 2)).toEqual([0, 0]);
  });

  it('looks groups of one spec up as one', () => {
    const { m } = make(40, ['full', 'full']);
    warm(m, 12);
    m.evict([5]);
    expect(m.lookup(ask(m, 13)).hit).toBe(4);
  });

  it('hits nothing with caching off', () => {
    const { m } = make(20, ['full'], {}, false);
    warm(m, 8);
    expect(m.lookup(ask(m, 9))).toEqual({ hit: 0, blocks: [[]], boundary: 0 });
  });
});

describe('KV manager, allocation', () => {
  it('gives all blocks of the first group, then those of the second', () => {
    const { m } = make(20, ['full', 8]);
    expect(m.alloc(ask(m, 8), 8)).toEqual([[1, 2], [3, 4]]);
  });

  it('counts free hits as need, and touches none when it refuses (vLLM 11565)', () => {
    const { pool, m } = make(5, ['full']);
    warm(m, 8);
    const r = ask(m, 20);
    const { hit } = m.lookup(r);
    expect(m.alloc(r, 12, { hit })).toBeNull();
    expect([pool.references(1), pool.freeBlocks]).toEqual([0, 4]);
  });

  it('does not register hits again (vLLM 14073)', () => {
    const { pool, m } = make(9, ['full']);
    warm(m, 8);
    admit(m, ask(m, 9), 9);
    expect(pool.hashedBlocks).toBe(2);
  });

  it('touches the hits of all groups before it takes blocks (vLLM 44409)', () => {
    const { m } = make(7, ['full', 'full']);
    warm(m, 8);
    expect(admit(m, ask(m, 9), 9)).toEqual([[5], [6]]);
    expect(m.check()).toBe(0);
  });

  it('keeps the watermark free of an admission beside others, of floor(fraction * blocks)', () => {
    const { m } = make(10, ['full'], { watermark: 0.2 });
    const r = ask(m, 32);
    expect(m.alloc(r, 32, { scheduled: true })).toBeNull();
    expect(m.alloc(r, 28, { scheduled: true })).toHaveLength(1);
    // Running requests may use it up.
    expect(m.alloc(r, 4, { scheduled: true })).toEqual([[8]]);
  });

  it('counts the watermark in the gate for the whole request', () => {
    const { m } = make(10, ['full'], { watermark: 0.2 });
    const options = { mustFit: true, scheduled: true };
    expect(m.alloc(ask(m, 32), 4, options)).toBeNull();
    expect(m.alloc(ask(m, 28), 4, options)).toEqual([[1]]);
  });

  it('leaves reserved blocks out of the gate, not out of the step', () => {
    const { m } = make(10, ['full']);
    const r = ask(m, 36);
    expect(m.alloc(r, 4, { mustFit: true, reserved: 8 })).toEqual([[1]]);
    expect(m.alloc(r, 4, { reserved: 8 })).toBeNull();
  });

  it('admits a long request to a window group by what it holds at a time, plus one', () => {
    // ceil((8 - 1 + 4) / 4) + 1 = 4 blocks, though 100 tokens would be 25.
    const { m } = make(5, [8], { maxInFlight: 4 });
    expect(m.alloc(ask(m, 100), 4, { mustFit: true })).toEqual([[1]]);
    const { m: smaller } = make(4, [8], { maxInFlight: 4 });
    expect(smaller.alloc(ask(smaller, 100), 4, { mustFit: true })).toBeNull();
  });

  it('never needs more than the model is long', () => {
    const { m } = make(10, ['full'], { maxModelLength: 10 });
    expect(m.alloc(ask(m, 9), 9, { lookahead: 30, mustFit: true })![0]).toHaveLength(3);
  });

  it('frees what left the window, also when the step is refused', () => {
    const { pool, m } = make(6, [5]);
    const r = ask(m, 16);
    m.alloc(r, 16);
    expect(m.alloc(r, 20)).toBeNull();
    expect(m.blocks(r)).toEqual([[0, 0, 0, 4]]);
    expect(pool.freeBlocks).toBe(4);
  });

  it('does not move the window over tokens of this step (vLLM 47728)', () => {
    const { m } = make(20, [5]);
    const r = ask(m, 4);
    m.alloc(r, 4);
    m.alloc(r, 1, { lookahead: 11 });
    expect(m.blocks(r)[0][0]).toBe(1);
  });

  it('keeps blocks of rejected drafts and registers none', () => {
    const { pool, m } = make(20, ['full']);
    const r = ask(m, 7);
    m.alloc(r, 6);
    expect(m.alloc(r, 5)).toEqual([[3]]);
    m.computed(r, 7);
    expect(pool.hashedBlocks).toBe(1);
    expect(m.alloc(r, 2)).toEqual([[]]);
  });

  it('counts holders of blocks, not requests, for the common prefix (vLLM 23485)', () => {
    const { m } = make(20, ['full', 8]);
    warm(m, 8);
    const [a, b] = [ask(m, 9), ask(m, 9)];
    ask(m, 9);
    admit(m, a, 9);
    admit(m, b, 9);
    expect(m.common(a)).toEqual([2, 0]);
    m.preempt(b);
    expect(m.common(a)).toEqual([3, 0]);
  });

  it('finds the blocks of a preempted request again', () => {
    const { m } = make(20, ['full']);
    const r = ask(m, 9);
    m.alloc(r, 9);
    m.preempt(r);
    expect(m.lookup(r).hit).toBe(8);
    expect(admit(m, r, 9)).toEqual([[3]]);
  });

  it('extends a long request without touching its old table', () => {
    const core = loadCore();
    const pool = new BlockPool(core, { blocks: 2000 });
    const m = new KvManager(core, pool, { blockSize: 1, groups: ['full'], maxModelLength: 4000 });
    const r = m.request(1000, keys(1000));
    m.alloc(r, 1000);
    m.append(r, 1, keys(1, 1001));
    m.alloc(r, 1);
    const at = core.u32[core.exports.mgr_blocks(m.handle, r.at, r.generation, 0) >>> 2];
    // Blocks that no pool has: reading or writing any of them would show.
    core.u32.fill(0xdeadbeef, at >>> 2, (at >>> 2) + 1000);
    m.computed(r, 1001);
    m.append(r, 2, keys(2, 1002));
    expect(m.alloc(r, 2)).toEqual([[1002, 1003]]);
    const old = core.u32.subarray(at >>> 2, (at >>> 2) + 1000);
    expect(old.every((id) => id === 0xdeadbeef)).toBe(true);
  });
});

describe('KV manager, fork and copy on write', () => {
  it('shares the blocks; whoever writes first gets a copy of the last', () => {
    const { pool, m } = make(20, ['full']);
    const a = ask(m, 6);
    m.alloc(a, 6);
    const b = m.fork(a);
    expect(m.blocks(b)).toEqual([[1, 2]]);
    expect(pool.references(2)).toBe(2);
    m.append(b, 1, []);
    expect(m.alloc(b, 1)).toEqual([[]]);
    expect([m.blocks(a), m.blocks(b)]).toEqual([[[1, 2]], [[1, 3]]]);
    expect(m.copies()).toEqual([[2, 3]]);
    expect(m.check()).toBe(0);
  });

  it('keeps source and copy until the host has copied, even if both requests end', () => {
    const { pool, m } = make(20, ['full']);
    const a = ask(m, 6);
    m.alloc(a, 6);
    const b = m.fork(a);
    m.append(b, 1, []);
    m.alloc(b, 1);
    m.free(a);
    m.free(b);
    expect([pool.references(2), pool.references(3)]).toEqual([1, 1]);
    m.copied(1);
    expect(pool.freeBlocks).toBe(19);
  });

  it('copies nothing at a block boundary', () => {
    const { m } = make(20, ['full']);
    const a = ask(m, 8);
    m.alloc(a, 8);
    m.append(m.fork(a), 1, []);
    expect(m.copies()).toEqual([]);
  });
});

describe('KV manager, hits inside a block', () => {
  it('registers the tail of a prompt and copies the block of a hit there', () => {
    const { pool, m } = make(20, ['full'], { hashBlockSize: 2 });
    const a = ask(m, 6, 2);
    m.alloc(a, 6);
    const b = ask(m, 7, 2);
    const { hit, blocks } = m.lookup(b);
    expect([hit, blocks]).toEqual([6, [[1, 2]]]);
    expect(m.alloc(b, 1, { hit })).toEqual([[]]);
    expect(m.blocks(b)).toEqual([[1, 3]]);
    expect(m.copies()).toEqual([[2, 3]]);
    expect(pool.references(2)).toBe(2);
    expect(m.check()).toBe(0);
  });

  it('needs a block for the copy', () => {
    const { m } = make(3, ['full'], { hashBlockSize: 2 });
    m.alloc(ask(m, 6, 2), 6);
    const b = ask(m, 7, 2);
    expect(m.alloc(b, 1, { hit: m.lookup(b).hit })).toBeNull();
  });

  it('gives the block the key of the whole once it is full', () => {
    const { pool, m } = make(20, ['full'], { hashBlockSize: 2 });
    const a = ask(m, 6, 2);
    m.alloc(a, 6);
    m.append(a, 2, keys(1, 4));
    m.alloc(a, 2);
    expect([pool.lookup(3n), pool.lookup(4n)]).toEqual([null, 2]);
  });
});

describe('KV manager, states', () => {
  it('holds one block a step, and registers it only at a boundary', () => {
    const { pool, m } = make(20, ['state']);
    const r = ask(m, 14);
    expect(m.alloc(r, 8)).toEqual([[0, 1]]);
    expect(m.alloc(r, 6)).toEqual([[0, 2]]);
    expect(pool.hashedBlocks).toBe(1);
    expect(m.lookup(ask(m, 14))).toEqual({ hit: 8, blocks: [[0, 1]], boundary: 0 });
  });

  it('limits the hit of full attention to where a state is kept', () => {
    const { m } = make(20, ['full', 'state']);
    const r = ask(m, 14);
    m.alloc(r, 8);
    m.alloc(r, 6);
    expect(m.lookup(ask(m, 14))).toMatchObject({ hit: 8, boundary: 12 });
  });

  it('lets the old state go when the new one has been computed', () => {
    const { m } = make(20, ['state']);
    const r = ask(m, 30);
    m.alloc(r, 8);
    m.alloc(r, 8);
    expect(m.blocks(r)).toEqual([[0, 1, 0, 2]]);
    m.computed(r, 16);
    m.alloc(r, 8);
    expect(m.blocks(r)).toEqual([[0, 0, 0, 2, 0, 3]]);
  });
});

describeBuilds('KV manager is its twin', (load) => {
  const target = managerTarget(load());
  it('under any program', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1200 }), (body) => target.run(body, { every: 1 })),
      { seed: 20261121, numRuns: 150 },
    );
  });
});

/** Forgets what is reserved. */
class Careless extends KvManager {
  override alloc(request: KvRequest, tokens: number, options?: AllocOptions): number[][] | null {
    return super.alloc(request, tokens, { ...options, reserved: 0 });
  }
}

describe('the fuzzer of the KV manager', () => {
  it('finds a manager that hands out reserved blocks', () => {
    const core = loadCore();
    const target = managerTarget(core, (c, pool, options) => new Careless(c, pool, options));
    const episodes = fuzz({ target, seed: 1, operations: 20_000 });
    let step = episodes.next();
    while (step.done !== true) step = episodes.next();
    expect(step.value.failure?.message).toContain('alloc');
  });
});
