// SPDX-License-Identifier: Apache-2.0
/** The house rules that a machine can keep. A failure reads `path:line: rule`. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { company, hostFolder, hostNames, notKernels, registries } from './support/kernels.js';
import { clockFolders, layers, nodeFolders } from './support/layers.js';
import {
  functionsOf,
  importsOf,
  isBinary,
  namesUsed,
  projectFiles,
  read,
  root,
  type Import,
} from './support/source.js';

const files = projectFiles();
const isCode = (file: string): boolean => /\.(ts|js|mjs|cpp|hpp|c|h)$/.test(file);
const code = files.filter(isCode);
const sources = code.filter((file) => /^src\/.*\.ts$/.test(file));
const kernels = code.filter((file) => file.startsWith('assembly/'));
const imports: Import[] = sources.flatMap(importsOf);

const folderOf = (file: string): string => /^src\/([^/]+)\//.exec(file)?.[1] ?? '';

/** Nothing, or all complaints at once, one a line. */
function none(complaints: readonly string[]): void {
  expect([...complaints].sort().join('\n')).toBe('');
}

function lines(file: string): string[] {
  return read(file).split('\n');
}

/** Complaints about lines that match, `what` being the rule. */
function matching(list: readonly string[], pattern: RegExp, what: string): string[] {
  return list.flatMap((file) =>
    lines(file).flatMap((line, i) => (pattern.test(line) ? [`${file}:${i + 1}: ${what}`] : [])),
  );
}

test('layers depend in one direction', () => {
  const complaints: string[] = [];
  for (const { from, line, to, typeOnly } of imports) {
    const [own, other] = [folderOf(from), folderOf(to)];
    if (own === '' || other === '' || own === other) continue;
    const layer = layers[own];
    if (layer === undefined) {
      complaints.push(`${from}:${line}: src/${own} has no place in test/support/layers.ts`);
      continue;
    }
    if (layer.uses.includes(other)) continue;
    const allowed = typeOnly && layer.types?.includes(other) === true;
    const what = typeOnly ? 'import types from' : 'import';
    if (!allowed) complaints.push(`${from}:${line}: src/${own} must not ${what} src/${other}`);
  }
  none(complaints);
});

test('the allowed directions have no cycle', () => {
  const state = new Map<string, 'open' | 'done'>();
  const visit = (name: string, trail: readonly string[]): void => {
    if (state.get(name) === 'done') return;
    expect(state.get(name), `cycle: ${[...trail, name].join(' -> ')}`).toBeUndefined();
    state.set(name, 'open');
    const { uses, types = [] } = layers[name]!;
    for (const other of [...uses, ...types]) visit(other, [...trail, name]);
    state.set(name, 'done');
  };
  for (const name of Object.keys(layers)) visit(name, []);
});

test('files of one folder do not import each other in a circle', () => {
  const next = new Map<string, string[]>();
  for (const { from, to, typeOnly } of imports) {
    if (!typeOnly) next.set(from, [...(next.get(from) ?? []), to]);
  }
  const complaints: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    const at = trail.indexOf(file);
    if (at >= 0) complaints.push(`${file}:1: import cycle ${trail.slice(at).join(' -> ')}`);
    if (at >= 0 || done.has(file)) return;
    for (const other of next.get(file) ?? []) visit(other, [...trail, file]);
    done.add(file);
  };
  for (const file of sources) visit(file, []);
  none(complaints);
});

test('only src/node and src/cli import Node', () => {
  none(
    imports
      .filter(({ from, to }) => to.startsWith('node:') && !nodeFolders.includes(folderOf(from)))
      .map(({ from, line, to }) => `${from}:${line}: ${to} outside src/node and src/cli`),
  );
});

test('kernels import nothing from the host', () => {
  const complaints = kernels
    .flatMap(importsOf)
    .filter(({ to }) => !to.startsWith('assembly/'))
    .map(({ from, line, to }) => `${from}:${line}: a kernel must not import ${to}`);
  none([...complaints, ...matching(kernels, /^\s*@external\b/, 'a kernel must not call the host')]);
});

