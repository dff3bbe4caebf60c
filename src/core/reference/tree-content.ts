// SPDX-License-Identifier: Apache-2.0
import type { RadixNode } from '../radix-tree.js';

/**
 * What a tree holds, as text: nested nodes in a fixed order, with their place in the order of
 * eviction. Two trees of equal content give equal text whatever their tables look like.
 */
export function treeContent(nodes: readonly RadixNode[]): string {
  const children = new Map<number, RadixNode[]>();
  for (const node of nodes) {
    const list = children.get(node.parent);
    if (list === undefined) children.set(node.parent, [node]);
    else list.push(node);
  }
  const leaves = nodes.filter(({ node }) => !children.has(node));
  const age = new Map<number, number>();
  leaves.sort((a, b) => a.stamp - b.stamp).forEach(({ node }, i) => age.set(node, i));
  const below = (parent: number): string =>
    (children.get(parent) ?? []).map(describe).sort().join('');
  const describe = (n: RadixNode): string => {
    const own = `${n.tokens.join()}@${n.space}=${n.values.join()} locks ${n.locks}`;
    const hint = `level ${n.level} due ${n.due} pages ${n.pages.join()}`;
    const use = `hits ${n.hits} priority ${n.priority} age ${age.get(n.node)}`;
    return `(${own} ${hint} ${use}${below(n.node)})`;
  };
  return below(0);
}
