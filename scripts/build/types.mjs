// SPDX-License-Identifier: Apache-2.0
/** TypeScript -> dist, the command bundled; stale outputs of deleted sources go. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { bundleCli } from './bundle.mjs';
import { cacheDir, filesBelow, root } from './files.mjs';

const run = promisify(execFile);
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const executable = 'dist/cli/main.js';

function same(a, b) {
  try {
    return readFileSync(a).equals(readFileSync(b));
  } catch {
    return false;
  }
}

function install(temporary) {
  const fresh = filesBelow(relative(root, temporary));
  const names = new Set(fresh.map((file) => relative(temporary, join(root, file))));
  for (const name of names) {
    const from = join(temporary, name);
    const to = join(root, 'dist', name);
    if (same(from, to)) continue;
    mkdirSync(dirname(to), { recursive: true });
    renameSync(from, to);
  }
  for (const file of filesBelow('dist')) {
    const name = file.slice('dist/'.length);
    const compiled = /\.(js|d\.ts|txt)$/.test(name);
    if (compiled && !names.has(name)) rmSync(join(root, file), { force: true });
  }
  if (names.has(executable.slice('dist/'.length))) chmodSync(join(root, executable), 0o755);
}

/** Like tsc, outputs are written even when types do not check, and the build then fails. */
export async function compileTypes(log) {
  const temporary = join(cacheDir, `types-${process.pid}`);
  const args = [tsc, '-p', join(root, 'tsconfig.json'), '--outDir', temporary];
  let failure = null;
  try {
    await run(process.execPath, args, { cwd: root, maxBuffer: 1 << 26 });
  } catch (error) {
    failure = `${error.stdout}${error.stderr}`.trim();
  }
  await bundleCli(temporary);
  install(temporary);
  rmSync(temporary, { recursive: true, force: true });
  if (failure !== null) throw new Error(`types do not check\n${failure}`);
  log('dist/ written');
}
