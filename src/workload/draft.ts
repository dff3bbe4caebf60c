// SPDX-License-Identifier: Apache-2.0
import type { GapKind, Trigger } from './types.js';

/**
 * One session as a reader or generator hands it to the `WorkloadBuilder`: plain objects, turns in
 * recorded start order (ties in document order).
 */
export interface SessionDraft {
  readonly id: string;
  /** Recorded arrival, ns from the start of the trace. */
  readonly arrivalNs: number;
  /** Tokens a trace block. */
  readonly blockSize: number;
  /** How far the block ids of this session reach: equal ids outside of it mean nothing. */
  readonly scope: IdReach;
  /** Name of the trace, where the format carries one. */
  readonly traceName?: string;
  /** The first is the root; a parent stands before its children. */
  readonly agents: readonly AgentDraft[];
  readonly turns: readonly TurnDraft[];
}

export type IdReach = 'session' | 'file' | 'workload';

export interface AgentDraft {
  /** Index into the session's agents, -1 for the root. */
  readonly parent: number;
  /** Recorded completion that the parent waits for, ns after arrival; -1 if nobody joins it. */
  readonly endNs: number;
}

/** Recorded ids of a prompt, by position. Negative ones stand for u64 beyond 2^53. */
export type BlockIds = Uint32Array | Float64Array;

export interface TurnDraft {
  /** Index into the session's agents. */
  readonly agent: number;
  readonly model: string;
  /** ns after the session's arrival. */
  readonly startNs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Recorded duration, ns; -1 when unknown. */
  readonly apiNs: number;
  gapKind: GapKind;
  /** Trace blocks of the prompt. */
  readonly blocks: number;
  /** Recorded block ids (length `blocks`), or null: `prefixTurn` and `prefixBlocks` tell. */
  readonly ids: BlockIds | null;
  /** Row relative to this session's first turn; negative for a turn of an earlier session. */
  readonly prefixTurn: number;
  /** Leading blocks shared with `prefixTurn`; 0 makes the whole prompt private. */
  readonly prefixBlocks: number;
  dependencies: readonly DependencyDraft[];
}

export interface DependencyDraft {
  /** Row relative to this session's first turn. */
  readonly turn: number;
  readonly trigger: Trigger;
  readonly delayNs: number;
}
