// SPDX-License-Identifier: Apache-2.0
/** The debug build stops at the first call that finds an invariant broken, and names it. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BlockPool, EventHeap, RadixTree, loadCore, type Core } from '../../src/core/index.js';
import { fuzz, createTarget } from '../../src/fuzz/index.js';
import { read } from '../support/source.js';

const file = new URL('../../dist/core/core.debug.wasm', import.meta.url);
/** scripts/build/debug-entry.mjs */
interface Generator {
  debugEntryText(): string;
  exportsOfIndex(text: string): [name: string, own: string, file: string][];
  invariantTexts(): Map<string, string>;
}

const debug = (): Core => loadCore({ source: readFileSync(file) });

it('aborts with the number and the text of the invariant', () => {
  const core = debug();
  const pool = new BlockPool(core, { blocks: 8 });
  const tree = new RadixTree(core);
  const heap = new EventHeap(core, 4);
  heap.push(1, 0, 0, 0, 0);
  heap.push(2, 0, 1, 0, 0);
  const queue = core.u32[(pool.handle + 28) >> 2];
  const slots = core.u32[(heap.handle + 16) >> 2];
  const plants: [number, () => unknown, RegExp][] = [
    [pool.handle + 12, () => pool.alloc(1), /abort: KV-1 queue length == free counter/],
    [pool.handle + 16, () => pool.free([]), /abort: KV-2 /],
    [queue + 8, () => pool.touch([]), /abort: KV-3 the null block is never queued/],
    [pool.handle + 24, () => pool.alloc(1), /abort: KV-5 /],
    [tree.handle + 56, () => tree.insert([1], [1]), /abort: RX-1 /],
    [tree.handle + 24, () => tree.match([1]), /abort: RX-9 /],
    [heap.handle + 12, () => heap.push(3, 0, 2, 0, 0), /abort: HEAP-1 size <= capacity/],
    [slots + 4, () => heap.pop(), /abort: HEAP-4 /],
    [core.exports.arena_base() + 16, () => pool.alloc(1), /abort: ARENA-3 /],
  ];
  for (const [at, call, message] of plants) {
    const word = core.u32[at >> 2];
    core.u32[at >> 2] = word + 0x107fef;
    expect(call, String(message)).toThrow(message);
    core.u32[at >> 2] = word;
  }
  // Whoever breaks a tree is found out by a call to the pool: all objects are checked.
  core.u32[(tree.handle + 56) >> 2]++;
  expect(() => pool.alloc(1)).toThrow(/RX-1/);
});

it('also stops at creation and at raw calls, never in a state that kernels made', () => {
  const core = debug();
  for (const kind of ['pool', 'radix', 'heap'] as const) {
    const run = fuzz({ target: createTarget(kind, core), seed: 3, operations: 2000 });
    let step = run.next();
    while (!step.done) step = run.next();
    expect(step.value.failure).toBeNull();
  }
});

it('has the exports of the release build, and the others have none of its checks', () => {
  const names = (core: Core): string[] => Object.keys(core.exports).sort();
  expect(names(debug())).toEqual(names(loadCore()));
  const core = loadCore();
  const pool = new BlockPool(core, { blocks: 8 });
  core.u32[(pool.handle + 16) >> 2] = 5;
  expect(pool.alloc(1)).not.toBeNull();
});

it('wraps what the index exports, by a generator that knows the invariants', async () => {
  const script = new URL('../../scripts/build/debug-entry.mjs', import.meta.url).href;
  const { debugEntryText, exportsOfIndex, invariantTexts } = (await import(script)) as Generator;
  const entry = debugEntryText();
  for (const [name] of exportsOfIndex(read('assembly/index.ts'))) {
    const there = new RegExp(`^export (function ${name}\\(|\\{ (\\w+ as )?${name} \\})`, 'm');
    expect(entry, name).toMatch(there);
  }
  expect(read('assembly/generated/index.debug.ts')).toBe(entry);
  for (const name of ['ARENA-3', 'KV-5', 'RX-5', 'HEAP-4']) {
    expect(invariantTexts().get(name)?.length, name).toBeGreaterThan(10);
  }
});
