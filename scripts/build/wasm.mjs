// SPDX-License-Identifier: Apache-2.0
/** Kernels -> three wasm modules, and the release ones as base64 in a TypeScript module. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { debugEntry, writeDebugEntry } from './debug-entry.mjs';
import { cacheDir, root, writeAtomic } from './files.mjs';

const run = promisify(execFile);
const asc = join(root, 'node_modules/assemblyscript/bin/asc.js');
const targets = { simd: 'core.wasm', scalar: 'core.scalar.wasm', debug: 'core.debug.wasm' };
const bytesFile = join(root, 'src/core/generated/wasm-bytes.ts');

/** The size a page pays to load the kernels. */
const maxBytes = 64 * 1024;

export const wasmOutputs = [
  ...Object.values(targets).map((name) => join(root, 'dist/core', name)),
  bytesFile,
];

async function compile(target, outFile) {
  const entry = target === 'debug' ? debugEntry : 'assembly/index.ts';
  const args = [asc, entry, '--config', 'asconfig.json', '--target', target, '--outFile', outFile];
  try {
    await run(process.execPath, args, { cwd: root, maxBuffer: 1 << 26 });
  } catch (error) {
    throw new Error(`asc --target ${target} failed\n${error.stdout}${error.stderr}`);
  }
}

function base64Module(simd, scalar) {
  return `// SPDX-License-Identifier: Apache-2.0
// Written by scripts/build.mjs: the release kernels, so that no runtime has to locate a file.
export const simdWasm =
  '${simd.toString('base64')}';
export const scalarWasm =
  '${scalar.toString('base64')}';
`;
}

/** Nothing is replaced unless all three targets compile and the release one is small enough. */
export async function compileWasm(log) {
  const temporary = join(cacheDir, `wasm-${process.pid}`);
  mkdirSync(temporary, { recursive: true });
  try {
    const file = (target) => join(temporary, targets[target]);
    await Promise.all([compile('simd', file('simd')), compile('scalar', file('scalar'))]);
    writeDebugEntry();
    await compile('debug', file('debug'));
    const simd = readFileSync(file('simd'));
    if (simd.length >= maxBytes) {
      throw new Error(`core.wasm is ${simd.length} bytes, must be < ${maxBytes}`);
    }
    writeAtomic(bytesFile, base64Module(simd, readFileSync(file('scalar'))));
    mkdirSync(join(root, 'dist/core'), { recursive: true });
    for (const target of Object.keys(targets)) {
      renameSync(file(target), join(root, 'dist/core', basename(file(target))));
    }
    log(`core.wasm ${simd.length} bytes (limit ${maxBytes})`);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
