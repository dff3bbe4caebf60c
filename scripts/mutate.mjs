#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
/**
 * Mutation test of the kernels: plants one bug after another and sees who notices.
 *
 *   node scripts/mutate.mjs               all; exit 1 when one survives
 *   node scripts/mutate.mjs --only 3,7    these
 *   node scripts/mutate.mjs --list        what there is, and what waits for its kernel
 *   node scripts/mutate.mjs --check       only that each bug still finds its place
 *   node scripts/mutate.mjs --json        the result as JSON
 *   node scripts/mutate.mjs --golden DIR  more recorded logs
 *   node scripts/mutate.mjs --trust       without trying the kernels as they are first
 *
 * Killers, the cheap ones first, the first one ends it: replay of recorded logs, a slice of the
 * fuzzer, then the tests that the mutant names. The module without a bug must pass all of them.
 * Bugs of another module than the core are left to the tests.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './build/files.mjs';
import { laterMutants } from './mutate/later.mjs';
import { compile, mutants, planted, run } from './mutate/mutants.mjs';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    list: { type: 'boolean' },
    check: { type: 'boolean' },
    json: { type: 'boolean' },
    trust: { type: 'boolean' },
    golden: { type: 'string', multiple: true, default: [] },
    operations: { type: 'string', default: '12000' },
  },
});

const say = (line) => (flags.json ? process.stderr : process.stdout).write(`${line}\n`);
const folders = ['test/conformance/golden-kv', ...flags.golden].map((name) => join(root, name));

/** Who tells the module from the right one: {by, why}, by null when nobody does. */
async function killer(path, tests, module = 'core') {
  const found = module === 'core' ? await coreKiller(path) : { by: null };
  if (found.by !== null) return found;
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const options = ['run', '--bail', '1', '--reporter', 'json', ...tests];
  const env = { [module === 'core' ? 'KVLOOM_TEST_WASM' : 'KVLOOM_TEST_NUMERIC_WASM']: path };
  const second = await run(process.execPath, [vitest, ...options], { seconds: 120, env });
  if (second.code === 0) return { by: null, why: '' };
  const name = /"fullName":"([^"]*)","status":"failed"/.exec(second.output)?.[1] ?? '';
  return { by: second.code === null ? 'no end' : 'tests', why: name };
}

/** Logs and fuzzer, in a process of their own. */
async function coreKiller(path) {
  const args = [join(root, 'scripts/mutate/kill.mjs'), path, flags.operations, ...folders];
  const first = await run(process.execPath, args, { seconds: 60 });
  if (first.code === null) return { by: 'no end', why: 'did not return in 60 s' };
  if (first.code !== 0) return { by: 'crash', why: first.output.slice(-300) };
  return JSON.parse(first.output.slice(first.output.lastIndexOf('{"by"')));
}

/** A killer that complains about the right kernels proves nothing about the others. */
async function tryNone(module, chosen) {
  const own = chosen.filter((mutant) => (mutant.module ?? 'core') === module);
  if (own.length === 0) return;
  const tests = [...new Set(own.flatMap((mutant) => mutant.tests))];
  const { by, why } = await killer(await compile(null, module), tests, module);
  if (by !== null) throw new Error(`the kernels as they are fail: ${by} ${why}`);
}

async function tryOne(mutant) {
  const began = Date.now();
  const found = await killer(await compile(mutant), mutant.tests, mutant.module);
  const seconds = Math.round((Date.now() - began) / 100) / 10;
  const { number, file, what, reference } = mutant;
  return { number, file, what, reference, ...found, seconds };
}

function row({ number, file, what, by, seconds }) {
  const cells = [String(number).padStart(3), (by ?? 'SURVIVED').padEnd(11)];
  return `${cells.join('  ')}  ${seconds.toFixed(1).padStart(5)} s  ${file}: ${what}`;
}

function list(chosen) {
  for (const { number, file, what, reference } of chosen) {
    say(`${String(number).padStart(3)}  ${file}: ${what} (${reference})`);
  }
  for (const [kernel, what, reference] of laterMutants) {
    say(`  -  ${kernel}: ${what} (${reference})`);
  }
}

async function main() {
  const only = flags.only?.split(',').map(Number);
  const chosen = mutants.filter(({ number }) => only === undefined || only.includes(number));
  if (flags.list) return list(chosen);
  for (const mutant of chosen) planted(mutant);
  if (flags.check) return say(`${chosen.length} bugs find their place`);
  if (!existsSync(join(root, 'dist/fuzz/index.js'))) throw new Error('run npm run build first');
  if (!flags.trust) for (const module of ['core', 'numeric']) await tryNone(module, chosen);
  const results = [];
  for (const mutant of chosen) {
    const result = await tryOne(mutant);
    results.push(result);
    say(row(result));
  }
  const survivors = results.filter(({ by }) => by === null).length;
  if (flags.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  say(`${results.length - survivors} of ${results.length} killed`);
  if (survivors > 0) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  console.error(`mutate: ${error.message}`);
  process.exitCode = 2;
}
