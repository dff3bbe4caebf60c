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
  const i = a.findIndex((value, at) => value !== b[at]);
  return i >= 0 && a[i] < b[i];
}

/** The evictable leaf that goes first, by looking at all of them. */
export function nextLeafBelow(
  root: TwinNode,
  policy: RadixPolicy,
  threshold: number,
): TwinNode | null {
  let first: TwinNode | null = null;
  const order = (leaf: TwinNode) => ORDERS[policy](leaf, threshold);
  for (const leaf of nodesBelow(root)) {
    if (!leaf.isEvictableLeaf) continue;
    if (first === null || isLess(order(leaf), order(first))) first = leaf;
  }
  return first;
}

/** Retention above the default holds a node and so all of its ancestors. */
export function isHeld(node: TwinNode): boolean {
  return node.level > RadixLevel.retention || node.children.some(isHeld);
}

/** Tokens that are held below a node. */
export function heldBelow(root: TwinNode): number {
  const held = nodesBelow(root).filter(isHeld);
  return held.reduce((sum, node) => sum + node.tokens.length, 0);
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
