// SPDX-License-Identifier: Apache-2.0
import type { Core } from '../core/core.js';
import { RADIX_POLICIES } from '../core/radix-policy.js';
import type { RadixPolicy } from '../core/radix-policy.js';
import { RadixTree } from '../core/radix-tree.js';
import type { NodeHandle } from '../core/radix-tree.js';
import { broken, compare } from './difference.js';
import type { Difference } from './difference.js';
import { PageHashes } from './page-hashes.js';
import { nestedTree } from './radix-dump.js';
import { BrokenLog, replayEntries, whole, wholes } from './recorded-log.js';
import type { Entry, RecordedLog } from './recorded-log.js';

/** Words of the event log between two lines: the largest insert or reset fits. */
const EVENT_WORDS = 1 << 20;

/** The policy a header names; one that is unknown breaks the log. */
export function policyOf(header: Entry): RadixPolicy {
  const name = header.fields['policy'];
  const policy = RADIX_POLICIES.find((known) => known === name);
  if (policy !== undefined) return policy;
  throw new BrokenLog(broken(header.line, 'header.policy', RADIX_POLICIES.join(', '), name));
}

/** Replays a `radix` log through the kernel. Null when everything is as recorded. */
export function replayRadixLog(core: Core, { header, entries }: RecordedLog): Difference | null {
  const run = new RadixRun(core, header);
  const difference = replayEntries(entries, (entry) => run.replay(entry));
  run.tree.dispose();
  return difference;
}

class RadixRun {
  readonly tree: RadixTree;
  readonly #hashes: PageHashes;
  /** Nodes that `match` lines named. */
  readonly #handles = new Map<number, NodeHandle>();
  /** Extra keys by the number of their name space; null, the usual one, is 0. */
  readonly #extras: (string | null)[] = [null];

  constructor(core: Core, header: Entry) {
    const page = whole(header, 'page_size', 1);
    const events = header.fields['events'] === true ? EVENT_WORDS : 0;
    const threshold = 'threshold' in header.fields ? whole(header, 'threshold') : 2;
    this.tree = new RadixTree(core, { page, policy: policyOf(header), threshold, events });
    this.#hashes = new PageHashes(page);
  }

  replay(entry: Entry): Difference | null {
    const { line, op, fields } = entry;
    const { tree } = this;
    if (op === 'dump') {
      const nested = nestedTree(tree.dump(), this.#extras);
      return compare(line, 'dump.tree', fields['tree'], nested);
    }
    const result = this.#apply(entry);
    const events = this.#hashes.rows(tree.takeEvents());
    const state = [tree.evictable, tree.protected, tree.tokens, tree.nodes, tree.evictableLeaves];
    return (
      ('r' in fields ? compare(line, `${op}.r`, fields['r'], result) : null) ??
      ('st' in fields ? compare(line, `${op}.st`, fields['st'], state) : null) ??
      ('ev' in fields ? compare(line, `${op}.ev`, this.#recorded(entry), events) : null) ??
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

  /** Events of a line; short hashes come as numbers where they are small. */
  #recorded({ fields }: Entry): unknown {
    const { ev } = fields;
    if (!Array.isArray(ev)) return ev;
    return ev.map((row: unknown) => {
      if (!Array.isArray(row)) return row;
      return row.map((cell: unknown) => (typeof cell === 'number' ? String(cell) : cell));
    });
  }
}
