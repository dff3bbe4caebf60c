// SPDX-License-Identifier: Apache-2.0
/** Checks do not follow what leads out of a table: they say so, and never trap. */
import { expect, it } from 'vitest';
import { BlockPool, KvManager, RadixTree, loadCore } from '../../src/core/index.js';

it('a block table that names a block far beyond the pool', () => {
  const core = loadCore();
  const pool = new BlockPool(core, { blocks: 20 });
  const m = new KvManager(core, pool, { blockSize: 4, groups: ['full'], maxModelLength: 64 });
  const { at, generation } = m.request(8, [1n, 2n]);
  m.alloc({ at, generation }, 8);
  const table = core.exports.mgr_blocks(m.handle, at, generation, 0) >>> 2;
  core.u32[core.u32[table] >>> 2] = 0x0fffffff;
  expect(m.check()).toBe(2);
  expect(core.checkIntegrity()).toMatchObject({ ok: false, invariant: 'KM-2' });
});

it('a node whose tokens lie behind its segment', () => {
  const core = loadCore();
  const t = new RadixTree(core, { nodes: 16 });
  t.insert([1, 2, 3], [1, 2, 3]);
  const node = ((core.exports.radix_node_base(t.handle) >>> 0) >>> 2) + t.match([1]).node * 16;
  core.u32[node + 1] = 0x00ffffff;
  expect(t.check()).toBe(9);
  expect(core.checkIntegrity()).toMatchObject({ ok: false, invariant: 'RX-9' });
});
