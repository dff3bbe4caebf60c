// SPDX-License-Identifier: Apache-2.0
import type { Core } from '../core/index.js';
import { EventLoop, StateRegistry } from '../engine/index.js';
import { Batch, type ReplicaSite } from './batch.js';
import { DecodeRun } from './decode-run.js';
import { KeySpace } from './key-space.js';
import { KvCache, KvScratch } from './kv-cache.js';
import type { SimulationPlan } from './options.js';
import { Activity, MAX_RUN, ReplicaState } from './replica-state.js';
import { RequestMemory } from './request-memory.js';
import { Router } from './router.js';
import { StepLedger } from './step-ledger.js';
import { emptyStepWork } from './step-work.js';
import { TurnClock } from './turn-clock.js';
import { TurnState } from './turn-state.js';

/** Event kinds. */
const STEP_END = 0;
const TURN_READY = 1;
const STEP_FORM = 2;

/**
 * What happens first at one instant (a lower number first): steps end, so that the blocks and
 * slots they free are there for requests that arrive at the same time, and a step is formed only
 * when all of those have arrived. Changing an entry changes results.
 */
export const Priority = { stepEnd: 0, arrival: 3, stepForm: 5 } as const;

/**
 * A serving cluster that replays a workload: one instance, one core, from the first arrival to the
 * last token. Events are data, all state is in `state` and in the core's arena: `snapshot` and
 * `restore` work between any two events.
 */
export class Simulation {
  readonly state = new StateRegistry();
  readonly loop: EventLoop;
  readonly turns: TurnState;
  readonly replicas: ReplicaState;
  readonly clock: TurnClock;
  readonly sites: readonly ReplicaSite[];
  /** Pool of each replica. */
  readonly poolOfReplica: readonly number[];
  readonly #batch: Batch;
  readonly #run: DecodeRun;
  readonly #ledger: StepLedger;
  readonly #routers: Router[] = [];
  readonly #load = emptyStepWork();
  readonly #done: Uint32Array;

