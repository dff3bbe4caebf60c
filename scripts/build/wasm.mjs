// SPDX-License-Identifier: Apache-2.0
/** Kernels -> three builds of each wasm module, the release ones also as base64 in TypeScript. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { debugEntry, writeDebugEntry } from './debug-entry.mjs';
import { cacheDir, root, writeAtomic } from './files.mjs';

const run = promisify(execFile);
const asc = join(root, 'node_modules/assemblyscript/bin/asc.js');
/** The Binaryen that the compiler itself is built on. */
const wasmOpt = join(dirname(createRequire(asc).resolve('binaryen')), 'bin/wasm-opt');
const features = ['simd', 'bulk-memory', 'sign-ext', 'nontrapping-float-to-int', 'mutable-globals'];
const targets = ['simd', 'scalar', 'debug'];

/**
 * The modules of the package. `maxBytes` is what a page may be asked to load; the numeric kernels
 * are built for speed alone, the core trades speed outside its hot paths for a sixth of its size.
 * `again` are passes over the finished module: 1.4 KB of the core. No pointer is below 1,024, which
 * the compiler itself assumes as well.
 */
const modules = [
  {
    name: 'core',
    entry: 'assembly/index.ts',
    debugEntry,
    folder: 'core',
    maxBytes: 64 * 1024,
    options: [],
    again: ['--low-memory-unused', '-Os', '--const-hoisting', '-Os', '--converge'],
  },
  {
    name: 'numeric',
    entry: 'assembly/numeric.ts',
    debugEntry: 'assembly/numeric.ts',
    folder: 'numeric',
    maxBytes: 64 * 1024,
    options: ['--shrinkLevel', '0'],
    again: [],
  },
];

const fileName = (module, target) => `${module.name}${target === 'simd' ? '' : `.${target}`}.wasm`;
const bytesFile = (module) => join(root, `src/${module.folder}/generated/wasm-bytes.ts`);
const outFile = (module, target) => join(root, 'dist', module.folder, fileName(module, target));

export const wasmOutputs = modules.flatMap((module) => [
  ...targets.map((target) => outFile(module, target)),
  bytesFile(module),
]);

async function compile(module, target, file) {
  const entry = target === 'debug' ? module.debugEntry : module.entry;
  const options = target === 'debug' ? [] : module.options;
  const args = [
    asc, entry, '--config', 'asconfig.json', '--target', target, ...options, '--outFile', file,
  ];
  try {
    await run(process.execPath, args, { cwd: root, maxBuffer: 1 << 26 });
  } catch (error) {
    throw new Error(`asc ${entry} --target ${target} failed\n${error.stdout}${error.stderr}`);
  }
  if (target !== 'debug' && module.again.length > 0) await optimize(module, target, file);
}

async function optimize(module, target, file) {
  const enabled = features.filter((name) => name !== 'simd' || target === 'simd');
  const args = [file, ...enabled.map((name) => `--enable-${name}`), ...module.again, '-o', file];
  try {
    await run(process.execPath, [wasmOpt, ...args], { cwd: root, maxBuffer: 1 << 26 });
  } catch (error) {
    throw new Error(`wasm-opt ${module.name}.wasm failed\n${error.stdout}${error.stderr}`);
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

function publish(module, temporary, log) {
  const file = (target) => join(temporary, fileName(module, target));
  const simd = readFileSync(file('simd'));
  if (simd.length >= module.maxBytes) {
    const limit = `must be < ${module.maxBytes}`;
    throw new Error(`${module.name}.wasm is ${simd.length} bytes, ${limit}`);
  }
  writeAtomic(bytesFile(module), base64Module(simd, readFileSync(file('scalar'))));
  for (const target of targets) {
    mkdirSync(dirname(outFile(module, target)), { recursive: true });
    renameSync(file(target), outFile(module, target));
  }
  log(`${module.name}.wasm ${simd.length} bytes (limit ${module.maxBytes})`);
}

/** Nothing is replaced unless every target of every module compiles. */
export async function compileWasm(log) {
  const temporary = join(cacheDir, `wasm-${process.pid}`);
  mkdirSync(temporary, { recursive: true });
  try {
    writeDebugEntry();
    const build = (target) => (module) =>
      compile(module, target, join(temporary, fileName(module, target)));
    for (const target of targets) await Promise.all(modules.map(build(target)));
    for (const module of modules) publish(module, temporary, log);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
