// SPDX-License-Identifier: Apache-2.0
/** docs/abi.md and docs/abi-numeric.md list exactly what the built modules export. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ABI_VERSION } from '../../src/core/core.js';
import { Status } from '../../src/core/status.js';
import { NUMERIC_ABI_VERSION } from '../../src/numeric/index.js';
import { root } from '../support/source.js';
import { codeIn, tableRows } from './markdown.js';

const page = 'docs/abi.md';
const rows = tableRows(page);

const builds = ['wasm', 'scalar.wasm', 'debug.wasm'];
const files = [
  ...builds.map((build) => [`core/core.${build}`, page] as const),
  ...builds.map((build) => [`numeric/numeric.${build}`, 'docs/abi-numeric.md'] as const),
];

function moduleOf(name: string): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(join(root, 'dist', name)));
}

/** `pool_ref(pool, id)` -> ['pool_ref', 2]. */
function documented(of: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const { cells } of tableRows(of)) {
    const match = /^([a-z0-9_]+)\(([^)]*)\)$/.exec(codeIn(cells[0]) ?? '');
    if (match === null) continue;
    expect(found.has(match[1]), `${match[1]} is listed twice`).toBe(false);
    found.set(match[1], match[2].trim() === '' ? 0 : match[2].split(',').length);
  }
  return found;
}

/** Functions that the page leaves to the tools: nothing an embedder calls. */
const unlisted = new Set<string>();

test.each(files)(
  'the exports of %s are listed with their parameters in %s',
  (name, of) => {
    const module = moduleOf(name);
    const imports = { env: { abort: () => undefined } };
    const { exports } = new WebAssembly.Instance(module, imports);
    const real = new Map<string, number>();
    for (const entry of WebAssembly.Module.exports(module)) {
      if (entry.kind !== 'function' || unlisted.has(entry.name)) continue;
      real.set(entry.name, (exports[entry.name] as () => void).length);
    }
    expect(Object.fromEntries(documented(of))).toEqual(Object.fromEntries(real));
  },
);

test('the other exports are the memory', () => {
  const others = WebAssembly.Module.exports(moduleOf('core/core.wasm'))
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

test('the pages name the ABI versions', () => {
  const text = readFileSync(join(root, page), 'utf8');
  expect(text).toContain(`ABI version ${ABI_VERSION}`);
  const numeric = readFileSync(join(root, 'docs/abi-numeric.md'), 'utf8');
  expect(numeric).toContain(`ABI version ${NUMERIC_ABI_VERSION}`);
});
