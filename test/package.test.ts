// SPDX-License-Identifier: Apache-2.0
/** The tarball, installed into an empty project, is all that a user needs. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from './support/source.js';

const slow = 180_000;
const folder = mkdtempSync(join(tmpdir(), 'kvloom-package-'));
const project = join(folder, 'project');

interface Manifest {
  readonly version: string;
  readonly exports: Record<string, unknown>;
}
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
let packed: string[] = [];

function node(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
}

/** Runs a module in the empty project. */
function evaluate(module: string): string {
  return node('--input-type=module', '-e', module).trim();
}

beforeAll(() => {
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const out = execFileSync('npm', pack, { cwd: root, encoding: 'utf8' });
  const [info] = JSON.parse(out) as [{ filename: string; files: { path: string }[] }];
  packed = info.files.map(({ path }) => path);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "name": "empty", "private": true }\n');
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  const install = ['install', ...quiet, join(folder, info.filename)];
  execFileSync('npm', install, { cwd: project, encoding: 'utf8' });
}, slow);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the package holds what it should and no more', () => {
  const needed = ['LICENSE', 'README.md', 'CHANGELOG.md', 'schema/run.schema.json'];
  expect(needed.filter((path) => !packed.includes(path))).toEqual([]);
  const folders = new Set(packed.filter((path) => path.includes('/')).map((p) => p.split('/')[0]));
  const expected = ['assembly', 'bench', 'data', 'dist', 'docs', 'presets', 'schema'];
  expect([...folders].sort()).toEqual(expected);
});

test('every subpath with code can be imported', () => {
  // Entry files of workers run only in a worker.
  const paths = Object.keys(manifest.exports).filter(
    (path) => !/\.(wasm|json)$|run-worker$/.test(path),
  );
  const names = paths.map((path) => `kvloom${path.slice(1)}`);
  const module = `for (const name of ${JSON.stringify(names)}) {
    const count = Object.keys(await import(name)).length;
    if (count === 0) throw new Error(name + ' exports nothing');
  }
  console.log('all');`;
  expect(evaluate(module)).toBe('all');
});

test('the wasm files are found by subpath and need nothing from a host', () => {
  const module = `import { readFileSync } from 'node:fs';
  import { fileURLToPath } from 'node:url';
  const load = async (name) => {
    const path = fileURLToPath(import.meta.resolve('kvloom/' + name));
    return WebAssembly.compile(readFileSync(path));
  };
  const imports = [];
  for (const name of ['core.wasm', 'core.scalar.wasm', 'core.debug.wasm']) {
    const module = await load(name);
    imports.push(WebAssembly.Module.imports(module).map((i) => i.module + '.' + i.name));
  }
  const { exports } = await WebAssembly.instantiate(await load('core.wasm'), {});
  console.log(JSON.stringify([imports, exports.abi_version() > 0]));`;
  const [imports, versioned] = JSON.parse(evaluate(module)) as [string[][], boolean];
  expect(imports[0]).toEqual([]);
  expect(imports[1]).toEqual([]);
  expect(imports[2]!.every((name) => name === 'env.abort')).toBe(true);
  expect(versioned).toBe(true);
});

test('the command runs', () => {
  const main = 'node_modules/kvloom/dist/cli/main.js';
  expect(node(main, '--version').trim()).toBe(manifest.version);
  expect(node(main, 'catalog', 'models')).toContain('deepseek-v3');
});
