// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  BlockPool, RouterIndex, type Core, type RouterForm, type RouterIndexOptions,
} from '../../src/core/index.js';
import { ReferenceRouterIndex } from '../../src/core/reference/router-index.js';
import { describeBuilds } from '../support/cores.js';

/** Chains over a small alphabet, so that prefixes are shared: local hashes name the path. */
function chain(path: readonly number[]): { local: BigUint64Array; seq: BigUint64Array } {
  let seq = 7n;
  const local = BigUint64Array.from(path, (step) => BigInt(step + 1));
  return {
    local,
    seq: BigUint64Array.from(local, (step) => (seq = BigInt.asUintN(64, seq * 1000003n + step))),
  };
}

const slice = ({ local, seq }: ReturnType<typeof chain>, from: number, to: number) => ({
  local: local.slice(from, to),
  seq: seq.slice(from, to),
});

interface Step {
  readonly kind: number;
  readonly worker: number;
  readonly path: readonly number[];
  readonly from: number;
  readonly late: number;
  readonly twice: boolean;
}

const step = fc.record({
  kind: fc.integer({ min: 0, max: 19 }),
  worker: fc.nat({ max: 2 }),
  path: fc.array(fc.nat({ max: 1 }), { minLength: 1, maxLength: 9 }),
  from: fc.nat({ max: 3 }),
  late: fc.nat({ max: 3 }),
  twice: fc.boolean(),
});

class Pair {
  readonly kernels: RouterIndex[];
  readonly model = new ReferenceRouterIndex(3);
  readonly #ids = [0, 0, 0];
  readonly #delayed: (() => void)[] = [];

  constructor(readonly core: Core) {
    const forms: RouterForm[] = ['radix', 'positional'];
    const options = { workers: 3, maxBlocks: 4096 };
    this.kernels = forms.map((form) => new RouterIndex(core, { ...options, form }));
  }

  run({ kind, worker, path, from, late, twice }: Step): void {
    const whole = chain(path);
    if (kind < 9) {
      const start = Math.min(from, path.length - 1);
      const parent = start > 0 ? whole.seq[start - 1] : null;
      const run = slice(whole, start, path.length);
      this.#send(worker, late, twice, (id) => [
        this.model.stored(worker, id, parent, run),
        ...this.kernels.map((kernel) => kernel.stored(worker, id, parent, run)),
      ]);
    } else if (kind < 16) {
      const seq = whole.seq.slice(Math.min(from, path.length - 1));
      this.#send(worker, late, twice, (id) => [
        this.model.removed(worker, id, seq),
        ...this.kernels.map((kernel) => kernel.removed(worker, id, seq)),
      ]);
    } else if (kind === 16) {
      this.#send(worker, late, twice, (id) => [
        this.model.cleared(worker, id),
        ...this.kernels.map((kernel) => kernel.cleared(worker, id)),
      ]);
    } else if (kind === 17) {
      this.#ids[worker] += from === 3 ? 70 : from;
    } else if (kind === 18) {
      for (const each of this.#delayed.splice(0)) each();
    } else {
      this.#resync(worker, whole);
    }
    this.compare(whole);
  }

  compare(probe: ReturnType<typeof chain>): void {
    const expected = this.model.query([...probe.seq]);
    for (const kernel of this.kernels) {
      expect(kernel.check()).toBe(0);
      expect([...kernel.query(probe)]).toEqual(expected);
      this.model.workers.forEach((worker, w) => {
        expect(kernel.residents(w)).toEqual(worker.held);
        const { duplicates, lost, absent, diverged } = kernel.worker(w);
        expect({ duplicates, lost, absent, diverged }).toEqual({
          duplicates: worker.duplicates,
          lost: worker.lost,
          absent: worker.absent,
          diverged: worker.diverged,
        });
      });
    }
  }

  #send(worker: number, late: number, twice: boolean, event: (id: number) => string[]): void {
    const id = this.#ids[worker]++;
    const send = (): void => {
      const [expected, ...answers] = event(id);
      for (const answer of answers) expect(answer).toBe(expected);
    };
    if (late === 3) this.#delayed.unshift(send);
    else send();
    if (twice) send();
  }

  #resync(worker: number, whole: ReturnType<typeof chain>): void {
    const held = new Map([...whole.seq].map((hash, i) => [hash, 1 + (i % 2)]));
    const parents = [...whole.seq].map((_, i) => i - 1);
    const next = this.#ids[worker];
    this.model.resync(worker, next, held);
    const copies = [...held.values()];
    for (const kernel of this.kernels) kernel.resync(worker, next, { ...whole, parents, copies });
  }
}

