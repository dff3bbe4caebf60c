// SPDX-License-Identifier: Apache-2.0
import type { StateRegistry } from '../engine/index.js';
import { Trigger } from '../workload/index.js';
import type { SimulationPlan } from './options.js';
import type { TurnState } from './turn-state.js';

/** Tells the simulation that a turn is ready at a time (ns). */
export type ReadyAt = (turn: number, time: number) => void;

/**
 * When turns become ready: session arrivals, lanes, dependencies between turns.
 *
 * In closed loop a turn is ready at the latest of (trigger + delay) over what it depends on; in
 * recorded timing at its recorded start. With lanes, a session starts when an earlier one is done.
 */
export class TurnClock {
  readonly sessionStart: Float64Array;
  readonly sessionDone: Float64Array;
  readonly #turnsLeft: Uint32Array;
  readonly #nextSession: Uint32Array;
  /** Dependents of each turn, as edges sorted by the turn they wait for. */
  readonly #edgeStart: Uint32Array;
  readonly #edgeTo: Uint32Array;
  readonly #edgeFrom: Uint32Array;
  readonly #sessionOfAgent: Uint32Array;

  constructor(
    private readonly plan: SimulationPlan,
    private readonly turns: TurnState,
    state: StateRegistry,
    private readonly ready: ReadyAt,
  ) {
    const { sessions, agents, turns: rows, dependencies } = plan.workload;
    this.sessionStart = state.f64('session.start', sessions.count, -1);
    this.sessionDone = state.f64('session.done', sessions.count, -1);
    this.#turnsLeft = state.u32('session.turnsLeft', sessions.count);
    this.#nextSession = state.u32('session.next', 1);
    this.#sessionOfAgent = agents.session;
    this.#edgeStart = new Uint32Array(rows.count + 1);
    this.#edgeTo = new Uint32Array(dependencies.turn.length);
    this.#edgeFrom = new Uint32Array(dependencies.turn.length);
    this.#indexEdges();
    for (let s = 0; s < sessions.count; s++) {
      this.#turnsLeft[s] = sessions.turnStart[s + 1] - sessions.turnStart[s];
    }
  }

  #indexEdges(): void {
    const { turns: rows, dependencies } = this.plan.workload;
    const start = this.#edgeStart;
    for (const turn of dependencies.turn) start[turn + 1]++;
    for (let t = 0; t < rows.count; t++) start[t + 1] += start[t];
    const fill = start.slice();
    for (let t = 0; t < rows.count; t++) {
      for (let d = dependencies.start[t]; d < dependencies.start[t + 1]; d++) {
        const edge = fill[dependencies.turn[d]]++;
        this.#edgeTo[edge] = t;
        this.#edgeFrom[edge] = d;
      }
    }
  }

  /** Announces the sessions that start by themselves. */
  begin(): void {
    const { sessions } = this.plan.workload;
    const { lanes, sessionsPerSecond } = this.plan.timing;
    const first = Math.min(lanes ?? sessions.count, sessions.count);
    for (let s = 0; s < first; s++) {
      const rated = sessionsPerSecond === null ? null : Math.round((s / sessionsPerSecond) * 1e9);
      const recorded = lanes === null ? sessions.arrivalNs[s] : 0;
      this.#startSession(s, rated ?? recorded);
    }
    this.#nextSession[0] = first;
  }

  #startSession(session: number, time: number): void {
    const { sessions, turns: rows, dependencies } = this.plan.workload;
    this.sessionStart[session] = time;
    const recorded = this.plan.timing.mode === 'recorded';
    for (let t = sessions.turnStart[session]; t < sessions.turnStart[session + 1]; t++) {
      const count = dependencies.start[t + 1] - dependencies.start[t];
      this.turns.waitsFor[t] = count;
      if (recorded || count === 0) this.ready(t, time + rows.startNs[t]);
    }
    const empty = sessions.turnStart[session] === sessions.turnStart[session + 1];
    if (empty) this.#endSession(session, time);
  }

  /** A request was sent: starts the delay of turns that wait for this only. */
  dispatched(turn: number, now: number): void {
    if (this.plan.timing.mode === 'closed-loop') this.#fire(turn, Trigger.dispatch, now);
  }

  /** A request is done: starts the delay of turns that wait for it, or ends its session. */
  completed(turn: number, now: number): void {
    if (this.plan.timing.mode === 'closed-loop') this.#fire(turn, Trigger.completion, now);
    const session = this.#sessionOfAgent[this.plan.workload.turns.agent[turn]];
    if (--this.#turnsLeft[session] === 0) this.#endSession(session, now);
  }

  #endSession(session: number, now: number): void {
    this.sessionDone[session] = now;
    const next = this.#nextSession[0];
    if (this.plan.timing.lanes === null || next >= this.plan.workload.sessions.count) return;
    this.#nextSession[0] = next + 1;
    this.#startSession(next, now);
  }

  #fire(turn: number, trigger: number, now: number): void {
    const { dependencies } = this.plan.workload;
    const { turns } = this;
    for (let edge = this.#edgeStart[turn]; edge < this.#edgeStart[turn + 1]; edge++) {
      const d = this.#edgeFrom[edge];
      if (dependencies.trigger[d] !== trigger) continue;
      const to = this.#edgeTo[edge];
      const delay = Math.min(dependencies.delayNs[d], this.plan.timing.maxGapNs);
      const time = now + delay;
      if (turns.triggeredBy[to] < 0 || time >= turns.triggerNs[to]) {
        turns.triggerNs[to] = time;
        turns.triggeredBy[to] = turn;
        turns.gapNs[to] = delay;
      }
      if (--turns.waitsFor[to] === 0) this.ready(to, turns.triggerNs[to]);
    }
  }
}
