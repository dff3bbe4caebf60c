// SPDX-License-Identifier: Apache-2.0
/** Corners of lookups, and what a lookup is still good for when something has changed since. */
import { describe, expect, it } from 'vitest';
import { BlockPool, KvManager, Status, loadCore } from '../../src/core/index.js';
import type { KvGroup, KvManagerOptions, KvRequest } from '../../src/core/index.js';

interface Bench {
  pool: BlockPool;
  m: KvManager;
}

function make(
  blocks: number,
  groups: KvGroup[],
  options: Partial<KvManagerOptions> = {},
  events = 0,
): Bench {
  const core = loadCore();
  const pool = new BlockPool(core, { blocks, events });
  const m = new KvManager(core, pool, { blockSize: 4, groups, maxModelLength: 1000, ...options });
  return { pool, m };
}

const keys = (n: number, from = 1): bigint[] =>
  Array.from({ length: n }, (_, i) => BigInt(from + i));
const ask = (m: KvManager, tokens: number, size = 4): KvRequest =>
  m.request(tokens, keys(Math.floor(tokens / size)));
/** Computes a prompt and lets it go: its blocks stay cached. */
const warm = (m: KvManager, tokens: number, size = 4): number[][] => {
  const r = ask(m, tokens, size);
  const blocks = m.alloc(r, tokens)!;
  m.free(r);
  return blocks;
};

describe('KV manager, hits of several windows with eagle', () => {
  it('looks a group up without the drop once it is verified (vLLM 33524)', () => {
    const { m } = make(60, ['full', 9, 5], { eagle: true });
    const [, wide, narrow] = warm(m, 44);
    // The narrow window ends after 4 blocks, of which eagle drops one. There the wide one lacks the
    // block that a second drop would need.
    m.evict([...wide.slice(3, 6), ...narrow.slice(4)]);
    expect(m.lookup(ask(m, 45)).hit).toBe(12);
  });

  it('drops again for all groups when a verified one shortens the hit', () => {
    const { m } = make(60, ['full', 9, 5], { eagle: true });
    const [, wide, narrow] = warm(m, 44);
    m.evict([...wide.slice(2, 6), ...narrow.slice(4)]);
    expect(m.lookup(ask(m, 45)).hit).toBe(4);
  });
});

describe('KV manager, hits inside a block', () => {
  it('leave the last token to be computed', () => {
    const { m } = make(20, ['full'], { hashBlockSize: 2 });
    warm(m, 6, 2);
    expect(m.lookup(ask(m, 6, 2)).hit).toBe(4);
  });

  it('are the longest there is', () => {
    const { m } = make(20, ['full'], { hashBlockSize: 1 });
    warm(m, 5, 1);
    warm(m, 7, 1);
    expect(m.lookup(ask(m, 8, 1)).hit).toBe(7);
  });
});

describe('KV manager refuses the hit of a lookup', () => {
  const stale = expect.objectContaining({ status: Status.stale });

  it('of another request', () => {
    const { m } = make(20, ['full']);
    warm(m, 8);
    const [a, b] = [ask(m, 9), m.request(9, keys(2, 7))];
    const { hit } = m.lookup(a);
    expect(() => m.alloc(b, 9 - hit, { hit })).toThrow(stale);
  });

  it('whose blocks have lost their keys', () => {
    const { m } = make(20, ['full']);
    const [blocks] = warm(m, 8);
    const r = ask(m, 9);
    const { hit } = m.lookup(r);
    m.evict([blocks[0]]);
    expect(() => m.alloc(r, 9 - hit, { hit })).toThrow(stale);
  });

  it('after another request has got blocks', () => {
    const { m } = make(20, ['full']);
    warm(m, 8);
    const r = ask(m, 9);
    const { hit } = m.lookup(r);
    m.alloc(m.request(3, []), 3);
    expect(() => m.alloc(r, 9 - hit, { hit })).toThrow(stale);
  });

  it('after blocks were taken from the pool itself', () => {
    const { pool, m } = make(20, ['full']);
    warm(m, 8);
    const r = ask(m, 9);
    const { hit } = m.lookup(r);
    pool.alloc(1);
    expect(() => m.alloc(r, 9 - hit, { hit })).toThrow(stale);
  });

  it('when the request has grown', () => {
    const { m } = make(20, ['full']);
    warm(m, 8);
    const r = ask(m, 9);
    const { hit } = m.lookup(r);
    m.append(r, 1, []);
    expect(() => m.alloc(r, 9 - hit, { hit })).toThrow(stale);
  });
});

describe('KV manager, what others see', () => {
  it('tells which block a registered one follows', () => {
    const { pool, m } = make(20, ['full'], {}, 64);
    const r = ask(m, 12);
    m.alloc(r, 8);
    m.alloc(r, 4);
    expect(pool.takeEvents()).toEqual([
      { kind: 'stored', keys: [1n, 2n], parent: null, group: 0 },
      { kind: 'stored', keys: [3n], parent: 2n, group: 0 },
    ]);
  });

  it('counts no block as common that a pending copy holds too', () => {
    const { m } = make(20, ['full']);
    const a = ask(m, 6);
    m.alloc(a, 6);
    const b = m.fork(a);
    m.append(b, 1, []);
    m.alloc(b, 1);
    m.free(b);
    expect(m.common(a)).toEqual([1]);
    m.copied(1);
    expect(m.common(a)).toEqual([2]);
  });

  it('does not end while a copy is pending', () => {
    const { m } = make(20, ['full']);
    const a = ask(m, 6);
    m.alloc(a, 6);
    const b = m.fork(a);
    m.append(b, 1, []);
    m.alloc(b, 1);
    m.free(a);
    m.free(b);
    const busy = expect.objectContaining({ status: Status.busy });
    expect(() => m.dispose()).toThrow(busy);
    m.copied(1);
    m.dispose();
  });
});
