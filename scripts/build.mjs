#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
/**
 * Builds the package: kernels -> wasm, wasm -> base64 module, TypeScript -> dist, JSON Schema.
 *
 *   node scripts/build.mjs              everything that changed
 *   node scripts/build.mjs --force      everything
 *   node scripts/build.mjs --wasm       only the kernels and the base64 module
 *   node scripts/build.mjs --if-stale   say nothing and do nothing when outputs are up to date
 *   node scripts/build.mjs --check      fail when the committed JSON Schema is out of date
 *   node scripts/build.mjs --quiet      print errors only
 *
 * "Changed" means content, not time: a stamp in .cache/ holds a hash of the inputs of each stage.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { lock } from './build/lock.mjs';
import { hashInputs, readStamp, writeStamp } from './build/stamp.mjs';
import { compileWasm, wasmOutputs } from './build/wasm.mjs';
import { compileTypes } from './build/types.mjs';
import { cacheDir, filesBelow, root, writeAtomic, readText } from './build/files.mjs';

const flags = new Set(process.argv.slice(2));
const known = ['--wasm', '--if-stale', '--quiet', '--check', '--force'];
for (const flag of flags) {
  if (!known.includes(flag)) {
    console.error(`build: unknown option ${flag}, allowed: ${known.join(' ')}`);
    process.exit(2);
  }
}
const log = flags.has('--quiet') ? () => {} : (line) => console.error(`build: ${line}`);

const wasmInputs = [
  'assembly', 'asconfig.json', 'src/core/integrity.ts', 'scripts/build.mjs', 'scripts/build',
];
/** The bundled kernels are part of dist, so what they are built from is an input here too. */
const typeInputs = [
  'src',
  'presets',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
  'scripts/build',
  ...wasmInputs,
];
const typeOutputs = ['dist/cli/main.js', 'dist/config/json-schema.js'].map((f) => join(root, f));
const schemaFile = join(root, 'schema/run.schema.json');

/** The schema is written from the zod source; committed so that editors can point at it. */
async function publishSchema() {
  const url = pathToFileURL(join(root, 'dist/config/json-schema.js'));
  const { runJsonSchema } = await import(`${url.href}?v=${process.pid}`);
  const text = JSON.stringify(runJsonSchema(), null, 2) + '\n';
  if (readText(schemaFile) === text) return;
  if (flags.has('--check')) {
    throw new Error('schema/run.schema.json differs from src/config: run npm run build, commit it');
  }
  writeAtomic(schemaFile, text);
  log('wrote schema/run.schema.json');
}

/** Presets as they resolve: a run of one as it is needs neither a YAML parser nor the schema. */
async function resolvePresets() {
  const url = pathToFileURL(join(root, 'dist/config/index.js'));
  const config = await import(`${url.href}?v=${process.pid}`);
  for (const file of filesBelow('presets')) {
    const name = file.replace(/^presets\/|\.yaml$/g, '');
    const data = config.readConfigText(readText(join(root, file)), file);
    if (data.workload?.path === '') continue;
    const spec = config.parseRunSpec(data, file);
    writeAtomic(join(root, `dist/presets/${name}.json`), JSON.stringify(spec));
  }
}

async function buildWasm(stamp) {
  const hash = hashInputs(wasmInputs);
  if (!flags.has('--force') && stamp.wasm === hash && wasmOutputs.every(existsSync)) return;
  await compileWasm(log);
  writeStamp({ ...readStamp(), wasm: hash });
}

async function buildTypes(stamp) {
  const hash = hashInputs(typeInputs);
  const outputs = [...typeOutputs, schemaFile];
  const fresh = stamp.types === hash && outputs.every(existsSync);
  if (!fresh || flags.has('--force')) {
    await compileTypes(log);
    await publishSchema();
    await resolvePresets();
    writeStamp({ ...readStamp(), types: hash });
  } else if (flags.has('--check')) {
    await publishSchema();
  }
}

async function main() {
  mkdirSync(cacheDir, { recursive: true });
  const release = await lock(log);
  try {
    const began = Date.now();
    await buildWasm(readStamp());
    if (!flags.has('--wasm')) await buildTypes(readStamp());
    if (!flags.has('--if-stale')) log(`done in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  } finally {
    release();
  }
}

try {
  await main();
} catch (error) {
  console.error(`build: ${error.message}`);
  rmSync(join(cacheDir, `types-${process.pid}`), { recursive: true, force: true });
  process.exit(1);
}
