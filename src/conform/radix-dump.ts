// SPDX-License-Identifier: Apache-2.0
import type { RadixNode } from '../core/radix-tree.js';

/**
 * A tree as `dump` lines show it: nested [tokens, extra, values, lock_ref, hits, priority,
 * children]. `extras` names the name spaces; null is the usual one.
 */
export function nestedTree(
  nodes: readonly RadixNode[],
  extras: readonly (string | null)[],
): unknown[] {
  const children = new Map<number, RadixNode[]>();
  for (const node of nodes) {
    const siblings = children.get(node.parent) ?? [];
    siblings.push(node);
    children.set(node.parent, siblings);
  }
  const below = (parent: number): RadixNode[] =>
    (children.get(parent) ?? []).sort((a, b) => order(a, b, extras));
  /** SGLang counts a lock on every ancestor as well. */
  const locks = (n: RadixNode): number =>
    below(n.node).reduce((sum, child) => sum + locks(child), n.locks);
  const nested = (n: RadixNode): unknown[] => [
    [...n.tokens],
    extras[n.space],
    [...n.values],
    locks(n),
    n.hits,
    n.priority,
    below(n.node).map(nested),
  ];
  return below(0).map(nested);
}

/** By extra key as text (null as "None"), then by tokens, shorter prefix first. */
function order(a: RadixNode, b: RadixNode, extras: readonly (string | null)[]): number {
  const [x, y] = [extras[a.space] ?? 'None', extras[b.space] ?? 'None'];
  if (x !== y) return x < y ? -1 : 1;
  const shared = Math.min(a.tokens.length, b.tokens.length);
  for (let i = 0; i < shared; i++) {
    if (a.tokens[i] !== b.tokens[i]) return a.tokens[i] - b.tokens[i];
  }
  return a.tokens.length - b.tokens.length;
}
