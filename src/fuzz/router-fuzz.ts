// SPDX-License-Identifier: Apache-2.0
/** The router index (router-index) in both forms against its twin: events late, twice or never. */
import type { Core } from '../core/core.js';
import { ReferenceRouterIndex } from '../core/reference/router-index.js';
import { RouterIndex } from '../core/router-index.js';
import type { BlockRun, RouterIndexOptions } from '../core/router-index.js';
import { expectSame } from './compare.js';
import type { FuzzTarget, RunOptions } from './target.js';
import { runOperations } from './target.js';

/** What the fuzzer needs of an index; a test plants bugs by handing in another one. */
export type RouterUnderTest = Omit<RouterIndex, 'handle'>;
export type MakeRouter = (core: Core, options: RouterIndexOptions) => RouterUnderTest;

/** Around where the positional form jumps and where paths branch. */
const LONG = [8, 9, 16, 17, 20, 21, 31, 32, 33, 43, 44, 60];
/** Paths branch at each of the first blocks, and then where a tail begins. */
const BRANCHES = 7;
const TAILS = [BRANCHES, 20, 43];

/** A run as both sides want it: typed arrays for the kernel, a list for the twin. */
interface Run extends BlockRun {
  readonly list: readonly bigint[];
  /** What is left from a block on, where it is kept. */
  readonly ends: Run[] | null;
}

/** All beginnings of the paths that were asked for: equal paths have equal hashes. */
const known = new Map<number, Run>();

/** Blocks along a path of digits: what is shared at the start has equal hashes. */
function blocksOf(op: Uint8Array): Run {
  const length = op[3] % 12 === 0 ? LONG[op[2] % LONG.length] : 1 + (op[2] % BRANCHES);
  const path = (op[4] & 127) | ((op[5] & 7) << 7);
  const name = path * 64 + length;
  let run = known.get(name);
  if (run === undefined) known.set(name, (run = makeRun(path, length)));
  return run;
}

function makeRun(path: number, length: number): Run {
  let seq = 7n;
  const digit = (i: number): number =>
    i < BRANCHES ? (path >> i) & 1 : (path >> (BRANCHES + TAILS.indexOf(tailOf(i)))) & 1;
  const local = BigUint64Array.from({ length }, (_, i) => BigInt(1 + digit(i)));
  const list = Array.from(local, (step) => (seq = BigInt.asUintN(64, seq * 1000003n + step)));
  return { local, seq: BigUint64Array.from(list), list, ends: length > BRANCHES ? null : [] };
}

const tailOf = (i: number): number => TAILS.findLast((from) => from <= i)!;

function cut(run: Run, from: number): Run {
  const kept = run.ends?.[from];
  if (kept !== undefined) return kept;
  const { local, seq, list } = run;
  const end = {
    local: local.subarray(from), seq: seq.subarray(from), list: list.slice(from), ends: null,
  };
  if (run.ends !== null) run.ends[from] = end;
  return end;
}

type Send = () => void;

class RouterRun {
  readonly #twin: ReferenceRouterIndex;
  readonly #kernels: readonly RouterUnderTest[];
  readonly #workers: number;
  readonly #ids: number[];
  /** Events on their way: they arrive later, or never. */
  #late: Send[] = [];

  constructor(core: Core, make: MakeRouter, setup: Uint8Array) {
    this.#workers = 1 + (setup[0] % 4) * (setup[1] % 24 === 0 ? 20 : 1);
    this.#twin = new ReferenceRouterIndex(this.#workers);
    const options = { workers: this.#workers, maxBlocks: 1 << 14 };
    this.#kernels = [make(core, options), make(core, { ...options, form: 'positional' })];
    this.#ids = Array<number>(this.#workers).fill(setup[2]);
  }

  apply(op: Uint8Array): void {
    const kind = op[0] % 32;
    const worker = op[1] % this.#workers;
    const run = blocksOf(op);
    if (kind < 14) this.#stored(worker, run, op);
    else if (kind < 25) this.#removed(worker, cut(run, op[7] % run.list.length), op);
    else if (kind === 25) this.#cleared(worker, op);
    else if (kind === 26) this.#ids[worker] += op[2] % 5 === 0 ? 70 : op[2] % 3;
    else if (kind === 27) this.#late = [];
    else if (kind < 30) for (const send of this.#late.splice(0)) send();
    else if (op[7] % 4 === 0) this.#resync(worker, run);
    else if (op[7] % 4 === 1) this.#forget(worker);
    this.#query(run, this.#kernels[op[6] & 1]);
  }

  compareSizes(): void {}

  compareAll(): void {
    for (const kernel of this.#kernels) {
      expectSame('invariant', 0, kernel.check());
      this.#twin.workers.forEach((twin, w) => {
        const residents = kernel.residents(w);
        expectSame('residents', twin.held.size, residents.size);
        for (const [hash, copies] of twin.held) {
          const got = residents.get(hash);
          if (got !== copies) expectSame(`copies of ${hash}`, copies, got);
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

  /** What is asked behind every operation: the two forms take turns. */
  #query(run: Run, kernel: RouterUnderTest): void {
    expectSame('scores', this.#twin.query(run.list), kernel.query(run));
  }

  #stored(worker: number, run: Run, op: Uint8Array): void {
    const from = op[7] % 5 === 0 ? op[6] % run.list.length : 0;
    const parent = from > 0 ? run.list[from - 1] : null;
    const part = from > 0 ? cut(run, from) : run;
    this.#event(
      worker, op, 'stored',
      (twin, id) => twin.stored(worker, id, parent, { seq: part.list }),
      (kernel, id) => kernel.stored(worker, id, parent, part),
    );
  }

  #removed(worker: number, part: Run, op: Uint8Array): void {
    this.#event(
      worker, op, 'removed',
      (twin, id) => twin.removed(worker, id, part.list),
      (kernel, id) => kernel.removed(worker, id, part.seq),
    );
  }

  #cleared(worker: number, op: Uint8Array): void {
    const clear = (index: ReferenceRouterIndex | RouterUnderTest, id: number): string =>
      index.cleared(worker, id);
    this.#event(worker, op, 'cleared', clear, clear);
  }

  /** Sends an event at once or later, once or twice. */
  #event(
    worker: number,
    op: Uint8Array,
    what: string,
    callTwin: (twin: ReferenceRouterIndex, id: number) => string,
    callKernel: (kernel: RouterUnderTest, id: number) => string,
  ): void {
    const id = this.#ids[worker]++;
    const send = (): void => {
      const expected = callTwin(this.#twin, id);
      // Nothing here may be refused: an exception ends the program.
      for (const kernel of this.#kernels) expectSame(what, expected, callKernel(kernel, id));
    };
    if (op[6] % 6 === 0) this.#late.unshift(send);
    else send();
    if (op[6] % 7 === 0) send();
  }

  #resync(worker: number, run: Run): void {
    const copies = run.list.map((_, i) => 1 + (i % 2));
    const parents = run.list.map((_, i) => i - 1);
    const next = this.#ids[worker];
    this.#twin.resync(worker, next, new Map(run.list.map((hash, i) => [hash, copies[i]])));
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
