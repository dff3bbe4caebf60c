// SPDX-License-Identifier: Apache-2.0
import type { Core } from '../core/core.js';
import { RadixTree } from '../core/radix-tree.js';
import type { NodeHandle } from '../core/radix-tree.js';
import { broken, compare } from './difference.js';
import type { Difference } from './difference.js';
import { nestedTree } from './radix-dump.js';
import { policyOf } from './radix-log.js';
import { BrokenLog, replayEntries, whole, wholes } from './recorded-log.js';
import type { Entry, RecordedLog } from './recorded-log.js';

/** Replays a `radix-req` log through the kernel. Null when everything is as recorded. */
export function replayRadixRequestLog(
  core: Core,
  { header, entries }: RecordedLog,
): Difference | null {
  const run = new RequestRun(core, header);
  const difference = replayEntries(entries, (entry) => run.replay(entry));
  run.tree.dispose();
  return difference;
}

interface Request {
  /** Prompt and sampled tokens; the last sampled one has no slot. */
  readonly tokens: number[];
  readonly prompt: number;
  slots: number[];
  node: NodeHandle;
  /** Tokens that the tree holds for it: their slots are not its own. */
  protected: number;
}

/** SGLang's `cache_unfinished_req` and `cache_finished_req` over a FIFO token allocator. */
class RequestRun {
  readonly tree: RadixTree;
  /** Slots from the head, where they are taken, to the tail. */
  #free: number[];
  readonly #pool: number;
  readonly #page: number;
  readonly #requests = new Map<string, Request>();

  constructor(core: Core, header: Entry) {
    this.#page = whole(header, 'page_size', 1);
    this.#pool = whole(header, 'pool', 1);
    if (this.#page !== 1) {
      throw new BrokenLog(broken(header.line, 'header.page_size', '1', this.#page));
    }
    const threshold = 'threshold' in header.fields ? whole(header, 'threshold') : 2;
    this.tree = new RadixTree(core, { page: 1, policy: policyOf(header), threshold });
    this.#free = Array.from({ length: this.#pool }, (_, i) => i + 1);
  }

  replay(entry: Entry): Difference | null {
    const { line, op, fields } = entry;
    const { tree } = this;
    if (op === 'dump') {
      return (
        compare(line, 'dump.tree', fields['tree'], nestedTree(tree.dump(), [null])) ??
        compare(line, 'dump.free', fields['free'], this.#free)
      );
    }
    const results = this.#apply(entry);
    for (const [name, result] of Object.entries(results)) {
      if (!(name in fields)) continue;
      const difference = compare(line, `${op}.${name}`, fields[name], result);
      if (difference !== null) return difference;
    }
    const state = [tree.evictable, tree.protected, this.#free.length];
    return (
      ('st' in fields ? compare(line, `${op}.st`, fields['st'], state) : null) ??
      compare(line, `${op}: slots of all parts`, this.#pool, this.#slotsSeen()) ??
      compare(line, `${op}: invariant RX-`, 0, tree.check())
    );
  }

  #apply(entry: Entry): Readonly<Record<string, unknown>> {
    switch (entry.op) {
      case 'start':
        return this.#start(entry);
      case 'unfinished':
        return this.#unfinished(entry);
      case 'decode':
        return this.#decode(entry);
      case 'finish':
        return this.#finish(entry);
      default: {
        const known = 'start, unfinished, decode, finish, dump';
        throw new BrokenLog(broken(entry.line, 'op', known, entry.op));
      }
    }
  }

  #start(entry: Entry): Readonly<Record<string, unknown>> {
    const tokens = wholes(entry, 'tokens');
    const found = this.tree.match(tokens.slice(0, -1));
    const hit = found.length;
    const values = hit > 0 ? [...this.tree.values(found)] : [];
    this.tree.lock(found);
    const taken = this.#take(tokens.length - hit);
    if (taken === null) {
      this.tree.unlock(found);
      return { hit, r: null };
    }
    const slots = [...values, ...taken];
    const request = { tokens, prompt: tokens.length, slots, node: found, protected: hit };
    this.#requests.set(this.#name(entry), request);
    return { hit, r: slots };
  }

  #unfinished(entry: Entry): Readonly<Record<string, unknown>> {
    const request = this.#request(entry);
    const prompt = request.tokens.slice(0, request.prompt);
    const present = this.tree.insert(prompt, request.slots.slice(0, request.prompt));
    this.#free.push(...request.slots.slice(request.protected, present));
    const found = this.tree.match(prompt);
    request.slots = [...this.tree.values(found)];
    this.tree.unlock(request.node);
    this.tree.lock(found);
    request.node = found;
    request.protected = request.prompt;
    request.tokens.push(whole(entry, 'out'));
    return { r: request.slots, protected: request.protected };
  }

  #decode(entry: Entry): Readonly<Record<string, unknown>> {
    const request = this.#request(entry);
    const taken = this.#take(1);
    if (taken === null) return { r: null };
    request.slots.push(...taken);
    request.tokens.push(whole(entry, 'out'));
    return { r: taken[0] };
  }

  #finish(entry: Entry): Readonly<Record<string, unknown>> {
    const request = this.#request(entry);
    const { slots } = request;
    const inserted = entry.fields['insert'] === true;
    const key = request.tokens.slice(0, slots.length);
    const end = inserted ? this.tree.insert(key, slots) : slots.length;
    this.#free.push(...slots.slice(request.protected, end));
    this.tree.unlock(request.node);
    this.#requests.delete(this.#name(entry));
    return { r: null };
  }

  /** `n` slots from the head, after evicting what is missing; null when that was not enough. */
  #take(n: number): number[] | null {
    const missing = n - this.#free.length;
    if (missing > 0) this.#free.push(...this.tree.evict(missing));
    return n > this.#free.length ? null : this.#free.splice(0, n);
  }

  /** Different slots of the tree, the free list and the requests' own parts: all of the pool. */
  #slotsSeen(): number {
    const own = [...this.#requests.values()].flatMap((r) => r.slots.slice(r.protected));
    const cached = this.tree.dump().flatMap(({ values }) => [...values]);
    const all = [...this.#free, ...cached, ...own];
    const seen = new Set(all);
    return seen.size === all.length ? seen.size : -all.length;
  }

  #name(entry: Entry): string {
    return String(entry.fields['id']);
  }

  #request(entry: Entry): Request {
    const request = this.#requests.get(this.#name(entry));
    if (request !== undefined) return request;
    const name = this.#name(entry);
    throw new BrokenLog(broken(entry.line, `${entry.op}.id`, 'a request that was started', name));
  }
}
