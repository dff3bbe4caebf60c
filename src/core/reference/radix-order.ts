// SPDX-License-Identifier: Apache-2.0
import { RadixLevel } from '../radix-policy.js';
import type { RadixPolicy } from '../radix-policy.js';
import { nodesBelow } from './radix-node.js';
import type { TwinNode } from './radix-node.js';

/** What a leaf is ordered by: the smallest goes first, pairs compare from left to right. */
type Order = (leaf: TwinNode, threshold: number) => readonly number[];

/** The seven of SGLang `evict_policy.py` (commit d2f479e5), then ours. */
const ORDERS: Readonly<Record<RadixPolicy, Order>> = {
  lru: (leaf) => [leaf.stamp],
  lfu: (leaf) => [leaf.hits, leaf.stamp],
  fifo: (leaf) => [leaf.created],
  filo: (leaf) => [-leaf.created],
  mru: (leaf) => [-leaf.stamp],
  priority: (leaf) => [leaf.priority, leaf.stamp],
  slru: (leaf, threshold) => [leaf.hits >= threshold ? 1 : 0, leaf.stamp],
  session: (leaf) =>
    leaf.level === RadixLevel.waiting ? [1, -leaf.time, leaf.stamp] : [0, leaf.stamp],
  ttl: (leaf) => [leaf.level, leaf.stamp],
};

function isLess(a: readonly number[], b: readonly number[]): boolean {
  let i = 0;
  while (i < a.length - 1 && a[i] === b[i]) i++;
  return a[i] < b[i];
}

/** The evictable leaf that goes first, by looking at all of them. */
export function nextLeafBelow(
  root: TwinNode,
  policy: RadixPolicy,
  threshold: number,
): TwinNode | null {
  const leaves = nodesBelow(root).filter((node) => node.isEvictableLeaf);
  const orders = leaves.map((leaf) => ORDERS[policy](leaf, threshold));
  let first = 0;
  for (let i = 1; i < leaves.length; i++) if (isLess(orders[i], orders[first])) first = i;
  return leaves[first] ?? null;
}

/** Retention above the default holds a node and so all of its ancestors. */
export function isHeld(node: TwinNode): boolean {
  return node.level > RadixLevel.retention || node.children.some(isHeld);
}

/** Tokens that are held below a node: all that stand above or in a node held for itself. */
export function heldBelow(root: TwinNode): number {
  const held = new Set<TwinNode>();
  for (const node of nodesBelow(root)) {
    if (node.level <= RadixLevel.retention) continue;
    for (let n = node; n !== root && !held.has(n); n = n.parent!) held.add(n);
  }
  return [...held].reduce((sum, node) => sum + node.tokens.length, 0);
}

/** The next hint to end by `now`: the earliest, of equal ones that of the older node. */
export function nextDue(root: TwinNode, now: number): TwinNode | null {
  const due = nodesBelow(root).filter((node) => node.due <= now && node.due !== Infinity);
  due.sort((a, b) => a.due - b.due || a.created - b.created);
  return due[0] ?? null;
}

/** A removed part of a waiting session leaves the rest waiting, until the earlier return. */
export function handUp(leaf: TwinNode, parent: TwinNode): void {
  if (leaf.level !== RadixLevel.waiting) return;
  if (parent.level === RadixLevel.waiting && parent.time <= leaf.time) return;
  parent.level = leaf.level;
  parent.time = leaf.time;
  parent.due = leaf.due;
}
