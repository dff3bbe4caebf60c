// SPDX-License-Identifier: Apache-2.0
import type { TreeShape } from './draft-tree.js';
import { integers, weights, whole } from './spec-arguments.js';
import type { Numbers } from './spec-arguments.js';

/** A tree to be verified, and the drafted token of each node. */
export interface GrownTree extends TreeShape {
  readonly parents: readonly number[];
  readonly selected: readonly number[];
  /** By node; node 0 carries the token that was verified last. */
  readonly candidates: readonly number[];
}

/**
 * Grows a draft tree level by level as EAGLE-2 does in SGLang: `topk` nodes are expanded by `topk`
 * children each, scores multiply down (f32), the best `topk` children are expanded next, and at the
 * end the best of all nodes are selected. Lowest flat id on ties.
 *
 * @example
 * const grower = new TreeGrower(2);
 * grower.grow([0.6, 0.3], [11, 12]);                     // children of the root
 * grower.grow([0.5, 0.4, 0.9, 0.1], [13, 14, 15, 16]);   // two of 11, two of 12
 * new DraftTree(core, grower.select(4, { root: 10 }));   // 11, 12, 13
 */
export class TreeGrower {
  /** Score of each node by flat id: the product of probabilities down to it. */
  readonly #scores: number[] = [];
  readonly #tokens: number[] = [];
  #parents: number[] = [-1];
  /** Parents as they were before the last level was ranked: that level expands nothing. */
  #known: number[] = [-1];
  #beam: number[] = [];

  constructor(readonly topk: number) {
    whole('topk', topk, 1, 0xffff);
  }

  /** Flat ids of the nodes whose children come next, best first; empty: the root's. */
  get beam(): readonly number[] {
    return this.#beam;
  }

  /**
   * The next level: probabilities and tokens of `topk` children of the root, then of `topk`
   * children of each node of the beam.
   */
  grow(probabilities: Numbers, tokens: Numbers): void {
    const { topk } = this;
    const first = this.#beam.length === 0;
    const n = first ? topk : topk * topk;
    const p = weights('probabilities', probabilities, n);
    const ids = integers('tokens', tokens, n, 0, 0x80000000);
    const offset = this.#scores.length;
    for (let i = 0; i < n; i++) {
      const above = first ? 1 : this.#scores[this.#beam[Math.floor(i / topk)]];
      this.#scores.push(Math.fround(above * p[i]));
      this.#tokens.push(ids[i]);
    }
    const level = Array.from({ length: n }, (_, i) => offset + i);
    // All children of the root are expanded, in their own order.
    this.#beam = first ? level : this.#best(level, topk);
    this.#known = this.#parents;
    this.#parents = [...this.#parents, ...this.#beam];
  }

  /** The tree of the best `nodes` nodes, the root included. */
  select(nodes: number, at: { readonly root: number; readonly seqLen?: number }): GrownTree {
    whole('nodes', nodes, 1, this.#scores.length + 1);
    const all = this.#scores.map((_, flat) => flat);
    const selected = this.#best(all, nodes - 1).sort((a, b) => a - b);
    return {
      parents: this.#known,
      selected,
      topk: this.topk,
      seqLen: at.seqLen ?? 0,
      candidates: [at.root, ...selected.map((flat) => this.#tokens[flat])],
    };
  }

  #best(ids: readonly number[], n: number): number[] {
    const scores = this.#scores;
    return [...ids].sort((a, b) => scores[b] - scores[a] || a - b).slice(0, n);
  }
}
