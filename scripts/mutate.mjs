#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
/**
 * Mutation test of the kernels: plants one bug after another and sees who notices.
 *
 *   node scripts/mutate.mjs               all; exit 1 when one survives
 *   node scripts/mutate.mjs --only 3,7    these (also 40-52, or the name of a kernel)
 *   node scripts/mutate.mjs --jobs 4      so many at a time (default: one a core)
 *   node scripts/mutate.mjs --state FILE  results of earlier calls (.cache/mutants/state.json)
 *   node scripts/mutate.mjs --fresh       as if there were none
 *   node scripts/mutate.mjs --every       all who notice, not only the first one
 *   node scripts/mutate.mjs --list        what there is
 *   node scripts/mutate.mjs --check       only that each bug still finds its place
 *   node scripts/mutate.mjs --smoke       --check, and three mutants from nothing
 *   node scripts/mutate.mjs --json        the result as JSON
 *   node scripts/mutate.mjs --markdown    writes the tables of docs/mutation.md
 *   node scripts/mutate.mjs --golden DIR  more recorded logs
 *
 * Who may notice, the cheap ones first, the first one ends it: replay of recorded logs, a slice of
 * the fuzzer, then the tests of the kernel. The module without a bug must pass all of them.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { root } from './build/files.mjs';
import { startJobs } from './mutate/jobs.mjs';
import { writePage } from './mutate/markdown.mjs';
import { mutants, planted } from './mutate/mutants.mjs';
import { State, defaultState } from './mutate/state.mjs';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    state: { type: 'string', default: defaultState },
    fresh: { type: 'boolean' },
    every: { type: 'boolean' },
    list: { type: 'boolean' },
    check: { type: 'boolean' },
    smoke: { type: 'boolean' },
    json: { type: 'boolean' },
    markdown: { type: 'boolean' },
    golden: { type: 'string', multiple: true, default: [] },
    operations: { type: 'string', default: '20000' },
  },
});

const say = (line) => (flags.json ? process.stderr : process.stdout).write(`${line}\n`);
const print = (value) => process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
const options = {
  every: flags.every === true,
  // The suite has been run before: of each kernel the first test file is enough.
  quick: flags.smoke === true,
  operations: Number(flags.operations),
  folders: [join(root, 'test/conformance/golden-kv'), ...flags.golden.map((f) => resolve(f))],
};

/** Noticed by logs, by the fuzzer and by a test. */
const smoke = [
  'free: unhashed blocks go to the tail',
  'copy on write: the copy is free before it is made',
  'events: overflow goes unsaid',
];

function choose() {
  if (flags.smoke) {
    const chosen = mutants.filter(({ what }) => smoke.includes(what));
    if (chosen.length !== smoke.length) throw new Error('a mutant of --smoke is not there');
    return chosen;
  }
  if (flags.only === undefined) return mutants;
  const wanted = flags.only.split(',').map((word) => {
    const range = /^(\d+)(?:-(\d+))?$/.exec(word.trim());
    if (range === null) return (mutant) => mutant.kernel === word.trim();
    return ({ number }) => number >= Number(range[1]) && number <= Number(range[2] ?? range[1]);
  });
  const chosen = mutants.filter((mutant) => wanted.some((test) => test(mutant)));
  if (chosen.length === 0) throw new Error(`--only ${flags.only}: no such mutant`);
  return chosen;
}

const facts = ({ number, kernel, file, what, reference }) => (
  { number, kernel, file, what, reference }
);

/**
 * A detector that complains about the right kernels proves nothing about the others. A test file of
 * several kernels runs once.
 */
async function tryNone(suites, state, jobs) {
  const good = suites.filter((suite) => state.get(suite, null));
  const seen = new Set(good.flatMap(({ tests }) => tests));
  await Promise.all(suites.filter((suite) => !good.includes(suite)).map(async (suite) => {
    const tests = suite.tests.filter((file) => !seen.has(file));
    tests.forEach((file) => seen.add(file));
    const { found } = await jobs.run({ number: 0, kernel: suite.kernel, tests });
    const [first] = found;
    if (first) throw new Error(`the kernels as they are fail: ${first.by}: ${first.why}`);
    state.set(suite, null, { found });
  }));
}

/** Survivors and mutants that are none are tried again; so are those of which more is asked. */
function known(state, mutant) {
  const result = state.get(mutant.suite, mutant);
  const good = result?.found?.length > 0 && (!options.every || result.every);
  return good ? result : undefined;
}

function row({ number, kernel, what, found, seconds, broken }) {
  const by = broken ? 'NO MUTANT' : found.map((each) => each.by).join(', ') || 'SURVIVED';
  const time = `${(seconds ?? 0).toFixed(1).padStart(5)} s`;
  const cells = [String(number).padStart(3), time, by.padEnd(14), `${kernel}: ${what}`];
  return cells.join('  ') + (broken ? `\n     ${broken}` : '');
}

/** Two rows that plant the same bug count one of them for nothing. */
function markTwins(results) {
  const first = new Map();
  for (const result of results) {
    const { module, number } = result;
    if (module === undefined) continue;
    if (first.has(module)) result.broken = `the same module as number ${first.get(module)}`;
    else first.set(module, number);
  }
}

async function tryAll(chosen) {
  const file = flags.smoke ? null : resolve(flags.state);
  const state = new State(file, { ...options, fresh: flags.fresh });
  const jobs = startJobs(Math.max(1, Number(flags.jobs)), options);
  try {
    await tryNone([...new Set(chosen.map(({ suite }) => suite))], state, jobs);
    return await Promise.all(chosen.map(async (mutant) => {
      let result = known(state, mutant);
      if (result === undefined) {
        result = { ...(await jobs.run({ number: mutant.number })), every: options.every };
        state.set(mutant.suite, mutant, result);
        say(row({ ...facts(mutant), ...result }));
      }
      return { ...facts(mutant), ...result };
    }));
  } finally {
    jobs.stop();
  }
}

async function main() {
  const chosen = choose();
  if (flags.list) {
    if (flags.json) return print(chosen.map(facts));
    for (const { number, kernel, what, reference } of chosen) {
      say(`${String(number).padStart(3)}  ${kernel}: ${what} (${reference})`);
    }
    return;
  }
  for (const mutant of flags.smoke ? mutants : chosen) planted(mutant);
  if (flags.check) return say(`${chosen.length} bugs find their place`);
  if (!existsSync(join(root, 'dist/fuzz/index.js'))) throw new Error('run npm run build first');
  const began = Date.now();
  const results = await tryAll(chosen);
  markTwins(results);
  const killed = results.filter(({ found, broken }) => !broken && found.length > 0);
  const rest = results.filter((result) => !killed.includes(result));
  if (flags.json) print(results);
  for (const result of rest) say(row(result));
  const seconds = Math.round((Date.now() - began) / 1000);
  say(`${killed.length} of ${results.length} killed in ${seconds} s`);
  if (rest.length > 0) process.exitCode = 1;
  if (flags.markdown) {
    if (chosen.length < mutants.length || rest.length > 0) {
      throw new Error('the tables are those of a run that killed all mutants');
    }
    writePage(results);
  }
}

try {
  await main();
} catch (error) {
  console.error(`mutate: ${error.message}`);
  process.exitCode = 2;
}
