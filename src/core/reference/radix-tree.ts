// SPDX-License-Identifier: Apache-2.0
import type { NodeHandle, RadixMatch, RadixNode, RadixTreeOptions } from '../radix-tree.js';
import { KernelError, Status } from '../status.js';
import { addStats, oldestLeafBelow, stampPath, TwinNode } from './radix-node.js';
import type { TreeStats } from './radix-node.js';

/** What a walk does to the nodes on its way. */
interface Walk {
  /** Access time for every node; null looks without a trace. */
  readonly now: number | null;
  /** Where a node is cut, the part behind the cut keeps its access time. */
  readonly keepTail: boolean;
  /** Set for insert and extend. */
  readonly count?: { readonly priority: number; readonly hits: number };
}

interface End {
  readonly node: TwinNode;
  readonly matched: number;
  readonly depth: number;
}

/**
 * The radix tree as SGLang's `radix_cache.py` describes it: every node on a path is stamped at
 * once, every ancestor's lock count is kept, sizes are recounted whenever somebody asks, and the
 * next victim is found by looking at all leaves. Same methods and refusals as `RadixTree`.
 */
export class ReferenceRadixTree {
  readonly page: number;
  readonly #valued: boolean;
  #root = new TwinNode(0, null, [], [], 0, 0, 0, 0);
  readonly #byId = new Map<number, TwinNode>([[0, this.#root]]);
  #nextId = 1;
  #clock = 0;
  #end: NodeHandle & { depth: number } = { node: 0, gen: 0, depth: 0 };

  constructor({ page = 1, values = true }: RadixTreeOptions = {}) {
    this.page = page;
    this.#valued = values;
  }

  match(key: ArrayLike<number>, space = 0, use = true): RadixMatch {
    return this.#match(this.#root, 0, rest(key, 0), space, use, false);
  }

  matchFrom(
    from: NodeHandle,
    depth: number,
    key: ArrayLike<number>,
    use = true,
  ): RadixMatch | null {
    const named = this.#find(from);
    if (named === null) return null;
    const node = this.#holderOf(named, depth, 'radix_match_from');
    return this.#match(node, depth - node.start, rest(key, 0), named.space, use, true);
  }

