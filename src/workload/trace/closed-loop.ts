// SPDX-License-Identifier: Apache-2.0
import type { AgentDraft, DependencyDraft, TurnDraft } from '../draft.js';
import { GapKind, Trigger } from '../types.js';

/** Recorded times have 1 s resolution in places: less than this is no overlap. */
const TOLERANCE_NS = 1.5e9;

/** What the format tells of each turn beyond the draft; one entry a turn. */
export interface RecordedWaits {
  /** Gap between the end of the agent's previous response and this request, ns; -1 unknown. */
  readonly thinkNs: readonly number[];
  /** Whether a user (not a tool) started this turn. */
  readonly fromUser: readonly boolean[];
}

/**
 * Turns recorded times into waits, so that a slower system stretches the session instead of
 * piling up requests. Writes `dependencies` and `gapKind` of each turn.
 *
 * ```
 *   main  |--1--|......................|--2--|      2 waits for 1 and for c (it joins c)
 *   sub          .|--a--|.|--b--|.|--c--|           a waits for 1, b for a, c for b
 * ```
 *
 * A turn waits for the agent's previous turn and for the sub-agents whose recorded completion it
 * is the first to follow. A sub-agent's first turn waits for the last parent turn that had ended,
 * or, if none had, for the start of the last one sent. The delay is the recorded gap.
 */
export function closeLoop(
  agents: readonly AgentDraft[],
  turns: readonly TurnDraft[],
  recorded: RecordedWaits,
): void {
  new ClosedLoop(agents, turns, recorded).run();
}

class ClosedLoop {
  private readonly rows: number[][];
  private readonly ends: Float64Array;
  /** Sub-agents that a turn joins. */
  private readonly joins = new Map<number, number[]>();
  /** Turns whose successor in the same agent waits for their completion. */
  private readonly continued: Uint8Array;

  constructor(
    private readonly agents: readonly AgentDraft[],
    private readonly turns: readonly TurnDraft[],
    private readonly recorded: RecordedWaits,
  ) {
    this.rows = agents.map(() => []);
    turns.forEach((turn, row) => this.rows[turn.agent].push(row));
    this.ends = new Float64Array(turns.length);
    this.continued = new Uint8Array(turns.length);
  }

  run(): void {
    for (const rows of this.rows) {
      rows.forEach((row, i) => (this.ends[row] = this.recordedEnd(row, rows[i + 1])));
    }
    this.agents.forEach((agent, index) => this.findJoin(agent, index));
    const position = new Uint32Array(this.agents.length);
    this.turns.forEach((turn, row) => this.link(turn, row, position[turn.agent]++));
  }

  private recordedEnd(row: number, nextRow: number | undefined): number {
    const { startNs, apiNs } = this.turns[row];
    if (apiNs >= 0) return startNs + apiNs;
    if (nextRow === undefined || this.recorded.thinkNs[nextRow] < 0) return startNs;
    return Math.max(startNs, this.turns[nextRow].startNs - this.recorded.thinkNs[nextRow]);
  }

  private findJoin(agent: AgentDraft, index: number): void {
    if (agent.parent < 0 || agent.endNs < 0) return;
    const rows = this.rows[agent.parent];
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.turns[rows[middle]].startNs >= agent.endNs) high = middle;
      else low = middle + 1;
    }
    if (low === rows.length) return;
    const joined = this.joins.get(rows[low]);
    if (joined === undefined) this.joins.set(rows[low], [index]);
    else joined.push(index);
  }

  private link(turn: TurnDraft, row: number, index: number): void {
    const agent = this.agents[turn.agent];
    const dependencies: DependencyDraft[] = [];
    const completions: number[] = [];
    if (index > 0) {
      const previous = this.rows[turn.agent][index - 1];
      if (turn.startNs < this.ends[previous] - TOLERANCE_NS) {
        dependencies.push(this.afterDispatch(turn, previous));
      } else {
        completions.push(previous);
        this.continued[previous] = 1;
      }
    } else if (agent.parent >= 0) {
      this.linkSpawn(turn, row, agent.parent, dependencies, completions);
    }
    for (const child of this.joins.get(row) ?? []) {
      for (const last of this.rows[child]) {
        if (last < row && this.continued[last] === 0) completions.push(last);
      }
    }
    turn.dependencies = dependencies.concat(this.afterCompletions(turn, completions));
    turn.gapKind = this.gapKindOf(row, index, agent);
  }

  private linkSpawn(
    turn: TurnDraft,
    row: number,
    parent: number,
    dependencies: DependencyDraft[],
    completions: number[],
  ): void {
    let sent = -1;
    for (const candidate of this.rows[parent]) {
      if (candidate >= row) break;
      sent = candidate;
      if (this.ends[candidate] <= turn.startNs) completions[0] = candidate;
    }
    if (completions.length === 0 && sent >= 0) dependencies.push(this.afterDispatch(turn, sent));
  }

  private afterDispatch(turn: TurnDraft, source: number): DependencyDraft {
    const delayNs = turn.startNs - this.turns[source].startNs;
    return { turn: source, trigger: Trigger.dispatch, delayNs };
  }

  /** One delay for all: it starts to run when the last of them has ended. */
  private afterCompletions(turn: TurnDraft, sources: readonly number[]): DependencyDraft[] {
    const end = sources.reduce((latest, source) => Math.max(latest, this.ends[source]), 0);
    const delayNs = Math.max(0, turn.startNs - end);
    return sources.map((source) => ({ turn: source, trigger: Trigger.completion, delayNs }));
  }

  private gapKindOf(row: number, index: number, agent: AgentDraft): GapKind {
    if (row === 0) return GapKind.none;
    if (index === 0) return agent.parent >= 0 ? GapKind.spawn : GapKind.none;
    return this.recorded.fromUser[row] ? GapKind.user : GapKind.tool;
  }
}
