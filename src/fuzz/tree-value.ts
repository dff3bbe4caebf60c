// SPDX-License-Identifier: Apache-2.0
/** What `treeContent` says as text, as nested lists: quicker to make and to compare. */
import type { RadixNode } from '../core/radix-tree.js';
import type { Value } from './compare.js';

/** Siblings differ in name space or first page. */
function bySpaceThenTokens(a: RadixNode, b: RadixNode): number {
  if (a.space !== b.space) return a.space - b.space;
  const length = Math.min(a.tokens.length, b.tokens.length);
  for (let i = 0; i < length; i++) {
    if (a.tokens[i] !== b.tokens[i]) return a.tokens[i] - b.tokens[i];
  }
  return a.tokens.length - b.tokens.length;
}

export function treeValue(nodes: readonly RadixNode[]): Value {
  const children = new Map<number, RadixNode[]>();
  for (const node of nodes) {
    const list = children.get(node.parent);
    if (list === undefined) children.set(node.parent, [node]);
    else list.push(node);
  }
  const leaves = nodes.filter(({ node }) => !children.has(node));
  const age = new Map<number, number>();
  leaves.sort((a, b) => a.stamp - b.stamp).forEach(({ node }, i) => age.set(node, i));
  const below = (parent: number): Value =>
    (children.get(parent) ?? []).sort(bySpaceThenTokens).map((n) => [
      n.space, n.tokens, n.values, n.pages, n.locks, n.hits, n.priority, n.level, n.due,
      age.get(n.node), below(n.node),
    ]);
  return below(0);
}
