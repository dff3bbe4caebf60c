// SPDX-License-Identifier: Apache-2.0
import { RadixLevel } from '../radix-policy.js';
import type { NodeHandle, RadixMatch, RadixTreeOptions } from '../radix-tree.js';
import { KernelError, Status } from '../status.js';
import { ReferenceRadixBase } from './radix-base.js';
import { stampPath } from './radix-node.js';
import type { TwinNode } from './radix-node.js';
import { handUp, heldBelow, isHeld, nextDue, nextLeafBelow } from './radix-order.js';

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
 * next victim is found by looking at all leaves, and hints by looking at all nodes. Same methods
 * and refusals as `RadixTree`.
 */
export class ReferenceRadixTree extends ReferenceRadixBase {
  readonly #threshold: number;
  readonly #grace: number;
  readonly #budget: number;
  #now = 0;

  constructor(options: RadixTreeOptions = {}) {
    super(options);
    this.#threshold = options.threshold ?? 2;
    this.#grace = options.grace ?? Infinity;
    this.#budget = options.budget ?? 0;
  }

  match(key: ArrayLike<number>, space = 0, use = true): RadixMatch {
    return this.#match(this.root, 0, rest(key, 0), space, use, false);
  }

  matchFrom(
    from: NodeHandle,
    depth: number,
    key: ArrayLike<number>,
    use = true,
  ): RadixMatch | null {
    const named = this.find(from);
    if (named === null) return null;
    const node = this.holderOf(named, depth, 'radix_match_from');
    return this.#match(node, depth - node.start, rest(key, 0), named.space, use, true);
  }

  values(from: NodeHandle): Uint32Array {
    const path = (node: TwinNode): number[] =>
      node.parent === null ? [] : [...path(node.parent), ...node.values];
    const node = this.mustFind(from, 'radix_values');
    if (!this.valued) throw new KernelError('radix_values', Status.badArgument);
    return new Uint32Array(path(node));
  }

  insert(
    key: ArrayLike<number>,
    values: ArrayLike<number> | null,
    options: { space?: number; priority?: number; chunked?: boolean } = {},
  ): number {
    const { space = 0, priority = 0, chunked = false } = options;
    this.mustBePages(key.length, 'radix_insert');
    const count = { priority, hits: chunked ? 0 : 1 };
    const walk = { now: this.nextStamp(), keepTail: false, count };
    const { node, matched, depth } = this.#descend(this.root, 0, rest(key, 0), 0, space, walk);
    if (matched === key.length) this.endAt(node, depth);
    else this.#addChild(node, rest(key, matched), this.#valuesFrom(values, matched), space, count);
    return matched;
  }

  extend(
    from: NodeHandle,
    depth: number,
    key: ArrayLike<number>,
    values: ArrayLike<number> | null,
  ): number | null {
    const named = this.find(from);
    if (named === null) return null;
    this.mustBePages(key.length, 'radix_extend');
    const start = this.holderOf(named, depth, 'radix_extend');
    const count = { priority: -Infinity, hits: 0 };
    const walk = { now: this.nextStamp(), keepTail: true, count };
    const inside = depth - start.start;
    const { node, matched, depth: at } =
      this.#descend(start, inside, rest(key, 0), 0, named.space, walk);
    const added = rest(key, matched);
    const addedValues = this.#valuesFrom(values, matched);
    if (added.length === 0) {
      this.endAt(node, at);
    } else if (this.#growsInPlace(node)) {
      // A leaf grows where it is, so that one agent's context stays one node.
      node.tokens.push(...added);
      node.values.push(...addedValues);
      this.logStored(node, added.length, node.pages.at(-1) ?? 0);
      this.endAt(node, node.end);
    } else {
      this.#addChild(node, added, addedValues, named.space, { priority: 0, hits: 0 });
    }
    return matched;
  }