  constructor(
    readonly core: Core,
    readonly plan: SimulationPlan,
  ) {
    const { workload, pools } = plan;
    const { turns: rows, agents } = workload;
    const replicas = pools.reduce((sum, pool) => sum + pool.replicas, 0);
    const { state } = this;
    this.loop = new EventLoop(core, state);
    this.turns = new TurnState(state, rows.count);
    const widest = pools.reduce((most, pool) => Math.max(most, pool.maxSequences), 1);
    const stride = Math.min(widest, rows.count);
    this.replicas = new ReplicaState(state, replicas, stride);
    this.#done = state.u32('simulation.done', 1);
    this.clock = new TurnClock(plan, this.turns, state, (turn, time) => {
      this.loop.schedule(time, Priority.arrival, TURN_READY, turn);
    });
    const scratch = new KvScratch(core, largestRequest(plan));
    const memory = new RequestMemory(
      core,
      scratch,
      state,
      this.turns,
      rows.agent,
      agents.count,
      replicas,
      workload.blockSize,
    );
    this.sites = this.#makeSites(scratch);
    this.poolOfReplica = this.sites.map((site) => pools.indexOf(site.plan));
    const { inputTokens, outputTokens } = rows;
    this.#batch = new Batch(this.replicas, this.turns, memory, inputTokens, outputTokens);
    this.#ledger = new StepLedger(this.replicas);
    this.#run = new DecodeRun(
      this.replicas,
      this.turns,
      memory,
      this.#batch,
      this.#ledger,
      outputTokens,
      plan.fastForward === false ? 1 : MAX_RUN,
    );
    for (const pool of pools) {
      const sites = this.sites.filter((site) => site.plan === pool);
      const sync = (site: ReplicaSite): void => this.#sync(site);
      this.#routers.push(
        new Router(sites, this.replicas, memory, inputTokens, state, pool.name, sync),
      );
    }
    this.clock.begin();
  }

  #makeSites(scratch: KvScratch): ReplicaSite[] {
    const spaces = new Map<number, KeySpace>();
    const sites: ReplicaSite[] = [];
    for (const plan of this.plan.pools) {
      let keys = spaces.get(plan.blockSize);
      if (keys === undefined) {
        keys = new KeySpace(this.plan.workload, plan.blockSize);
        spaces.set(plan.blockSize, keys);
      }
      for (let i = 0; i < plan.replicas; i++) {
        const kv = new KvCache(this.core, scratch, plan.numGpuBlocks);
        sites.push({ index: sites.length, plan, kv, keys });
      }
    }
    return sites;
  }

  /** Requests that are done. */
  get done(): number {
    return this.#done[0];
  }

  /** Handles up to `events` events; false when none is left. */
  advance(events = Infinity): boolean {
    this.loop.run(this.#handle, events);
    return this.loop.pending > 0;
  }

  readonly #handle = (kind: number, tag: number, id: number): void => {
    if (kind === TURN_READY) this.#arrive(id);
    else if (kind === STEP_FORM) this.#form(this.sites[id]);
    else if (EventLoop.sameTag(tag, this.replicas.generation[id])) this.#endStep(this.sites[id]);
  };

  #arrive(turn: number): void {
    const { now } = this.loop;
    this.turns.readyNs[turn] = now;
    this.clock.dispatched(turn, now);
    const model = this.plan.workload.turns.model[turn];
    const site = this.#routers[this.plan.poolOfModel[model]].route(turn);
    const r = site.index;
    this.turns.replica[turn] = r;
    const { activity, queueHead, runningCount, runSteps, runBegun } = this.replicas;
    const first = queueHead[r] < 0;
    this.#batch.enqueue(site, turn, now);
    if (activity[r] === Activity.idle) {
      activity[r] = Activity.forming;
      this.loop.schedule(now, Priority.stepForm, STEP_FORM, r);
      return;
    }
    const mayJoin = first && runningCount[r] < site.plan.maxSequences;
    if (activity[r] !== Activity.decodeRun || !mayJoin) return;
    this.#sync(site);
    if (runBegun[r] === runSteps[r]) return;
    const end = this.#run.cut(site, now);
    this.replicas.generation[r]++;
    this.loop.schedule(end, Priority.stepEnd, STEP_END, r, this.replicas.generation[r]);
  }

  #sync(site: ReplicaSite): void {
    if (this.replicas.activity[site.index] === Activity.decodeRun) {
      this.#run.sync(site, this.loop.now);
    }
  }

  #endStep(site: ReplicaSite): void {
    const { now } = this.loop;
    const r = site.index;
    if (this.replicas.activity[r] === Activity.decodeRun) {
      this.#run.finish(site);
      // The run booked its tokens: completing it only lets finished requests leave.
      const row = r * this.replicas.stride;
      this.replicas.chunk.fill(0, row, row + this.replicas.runningCount[r]);
    }
    this.#batch.complete(site, now, this.#finished);
    this.replicas.activity[r] = Activity.forming;
    if (this.loop.nextTime > now) this.#form(site);
    else this.loop.schedule(now, Priority.stepForm, STEP_FORM, r);
  }

  readonly #finished = (turn: number): void => {
    this.#done[0]++;
    this.clock.completed(turn, this.loop.now);
  };

  #form(site: ReplicaSite): void {
    const { now } = this.loop;
    const { replicas } = this;
    const r = site.index;
    const load = this.#load;
    do this.#batch.form(site, now, load);
    // A lone request that preempted itself left room: the next in the queue gets its chance.
    while (load.decodeSequences + load.prefillTokens === 0 && this.#batch.mayAdmit(site));
    replicas.generation[r]++;
    const { runningCount, activity } = replicas;
    if (load.decodeSequences + load.prefillTokens === 0) {
      activity[r] = Activity.idle;
      return;
    }
    replicas.kvMonitor.set(r, site.kv.active, now);
    let end: number;
    if (load.prefillTokens === 0 && load.decodeSequences === runningCount[r]) {
      activity[r] = Activity.decodeRun;
      // After a preemption nobody is let in for one step; the next one has to ask again.
      const most = this.#batch.mayAdmit(site) ? 1 : MAX_RUN;
      end = this.#run.plan(site, now, load.decodeContext, most);
    } else {
      activity[r] = Activity.mixedStep;
      end = now + this.#ledger.step(r, site.plan.stepModel, load);
    }
    this.loop.schedule(end, Priority.stepEnd, STEP_END, r, replicas.generation[r]);
  }

  /** The complete state, between two events. */
  snapshot(): { readonly arena: Uint8Array; readonly state: Uint8Array } {
    return { arena: this.core.snapshot(), state: this.state.snapshot() };
  }

  /** Puts back a snapshot of this simulation or of one built from the same plan. */
  restore(snapshot: { readonly arena: Uint8Array; readonly state: Uint8Array }): void {
    this.core.restore(snapshot.arena);
    this.state.restore(snapshot.state);
  }
}

/** Blocks of the largest request, in the pool with the smallest blocks. */
function largestRequest(plan: SimulationPlan): number {
  const { inputTokens, outputTokens, count } = plan.workload.turns;
  const smallest = Math.min(...plan.pools.map((pool) => pool.blockSize));
  let tokens = 0;
  for (let t = 0; t < count; t++) tokens = Math.max(tokens, inputTokens[t] + outputTokens[t] + 1);
  return Math.ceil(tokens / smallest) + 1;
}
