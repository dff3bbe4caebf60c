// SPDX-License-Identifier: Apache-2.0
import type { Batch, ReplicaSite } from './batch.js';
import { MAX_RUN, type ReplicaState } from './replica-state.js';
import type { RequestMemory } from './request-memory.js';
import type { StepLedger } from './step-ledger.js';
import type { TurnState } from './turn-state.js';

/**
 * Decode fast-forward: a run of decode-only steps in one event.
 *
 * While a batch only decodes and nobody can join it, nothing happens at a step boundary but that
 * each request is one token further and some need a block. A run plans up to 256 such steps, to the
 * first one that finishes a request or for which blocks would be short, and prices each of them
 * (skipping events and scheduling, not arithmetic). State is brought up to date only when somebody
 * looks (`sync`), and a new arrival cuts the run off at the end of the step in flight.
 *
 * ```
 *   stepStart    ends[0]   ends[1]   ends[2]            ends[k-1] = event
 *   ├─ step 0 ───┼─ step 1 ┼─ step 2 ┼─ ...
 *                               ▲ t     done = 2 (ended by t), begun = 3 (its blocks are taken)
 * ```
 *
 * Equal to single-stepping to the byte: a step takes its blocks when it begins and books its
 * tokens when it ends; a step that would begin exactly at t has not begun for an arrival at t,
 * because arrivals come before step formation (priorities of simulation.ts).
 */
export class DecodeRun {
  /** How many requests cross into a new block at a step, by (step mod block size). */
  #crossings = new Uint32Array(64);

  constructor(
    private readonly replicas: ReplicaState,
    private readonly turns: TurnState,
    private readonly memory: RequestMemory,
    private readonly batch: Batch,
    private readonly ledger: StepLedger,
    private readonly outputTokens: Uint32Array,
    private readonly maxSteps: number = MAX_RUN,
  ) {}

  /**
   * Plans a run of the batch that was just formed (blocks of its first step are taken already).
   * `context` is the sum of contexts at the first step, `most` a limit on the steps. Returns the
   * time of its end, ns.
   */
  plan(site: ReplicaSite, now: number, context: number, most = this.maxSteps): number {
    const { replicas } = this;
    const r = site.index;
    const sequences = replicas.runningCount[r];
    const steps = this.#affordableSteps(site, Math.min(most, this.#stepsToFinish(r)));
    const ends = r * MAX_RUN;
    const { stepModel } = site.plan;
    const run = { steps, sequences, context, startNs: now };
    const end = stepModel.decodeEnds(run, replicas.runEnds, ends);
    replicas.stepStart[r] = now;
    replicas.runContext[r] = context;
    replicas.runSteps[r] = steps;
    replicas.runBegun[r] = 1;
    replicas.runDone[r] = 0;
    return end;
  }

