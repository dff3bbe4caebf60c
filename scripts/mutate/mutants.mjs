// SPDX-License-Identifier: Apache-2.0
/** All mutants, and how one is planted. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../build/files.mjs';
import { otherMutants } from './others.mjs';
import { poolMutants } from './pool.mjs';
import { radixMutants } from './radix.mjs';
import { routerMutants } from './router.mjs';
import { specMutants } from './spec.mjs';
import { tierMutants } from './tiers.mjs';

export const mutants = [
  ...poolMutants, ...radixMutants, ...otherMutants, ...routerMutants, ...tierMutants,
  ...specMutants,
]
  .map((mutant, i) => ({ number: i + 1, ...mutant }));

const folder = join(root, '.cache/mutants');

/** Text of the file with the bug. Throws unless `find` is there exactly once. */
export function planted({ number, file, find, replace }) {
  const text = readFileSync(join(root, file), 'utf8');
  const times = text.split(find).length - 1;
  if (times !== 1) throw new Error(`mutant ${number}: ${file}: "${find}" is there ${times} times`);
  return text.replace(find, () => replace);
}

/** Runs a program to its end; `code` is null when it was stopped after `seconds`. */
export function run(command, args, { seconds, cwd = root, env = {} }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env } });
    let output = '';
    const add = (chunk) => { output = (output + chunk).slice(-20_000); };
    child.stdout.on('data', add);
    child.stderr.on('data', add);
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

/**
 * Compiles the kernels with one bug; null: with none. Returns the path of the module, which is
 * `core` or the one that the mutant names.
 */
export async function compile(mutant, module = mutant?.module ?? 'core') {
  const name = `${module}-${mutant === null ? 'none' : mutant.number}`;
  const sources = join(folder, `${name}-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, 'assembly'), join(sources, 'assembly'), { recursive: true });
  if (mutant !== null) writeFileSync(join(sources, mutant.file), planted(mutant));
  const outFile = join(folder, `${name}.wasm`);
  const asc = join(root, 'node_modules/assemblyscript/bin/asc.js');
  const flags = ['--runtime', 'stub', '--use', 'abort=', '--noAssert', '-O1', '--disableWarning'];
  const entry = module === 'core' ? 'assembly/index.ts' : `assembly/${module}.ts`;
  const args = [asc, entry, '--outFile', outFile, ...flags];
  const { code, output } = await run(process.execPath, args, { seconds: 120, cwd: sources });
  rmSync(sources, { recursive: true, force: true });
  if (code !== 0) throw new Error(`mutant ${name} does not compile\n${output}`);
  return outFile;
}