describeBuilds('router index', (load) => {
  it('equals the reference under duplicates, delays, losses and resyncs, in both forms', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const pair = new Pair(load());
        for (const each of steps) pair.run(each);
      }),
      { numRuns: 150 },
    );
  });
});

/** Both forms at once: what one says the other must say. */
function both(load: () => Core, options: Partial<RouterIndexOptions> = {}): RouterIndex[] {
  const core = load();
  const all = { workers: 2, maxBlocks: 1024, ...options };
  return (['radix', 'positional'] as const).map((form) => new RouterIndex(core, { ...all, form }));
}

describeBuilds('events', (load) => {
  const run = chain([0, 1, 0, 1]);

  it.each([0, 1])('a copy that goes leaves the other copies (form %i)', (form) => {
    const index = both(load)[form];
    index.stored(0, 0, null, run);
    index.stored(0, 1, null, run);
    index.removed(0, 2, run.seq);
    expect([...index.query(run)]).toEqual([4, 0]);
    expect(index.residents(0).get(run.seq[0])).toBe(1);
    index.removed(0, 3, run.seq);
    expect([...index.query(run)]).toEqual([0, 0]);
    expect(index.blocks).toBe(0);
  });

  it.each([0, 1])('early ones wait, repeated ones are ignored (form %i)', (form) => {
    const index = both(load)[form];
    expect(index.stored(0, 5, null, run)).toBe('applied');
    expect(index.removed(0, 7, run.seq.slice(3))).toBe('waits');
    expect(index.removed(0, 7, run.seq.slice(3))).toBe('duplicate');
    expect([...index.query(run)]).toEqual([4, 0]);
    expect(index.removed(0, 6, run.seq.slice(2, 3))).toBe('applied');
    expect([...index.query(run)]).toEqual([2, 0]);
    expect(index.removed(0, 5, run.seq)).toBe('duplicate');
    expect(index.worker(0)).toMatchObject({ duplicates: 2, pending: 0, next: 8, blocks: 2 });
  });

  it.each([0, 1])('a loss is given up after 64 events, said, and mended (form %i)', (form) => {
    const index = both(load)[form];
    index.stored(0, 0, null, run);
    for (let id = 2; id < 65; id++) expect(index.stored(0, id, null, run)).toBe('waits');
    expect(index.stored(0, 65, null, run)).toBe('applied after loss');
    expect(index.worker(0)).toMatchObject({ lost: 1, diverged: true, pending: 0, next: 66 });
    index.resync(0, 70, { ...run, parents: [-1, 0, 1, 2], copies: [1, 1, 1, 1] });
    expect(index.worker(0)).toMatchObject({ diverged: false, next: 70, blocks: 4 });
    expect(index.removed(0, 70, run.seq.slice(3))).toBe('applied');
    expect([...index.query(run)]).toEqual([3, 0]);
  });

  it.each([0, 1])('ids wrap around (form %i)', (form) => {
    const index = both(load)[form];
    expect(index.stored(0, 0xffffffff, null, run)).toBe('applied');
    expect(index.removed(0, 0, run.seq)).toBe('applied');
    expect(index.stored(0, 0xffffffff, null, run)).toBe('duplicate');
  });

  it.each([0, 1])('a worker that begins anew may count from anywhere (form %i)', (form) => {
    const index = both(load)[form];
    index.stored(0, 900, null, run);
    index.forget(0);
    expect(index.blocks).toBe(0);
    expect(index.stored(0, 3, null, run)).toBe('applied');
    expect([...index.query(run)]).toEqual([4, 0]);
  });

  it.each([0, 1])('blocks behind an unknown parent count once it is known (form %i)', (form) => {
    const index = both(load)[form];
    index.stored(0, 0, run.seq[1], slice(run, 2, 4));
    expect(index.worker(0)).toMatchObject({ unknownParents: 1, blocks: 2 });
    expect([...index.query(run)]).toEqual([0, 0]);
    index.stored(0, 1, null, slice(run, 0, 2));
    expect([...index.query(run)]).toEqual([4, 0]);
    index.removed(0, 2, run.seq);
    expect(index.blocks).toBe(0);
  });

  it.each([0, 1])('a replayed store makes nothing larger (form %i)', (form) => {
    const index = both(load)[form];
    for (let worker = 0; worker < 2; worker++) index.stored(worker, 0, null, run);
    for (let i = 0; i < 5; i++) index.stored(0, 0, null, run);
    expect(index.blocks).toBe(4);
    expect(index.worker(0).blocks).toBe(4);
  });

  it.each([0, 1])('holes end a prefix, also beyond a jump (form %i)', (form) => {
    const index = both(load)[form];
    const long = chain(Array.from({ length: 100 }, (_, i) => i % 2));
    for (let worker = 0; worker < 2; worker++) index.stored(worker, 0, null, long);
    expect([...index.query(long)]).toEqual([100, 100]);
    index.removed(1, 1, long.seq.slice(40, 41));
    expect(index.worker(1).holes).toBe(1);
    expect([...index.query(long)]).toEqual([100, 40]);
    index.stored(1, 2, long.seq[39], slice(long, 40, 41));
    expect(index.worker(1).holes).toBe(0);
    expect([...index.query(long)]).toEqual([100, 100]);
  });

  it.each([0, 1])('a block of many children: holes go uncounted (form %i)', (form) => {
    const index = both(load)[form];
    const root = chain([0]);
    index.stored(0, 0, null, root);
    for (let i = 0; i < 100; i++) index.stored(0, 1 + i, null, chain([0, i + 2]));
    index.removed(0, 101, root.seq);
    for (let i = 0; i < 100; i++) index.removed(0, 102 + i, root.seq);
    expect(index.worker(0).holes).toBe(null);
    expect([...index.query(chain([0, 50]))]).toEqual([0, 0]);
    index.stored(0, 202, null, root);
    expect([...index.query(chain([0, 50]))]).toEqual([2, 0]);
    expect(index.check()).toBe(0);
  });

  it('an event beyond the bound is refused and changes nothing', () => {
    const index = both(load, { maxBlocks: 64 })[0];
    index.stored(0, 0, null, run);
    const more = chain(Array.from({ length: 80 }, (_, i) => i));
    expect(() => index.stored(0, 1, null, more)).toThrow('no room');
    expect(index.worker(0)).toMatchObject({ next: 1, blocks: 4 });
    expect(index.check()).toBe(0);
  });
});

