// SPDX-License-Identifier: Apache-2.0
/**
 * The internal workload: sessions of agents of turns, as columns.
 *
 * Everything the simulator reads about a workload is in these typed arrays, whatever the trace
 * format was. A turn is one LLM request. Its prompt is not a list of block ids but a pointer:
 * "the first `prefixBlocks` trace blocks of turn `prefixTurn`, then new ones", which is why a
 * turn costs O(new blocks) to store and to replay however long its context is.
 *
 * ```
 *   turn 7: [ A A A A B B B ]            prefixTurn -1, prefixBlocks 0, firstBlock 100
 *   turn 8: [ A A A A B B B C C ]        prefixTurn  7, prefixBlocks 7, firstBlock 107
 *   turn 9: [ A A A A D D ]              prefixTurn  7, prefixBlocks 4, firstBlock 109  (break)
 * ```
 *
 * Trace block ids are dense and unique within a workload, and an id names a whole prefix: two
 * turns that hold the same id hold the same tokens up to the end of that block.
 */

/** What a turn waits for before its delay starts to run. */
export const Trigger = { completion: 0, dispatch: 1 } as const;
export type Trigger = (typeof Trigger)[keyof typeof Trigger];

/** What the delay in front of a turn is: nobody waits in front of a session's first turn. */
export const GapKind = { none: 0, tool: 1, user: 2, spawn: 3 } as const;
export type GapKind = (typeof GapKind)[keyof typeof GapKind];

/** One row a session. Turns and agents of a session are contiguous. */
export interface SessionColumns {
  readonly count: number;
  readonly id: readonly string[];
  /** Recorded arrival, ns from the start of the trace. */
  readonly arrivalNs: Float64Array;
  /** `agentStart[s] .. agentStart[s+1]` are the agents of session s; the first is the root. */
  readonly agentStart: Uint32Array;
  /** `turnStart[s] .. turnStart[s+1]` are the turns of session s, by recorded start time. */
  readonly turnStart: Uint32Array;
}

/** One row an agent. */
export interface AgentColumns {
  readonly count: number;
  readonly session: Uint32Array;
  /** Agent that spawned this one, -1 for the root (main) agent of a session. */
  readonly parent: Int32Array;
}

/** One row a turn (one LLM request). Turns stand in session order, then recorded start order. */
export interface TurnColumns {
  readonly count: number;
  readonly agent: Uint32Array;
  /** Index into `Workload.models`. */
  readonly model: Uint16Array;
  /** Recorded start, ns after the session's arrival. */
  readonly startNs: Float64Array;
  readonly inputTokens: Uint32Array;
  readonly outputTokens: Uint32Array;
  /** Recorded duration of the request, ns; -1 when the trace does not tell. */
  readonly apiNs: Float64Array;
  /** Kind of wait in front of this turn (`GapKind`). */
  readonly gapKind: Uint8Array;
  /** Turn whose leading blocks this one shares, -1 for none. Always an earlier row. */
  readonly prefixTurn: Int32Array;
  /** How many leading trace blocks it shares with `prefixTurn`. */
  readonly prefixBlocks: Uint32Array;
  /** Trace blocks that carry an id: floor(in/blockSize), or ceil where the format says so. */
  readonly blocks: Uint32Array;
  /** Id of the first new block; ids of the new blocks are consecutive. */
  readonly firstBlock: Uint32Array;
  /** Next turn of the same agent, -1 for its last one. */
  readonly next: Int32Array;
}

/**
 * What each turn waits for: `start[t] .. start[t+1]` index the other columns. A turn becomes
 * ready at the latest of (trigger of `turn[d]`) + `delayNs[d]`; a turn without dependency starts
 * at its recorded `startNs` after its session's arrival.
 */
export interface DependencyColumns {
  readonly start: Uint32Array;
  readonly turn: Uint32Array;
  readonly trigger: Uint8Array;
  readonly delayNs: Float64Array;
}

export interface Workload {
  readonly name: string;
  /** Tokens a trace block. */
  readonly blockSize: number;
  /** Distinct trace blocks in the workload: ids are 0 .. uniqueBlocks-1. */
  readonly uniqueBlocks: number;
  /** Model names as the trace spells them. */
  readonly models: readonly string[];
  readonly sessions: SessionColumns;
  readonly agents: AgentColumns;
  readonly turns: TurnColumns;
  readonly dependencies: DependencyColumns;
}
