// SPDX-License-Identifier: Apache-2.0
/** What the radix tree's policies are called, and what callers may tell them. */

/** In the order of their codes (assembly/kv/radix/layout.ts). */
export const RADIX_POLICIES = [
  'lru',
  'lfu',
  'fifo',
  'filo',
  'priority',
  'slru',
  'mru',
  'session',
  'ttl',
] as const;
export type RadixPolicy = (typeof RADIX_POLICIES)[number];

/** Levels of a hint. A retention of the ttl policy may be any whole number from 0 to 101. */
export const RadixLevel = {
  /** session: nobody waits for it. */
  finished: 0,
  /** session: waits on a tool, time is when it returns. */
  waiting: 1,
  /** ttl: what a node has without a hint (TensorRT-LLM). */
  retention: 35,
  /** ttl: goes after everything else. */
  pinned: 101,
} as const;

/** Cache lifetimes that providers sell, as the duration of a ttl hint in ns. */
export const RadixTtl = { fiveMinutes: 300e9, hour: 3600e9 } as const;

/** What happened to the pages of a tree, in order. A page keeps its number. */
export type RadixEvent =
  | {
      readonly kind: 'stored';
      /** Number of the first page; the others follow. */
      readonly first: number;
      /** Number of the page before it, 0 at the root. */
      readonly parent: number;
      readonly space: number;
      readonly tokens: Uint32Array;
    }
  | { readonly kind: 'removed'; readonly pages: Uint32Array }
  | { readonly kind: 'cleared' };

/** Reads the words of an event log (assembly/kv/radix/events.ts). */
export function parseRadixEvents(words: Uint32Array, page: number): RadixEvent[] {
  const events: RadixEvent[] = [];
  for (let at = 0; at < words.length; ) {
    const [kind, pages] = [words[at], words[at + 1]];
    if (kind === 1) {
      const [first, parent, space] = words.subarray(at + 2, at + 5);
      const end = at + 5 + pages * page;
      events.push({ kind: 'stored', first, parent, space, tokens: words.slice(at + 5, end) });
      at = end;
    } else if (kind === 2) {
      events.push({ kind: 'removed', pages: words.slice(at + 2, at + 2 + pages) });
      at += 2 + pages;
    } else {
      events.push({ kind: 'cleared' });
      at += 2;
    }
  }
  return events;
}