  #stepsToFinish(r: number): number {
    const row = r * this.replicas.stride;
    let least = this.maxSteps;
    for (let i = 0; i < this.replicas.runningCount[r]; i++) {
      const turn = this.replicas.running[row + i];
      const left = Math.max(1, this.outputTokens[turn]) - this.turns.generated[turn];
      if (left < least) least = left;
    }
    return least;
  }

  /** Steps of at most `wanted` for which blocks can be had; the first one has its blocks. */
  #affordableSteps(site: ReplicaSite, wanted: number): number {
    const { blockSize } = site.plan;
    const count = this.replicas.runningCount[site.index];
    let room = site.kv.free + site.kv.evictable;
    if (room >= count * (Math.ceil(wanted / blockSize) + 1)) return wanted;
    this.#countCrossings(site, 0);
    for (let step = 1; step < wanted; step++) {
      room -= this.#crossings[step % blockSize];
      if (room < 0) return step;
    }
    return wanted;
  }

  /** Fills `#crossings`; `done` steps of the run are booked already. */
  #countCrossings(site: ReplicaSite, done: number): void {
    const { blockSize } = site.plan;
    if (this.#crossings.length < blockSize) this.#crossings = new Uint32Array(blockSize);
    this.#crossings.fill(0, 0, blockSize);
    const row = site.index * this.replicas.stride;
    for (let i = 0; i < this.replicas.runningCount[site.index]; i++) {
      // Step s computes token first + s, which opens a block when that is a multiple of b.
      const first = this.turns.computed[this.replicas.running[row + i]] - done;
      this.#crossings[(blockSize - (first % blockSize)) % blockSize]++;
    }
  }

  /** Brings a run up to date at `now`: books the steps that ended, takes blocks of those begun. */
  sync(site: ReplicaSite, now: number): void {
    const { replicas } = this;
    const r = site.index;
    const ends = r * MAX_RUN;
    const steps = replicas.runSteps[r];
    let done = replicas.runDone[r];
    while (done < steps && replicas.runEnds[ends + done] <= now) done++;
    const start = done === 0 ? replicas.stepStart[r] : replicas.runEnds[ends + done - 1];
    this.#advance(site, done < steps && start < now ? done + 1 : done, done);
  }

  /** Brings a run to its planned end. */
  finish(site: ReplicaSite): void {
    const steps = this.replicas.runSteps[site.index];
    this.#advance(site, steps, steps);
  }

  #advance(site: ReplicaSite, begun: number, done: number): void {
    const { replicas, turns } = this;
    const r = site.index;
    const row = r * replicas.stride;
    const count = replicas.runningCount[r];
    const before = replicas.runDone[r];
    if (begun > replicas.runBegun[r]) {
      this.#monitorBlocks(site, before, begun);
      this.#takeBlocks(site, begun - before);
      replicas.runBegun[r] = begun;
    }
    if (done === before) return;
    for (let i = 0; i < count; i++) {
      const turn = replicas.running[row + i];
      turns.computed[turn] += done - before;
      turns.generated[turn] += done - before;
    }
    replicas.runDone[r] = done;
    const ends = r * MAX_RUN;
    const from = before === 0 ? replicas.stepStart[r] : replicas.runEnds[ends + before - 1];
    const context = replicas.runContext[r] + before * count;
    const totalNs = replicas.runEnds[ends + done - 1] - from;
    const { stepModel } = site.plan;
    this.ledger.decodeRun(r, stepModel, count, context, done - before, totalNs);
  }

  /** Tells the KV monitor of the blocks that the steps up to `begun` take, each when it began. */
  #monitorBlocks(site: ReplicaSite, done: number, begun: number): void {
    const { replicas } = this;
    const r = site.index;
    const ends = r * MAX_RUN;
    this.#countCrossings(site, done);
    let level = site.kv.active;
    for (let step = replicas.runBegun[r]; step < begun; step++) {
      const taken = this.#crossings[step % site.plan.blockSize];
      if (taken === 0) continue;
      level += taken;
      replicas.kvMonitor.set(r, level, replicas.runEnds[ends + step - 1]);
    }
  }

  /** Takes the blocks that each request needs for its next `steps` tokens. */
  #takeBlocks(site: ReplicaSite, steps: number): void {
    const { blockSize } = site.plan;
    const row = site.index * this.replicas.stride;
    const count = this.replicas.runningCount[site.index];
    for (let i = 0; i < count; i++) {
      const turn = this.replicas.running[row + i];
      const wanted = Math.ceil((this.turns.computed[turn] + steps) / blockSize);
      const need = wanted - this.memory.held(turn);
      if (need <= 0) continue;
      this.batch.room(site, need);
      this.memory.grow(turn, site.kv, need);
    }
  }

  /**
   * Cuts a run off after the step in flight, for a request that arrived at `now` (the run is in
   * sync). Returns the new end, ns; `now` itself when a step boundary lies there.
   */
  cut(site: ReplicaSite, now: number): number {
    const { replicas } = this;
    const r = site.index;
    const begun = replicas.runBegun[r];
    replicas.runSteps[r] = begun;
    return begun > replicas.runDone[r] ? replicas.runEnds[r * MAX_RUN + begun - 1] : now;
  }
}
