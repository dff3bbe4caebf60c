// SPDX-License-Identifier: Apache-2.0
/** A node that owns its tokens, knows its children and forgets nothing. */
export class TwinNode {
  children: TwinNode[] = [];
  /** Locks on the node and everything below it: SGLang's `lock_ref`. */
  pathLocks = 0;
  gen = 0;

  constructor(
    readonly id: number,
    public parent: TwinNode | null,
    public tokens: number[],
    public values: number[],
    readonly space: number,
    public hits: number,
    public priority: number,
    public stamp: number,
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

/** The evictable leaf that was not used for longest. */
export function oldestLeafBelow(node: TwinNode): TwinNode | null {
  if (node.isEvictableLeaf) return node;
  let oldest: TwinNode | null = null;
  for (const child of node.children) {
    const leaf = oldestLeafBelow(child);
    if (leaf !== null && (oldest === null || leaf.stamp < oldest.stamp)) oldest = leaf;
  }
  return oldest;
}

/** Stamps a node and all of its ancestors. */
export function stampPath(node: TwinNode, now: number): void {
  for (let n: TwinNode | null = node; n !== null; n = n.parent) n.stamp = now;
}
