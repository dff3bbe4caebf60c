// SPDX-License-Identifier: Apache-2.0
import { RadixLevel } from '../radix-policy.js';
import type { RadixEvent, RadixPolicy } from '../radix-policy.js';
import type { NodeHandle, RadixNode, RadixTreeOptions } from '../radix-tree.js';
import { KernelError, Status } from '../status.js';
import { addStats, dumpOf, nodesBelow, TwinNode } from './radix-node.js';
import type { TreeStats } from './radix-node.js';
import { heldBelow } from './radix-order.js';

/** The nodes of the reference tree, their sizes and their pages, all found by looking. */
export class ReferenceRadixBase {
  readonly page: number;
  readonly policy: RadixPolicy;
  protected readonly valued: boolean;
  /** Level of a node that nothing was said about. */
  protected readonly baseLevel: number;
  protected readonly root = new TwinNode(0, null, [], [], 0, 0, 0);
  protected readonly byId = new Map<number, TwinNode>([[0, this.root]]);
  protected lastEnd: NodeHandle & { depth: number } = { node: 0, gen: 0, depth: 0 };
  readonly #logs: boolean;
  #events: RadixEvent[] = [];
  #nextId = 1;
  #nextPage = 1;
  #clock = 0;

  constructor({ page = 1, values = true, policy = 'lru', events = 0 }: RadixTreeOptions) {
    this.page = page;
    this.policy = policy;
    this.valued = values;
    this.#logs = events > 0;
    this.baseLevel = policy === 'ttl' ? RadixLevel.retention : RadixLevel.finished;
  }

  get end(): NodeHandle & { depth: number } {
    return this.lastEnd;
  }

  /** All sizes in one count over the tree. */
  stats(): TreeStats {
    const stats = { evictable: 0, protected: 0, nodes: 0, evictableLeaves: 0 };
    addStats(this.root, stats);
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

  get held(): number {
    return heldBelow(this.root);
  }

  dump(): RadixNode[] {
    return nodesBelow(this.root).map(dumpOf);
  }

  check(): number {
    return 0;
  }

  dispose(): void {}

  takeEvents(): RadixEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Logs the last `count` tokens of a node, which follow page `parent`. */
  protected logStored(node: TwinNode, count: number, parent: number): void {
    if (!this.#logs) return;
    const first = this.#nextPage;
    for (let i = 0; i < count / this.page; i++) node.pages.push(this.#nextPage++);
    const tokens = new Uint32Array(node.tokens.slice(-count));
    this.#events.push({ kind: 'stored', first, parent, space: node.space, tokens });
  }

  /** Takes the last `count` tokens' pages off a node. */
  protected logRemoved(node: TwinNode, count: number): void {
    if (!this.#logs) return;
    const pages = node.pages.splice(node.pages.length - count / this.page);
    this.#events.push({ kind: 'removed', pages: new Uint32Array(pages) });
  }

  protected logCleared(): void {
    if (this.#logs) this.#events.push({ kind: 'cleared' });
  }

  /** A node with a fresh access time. */
  protected make(
    parent: TwinNode,
    tokens: number[],
    values: number[],
    like: { readonly space: number; readonly hits: number; readonly priority: number },
  ): TwinNode {
    const now = this.nextStamp();
    const node = new TwinNode(this.#nextId++, parent, tokens, values, like.space, now, now);
    node.level = this.baseLevel;
    node.hits = like.hits;
    node.priority = like.priority;
    this.byId.set(node.id, node);
    return node;
  }

  /** The node that holds position `depth` on the path to `named`. */
  protected holderOf(named: TwinNode, depth: number, operation: string): TwinNode {
    let node = named;
    while (node.parent !== null && node.start >= depth) node = node.parent;
    if (depth % this.page !== 0 || node.end < depth) {
      throw new KernelError(operation, Status.badArgument);
    }
    return node;
  }

  protected find({ node, gen }: NodeHandle): TwinNode | null {
    const found = this.byId.get(node);
    return found !== undefined && found.gen === gen ? found : null;
  }

  protected mustFind(handle: NodeHandle, operation: string): TwinNode {
    const node = this.find(handle);
    if (node === null) throw new KernelError(operation, Status.stale);
    return node;
  }

  protected mustBePages(tokens: number, operation: string): void {
    if (tokens % this.page !== 0) throw new KernelError(operation, Status.badArgument);
  }

  protected endAt(node: TwinNode, depth: number): void {
    this.lastEnd = { node: node.id, gen: node.gen, depth };
  }

  /** One reading of the clock, larger than all before. */
  protected nextStamp(): number {
    return ++this.#clock;
  }
}
