// SPDX-License-Identifier: Apache-2.0
import type { Core } from '../core/core.js';
import { RADIX_POLICIES } from '../core/radix-policy.js';
import type { RadixEvent } from '../core/radix-policy.js';
import { RadixTree } from '../core/radix-tree.js';
import type { NodeHandle, RadixTreeOptions } from '../core/radix-tree.js';
import { ReferenceRadixTree } from '../core/reference/radix-tree.js';
import { treeContent } from '../core/reference/tree-content.js';
import { expectSame, outcomeOf, same } from './compare.js';
import type { Outcome, Value } from './compare.js';
import type { FuzzTarget, RunOptions } from './target.js';
import { runOperations } from './target.js';
import { treeValue } from './tree-value.js';

/** What the fuzzer needs of a tree; a test plants bugs by handing in another one. */
export type TreeUnderTest = Omit<RadixTree, 'handle'>;
export type MakeTree = (core: Core, options: RadixTreeOptions) => TreeUnderTest;

/** Long pages are rare: they cost the twin what their tokens cost, and find little more. */
const PAGES = [
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  2, 2, 2, 2, 2, 2, 4, 4, 4, 3, 3, 3, 16, 16, 64, 256,
];
/** Times in hints: two sessions may wait for the same one. */
const TIMES = [5, 5, 5, 10, 40, 100, Infinity, 7];
const RETENTIONS = [0, 20, 35, 36, 80, 80, 101, 200];
/** Room for the events of one operation. */
const EVENT_WORDS = 1 << 13;
const MOST_HANDLES = 12;
const MOST_TOKENS = 128;
const LONGEST_KEY = 64;
/** Symbols of a key at least, however long a page is. */
const FEWEST_SYMBOLS = 6;
const KEYS_KEPT = 8;
const NO_NODE: NodeHandle = { node: 0xffffff, gen: 0 };

/** One position in both trees. */
interface Place {
  readonly kernel: NodeHandle;
  readonly twin: NodeHandle;
  readonly depth: number;
}

type TreeCall = (tree: TreeUnderTest | ReferenceRadixTree, side: 'kernel' | 'twin') => Value;

/** Symbols -> tokens. Symbols 2k and 2k+1 share the first half of their page. */
function tokensOf(symbols: readonly number[], page: number): number[] {
  if (page === 1) return symbols.slice();
  const half = page >> 1;
  const tokens: number[] = [];
  for (const symbol of symbols) {
    for (let i = 0; i < page; i++) tokens.push(i < half ? symbol >> 1 : symbol);
  }
  return tokens;
}

/** Kernel and twin of the radix tree under one program. */
class TreeRun {
  readonly kernel: TreeUnderTest;
  readonly twin: ReferenceRadixTree;
  readonly #page: number;
  readonly #logged: boolean;
  readonly #handles: Place[] = [];
  #handlesSeen = 0;
  readonly #locked: Place[] = [];
  /** Recent keys: new ones grow out of them, as prompts do. */
  readonly #keys: number[][] = [];
  #keysSeen = 0;
  #nextValue = 1;
  #now = 0;
  /** Pages that are stored, by the events. */
  readonly #pages = new Set<number>();

  constructor(core: Core, make: MakeTree, setup: Uint8Array) {
    this.#page = PAGES[setup[0] % PAGES.length];
    const options = {
      page: this.#page,
      values: setup[1] % 8 !== 0,
      nodes: 16,
      policy: RADIX_POLICIES[setup[2] % RADIX_POLICIES.length],
      threshold: 1 + (setup[3] % 4),
      grace: [Infinity, 0, 5, 50][(setup[3] >> 2) % 4],
      budget: (setup[3] >> 4) * 4 * this.#page,
      events: setup[1] >= 128 ? EVENT_WORDS : 0,
    };
    this.#logged = options.events > 0;
    this.kernel = make(core, options);
    this.twin = new ReferenceRadixTree(options);
  }

  apply(op: Uint8Array): void {
    const kind = op[0] % 40;
    const hinting = this.kernel.policy === 'session' || this.kernel.policy === 'ttl';
    if (hinting && op[7] % 4 === 1) this.#hinted(32 + (op[7] >> 2) % 4, op);
    // Where there are no hints they are refused: now and then is often enough.
    else if (kind >= 32 && kind < 35 && !hinting && op[7] % 8 !== 0) {
      if (kind === 33) this.#lock(op[1]);
      else this.#unlock(op[1]);
    } else if (kind >= 32) this.#hinted(kind, op);
    else if (kind < 8) this.#insert(op);
    else if (kind < 12) this.#match(op, true);
    else if (kind === 12) this.#match(op, false);
    else if (kind < 15) this.#matchFrom(op);
    else if (kind < 19) this.#extend(op);
    else if (kind < 22) this.#lock(op[1]);
    else if (kind < 26) this.#unlock(op[1]);
    else if (kind < 28) this.#both('evict', (tree) => tree.evict(op[1] % (8 * this.#page)));
    else if (kind < 30) this.#both('trim', (tree) => tree.trim((op[1] % 8) * this.#page));
    else if (kind === 30) this.#both('reset', (tree) => op[1] % 4 === 0 && tree.reset());
    else if (op[7] % 2 === 0) this.#refused(op);
  }

