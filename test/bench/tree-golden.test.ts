// SPDX-License-Identifier: Apache-2.0
/** The stream of the benchmarks is that of the merged goldens, and the tree finds what they say. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadCore, RadixTree } from '../../src/core/index.js';
import { loadBenchStream } from '../../src/node/bench-stream.js';
import { readJson } from '../support/data.js';
import { root } from '../support/source.js';

interface Golden {
  readonly requests: number;
  readonly blocks: number;
  readonly unique_blocks: number;
  readonly infinite: { readonly hit_blocks: number };
}

const folder = join(root, 'test/conformance/traces');
const file = join(folder, 'golden-synthetic-merged.json');

it.skipIf(!existsSync(file))('serves the requests of the merged golden in their order', () => {
  const golden = readJson<Golden>(file);
  const { start, ids } = loadBenchStream(folder);
  expect(start.length - 1).toBe(golden.requests);
  expect(ids.length).toBe(golden.blocks);
  expect(new Set(ids).size).toBe(golden.unique_blocks);
  const tree = new RadixTree(loadCore(), { values: false });
  let hits = 0;
  for (let r = 0; r < start.length - 1; r++) {
    hits += tree.insert(ids.subarray(start[r], start[r + 1]), null);
  }
  expect(hits).toBe(golden.infinite.hit_blocks);
});
