// SPDX-License-Identifier: Apache-2.0
/** Workloads that need no trace. */
import { WorkloadBuilder } from './builder.js';
import type { SessionDraft, TurnDraft } from './draft.js';
import { GapKind, Trigger, type Workload } from './types.js';

/** Tokens a block unless told otherwise: vLLM's page size. */
export const SYNTHETIC_BLOCK_SIZE = 16;
const ROOT_AGENT = [{ parent: -1, endNs: -1 }] as const;

export interface FixedRequests {
  readonly count: number;
  /** At least 1. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly blockSize?: number;
  /** Arrivals 1/rate apart, 1/s; all at once when absent. */
  readonly rate?: number;
  readonly model?: string;
}

/** Equal, unrelated requests, each a session of its own: the classic ISL/OSL benchmark. */
export function fixedRequests(options: FixedRequests): Workload {
  const { count, inputTokens, outputTokens } = options;
  const each: RequestLengths = { inputTokens, outputTokens };
  const lengths = Array.from({ length: count }, () => each);
  return unrelated(`fixed ${inputTokens}/${outputTokens}`, lengths, options);
}

/** Tokens of a request, at least 1 of either. */
export interface RequestLengths {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Unrelated requests of these lengths, each a session of its own, all there at once. */
export function listedRequests(lengths: readonly RequestLengths[]): Workload {
  return unrelated(`${lengths.length} requests`, lengths, {});
}

function unrelated(
  name: string,
  lengths: readonly RequestLengths[],
  { blockSize = SYNTHETIC_BLOCK_SIZE, rate, model }: Partial<FixedRequests>,
): Workload {
  const builder = new WorkloadBuilder(name);
  lengths.forEach(({ inputTokens, outputTokens }, i) => {
    builder.addSession({
      id: `request-${i}`,
      arrivalNs: arrivalNs(i, rate),
      blockSize,
      scope: 'session',
      agents: ROOT_AGENT,
      turns: [turn(model, inputTokens, outputTokens, blockSize)],
    });
  });
  return builder.finish();
}

/** Mean and standard deviation of a normal distribution, in tokens. */
export interface Spread {
  readonly mean: number;
  readonly sd: number;
}

export interface AgenticSessions {
  readonly sessions: number;
  /** Turns a session. */
  readonly rounds: number;
  /** New tokens of each round, clipped to 1 and more. */
  readonly newTokens: Spread;
  /** Answer of each round, clipped to 1 and more. */
  readonly outputTokens: Spread;
  /** Wait of the user between an answer and the next round, s. */
  readonly thinkSeconds: number;
  /** Sessions start 1/rate apart, 1/s; all at once when absent. */
  readonly rate?: number;
  /** Head that all sessions share (system prompt and tools), tokens before the first round. */
  readonly sharedPrefixTokens?: number;
  readonly blockSize?: number;
  readonly model?: string;
}

/**
 * A standard normal draw, addressed by what it is for: equal arguments give equal values. The
 * entity is the session, the index the round.
 */
export type NormalDraw = (purpose: string, entity: number, index: number) => number;

/**
 * Sessions whose context accumulates: the prompt of round r is that of round r-1, its answer and
 * new tokens. All full blocks of the previous prompt are shared with it.
 */
export function agenticSessions(options: AgenticSessions, normal: NormalDraw): Workload {
  const { sessions, rate, blockSize = SYNTHETIC_BLOCK_SIZE } = options;
  const builder = new WorkloadBuilder('agentic sessions');
  for (let session = 0; session < sessions; session++) {
    builder.addSession({
      id: `session-${session}`,
      arrivalNs: arrivalNs(session, rate),
      blockSize,
      scope: 'session',
      agents: ROOT_AGENT,
      turns: sessionTurns(options, session, blockSize, normal),
    });
  }
  return builder.finish();
}

function sessionTurns(
  options: AgenticSessions,
  session: number,
  blockSize: number,
  normal: NormalDraw,
): SessionDraft['turns'] {
  const { rounds, newTokens, outputTokens, sharedPrefixTokens = 0 } = options;
  const thinkNs = Math.round(options.thinkSeconds * 1e9);
  const turns: TurnDraft[] = [];
  let context = sharedPrefixTokens;
  for (let round = 0; round < rounds; round++) {
    context += clipped(newTokens, normal('new-tokens', session, round));
    const output = clipped(outputTokens, normal('output-tokens', session, round));
    const first = round === 0;
    const sharedTokens = first ? sharedPrefixTokens : turns[round - 1].inputTokens;
    const shared = Math.floor(sharedTokens / blockSize);
    const prefixed = !first || session > 0;
    turns.push({
      ...turn(options.model, context, output, blockSize),
      startNs: round * thinkNs,
      gapKind: first ? GapKind.none : GapKind.user,
      // The first round of every session but the first points at that of the first session.
      prefixTurn: first ? -session * rounds : round - 1,
      prefixBlocks: prefixed ? shared : 0,
      dependencies: first
        ? []
        : [{ turn: round - 1, trigger: Trigger.completion, delayNs: thinkNs }],
    });
    context += output;
  }
  return turns;
}

function clipped({ mean, sd }: Spread, draw: number): number {
  return Math.max(1, Math.round(mean + sd * draw));
}

function arrivalNs(index: number, rate: number | undefined): number {
  return rate === undefined ? 0 : Math.round((index * 1e9) / rate);
}

function turn(
  model = 'default',
  inputTokens: number,
  outputTokens: number,
  blockSize: number,
): TurnDraft {
  return {
    agent: 0,
    model,
    startNs: 0,
    inputTokens,
    outputTokens,
    apiNs: -1,
    gapKind: GapKind.none,
    blocks: Math.floor(inputTokens / blockSize),
    ids: null,
    prefixTurn: -1,
    prefixBlocks: 0,
    dependencies: [],
  };
}