  compareSizes(): void {
    if (!this.#logged) return;
    const [expected, got] = [this.twin.takeEvents(), this.kernel.takeEvents()];
    expectSame('events', expected.map(eventValue), got.map(eventValue));
    this.#replayEvents(got);
  }

  compareAll(): void {
    const { kernel, twin } = this;
    expectSame('invariant', 0, kernel.check());
    const sizes = twin.stats();
    expectSame('evictable tokens', sizes.evictable, kernel.evictable);
    expectSame('protected tokens', sizes.protected, kernel.protected);
    expectSame('nodes', sizes.nodes, kernel.nodes);
    expectSame('evictable leaves', sizes.evictableLeaves, kernel.evictableLeaves);
    expectSame('held tokens', twin.held, kernel.held);
    const nodes = kernel.dump();
    const own = twin.dump();
    // Text reads well and costs much: it is written when there is something to show.
    if (!same(treeValue(own), treeValue(nodes))) {
      expectSame('tree', treeContent(own), treeContent(nodes));
    }
    if (!this.#logged) return;
    const pages = nodes.flatMap((node) => Array.from(node.pages)).sort((a, b) => a - b);
    expectSame('pages that the events leave', [...this.#pages].sort((a, b) => a - b), pages);
  }

  dispose(): void {
    this.kernel.dispose();
  }

  /** What a reader of the log thinks is there. */
  #replayEvents(events: readonly RadixEvent[]): void {
    for (const event of events) {
      if (event.kind === 'cleared') this.#pages.clear();
      else if (event.kind === 'removed') for (const page of event.pages) this.#pages.delete(page);
      else {
        const count = event.tokens.length / this.#page;
        for (let i = 0; i < count; i++) this.#pages.add(event.first + i);
      }
    }
  }

  #hinted(kind: number, op: Uint8Array): void {
    const place = this.#pick(op[1]);
    if (kind === 35) {
      this.#now += op[2] % 16;
      this.#both('tick', (tree) => tree.tick(op[1] === 255 ? this.#now - 20 : this.#now));
    } else if (place === undefined) {
      return;
    } else if (kind < 35) {
      const time = TIMES[op[3] % TIMES.length];
      const isTtl = this.kernel.policy === 'ttl';
      const level = isTtl ? RETENTIONS[op[2] % RETENTIONS.length] : [0, 1, 1, 1, 2][op[2] % 5];
      this.#both('hint', (tree, side) => tree.hint(place[side], level, time));
    } else {
      // A leaf that is cut short and grows again: what of its handles survives?
      if (kind === 38) this.#both('trim', (tree) => tree.trim(this.#page));
      if (kind === 39) this.#extend(op);
      this.#resume(place, op);
    }
  }

  /** What is left of a handle, which is a place again. */
  #resume(place: Place, op: Uint8Array): void {
    const depth = this.#depth(place, op[3]);
    const kept = this.#both('resume', (tree, side) =>
      tree.resume(place[side], depth)?.depth ?? null);
    if (typeof kept !== 'number') return;
    this.#rememberEnd();
    this.#both('content', (tree) => tree.matchFrom(tree.end, kept, [], false)?.length ?? null);
  }

