// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { BlockPool, KernelError, KvManager, Status } from '../../src/core/index.js';
import type { KvRequest } from '../../src/core/index.js';
import { describeBuilds, expectRefused } from '../support/cores.js';

const ask = (m: KvManager, tokens: number): KvRequest =>
  m.request(tokens, Array.from({ length: tokens >> 2 }, (_, i) => BigInt(i + 1)));

describeBuilds('KV manager refuses', (load) => {
  const { badArgument, badHandle, busy, full, stale } = Status;
  const core = load();
  const pool = new BlockPool(core, { blocks: 9 });
  const options = { blockSize: 4, groups: ['full'], maxModelLength: 100 } as const;
  const m = new KvManager(core, pool, options);
  const other = new KvManager(core, pool, options);
  const r = ask(m, 8);
  m.alloc(r, 8);
  const gone = ask(m, 8);
  const foreign = ask(other, 8);
  const waiting = ask(m, 8);
  m.free(gone);
  const e = core.exports;
  const { handle } = m;
  const free = ({ at, generation }: KvRequest): number => e.mgr_free(handle, at, generation);
  const preempt = ({ at, generation }: KvRequest): number => e.mgr_preempt(handle, at, generation);
  const alloc = ({ at, generation }: KvRequest, n: number, hit: number): number =>
    e.mgr_alloc(handle, at, generation, n, hit, 0, 0, 0);
  const cases: [string, number, number[], (at: number, n: number) => number][] = [
    ['a request that was freed, to be freed again', stale, [], () => free(gone)],
    ['a request that was freed, to be preempted', stale, [], () => preempt(gone)],
    ['a request of another manager', stale, [], () => free(foreign)],
    ['an offset that is no request', stale, [], () => e.mgr_free(handle, 0xfffffff8, 1)],
    ['preempting one that waits', badArgument, [], () => preempt(waiting)],
    ['no tokens', badArgument, [], () => alloc(r, 0, 0)],
    ['more tokens than any model has', badArgument, [], () => alloc(r, 0x40000001, 0)],
    ['a hit for a running request', badArgument, [], () => alloc(r, 1, 4)],
    ['a hit that no lookup found', stale, [], () => alloc(waiting, 4, 4)],
    ['more computed than there are tokens', badArgument, [],
      () => e.mgr_computed(handle, r.at, r.generation, 9)],
    ['more keys than whole blocks', badArgument, [1, 0],
      (at) => e.mgr_append(handle, r.at, r.generation, 1, at, 1)],
    ['keys outside of the memory', badArgument, [],
      () => e.mgr_append(handle, r.at, r.generation, 400, 0xfffffff0, 9)],
    ['more copies than are pending', full, [], () => e.mgr_copied(handle, 1)],
    ['to end while blocks are held', busy, [], () => e.mgr_destroy(handle)],
    ['a group it has not', badArgument, [], () => e.mgr_common(handle, r.at, r.generation, 1)],
    ['the handle of a pool', badHandle, [], () => e.mgr_check(pool.handle)],
    ['handle 0', badHandle, [], () => e.mgr_lookup(0, r.at, r.generation)],
  ];
  for (const [name, status, words, call] of cases) {
    it(name, () => {
      expectRefused(core, status, words, call);
      expect(m.check()).toBe(0);
    });
  }

  it('a table whose block somebody else has freed', () => {
    pool.free([1]);
    expectRefused(core, badArgument, [], () => free(r));
    pool.touch([1]);
    expect(m.check()).toBe(0);
  });

  it('and the facade says why', () => {
    expect(() => m.free(gone)).toThrow(KernelError);
    expect(() => m.alloc(r, 0)).toThrow('tokens: must be an integer from 1');
    expect(() => new KvManager(core, pool, { ...options, hashBlockSize: 3 })).toThrow(KernelError);
  });
});