describeBuilds('a query', (load) => {
  it.each([0, 1])('answers the largest score: none for a block nobody holds (form %i)', (form) => {
    const core = load();
    const index = new RouterIndex(core, { workers: 2, form: form === 0 ? 'radix' : 'positional' });
    const run = chain([1, 2, 3]);
    const at = core.take(64);
    const best = (): number => {
      const words = new BigUint64Array(core.u8.buffer, at, 6);
      words.set(run.local);
      words.set(run.seq, 3);
      return core.exports.router_query(index.handle, at, at + 24, 3, at + 48);
    };
    index.stored(1, 0, null, run);
    expect(best()).toBe(3);
    // The first block leads to others, so it stays where it was.
    index.removed(1, 1, run.seq.slice(0, 1));
    expect(best()).toBe(0);
  });
});

describeBuilds('approximate mode', (load) => {
  const run = chain([0, 1, 0]);

  it.each([0, 1])('forgets what was not routed again in time (form %i)', (form) => {
    const index = both(load, { ttlSeconds: 120 })[form];
    index.route(0, run, 0);
    index.route(1, slice(run, 0, 2), 100);
    index.route(0, slice(run, 0, 1), 100);
    index.expire(120);
    expect([...index.query(run)]).toEqual([1, 2]);
    index.expire(220);
    expect(index.blocks).toBe(0);
    expect(index.check()).toBe(0);
  });

  it.each([0, 1])('beyond its bound lets the oldest routing go (form %i)', (form) => {
    const index = both(load, { ttlSeconds: 120, maxBlocks: 100 })[form];
    const first = chain(Array.from({ length: 60 }, (_, i) => i));
    const second = chain(Array.from({ length: 60 }, (_, i) => 1000 + i));
    index.route(0, first, 1);
    index.route(1, second, 2);
    // Room comes when the last block of the first chain is gone: what leads to it stays till then.
    expect(index.blocks).toBe(60);
    expect([...index.query(second)]).toEqual([0, 60]);
    expect([...index.query(first)]).toEqual([0, 0]);
    expect(index.check()).toBe(0);
  });

  it.each([0, 1])('beyond its bound keeps four fifths of the routings (form %i)', (form) => {
    const index = both(load, { ttlSeconds: 1000, maxBlocks: 100 })[form];
    for (let i = 0; i <= 100; i++) index.route(0, chain([i]), i);
    expect(index.blocks).toBe(81);
    expect([18, 19].map((i) => index.query(chain([i]))[0])).toEqual([0, 0]);
    expect([20, 100].map((i) => index.query(chain([i]))[0])).toEqual([1, 1]);
  });

  it.each([0, 1])('remembers when what was routed ends as more comes (form %i)', (form) => {
    const index = both(load, { ttlSeconds: 100 })[form];
    for (let i = 0; i < 40; i++) index.route(0, chain([i]), 0);
    for (let i = 40; i < 60; i++) index.route(0, chain([i]), 10);
    index.expire(100);
    for (let i = 60; i < 200; i++) index.route(0, chain([i]), 105);
    expect(index.blocks).toBe(160);
    index.expire(110);
    expect(index.blocks).toBe(140);
  });

  it('takes no events, and an index of events takes no routings', () => {
    expect(() => both(load, { ttlSeconds: 1 })[0].stored(0, 0, null, run)).toThrow('out of range');
    expect(() => both(load)[0].route(0, run, 0)).toThrow('out of range');
  });
});