  #both(what: string, call: TreeCall): Outcome {
    const expected = outcomeOf(() => call(this.twin, 'twin'));
    const got = outcomeOf(() => call(this.kernel, 'kernel'));
    expectSame(what, expected, got);
    return expected;
  }

  /** A key out of an earlier one and up to 8 symbols of its own. */
  #symbols(op: Uint8Array): number[] {
    const earlier = this.#keys[op[3] % (KEYS_KEPT + 2)] ?? [];
    const head = earlier.slice(0, op[2] % (earlier.length + 1));
    const bits = (op[4] | (op[5] << 8) | (op[6] << 16) | (op[7] << 24)) >>> 0;
    const length = 1 + (op[1] % 8);
    for (let i = 0; i < length; i++) head.push((bits >>> (2 * i)) & 3);
    const most = Math.max(FEWEST_SYMBOLS, Math.floor(LONGEST_KEY / this.#page));
    head.length = Math.min(head.length, most);
    return head;
  }

  #key(op: Uint8Array): number[] {
    const symbols = this.#symbols(op);
    this.#keys[this.#keysSeen++ % KEYS_KEPT] = symbols;
    return tokensOf(symbols, this.#page);
  }

  /** Most programs use one name space; some keep two apart. */
  #space(op: Uint8Array): number {
    return op[1] >= 224 ? 1 : 0;
  }

  #values(key: readonly number[]): number[] {
    const first = this.#nextValue;
    this.#nextValue += key.length;
    return key.map((_, i) => first + i);
  }

  #insert(op: Uint8Array): void {
    this.#makeRoom();
    const key = this.#key(op);
    const values = this.#values(key);
    const options = { space: this.#space(op), priority: op[1] % 4, chunked: op[1] % 16 === 5 };
    this.#both('insert', (tree) => tree.insert(key, values, options));
    this.#rememberEnd();
  }

  /** Keeps trees small enough for the twin. */
  #makeRoom(): void {
    const most = Math.max(MOST_TOKENS, 24 * this.#page);
    if (this.kernel.tokens <= most) return;
    this.#both('evict', (tree) => tree.evict(most >> 1));
  }

  #match(op: Uint8Array, use: boolean): void {
    // Part of a page at the end must not matter.
    const key = [...this.#key(op), ...tokensOf([1], this.#page).slice(1)];
    const space = this.#space(op);
    this.#both('match', (tree) => tree.match(key, space, use).length);
    this.#rememberEnd();
    if (op[1] % 8 !== 0) return;
    const place = this.#handles[(this.#handlesSeen - 1) % MOST_HANDLES];
    this.#both('values', (tree, side) => tree.values(place[side]));
  }

  #pick(index: number): Place | undefined {
    return this.#handles[index % Math.max(1, this.#handles.length)];
  }

  /** A whole page at or above the place; sometimes beyond it, which is refused. */
  #depth(place: Place, choice: number): number {
    const pages = place.depth / this.#page;
    if (choice % 4 !== 0 || pages === 0) return place.depth;
    return ((choice >> 2) % (pages + 2)) * this.#page;
  }

  #matchFrom(op: Uint8Array): void {
    const place = this.#pick(op[1]);
    if (place === undefined) return;
    const key = tokensOf(this.#symbols(op), this.#page);
    const depth = this.#depth(place, op[3]);
    const use = op[1] < 200;
    const length = this.#both('matchFrom', (tree, side) =>
      tree.matchFrom(place[side], depth, key, use)?.length ?? null);
    if (typeof length === 'number') this.#rememberEnd();
  }

  #extend(op: Uint8Array): void {
    const place = this.#pick(op[1]);
    if (place === undefined) return;
    this.#makeRoom();
    const key = tokensOf(this.#symbols(op), this.#page);
    const values = this.#values(key);
    const depth = this.#depth(place, op[3]);
    const present = this.#both('extend', (tree, side) =>
      tree.extend(place[side], depth, key, values));
    if (typeof present === 'number') this.#rememberEnd();
  }

  /** Keeps where the last call ended, as a handle for later calls. */
  #rememberEnd(): void {
    const kernel = this.kernel.end;
    const twin = this.twin.end;
    const { depth } = kernel;
    expectSame('end of the walk', twin.depth, depth);
    this.#handles[this.#handlesSeen++ % MOST_HANDLES] = { kernel, twin, depth };
  }

  #lock(index: number): void {
    const place = this.#pick(index);
    if (place === undefined) return;
    const moved = this.#both('lock', (tree, side) => tree.lock(place[side]));
    if (typeof moved === 'number') this.#locked.push(place);
  }

  #unlock(index: number): void {
    if (this.#locked.length === 0) return;
    const at = index % this.#locked.length;
    const place = this.#locked[at];
    this.#locked[at] = this.#locked.at(-1)!;
    this.#locked.pop();
    this.#both('unlock', (tree, side) => tree.unlock(place[side]));
  }

  /** Calls that are refused; an unlock may be one that is due. */
  #refused(op: Uint8Array): void {
    const place = this.#pick(op[2]);
    const odd = [...this.#key(op), 1];
    const calls: readonly TreeCall[] = [
      (tree, side) => tree.unlock(place?.[side] ?? NO_NODE),
      (tree) => tree.lock(NO_NODE),
      (tree) => tree.extend(NO_NODE, 0, [], []),
      (tree) => tree.matchFrom(NO_NODE, 0, [], true)?.length ?? null,
      (tree) => (this.#page > 1 ? tree.insert(odd, odd) : null),
      (tree) => (this.#page > 1 ? tree.trim(odd.length) : new Uint32Array(0)),
    ];
    this.#both('refusal', calls[op[1] % calls.length]);
  }
}

function eventValue(event: RadixEvent): Value {
  if (event.kind === 'cleared') return [];
  if (event.kind === 'removed') return event.pages;
  const { first, parent, space, tokens } = event;
  return [first, parent, space, tokens];
}

/** Fuzzes a tree, by default the wasm kernel's, against its twin. */
export function radixTarget(
  core: Core,
  make: MakeTree = (c, options) => new RadixTree(c, options),
): FuzzTarget {
  const empty = core.snapshot();
  return {
    kind: 'radix',
    variants: { byte: 2, names: RADIX_POLICIES },
    run(body: Uint8Array, options: RunOptions): void {
      core.restore(empty);
      runOperations(body, options, (setup) => new TreeRun(core, make, setup));
    },
  };
}
