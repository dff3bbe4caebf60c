// SPDX-License-Identifier: Apache-2.0
import type { Core } from '../core/core.js';
import { RadixTree } from '../core/radix-tree.js';
import type { NodeHandle, RadixNode } from '../core/radix-tree.js';
import { broken, compare } from './difference.js';
import type { Difference } from './difference.js';
import { BrokenLog, replayEntries, whole, wholes } from './recorded-log.js';
import type { Entry, RecordedLog } from './recorded-log.js';

/** Why a `radix` log cannot be replayed yet, or null. */
export function radixLogUnsupported({ header }: RecordedLog): string | null {
  const { policy, events } = header.fields;
  if (policy !== 'lru') return `policy ${String(policy)} is not built yet`;
  if (events === true) return 'page events are not built yet';
  return null;
}

/** Replays a `radix` log through the kernel. Null when everything is as recorded. */
export function replayRadixLog(core: Core, { header, entries }: RecordedLog): Difference | null {
  const run = new RadixRun(core, whole(header, 'page_size', 1));
  const difference = replayEntries(entries, (entry) => run.replay(entry));
  run.tree.dispose();
  return difference;
}

class RadixRun {
  readonly tree: RadixTree;
  /** Nodes that `match` lines named. */
  readonly #handles = new Map<number, NodeHandle>();
  /** Extra keys by the number of their name space; null, the usual one, is 0. */
  readonly #extras: (string | null)[] = [null];

  constructor(core: Core, page: number) {
    this.tree = new RadixTree(core, { page });
  }

  replay(entry: Entry): Difference | null {
    const { line, op, fields } = entry;
    const { tree } = this;
    if (op === 'dump') return compare(line, 'dump.tree', fields['tree'], this.#dump());
    const result = this.#apply(entry);
    const state = [tree.evictable, tree.protected, tree.tokens, tree.nodes, tree.evictableLeaves];
    return (
      ('r' in fields ? compare(line, `${op}.r`, fields['r'], result) : null) ??
      ('st' in fields ? compare(line, `${op}.st`, fields['st'], state) : null) ??
      compare(line, `${op}: invariant RX-`, 0, tree.check())
    );
  }

  #apply(entry: Entry): unknown {
    const { line, op } = entry;
    switch (op) {
      case 'insert':
        return this.#insert(entry);
      case 'match':
        return this.#match(entry);
      case 'lock':
        // Recorded as the change of the evictable size. `0 -` because -0 is not 0 in JSON terms.
        return 0 - this.tree.lock(this.#handle(entry));
      case 'unlock':
        return this.tree.unlock(this.#handle(entry));
      case 'evict': {
        const freed = [...this.tree.evict(whole(entry, 'n'))];
        return { evicted: freed.length, freed };
      }
      case 'reset':
        return this.tree.reset() ? null : 'refused: something is locked';
      default:
        throw new BrokenLog(broken(line, 'op', 'insert, match, lock, unlock, evict, reset', op));
    }
  }

  #insert(entry: Entry): number {
    const key = wholes(entry, 'key');
    const first = whole(entry, 'v0');
    return this.tree.insert(key, key.map((_, i) => first + i), {
      space: this.#space(entry),
      priority: Number(entry.fields['priority'] ?? 0),
      chunked: entry.fields['chunked'] === true,
    });
  }

  #match(entry: Entry): unknown {
    const found = this.tree.match(wholes(entry, 'key'), this.#space(entry));
    this.#handles.set(whole(entry, 'h'), found);
    return { len: found.length, idx: [...this.tree.values(found)] };
  }

  #handle(entry: Entry): NodeHandle {
    const name = whole(entry, 'h');
    const handle = this.#handles.get(name);
    if (handle !== undefined) return handle;
    throw new BrokenLog(broken(entry.line, `${entry.op}.h`, 'a handle of an earlier match', name));
  }

  #space(entry: Entry): number {
    const extra = entry.fields['extra'] ?? null;
    if (extra !== null && typeof extra !== 'string') {
      throw new BrokenLog(broken(entry.line, `${entry.op}.extra`, 'a text or null', extra));
    }
    const known = this.#extras.indexOf(extra);
    return known >= 0 ? known : this.#extras.push(extra) - 1;
  }

  #dump(): unknown[] {
    const children = new Map<number, RadixNode[]>();
    for (const node of this.tree.dump()) {
      const siblings = children.get(node.parent) ?? [];
      siblings.push(node);
      children.set(node.parent, siblings);
    }
    const below = (parent: number): RadixNode[] =>
      (children.get(parent) ?? []).sort((a, b) => this.#order(a, b));
    /** SGLang counts a lock on every ancestor as well. */
    const locks = (n: RadixNode): number =>
      below(n.node).reduce((sum, child) => sum + locks(child), n.locks);
    const nested = (n: RadixNode): unknown[] => [
      [...n.tokens],
      this.#extras[n.space],
      [...n.values],
      locks(n),
      n.hits,
      n.priority,
      below(n.node).map(nested),
    ];
    return below(0).map(nested);
  }

  /** By extra key as text (null as "None"), then by tokens, shorter prefix first. */
  #order(a: RadixNode, b: RadixNode): number {
    const [x, y] = [this.#extras[a.space] ?? 'None', this.#extras[b.space] ?? 'None'];
    if (x !== y) return x < y ? -1 : 1;
    const shared = Math.min(a.tokens.length, b.tokens.length);
    for (let i = 0; i < shared; i++) {
      if (a.tokens[i] !== b.tokens[i]) return a.tokens[i] - b.tokens[i];
    }
    return a.tokens.length - b.tokens.length;
  }
}
