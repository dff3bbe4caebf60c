// SPDX-License-Identifier: Apache-2.0
import type { Workload } from './types.js';

/**
 * Ids at any position of any prompt in O(log turns): the part of a chain that turn t added itself
 * is found by following `prefixTurn`, which for an early position of a late turn leads through
 * every turn in between. A second pointer skips some of them:
 *
 * ```
 *   turn   7 ──▶ 6 ──▶ 5 ──▶ 4 ──▶ 3 ──▶ 2 ──▶ 1 ──▶ 0       prefixTurn
 *          └────────────────────▶ 3 ───────────────▶ 0       jump (skew-binary: O(log) in all)
 * ```
 *
 * A jump may be taken when the position lies in the shared part of every turn that it skips, whose
 * smallest is `jumpShared`.
 */
export class ChainIndex {
  readonly #jump: Int32Array;
  readonly #jumpShared: Uint32Array;

  constructor(private readonly workload: Workload) {
    const { count, prefixTurn, prefixBlocks } = workload.turns;
    const jump = new Int32Array(count);
    const shared = new Uint32Array(count);
    const depth = new Uint32Array(count);
    for (let t = 0; t < count; t++) {
      const p = prefixTurn[t];
      jump[t] = p;
      shared[t] = prefixBlocks[t];
      if (p < 0) continue;
      depth[t] = depth[p] + 1;
      const j = jump[p];
      if (j < 0 || jump[j] < 0 || depth[p] - depth[j] !== depth[j] - depth[jump[j]]) continue;
      jump[t] = jump[j];
      shared[t] = Math.min(prefixBlocks[t], shared[p], shared[j]);
    }
    this.#jump = jump;
    this.#jumpShared = shared;
  }

  /** Turn whose own blocks include position `q` of the chain of `turn`. */
  owner(turn: number, q: number): number {
    const { prefixTurn, prefixBlocks } = this.workload.turns;
    let at = turn;
    while (q < prefixBlocks[at]) at = q < this.#jumpShared[at] ? this.#jump[at] : prefixTurn[at];
    return at;
  }

  /** Writes the ids of positions `from .. to-1` of a turn's chain to `out[at ..]`. */
  copy(turn: number, from: number, to: number, out: Uint32Array, at: number): void {
    const { prefixTurn, prefixBlocks, firstBlock } = this.workload.turns;
    let source = turn;
    let end = to;
    while (end > from) {
      source = this.owner(source, end - 1);
      const shared = prefixBlocks[source];
      const begin = shared > from ? shared : from;
      const id = firstBlock[source] - shared;
      for (let q = begin; q < end; q++) out[at + q - from] = id + q;
      end = begin;
      source = prefixTurn[source];
    }
  }
}
