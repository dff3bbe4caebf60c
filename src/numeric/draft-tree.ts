// SPDX-License-Identifier: Apache-2.0
import { check } from '../core/index.js';
import type { NumericCore } from './numeric-core.js';
import {
  MOST_TOKENS, between, distributions, integers, uniforms, whole,
} from './spec-arguments.js';
import type { Numbers } from './spec-arguments.js';

export interface TreeShape {
  /** Flat id of the parent by slot, as the drafter keeps them; entry 0 is not used. */
  readonly parents: Numbers;
  /** Flat ids of nodes 1 on, ascending; node 0 is the root, the token verified last. */
  readonly selected: Numbers;
  /** Children drafted of each node that was expanded. */
  readonly topk: number;
  /** Tokens before the root: its position. */
  readonly seqLen?: number;
}

export interface TreeWalk {
  /** Nodes accepted below the root. */
  readonly kept: number;
  /** Node numbers from the root down. */
  readonly path: Int32Array;
  /** The token behind each node of the path, -1 for all other nodes. */
  readonly predicts: Int32Array;
  /** The new tokens: those of the accepted nodes and the one behind them. */
  readonly tokens: Int32Array;
}

export interface TreeSampling {
  readonly vocab: number;
  /** A row of `vocab` probabilities a node. */
  readonly target: Numbers;
  /** A draw from [0, 1) a node: the one of the node whose children are judged is used. */
  readonly coins: Numbers;
  /** The draw for the last token. */
  readonly coinFinal: number;
  /** Keep a child whose own probability reaches this; 1 (default) keeps the distribution. */
  readonly thresholdSingle?: number;
  /** Divides the probability of the children so far; 1 (default) keeps the distribution. */
  readonly thresholdAcc?: number;
  readonly trusted?: boolean;
}

const MOST_NODES = 4096;
const END = 0x80000000;

/**
 * A tree of drafts: several continuations that the target judges in one pass.
 *
 * @example
 * const shape = { parents: [-1, 0], selected: [0, 1, 2], topk: 2, seqLen: 10 };
 * const tree = new DraftTree(core, shape);     // 0 -> 1, 2; 1 -> 3
 * tree.greedy([9, 5, 6, 7], [5, 7, 0, 8]).tokens;  // 5 7 8
 */
export class DraftTree {
  /** Nodes with the root. */
  readonly nodes: number;
  /** Row n: 1 for node n, what is above it, and the root. */
  readonly mask: Uint8Array;
  /** Position of each node in the sequence. */
  readonly positions: Int32Array;
  /** Lowest child of each node, -1: none. */
  readonly nextToken: Int32Array;
  /** Next child of the same parent, -1: none. */
  readonly nextSibling: Int32Array;
  /** Nodes whose parent was not selected; no walk reaches them. */
  readonly orphans: number;

  constructor(
    private readonly core: NumericCore,
    shape: TreeShape,
  ) {
    const { topk, seqLen = 0 } = shape;
    whole('topk', topk, 1, 0xffff);
    whole('seqLen', seqLen, 0, 0x7fff0000);
    const n = whole('selected.length', shape.selected.length, 0, MOST_NODES - 1) + 1;
    const ids = integers('selected', shape.selected, n - 1, 0, END);
    const parents = integers('parents', shape.parents, shape.parents.length, -1, END);
    const { scratch, exports } = core;
    const [above, selected, mask, positions, token, sibling] = scratch.place([
      parents, ids, n * n, n * 4, n * 4, n * 4,
    ]);
    const status = exports.tree_build(
      above, parents.length, selected, n, topk, seqLen, mask, positions, token, sibling,
    );
    this.orphans = check('tree_build', status);
    this.nodes = n;
    this.mask = scratch.u8(mask, n * n);
    this.positions = scratch.i32(positions, n);
    this.nextToken = scratch.i32(token, n);
    this.nextSibling = scratch.i32(sibling, n);
  }

  /** Follows the target's most likely token down. `most`: nodes of the path at most. */
  greedy(candidates: Numbers, argmax: Numbers, most = this.nodes): TreeWalk {
    const n = this.nodes;
    const length = whole('most', most, 1, n);
    const { scratch, exports } = this.core;
    const [tokens, best, next, sibling, path, predicts] = scratch.place([
      integers('candidates', candidates, n, -END, END),
      integers('argmax', argmax, n, 0, END),
      this.nextToken,
      this.nextSibling,
      length * 4,
      n * 4,
    ]);
    const kept = exports.tree_greedy(tokens, best, next, sibling, n, length, path, predicts);
    return this.#walk(check('tree_greedy', kept), path, predicts);
  }

  /** Samples down from the target's rows alone. `most`: nodes of the path at most. */
  sample(candidates: Numbers, sampling: TreeSampling, most = this.nodes): TreeWalk {
    const { trusted = false, coinFinal, thresholdSingle = 1, thresholdAcc = 1 } = sampling;
    const n = this.nodes;
    const length = whole('most', most, 1, n);
    const vocab = whole('vocab', sampling.vocab, 1, MOST_TOKENS);
    const ids = integers('candidates', candidates, n, -END, END);
    integers('candidates', ids.subarray(1), n - 1, 0, vocab);
    between('coinFinal', coinFinal, 0, 1);
    between('thresholdSingle', thresholdSingle, 0, Infinity);
    between('thresholdAcc', thresholdAcc, 0, Infinity);
    const rows = distributions(this.core, 'target', sampling.target, n, vocab, trusted);
    const { scratch, exports } = this.core;
    const [tokens, target, coins, next, sibling, path, predicts] = scratch.place([
      ids, rows, uniforms('coins', sampling.coins, n), this.nextToken, this.nextSibling,
      length * 4, n * 4,
    ]);
    const kept = exports.tree_sample(
      tokens, target, vocab, coins, coinFinal, thresholdSingle, thresholdAcc, next, sibling, n,
      length, path, predicts,
    );
    return this.#walk(check('tree_sample', kept), path, predicts);
  }

  #walk(kept: number, pathAt: number, predictsAt: number): TreeWalk {
    const path = this.core.scratch.i32(pathAt, kept + 1);
    const predicts = this.core.scratch.i32(predictsAt, this.nodes);
    return { kept, path, predicts, tokens: path.map((node) => predicts[node]) };
  }
}