  values(from: NodeHandle): Uint32Array {
    const path = (node: TwinNode): number[] =>
      node.parent === null ? [] : [...path(node.parent), ...node.values];
    const node = this.#mustFind(from, 'radix_values');
    if (!this.#valued) throw new KernelError('radix_values', Status.badArgument);
    return new Uint32Array(path(node));
  }

  insert(
    key: ArrayLike<number>,
    values: ArrayLike<number> | null,
    options: { space?: number; priority?: number; chunked?: boolean } = {},
  ): number {
    const { space = 0, priority = 0, chunked = false } = options;
    this.#mustBePages(key.length, 'radix_insert');
    const count = { priority, hits: chunked ? 0 : 1 };
    const walk = { now: this.#tick(), keepTail: false, count };
    const { node, matched, depth } = this.#descend(this.#root, 0, rest(key, 0), 0, space, walk);
    if (matched === key.length) this.#endAt(node, depth);
    else this.#addChild(node, rest(key, matched), this.#valuesFrom(values, matched), space, count);
    return matched;
  }

  extend(
    from: NodeHandle,
    depth: number,
    key: ArrayLike<number>,
    values: ArrayLike<number> | null,
  ): number | null {
    const named = this.#find(from);
    if (named === null) return null;
    this.#mustBePages(key.length, 'radix_extend');
    const start = this.#holderOf(named, depth, 'radix_extend');
    const count = { priority: -Infinity, hits: 0 };
    const walk = { now: this.#tick(), keepTail: true, count };
    const inside = depth - start.start;
    const { node, matched, depth: at } =
      this.#descend(start, inside, rest(key, 0), 0, named.space, walk);
    const added = rest(key, matched);
    const addedValues = this.#valuesFrom(values, matched);
    if (added.length === 0) {
      this.#endAt(node, at);
    } else if (node.parent !== null && node.children.length === 0 && node.pathLocks <= 1) {
      // A leaf grows where it is, so that one agent's context stays one node.
      node.tokens.push(...added);
      node.values.push(...addedValues);
      this.#endAt(node, node.end);
    } else {
      this.#addChild(node, added, addedValues, named.space, { priority: 0, hits: 0 });
    }
    return matched;
  }

  get end(): NodeHandle & { depth: number } {
    return this.#end;
  }

  lock(at: NodeHandle): number {
    const node = this.#mustFind(at, 'radix_lock');
    let moved = 0;
    for (let n = node; n.parent !== null; n = n.parent) {
      if (n.pathLocks === 0) moved += n.tokens.length;
      n.pathLocks++;
    }
    return moved;
  }

  unlock(at: NodeHandle): number {
    const node = this.#mustFind(at, 'radix_unlock');
    if (node.parent !== null && node.ownLocks === 0) {
      throw new KernelError('radix_unlock', Status.unbalanced);
    }
    let moved = 0;
    for (let n = node; n.parent !== null; n = n.parent) {
      n.pathLocks--;
      if (n.pathLocks === 0) moved += n.tokens.length;
    }
    return moved;
  }

  evict(n: number): Uint32Array {
    const freed: number[] = [];
    for (let count = 0; count < n; ) {
      const leaf = oldestLeafBelow(this.#root);
      if (leaf === null) break;
      count += leaf.tokens.length;
      freed.push(...this.#freedValues(leaf.tokens.length, leaf.values));
      this.#remove(leaf);
    }
    return new Uint32Array(freed);
  }

  trim(n: number): Uint32Array {
    this.#mustBePages(n, 'radix_trim');
    const freed: number[] = [];
    for (let count = 0; count < n; ) {
      const leaf = oldestLeafBelow(this.#root);
      if (leaf === null) break;
      const part = Math.min(leaf.tokens.length, n - count);
      count += part;
      const keep = leaf.tokens.length - part;
      freed.push(...this.#freedValues(part, leaf.values.slice(keep).reverse()));
      if (keep === 0) {
        this.#remove(leaf);
        continue;
      }
      leaf.tokens.length = keep;
      leaf.values.length = this.#valued ? keep : 0;
      leaf.gen++;
    }
    return new Uint32Array(freed);
  }

  reset(): boolean {
    if (this.protected > 0) return false;
    this.#byId.clear();
    this.#byId.set(0, this.#root);
    this.#root.children = [];
    return true;
  }

  /** All sizes in one count over the tree. */
  stats(): TreeStats {
    const stats = { evictable: 0, protected: 0, nodes: 0, evictableLeaves: 0 };
    addStats(this.#root, stats);
    return stats;
  }

  get evictable(): number {
    return this.stats().evictable;
  }

  get protected(): number {
    return this.stats().protected;
  }

  get tokens(): number {
    return this.evictable + this.protected;
  }

  get nodes(): number {
    return this.stats().nodes;
  }

  get evictableLeaves(): number {
    return this.stats().evictableLeaves;
  }

  dump(): RadixNode[] {
    const nodes: RadixNode[] = [];
    const visit = (parent: TwinNode): void => {
      for (const node of parent.children) {
        nodes.push({
          node: node.id,
          gen: node.gen,
          parent: parent.id,
          start: node.start,
          tokens: new Uint32Array(node.tokens),
          values: new Uint32Array(node.values),
          locks: node.ownLocks,
          hits: node.hits,
          priority: node.priority,
          space: node.space,
          stamp: node.stamp,
        });
        visit(node);
      }
    };
    visit(this.#root);
    return nodes;
  }

  check(): number {
    return 0;
  }

  dispose(): void {}

  #match(
    from: TwinNode,
    inside: number,
    key: readonly number[],
    space: number,
    use: boolean,
    keepTail: boolean,
  ): RadixMatch {
    const whole = key.slice(0, key.length - (key.length % this.page));
    if (whole.length === 0 && from === this.#root) {
      this.#endAt(from, 0);
      return { node: 0, gen: 0, length: 0 };
    }
    const walk = { now: use ? this.#tick() : null, keepTail };
    const { node, matched, depth } = this.#descend(from, inside, whole, 0, space, walk);
    this.#endAt(node, depth);
    return { node: node.id, gen: node.gen, length: matched };
  }

  /** Follows key[got..] from `inside` tokens into `node`. */
  #descend(
    node: TwinNode,
    inside: number,
    key: readonly number[],
    got: number,
    space: number,
    walk: Walk,
  ): End {
    const before = node.stamp;
    if (walk.now !== null) stampPath(node, walk.now);
    const same = this.#samePages(node.tokens, inside, key, got);
    const here = inside + same;
    const matched = got + same;
    const depth = node.start + here;
    if (here < node.tokens.length) {
      const cut = walk.now !== null && here > 0;
      const end = cut ? this.#split(node, here) : node;
      if (cut && walk.keepTail) node.stamp = before;
      countHit(end, walk);
      return { node: end, matched, depth };
    }
    if (node.parent !== null) countHit(node, walk);
    const child = matched < key.length ? this.#childFor(node, key, matched, space) : undefined;
    if (child === undefined) return { node, matched, depth };
    return this.#descend(child, 0, key, matched, space, walk);
  }

  /** Equal tokens of a[i..] and b[j..], whole pages only. */
  #samePages(a: readonly number[], i: number, b: readonly number[], j: number): number {
    let n = 0;
    while (i + n < a.length && j + n < b.length && a[i + n] === b[j + n]) n++;
    return n - (n % this.page);
  }

  #childFor(
    node: TwinNode,
    key: readonly number[],
    at: number,
    space: number,
  ): TwinNode | undefined {
    return node.children.find(
      (child) => child.space === space && this.#samePages(child.tokens, 0, key, at) > 0,
    );
  }

  /** The new node is the prefix; the old object keeps the tail, and so do handles to it. */
  #split(node: TwinNode, keep: number): TwinNode {
    const parent = node.parent!;
    const prefix = this.#make(parent, node.tokens.slice(0, keep), node.values.slice(0, keep), node);
    prefix.pathLocks = node.pathLocks;
    prefix.children = [node];
    parent.children[parent.children.indexOf(node)] = prefix;
    node.parent = prefix;
    node.tokens = node.tokens.slice(keep);
    node.values = node.values.slice(keep);
    return prefix;
  }

  #addChild(
    parent: TwinNode,
    tokens: number[],
    values: number[],
    space: number,
    { priority, hits }: { readonly priority: number; readonly hits: number },
  ): void {
    const child = this.#make(parent, tokens, values, { space, hits, priority });
    parent.children.push(child);
    this.#endAt(child, child.end);
  }

  /** A node with a fresh access time. */
  #make(
    parent: TwinNode,
    tokens: number[],
    values: number[],
    like: { readonly space: number; readonly hits: number; readonly priority: number },
  ): TwinNode {
    const id = this.#nextId++;
    const { space, hits, priority } = like;
    const now = this.#tick();
    const node = new TwinNode(id, parent, tokens, values, space, hits, priority, now);
    this.#byId.set(id, node);
    return node;
  }

  #remove(leaf: TwinNode): void {
    this.#byId.delete(leaf.id);
    const parent = leaf.parent!;
    parent.children = parent.children.filter((child) => child !== leaf);
  }

  /** The node that holds position `depth` on the path to `named`. */
  #holderOf(named: TwinNode, depth: number, operation: string): TwinNode {
    let node = named;
    while (node.parent !== null && node.start >= depth) node = node.parent;
    if (depth % this.page !== 0 || node.end < depth) {
      throw new KernelError(operation, Status.badArgument);
    }
    return node;
  }

  #find({ node, gen }: NodeHandle): TwinNode | null {
    const found = this.#byId.get(node);
    return found !== undefined && found.gen === gen ? found : null;
  }

  #mustFind(handle: NodeHandle, operation: string): TwinNode {
    const node = this.#find(handle);
    if (node === null) throw new KernelError(operation, Status.stale);
    return node;
  }

  #mustBePages(tokens: number, operation: string): void {
    if (tokens % this.page !== 0) throw new KernelError(operation, Status.badArgument);
  }

  #valuesFrom(values: ArrayLike<number> | null, from: number): number[] {
    return this.#valued && values !== null ? rest(values, from) : [];
  }

  /** Trees without values free as many zeros as tokens. */
  #freedValues(tokens: number, values: readonly number[]): readonly number[] {
    return this.#valued ? values : Array<number>(tokens).fill(0);
  }

  #endAt(node: TwinNode, depth: number): void {
    this.#end = { node: node.id, gen: node.gen, depth };
  }

  #tick(): number {
    return ++this.#clock;
  }
}

function rest(list: ArrayLike<number>, from: number): number[] {
  const out: number[] = [];
  for (let i = from; i < list.length; i++) out.push(list[i]);
  return out;
}

function countHit(node: TwinNode, { count }: Walk): void {
  if (count === undefined) return;
  node.hits += count.hits;
  node.priority = Math.max(node.priority, count.priority);
}
