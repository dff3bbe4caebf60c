// SPDX-License-Identifier: Apache-2.0
/** The router index (router-index) in both forms against its twin: events late, twice or never. */
import type { Core } from '../core/core.js';
import { ReferenceRouterIndex } from '../core/reference/router-index.js';
import { RouterIndex } from '../core/router-index.js';
import type { BlockRun, RouterIndexOptions } from '../core/router-index.js';
import { expectSame, outcomeOf } from './compare.js';
import type { FuzzTarget, RunOptions } from './target.js';
import { runOperations } from './target.js';

/** What the fuzzer needs of an index; a test plants bugs by handing in another one. */
export type RouterUnderTest = Omit<RouterIndex, 'handle'>;
export type MakeRouter = (core: Core, options: RouterIndexOptions) => RouterUnderTest;

const LONGEST = 60;

/** Blocks along a path of digits: what is shared at the start has equal hashes. */
function blocksOf(op: Uint8Array): BlockRun {
  const length = 1 + (op[2] % (op[3] % 4 === 0 ? LONGEST : 7));
  let seq = 7n;
  const digit = (i: number): number => (op[4 + (i % 3)] >> i % 7) & 1;
  const local = BigUint64Array.from({ length }, (_, i) => BigInt(1 + digit(i)));
  return {
    local,
    seq: BigUint64Array.from(local, (step) => (seq = BigInt.asUintN(64, seq * 1000003n + step))),
  };
}

const cut = ({ local, seq }: BlockRun, from: number): BlockRun => ({
  local: local.slice(from),
  seq: seq.slice(from),
});

type Send = () => void;

class RouterRun {
  readonly #twin: ReferenceRouterIndex;
  readonly #kernels: readonly RouterUnderTest[];
  readonly #workers: number;
  readonly #ids: number[];
  /** Events on their way: they arrive later, or never. */
  #late: Send[] = [];
  #probe: BlockRun | null = null;

  constructor(core: Core, make: MakeRouter, setup: Uint8Array) {
    this.#workers = 1 + (setup[0] % 4) * (setup[1] % 9 === 0 ? 20 : 1);
    this.#twin = new ReferenceRouterIndex(this.#workers);
    const options = { workers: this.#workers, maxBlocks: 1 << 14 };
    this.#kernels = [make(core, options), make(core, { ...options, form: 'positional' })];
    this.#ids = Array<number>(this.#workers).fill(setup[2]);
  }

  apply(op: Uint8Array): void {
    const kind = op[0] % 32;
    const worker = op[1] % this.#workers;
    const run = blocksOf(op);
    this.#probe = run;
    if (kind < 14) this.#stored(worker, run, op);
    else if (kind < 25) this.#removed(worker, cut(run, op[7] % run.seq.length).seq, op);
    else if (kind === 25) this.#cleared(worker, op);
    else if (kind === 26) this.#ids[worker] += op[2] % 5 === 0 ? 70 : op[2] % 3;
    else if (kind === 27) this.#late = [];
    else if (kind < 30) for (const send of this.#late.splice(0)) send();
    else if (kind === 30) this.#resync(worker, run);
    else this.#forget(worker);
  }

  compareSizes(): void {
    if (this.#probe === null) return;
    const expected = this.#twin.query([...this.#probe.seq]);
    for (const kernel of this.#kernels) {
      expectSame('scores', expected, kernel.query(this.#probe));
    }
  }

  compareAll(): void {
    for (const kernel of this.#kernels) {
      expectSame('invariant', 0, kernel.check());
      this.#twin.workers.forEach((twin, w) => {
        const residents = kernel.residents(w);
        expectSame('residents', twin.held.size, residents.size);
        for (const [hash, copies] of twin.held) {
          expectSame(`copies of ${hash}`, copies, residents.get(hash));
        }
        const { duplicates, lost, absent, diverged } = kernel.worker(w);
        expectSame('duplicates', twin.duplicates, duplicates);
        expectSame('lost', twin.lost, lost);
        expectSame('absent', twin.absent, absent);
        expectSame('diverged', twin.diverged, diverged);
      });
    }
  }

  dispose(): void {
    for (const kernel of this.#kernels) kernel.dispose();
  }

  #stored(worker: number, run: BlockRun, op: Uint8Array): void {
    const from = op[7] % 5 === 0 ? op[6] % run.seq.length : 0;
    const parent = from > 0 ? run.seq[from - 1] : null;
    const part = cut(run, from);
    this.#event(worker, op, 'stored', (index, id) => index.stored(worker, id, parent, part));
  }

  #removed(worker: number, seq: BigUint64Array, op: Uint8Array): void {
    this.#event(worker, op, 'removed', (index, id) => index.removed(worker, id, seq));
  }

  #cleared(worker: number, op: Uint8Array): void {
    this.#event(worker, op, 'cleared', (index, id) => index.cleared(worker, id));
  }

  /** Sends an event at once or later, once or twice. */
  #event(
    worker: number,
    op: Uint8Array,
    what: string,
    call: (index: ReferenceRouterIndex | RouterUnderTest, id: number) => string,
  ): void {
    const id = this.#ids[worker]++;
    const send = (): void => {
      const expected = call(this.#twin, id);
      for (const kernel of this.#kernels) {
        let answer = '';
        const refusal = outcomeOf(() => {
          answer = call(kernel, id);
          return null;
        });
        expectSame(what, expected, refusal ?? answer);
      }
    };
    if (op[5] % 6 === 0) this.#late.unshift(send);
    else send();
    if (op[5] % 7 === 0) send();
  }

  #resync(worker: number, run: BlockRun): void {
    const copies = Array.from(run.seq, (_, i) => 1 + (i % 2));
    const parents = Array.from(run.seq, (_, i) => i - 1);
    const next = this.#ids[worker];
    this.#twin.resync(worker, next, new Map(Array.from(run.seq, (hash, i) => [hash, copies[i]])));
    for (const kernel of this.#kernels) kernel.resync(worker, next, { ...run, parents, copies });
  }

  #forget(worker: number): void {
    this.#twin.forget(worker);
    for (const kernel of this.#kernels) kernel.forget(worker);
  }
}

/** Fuzzes an index, by default the wasm kernel's in both forms, against its twin. */
export function routerTarget(
  core: Core,
  make: MakeRouter = (c, options) => new RouterIndex(c, options),
): FuzzTarget {
  const empty = core.snapshot();
  return {
    kind: 'router',
    run(body: Uint8Array, options: RunOptions): void {
      core.restore(empty);
      runOperations(body, options, (setup) => new RouterRun(core, make, setup));
    },
  };
}