test('nothing simulated reads a clock, draws at random or rounds by engine', () => {
  const inexact =
    /^Math\.(random|exp|expm1|log|log2|log10|log1p|pow|cbrt|hypot|a?(sin|cos|tan)h?|atan2)$/;
  const complaints = sources
    .filter((file) => !clockFolders.includes(folderOf(file)))
    .filter((file) => !/^src\/(core|numeric)\/reference\//.test(file))
    .flatMap((file) =>
      namesUsed(file)
        .filter(({ name }) => inexact.test(name) || name === 'Date' || name === 'performance')
        .map(({ line, name }) => `${file}:${line}: ${name} is banned in simulated code`),
    );
  none(complaints);
});

test('exports are named', () => {
  none(matching(sources, /^export default\b/, 'default export'));
});

test('files are at most 400 lines (a kernel 500) of 100 columns', () => {
  const long = code
    .map((file) => [file, lines(file).length - 1] as const)
    .filter(([file, count]) => count > (file.startsWith('assembly/') ? 500 : 400))
    .map(([file, count]) => `${file}:${count}: file is longer than allowed`);
  none([...long, ...matching(code, /^.{101,}$/u, 'line is longer than 100 columns')]);
});

test('functions are at most 70 lines', () => {
  const checked = code.filter((file) => /^(src|assembly|scripts)\/.*\.(ts|mjs)$/.test(file));
  none(
    checked.flatMap((file) =>
      functionsOf(file)
        .filter(({ length }) => length > 70)
        .map(({ line, name, length }) => `${file}:${line}: ${name} has ${length} of 70 lines`),
    ),
  );
});

test('the licence line comes first', () => {
  const wrong = code.filter((file) => {
    const [first, second] = lines(file);
    const line = first!.startsWith('#!') ? second! : first!;
    return line !== '// SPDX-License-Identifier: Apache-2.0';
  });
  none(wrong.map((file) => `${file}:1: must start with the SPDX licence line`));
});

test('file names are kebab-case', () => {
  const folders = /^(src|assembly|test|scripts|bench|examples)\//;
  const name = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d))?\.\w+$/;
  const native = /\.(cpp|hpp|c|h)$/;
  const wrong = code.filter((file) => folders.test(file) && !native.test(file));
  none(
    wrong
      .filter((file) => !name.test(basename(file)))
      .map((file) => `${file}:1: file name must be kebab-case`),
  );
});

/** Parts of a kernel stand one folder deeper, in a folder of its name. */
const kernelNames = kernels
  .map((file) => file.slice('assembly/'.length, -'.ts'.length))
  .filter((name) => name.split('/').length <= 2)
  .filter((name) => !notKernels.includes(name));

test('every kernel has its host file, twin, test and page', () => {
  const complaints: string[] = [];
  for (const kernel of kernelNames) {
    const host = hostNames[kernel] ?? basename(kernel);
    for (const { what, path, except } of company) {
      const wanted = path(host, hostFolder(kernel));
      const there = existsSync(join(root, wanted));
      const excused = Object.hasOwn(except, host);
      const at = `assembly/${kernel}.ts:1`;
      if (!there && !excused) complaints.push(`${at}: the kernel has no ${what} ${wanted}`);
      if (there && excused) complaints.push(`${at}: has a ${what}, its exception can go`);
    }
  }
  none(complaints);
});

test('every kernel is benched and fuzzed', () => {
  const complaints: string[] = [];
  for (const { what, files: pattern, except } of registries) {
    const texts = files.filter((file) => pattern.test(file)).map((file) => file + read(file));
    for (const kernel of kernelNames) {
      const host = hostNames[kernel] ?? basename(kernel);
      const there = texts.some((text) => text.includes(host));
      if (there || Object.hasOwn(except, host)) continue;
      complaints.push(`assembly/${kernel}.ts:1: no ${what} names ${host}`);
    }
  }
  none(complaints);
});

test('every source file is used', () => {
  const manifest = JSON.parse(read('package.json')) as {
    exports: Record<string, string | { default: string }>;
    bin: Record<string, string>;
  };
  const entries = [...Object.values(manifest.exports), ...Object.values(manifest.bin)]
    .map((entry) => (typeof entry === 'string' ? entry : entry.default))
    .map((entry) => entry.replace(/^(\.\/)?dist\/(.*)\.js$/, 'src/$2.ts'));
  // Started by path, as a thread of its own.
  entries.push('src/node/bench-worker.ts', 'src/node/fuzz-worker.ts');
  const users = code.filter((file) => /^(src|test|bench|scripts)\/.*\.(ts|mjs)$/.test(file));
  const used = new Set([...entries, ...users.flatMap(importsOf).map(({ to }) => to)]);
  const dead = sources.filter((file) => !used.has(file));
  none(dead.map((file) => `${file}:1: nothing imports this file`));
});

test('no paths of a machine, no notes to self', () => {
  const text = files.filter((file) => file !== 'package-lock.json' && !isBinary(file));
  const folders = ['work', 'root', 'tmp', 'home'].join('|');
  const machine = new RegExp(`(^|[\\s"'\`(=:])/(${folders})/`);
  const notes = new RegExp(`\\b(${['TO', 'FIX'].map((a, i) => a + ['DO', 'ME'][i]).join('|')})\\b`);
  none([
    ...matching(text, machine, 'path of one machine'),
    ...matching(text, notes, 'note to self: do it, or open an issue'),
  ]);
});