  #growsInPlace(node: TwinNode): boolean {
    const free = node.children.length === 0 && node.pathLocks <= 1;
    return node.parent !== null && free && node.level === this.baseLevel;
  }

  lock(at: NodeHandle): number {
    const node = this.mustFind(at, 'radix_lock');
    let moved = 0;
    for (let n = node; n.parent !== null; n = n.parent) {
      if (n.pathLocks === 0) moved += n.tokens.length;
      n.pathLocks++;
    }
    return moved;
  }

  unlock(at: NodeHandle): number {
    const node = this.mustFind(at, 'radix_unlock');
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
      const leaf = nextLeafBelow(this.root, this.policy, this.#threshold);
      if (leaf === null) break;
      count += leaf.tokens.length;
      freed.push(...this.#freedValues(leaf.tokens.length, leaf.values));
      this.#remove(leaf);
    }
    return new Uint32Array(freed);
  }

  trim(n: number): Uint32Array {
    this.mustBePages(n, 'radix_trim');
    const freed: number[] = [];
    for (let count = 0; count < n; ) {
      const leaf = nextLeafBelow(this.root, this.policy, this.#threshold);
      if (leaf === null) break;
      const part = Math.min(leaf.tokens.length, n - count);
      count += part;
      const keep = leaf.tokens.length - part;
      freed.push(...this.#freedValues(part, leaf.values.slice(keep).reverse()));
      if (keep === 0) {
        this.#remove(leaf);
        continue;
      }
      this.logRemoved(leaf, part);
      leaf.tokens.length = keep;
      leaf.values.length = this.valued ? keep : 0;
      leaf.gen++;
      leaf.lowestCut = Math.min(leaf.lowestCut, leaf.end);
    }
    return new Uint32Array(freed);
  }

  reset(): boolean {
    if (this.protected > 0) return false;
    this.byId.clear();
    this.byId.set(0, this.root);
    this.root.children = [];
    this.logCleared();
    return true;
  }

  resume({ node: id, gen }: NodeHandle, depth: number): (NodeHandle & { depth: number }) | null {
    const node = this.byId.get(id);
    // 256 trims are as many as a handle survives.
    const survives = node !== undefined && gen >> 8 === node.gen >> 8 && gen <= node.gen;
    if (!survives) return null;
    if (depth % this.page !== 0) throw new KernelError('radix_resume', Status.badArgument);
    const same = gen === node.gen ? Infinity : node.lowestCut;
    this.endAt(node, Math.min(depth, node.end, same));
    return this.end;
  }

  hint(at: NodeHandle, level: number, time = Infinity): boolean {
    const node = this.mustFind(at, 'radix_hint');
    const ttl = this.policy === 'ttl';
    const known = ttl || this.policy === 'session';
    const inRange = level <= (ttl ? RadixLevel.pinned : RadixLevel.waiting);
    if (!known || !inRange || !(ttl ? time > 0 : time >= 0)) {
      throw new KernelError('radix_hint', Status.badArgument);
    }
    if (node.parent === null) return true;
    const before = node.level;
    const wasHeld = isHeld(node);
    node.level = level;
    if (isHeld(node) && !wasHeld && heldBelow(this.root) > this.#budget) {
      node.level = before;
      return false;
    }
    node.time = time;
    const end = ttl ? this.#now + time : time + this.#grace;
    node.due = level === this.baseLevel ? Infinity : end;
    return true;
  }

  tick(now: number): number {
    if (!(now >= this.#now) || now === Infinity) {
      throw new KernelError('radix_tick', Status.badArgument);
    }
    this.#now = now;
    for (let ended = 0; ; ended++) {
      const node = nextDue(this.root, now);
      if (node === null) return ended;
      node.level = this.baseLevel;
      node.due = Infinity;
      // As if it was used now: TensorRT-LLM puts it at the tail of the default queue.
      if (this.policy === 'ttl') node.stamp = this.nextStamp();
    }
  }

  #match(
    from: TwinNode,
    inside: number,
    key: readonly number[],
    space: number,
    use: boolean,
    keepTail: boolean,
  ): RadixMatch {
    const whole = key.slice(0, key.length - (key.length % this.page));
    if (whole.length === 0 && from === this.root) {
      this.endAt(from, 0);
      return { node: 0, gen: 0, length: 0 };
    }
    const walk = { now: use ? this.nextStamp() : null, keepTail };
    const { node, matched, depth } = this.#descend(from, inside, whole, 0, space, walk);
    this.endAt(node, depth);
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
    if (walk.now !== null) {
      stampPath(node, walk.now);
      this.#renew(node);
    }
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

  /** A hit on a node with a duration begins it anew. */
  #renew(node: TwinNode): void {
    if (this.policy === 'ttl' && node.due !== Infinity) node.due = this.#now + node.time;
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
    const prefix = this.make(parent, node.tokens.slice(0, keep), node.values.slice(0, keep), node);
    prefix.pathLocks = node.pathLocks;
    prefix.pages = node.pages.splice(0, keep / this.page);
    if (node.lowestCut <= prefix.end) prefix.lowestCut = node.lowestCut;
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
    const child = this.make(parent, tokens, values, { space, hits, priority });
    parent.children.push(child);
    this.logStored(child, child.tokens.length, parent.pages.at(-1) ?? 0);
    this.endAt(child, child.end);
  }

  #remove(leaf: TwinNode): void {
    this.byId.delete(leaf.id);
    this.logRemoved(leaf, leaf.tokens.length);
    const parent = leaf.parent!;
    parent.stamp = Math.max(parent.stamp, leaf.stamp);
    if (this.policy === 'session' && parent !== this.root) handUp(leaf, parent);
    parent.children = parent.children.filter((child) => child !== leaf);
  }

  #valuesFrom(values: ArrayLike<number> | null, from: number): number[] {
    return this.valued && values !== null ? rest(values, from) : [];
  }

  /** Trees without values free as many zeros as tokens. */
  #freedValues(tokens: number, values: readonly number[]): readonly number[] {
    return this.valued ? values : Array<number>(tokens).fill(0);
  }
}

function rest(list: ArrayLike<number>, from: number): number[] {
  if (Array.isArray(list)) return (list as number[]).slice(from);
  const out: number[] = [];
  for (let i = from; i < list.length; i++) out.push(list[i]);
  return out;
}

function countHit(node: TwinNode, { count }: Walk): void {
  if (count === undefined) return;
  node.hits += count.hits;
  node.priority = Math.max(node.priority, count.priority);
}
