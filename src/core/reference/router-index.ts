// SPDX-License-Identifier: Apache-2.0
/** The router index with maps: slow and obvious, what the kernel is compared with. */

export interface RunOfBlocks {
  readonly seq: Iterable<bigint>;
}

type Event =
  | { kind: 'stored'; id: number; parent: bigint | null; run: RunOfBlocks }
  | { kind: 'removed'; id: number; seq: Iterable<bigint> }
  | { kind: 'cleared'; id: number };

interface WorkerModel {
  held: Map<bigint, number>;
  next: number | null;
  waiting: Event[];
  lost: number;
  duplicates: number;
  absent: number;
  diverged: boolean;
}

/** Distance from the event awaited at which a missing one is given up. */
const WINDOW = 64;

export class ReferenceRouterIndex {
  readonly workers: WorkerModel[];

  constructor(workers: number) {
    this.workers = Array.from({ length: workers }, () => ({
      held: new Map(), next: null, waiting: [], lost: 0, duplicates: 0, absent: 0, diverged: false,
    }));
  }

  stored(worker: number, id: number, parent: bigint | null, run: RunOfBlocks): string {
    return this.#receive(worker, { kind: 'stored', id, parent, run });
  }

  removed(worker: number, id: number, seq: Iterable<bigint>): string {
    return this.#receive(worker, { kind: 'removed', id, seq });
  }

  cleared(worker: number, id: number): string {
    return this.#receive(worker, { kind: 'cleared', id });
  }

  resync(worker: number, next: number, held: ReadonlyMap<bigint, number>): void {
    this.forget(worker);
    const model = this.workers[worker];
    model.held = new Map(held);
    model.next = next;
  }

  forget(worker: number): void {
    const model = this.workers[worker];
    model.held.clear();
    model.waiting = [];
    model.next = null;
    model.diverged = false;
  }

  /** Leading blocks of the chain that each worker holds. */
  query(seq: readonly bigint[]): number[] {
    return this.workers.map(({ held }) => {
      const miss = seq.findIndex((hash) => !held.has(hash));
      return miss < 0 ? seq.length : miss;
    });
  }

  #receive(worker: number, event: Event): string {
    const model = this.workers[worker];
    model.next ??= event.id;
    const known = model.waiting.some(({ id }) => id === event.id);
    if (event.id < model.next || known) {
      model.duplicates++;
      return 'duplicate';
    }
    const inTurn = event.id === model.next;
    const last = event.id;
    model.waiting.push(event);
    model.waiting.sort((a, b) => a.id - b.id);
    this.#drain(model);
    if (!inTurn && last - model.next < WINDOW && model.waiting.length > 0) return 'waits';
    while (model.waiting.length > 0 && last - model.next >= WINDOW) {
      model.lost += model.waiting[0].id - model.next;
      model.diverged = true;
      model.next = model.waiting[0].id;
      this.#drain(model);
    }
    return inTurn && !model.diverged ? 'applied' : 'applied after loss';
  }

  #drain(model: WorkerModel): void {
    while (model.waiting[0]?.id === model.next) {
      this.#apply(model, model.waiting.shift()!);
      model.next++;
    }
  }

  #apply(model: WorkerModel, event: Event): void {
    if (event.kind === 'cleared') {
      model.held.clear();
      model.diverged = false;
    } else if (event.kind === 'stored') {
      for (const hash of event.run.seq) model.held.set(hash, (model.held.get(hash) ?? 0) + 1);
    } else {
      for (const hash of event.seq) {
        const copies = model.held.get(hash);
        if (copies === undefined) model.absent++;
        else if (copies > 1) model.held.set(hash, copies - 1);
        else model.held.delete(hash);
      }
    }
  }
}
