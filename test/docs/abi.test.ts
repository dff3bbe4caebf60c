// SPDX-License-Identifier: Apache-2.0
/** docs/abi.md lists exactly what the built modules export. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ABI_VERSION } from '../../src/core/core.js';
import { Status } from '../../src/core/status.js';
import { root } from '../support/source.js';
import { codeIn, tableRows } from './markdown.js';

const page = 'docs/abi.md';
const rows = tableRows(page);

function moduleOf(name: string): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(join(root, 'dist/core', name)));
}

/** `pool_ref(pool, id)` -> ['pool_ref', 2]. */
function documented(): Map<string, number> {
  const found = new Map<string, number>();
  for (const { cells } of rows) {
    const match = /^([a-z0-9_]+)\(([^)]*)\)$/.exec(codeIn(cells[0]) ?? '');
    if (match === null) continue;
    expect(found.has(match[1]), `${match[1]} is listed twice`).toBe(false);
    found.set(match[1], match[2].trim() === '' ? 0 : match[2].split(',').length);
  }
  return found;
}

/** Functions that the page leaves to the tools: nothing an embedder calls. */
const unlisted = new Set<string>();

test.each(['core.wasm', 'core.scalar.wasm', 'core.debug.wasm'])(
  'the table lists the exports of %s with their parameters',
  (name) => {
    const module = moduleOf(name);
    const imports = { env: { abort: () => undefined } };
    const { exports } = new WebAssembly.Instance(module, imports);
    const real = new Map<string, number>();
    for (const entry of WebAssembly.Module.exports(module)) {
      if (entry.kind !== 'function' || unlisted.has(entry.name)) continue;
      real.set(entry.name, (exports[entry.name] as () => void).length);
    }
    expect(Object.fromEntries(documented())).toEqual(Object.fromEntries(real));
  },
);

test('the other exports are the memory', () => {
  const others = WebAssembly.Module.exports(moduleOf('core.wasm'))
    .filter(({ kind }) => kind !== 'function')
    .map(({ kind, name }) => `${kind} ${name}`);
  expect(others).toEqual(['memory memory']);
});

test('the status codes are those of the host', () => {
  const codes = rows
    .filter(({ heading }) => heading === 'Status codes')
    .map(({ cells }) => [codeIn(cells[1]), Number(codeIn(cells[0]))]);
  expect(Object.fromEntries(codes)).toEqual(Status);
});

test('the page names the ABI version', () => {
  const text = readFileSync(join(root, page), 'utf8');
  expect(text).toContain(`ABI version ${ABI_VERSION}`);
});
