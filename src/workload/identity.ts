// SPDX-License-Identifier: Apache-2.0
/**
 * Which trace block stands where in a prompt. A chain is stored as segments that point back:
 *
 * ```
 *   turn 9: [ A A A A | D D ]      4 blocks of turn 7, then ids firstBlock[9], +1
 *   turn 7: [ A A A A   B B B ]    prefixBlocks 0: ids from firstBlock[7]
 * ```
 *
 * Each walk costs O(segments), independent of the number of blocks.
 */
import type { Workload } from './types.js';

/** The columns that define the chains. */
export interface ChainColumns {
  readonly prefixTurn: ArrayLike<number>;
  readonly prefixBlocks: ArrayLike<number>;
  readonly firstBlock: ArrayLike<number>;
}

/** Dense id at position `q` of a turn's chain; `q` must be below the turn's `blocks`. */
export function chainBlock(chains: ChainColumns, turn: number, q: number): number {
  let at = turn;
  while (q < chains.prefixBlocks[at]) at = chains.prefixTurn[at];
  return chains.firstBlock[at] + q - chains.prefixBlocks[at];
}

/** Dense trace-block id at position `q` of the prompt of `turn`. */
export function blockAt(workload: Workload, turn: number, q: number): number {
  return chainBlock(workload.turns, turn, q);
}

/** Trace blocks of the prompt that are full: floor(inputTokens / blockSize). */
export function completeBlocks(workload: Workload, turn: number): number {
  return Math.floor(workload.turns.inputTokens[turn] / workload.blockSize);
}

/** Writes the ids of positions `from .. to-1` to `out[at ..]`. */
export function copyChain(
  workload: Workload,
  turn: number,
  from: number,
  to: number,
  out: Uint32Array,
  at: number,
): void {
  const { prefixTurn, prefixBlocks, firstBlock } = workload.turns;
  let source = turn;
  let end = to;
  while (end > from) {
    const shared = prefixBlocks[source];
    if (end > shared) {
      const begin = shared > from ? shared : from;
      const id = firstBlock[source] - shared;
      for (let q = begin; q < end; q++) out[at + q - from] = id + q;
      end = begin;
    }
    source = prefixTurn[source];
  }
}

/**
 * The agent's next turn if its prompt begins with all complete blocks of this turn's prompt, of
 * which there is at least one, and has room for its answer; else -1 (no next turn, the prefix
 * broke, the answer was dropped). KV that such a pair shares can stay in place.
 */
export function nextExtending(workload: Workload, turn: number): number {
  const { next, prefixTurn, prefixBlocks, blocks, inputTokens, outputTokens } = workload.turns;
  const follower = next[turn];
  if (follower < 0) return -1;
  const needed = completeBlocks(workload, turn);
  // Without a common block nothing says that the prompts have to do with each other; and a prompt
  // that is shorter than the previous one with its answer does not contain that answer.
  if (needed === 0 || inputTokens[follower] < inputTokens[turn] + outputTokens[turn]) return -1;
  // Blocks that are new with the follower cannot stand in an earlier turn.
  if (prefixBlocks[follower] < needed || blocks[turn] < needed) return -1;
  if (prefixTurn[follower] === turn) return follower;
  // Ids name whole prefixes: equal at one position means equal up to there.
  const same = blockAt(workload, follower, needed - 1) === blockAt(workload, turn, needed - 1);
  return same ? follower : -1;
}