describeBuilds('a pool as the source of events', (load) => {
  it('is followed step by step', () => {
    const pool = new BlockPool(load(), { blocks: 12, events: 64 });
    const indices = both(load);
    const keys = new Map<bigint, number>();
    let id = 0;
    for (let step = 0; step < 60; step++) {
      const ids = pool.alloc(4)!;
      const run = chain([step % 3, step % 5, step % 2, step % 7]);
      pool.cache(ids, run.seq);
      pool.free([...ids].reverse());
      for (const event of pool.takeEvents()) {
        for (const index of indices) {
          if (event.kind === 'stored') {
            index.stored(0, id, null, run);
          } else if (event.kind === 'removed') {
            index.removed(0, id, BigUint64Array.of(event.key));
          }
        }
        if (event.kind === 'stored') {
          for (const key of event.keys) keys.set(key, (keys.get(key) ?? 0) + 1);
        } else if (event.kind === 'removed') {
          const left = keys.get(event.key)! - 1;
          if (left > 0) keys.set(event.key, left);
          else keys.delete(event.key);
        }
        id++;
      }
      for (const index of indices) {
        expect(index.residents(0)).toEqual(keys);
        expect([...keys.keys()].every((key) => pool.lookup(key, 0) !== null)).toBe(true);
        expect(index.check()).toBe(0);
      }
    }
  });
});
