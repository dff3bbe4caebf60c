// SPDX-License-Identifier: Apache-2.0
/** Slow, obvious twin of assembly/spec/tree.ts: parents in an array, children by searching it. */
const f32 = Math.fround;

export interface ReferenceTreeShape {
  /** Flat id of the parent by slot; entry 0 is not used. */
  readonly parents: readonly number[];
  /** Flat ids of nodes 1 on, ascending. */
  readonly selected: readonly number[];
  readonly topk: number;
  readonly seqLen: number;
}

export interface ReferenceWalk {
  /** Node numbers from the root down. */
  readonly path: number[];
  /** A token a node, -1 where there is none. */
  readonly predicts: number[];
}

export class ReferenceTree {
  readonly nodes: number;
  /** Parent of each node; -1: the root, or an orphan. */
  readonly parent: number[];
  readonly #seqLen: number;

  constructor({ parents, selected, topk, seqLen }: ReferenceTreeShape) {
    this.nodes = selected.length + 1;
    this.#seqLen = seqLen;
    this.parent = [-1, ...selected.map((flat, i) => {
      const slot = Math.floor(flat / topk);
      if (slot === 0) return 0;
      const at = selected.indexOf(parents[slot]);
      return at >= 0 && at < i ? at + 1 : -1;
    })];
  }

  get orphans(): number {
    return this.parent.filter((parent, node) => node > 0 && parent < 0).length;
  }

  children(node: number): number[] {
    return this.parent.flatMap((parent, child) => (parent === node ? [child] : []));
  }

  /** The node and what is above it, the root included. */
  #line(node: number): number[] {
    const above = this.parent[node];
    return above < 0 ? [node] : [node, ...this.#line(above)];
  }

  mask(): number[][] {
    return this.parent.map((_, node) => {
      const seen = new Set([0, ...this.#line(node)]);
      return this.parent.map((_other, other) => (seen.has(other) ? 1 : 0));
    });
  }

  positions(): number[] {
    return this.parent.map((_, node) => {
      const orphan = node > 0 && this.#line(node).at(-1) !== 0;
      const depth = this.#line(node).length - 1;
      return this.#seqLen + depth + (orphan ? 1 : 0);
    });
  }

  links(): { nextToken: number[]; nextSibling: number[] } {
    const nextToken = this.parent.map((_, node) => this.children(node)[0] ?? -1);
    const nextSibling = this.parent.map((parent, node) =>
      parent < 0 ? -1 : (this.children(parent).find((other) => other > node) ?? -1));
    return { nextToken, nextSibling };
  }

  greedy(candidates: readonly number[], argmax: readonly number[], most: number): ReferenceWalk {
    const path = [0];
    while (path.length < most) {
      const node = path.at(-1)!;
      const next = this.children(node).find((child) => candidates[child] === argmax[node]);
      if (next === undefined) break;
      path.push(next);
    }
    const predicts = this.parent.map((_, node) => (path.includes(node) ? argmax[node] : -1));
    return { path, predicts };
  }

  sample(
    candidates: readonly number[],
    target: readonly ArrayLike<number>[],
    coins: ArrayLike<number>,
    coinFinal: number,
    thresholds: { single: number; acc: number },
    most: number,
  ): ReferenceWalk {
    const single = f32(thresholds.single);
    const floor = Math.max(f32(thresholds.acc), f32(1e-9));
    const path = [0];
    const predicts = this.parent.map(() => -1);
    while (path.length < most) {
      const node = path.at(-1)!;
      let sum = 0;
      const next = this.children(node).find((child) => {
        const p = target[node][candidates[child]];
        sum = f32(sum + p);
        return coins[node] <= f32(sum / floor) || p >= single;
      });
      if (next === undefined) break;
      predicts[node] = candidates[next];
      path.push(next);
    }
    const node = path.at(-1)!;
    const refused = path.length < most ? this.children(node).map((c) => candidates[c]) : [];
    const weights = Array.from(target[node], (p, v) => (refused.includes(v) || !(p > 0) ? 0 : p));
    predicts[node] = drawn(weights, f32(coinFinal));
    return { path, predicts };
  }
}

/** First index with a weight whose running sum exceeds coin * sum; else the last with one. */
function drawn(weights: readonly number[], coin: number): number {
  const limit = coin * weights.reduce((a, b) => a + b, 0);
  let running = 0;
  const at = weights.findIndex((w) => {
    running += w;
    return w > 0 && running > limit;
  });
  return at >= 0 ? at : Math.max(0, weights.findLastIndex((w) => w > 0));
}
