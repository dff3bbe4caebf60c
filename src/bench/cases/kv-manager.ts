// SPDX-License-Identifier: Apache-2.0
/** KV manager: what a request of 216 blocks costs, one operation at a time. */
import { BlockPool, KvManager } from '../../core/index.js';
import type { Core, KvGroup, KvRequest } from '../../core/index.js';
import { Checksum } from '../checksum.js';
import { expectStatus } from '../case.js';
import type { BenchCase, BenchTask } from '../case.js';

const SIZE = 16;
const BLOCKS = 216;
const TOKENS = BLOCKS * SIZE + 1;
const POOL = 20_000;
const GROUPS: readonly KvGroup[] = ['full', 1024];

/** One request whose content is cached, and one manager of two groups. */
class ManagerBench {
  readonly pool: BlockPool;
  readonly manager: KvManager;
  readonly request: KvRequest;
  readonly core: Core;
  sum = 0;

  constructor(core: Core, groups: readonly KvGroup[]) {
    this.core = core;
    this.pool = new BlockPool(core, { blocks: POOL });
    const options = { blockSize: SIZE, groups, maxModelLength: 1 << 20 };
    this.manager = new KvManager(core, this.pool, options);
    const keys = Array.from({ length: BLOCKS }, (_, i) => BigInt(i + 1) << 20n);
    this.request = this.manager.request(TOKENS, keys);
    this.manager.alloc(this.request, TOKENS);
    this.manager.preempt(this.request);
  }

  lookup(times: number): void {
    const { mgr_lookup } = this.core.exports;
    const { at, generation } = this.request;
    for (let i = 0; i < times; i++) this.sum = mgr_lookup(this.manager.handle, at, generation);
    expectStatus('mgr_lookup', this.sum);
  }

  /** Lookup, admission with its hits, preemption: a request's whole stay. */
  cycle(times: number): void {
    const { mgr_lookup, mgr_alloc, mgr_preempt } = this.core.exports;
    const { at, generation } = this.request;
    const { handle } = this.manager;
    for (let i = 0; i < times; i++) {
      const hit = mgr_lookup(handle, at, generation);
      this.sum = mgr_alloc(handle, at, generation, TOKENS - hit, hit, 0, 0, 0);
      expectStatus('mgr_alloc', this.sum);
      mgr_preempt(handle, at, generation);
    }
  }

  /** Decode steps of one token, from a full table on. */
  decode(times: number): void {
    const { mgr_append, mgr_alloc, mgr_computed } = this.core.exports;
    const { at, generation } = this.request;
    const { handle } = this.manager;
    const none = this.core.exports.arena_base();
    for (let i = 1; i <= times; i++) {
      mgr_append(handle, at, generation, 1, none, 0);
      this.sum = mgr_alloc(handle, at, generation, 1, 0, 0, 0, 0);
      mgr_computed(handle, at, generation, TOKENS + i);
    }
    expectStatus('mgr_alloc', this.sum);
  }

  task(units: number, run: () => void, setup: () => void = () => {}): BenchTask {
    const check = (): number => {
      const sum = new Checksum();
      sum.add(this.sum);
      sum.add(this.pool.freeBlocks);
      sum.add(this.manager.check());
      return sum.value;
    };
    return { units, setup, run, check };
  }
}

const OPS = 2000;

/** A fresh request for each run, so that its table does not grow from run to run. */
function decodeTask(core: Core): BenchTask {
  let bench = new ManagerBench(core, GROUPS);
  const task = bench.task(OPS, () => bench.decode(OPS), () => {
    bench.manager.free(bench.request);
    bench.manager.dispose();
    bench.pool.dispose();
    bench = new ManagerBench(core, GROUPS);
    bench.manager.alloc(bench.request, TOKENS);
  });
  return { ...task, check: () => bench.task(OPS, () => {}).check() };
}

function row(
  name: string,
  title: string,
  prepare: (core: Core) => BenchTask,
): BenchCase {
  return {
    id: `manager.${name}`,
    family: 'manager',
    kernel: 'kv-manager',
    title,
    unit: 'request',
    parameters: { blocks: BLOCKS, ops: OPS },
    streamed: false,
    prepare,
  };
}

export const kvManagerCases: readonly BenchCase[] = [
  row('lookup', 'lookup of 216 cached blocks, full attention', (core) => {
    const bench = new ManagerBench(core, ['full']);
    return bench.task(OPS, () => bench.lookup(OPS));
  }),
  row('lookup-hybrid', 'the same, with a window group beside it', (core) => {
    const bench = new ManagerBench(core, GROUPS);
    return bench.task(OPS, () => bench.lookup(OPS));
  }),
  row('cycle', 'lookup, admit and free, full attention', (core) => {
    const bench = new ManagerBench(core, ['full']);
    return bench.task(OPS, () => bench.cycle(OPS));
  }),
  row('decode', 'append, allocate and book one token', decodeTask),
];
