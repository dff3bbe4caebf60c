// SPDX-License-Identifier: Apache-2.0
import type { Core } from './core.js';

/** One node as `dump` shows it. */
export interface RadixNode {
  readonly node: number;
  readonly gen: number;
  readonly parent: number;
  readonly start: number;
  readonly tokens: Uint32Array;
  readonly values: Uint32Array;
  /** Locks on the node itself; SGLang's `lock_ref` is the sum of these over the subtree. */
  readonly locks: number;
  readonly hits: number;
  readonly priority: number;
  readonly space: number;
  readonly stamp: number;
  /** What the last hint said (session, ttl), and when it ends. */
  readonly level: number;
  readonly due: number;
  /** Numbers of its pages, in a tree that logs events. */
  readonly pages: Uint32Array;
}

/**
 * Byte offsets in the header of a tree (assembly/kv/radix/layout.ts), for callers of the raw
 * exports: where the last walk, insert or extend ended, for instance.
 */
export const RADIX_HEADER = {
  page: 8,
  valued: 12,
  nodeBase: 16,
  nodeHigh: 24,
  evictable: 52,
  guarded: 56,
  clock: 64,
  endNode: 72,
  endGen: 76,
  endDepth: 80,
  sideBase: 120,
  eventCapacity: 144,
} as const;

/** Bytes of a side record. */
const SIDE_BYTES = 40;

/** All nodes but the root, in table order. */
export function dumpRadix(core: Core, handle: number): RadixNode[] {
  const field = (offset: number): number => core.u32[(handle + offset) >>> 2];
  const base = field(RADIX_HEADER.nodeBase) >>> 2;
  const nodes: RadixNode[] = [];
  for (let node = 1; node < field(RADIX_HEADER.nodeHigh); node++) {
    const record = core.u32.subarray(base + node * 16, base + node * 16 + 16);
    if (record[0] === 0) continue;
    nodes.push({
      node,
      gen: record[11],
      parent: record[3],
      start: record[4],
      ...contentOf(core, record, field),
      locks: record[6],
      hits: record[12],
      priority: record[13] | 0,
      space: record[14],
      stamp: core.f64[(base + node * 16 + 8) >>> 1],
      ...hintOf(core, field(RADIX_HEADER.sideBase), node),
    });
  }
  return nodes;
}

/** Tokens, values and page numbers out of a node's segment. */
function contentOf(
  { u32 }: Core,
  record: Uint32Array,
  field: (offset: number) => number,
): Pick<RadixNode, 'tokens' | 'values' | 'pages'> {
  const [address, offset, length] = record;
  const segment = address >>> 2;
  const capacity = u32[segment + 1];
  const tokens = segment + 4;
  const values = tokens + capacity;
  const valued = field(RADIX_HEADER.valued);
  const page = field(RADIX_HEADER.page);
  const pages = tokens + (capacity << valued) + offset / page;
  const logged = field(RADIX_HEADER.eventCapacity) > 0 ? length / page : 0;
  return {
    tokens: u32.slice(tokens + offset, tokens + offset + length),
    values: u32.slice(values + offset, values + offset + valued * length),
    pages: u32.slice(pages, pages + logged),
  };
}

function hintOf({ u32, f64 }: Core, sides: number, node: number): Pick<RadixNode, 'level' | 'due'> {
  if (sides === 0) return { level: 0, due: Infinity };
  const at = sides + node * SIDE_BYTES;
  return { level: u32[(at + 24) >>> 2], due: f64[(at + 8) >>> 3] };
}
