// SPDX-License-Identifier: Apache-2.0
import type { RadixNode } from '../radix-tree.js';

/** A node that owns its tokens, knows its children and forgets nothing. */
export class TwinNode {
  children: TwinNode[] = [];
  /** Locks on the node and everything below it: SGLang's `lock_ref`. */
  pathLocks = 0;
  /** Trims so far. */
  gen = 0;
  /** Where the deepest of these trims cut it: what lies before never changed. */
  lowestCut = Infinity;
  hits = 0;
  priority = 0;
  /** What the last hint said, and when it ends. */
  level = 0;
  time = 0;
  due = Infinity;
  /** Numbers of its pages, in a tree that logs events. */
  pages: number[] = [];

  constructor(
    readonly id: number,
    public parent: TwinNode | null,
    public tokens: number[],
    public values: number[],
    readonly space: number,
    public stamp: number,
    readonly created: number,
  ) {}

  get start(): number {
    return this.parent === null ? 0 : this.parent.end;
  }

  get end(): number {
    return this.start + this.tokens.length;
  }

  /** Locks on this very node. */
  get ownLocks(): number {
    return this.children.reduce((locks, child) => locks - child.pathLocks, this.pathLocks);
  }

  get isEvictableLeaf(): boolean {
    return this.parent !== null && this.children.length === 0 && this.pathLocks === 0;
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export interface TreeStats {
  readonly evictable: number;
  readonly protected: number;
  readonly nodes: number;
  readonly evictableLeaves: number;
}

/** Counts everything below a node. */
export function addStats(node: TwinNode, stats: Writable<TreeStats>): void {
  for (const child of node.children) {
    stats.nodes++;
    if (child.pathLocks > 0) stats.protected += child.tokens.length;
    else stats.evictable += child.tokens.length;
    if (child.isEvictableLeaf) stats.evictableLeaves++;
    addStats(child, stats);
  }
}

/** All nodes below one, parents first. */
export function nodesBelow(node: TwinNode): TwinNode[] {
  const nodes = [node];
  // Grows while it is walked.
  for (const each of nodes) nodes.push(...each.children);
  nodes.shift();
  return nodes;
}

/** Stamps a node and all of its ancestors. */
export function stampPath(node: TwinNode, now: number): void {
  for (let n: TwinNode | null = node; n !== null; n = n.parent) n.stamp = now;
}

export function dumpOf(node: TwinNode): RadixNode {
  return {
    node: node.id,
    gen: node.gen,
    parent: node.parent!.id,
    start: node.start,
    tokens: new Uint32Array(node.tokens),
    values: new Uint32Array(node.values),
    locks: node.ownLocks,
    hits: node.hits,
    priority: node.priority,
    space: node.space,
    stamp: node.stamp,
    level: node.level,
    due: node.due,
    pages: new Uint32Array(node.pages),
  };
}
