// SPDX-License-Identifier: Apache-2.0
/** Who tells a module from the right one: recorded logs, the fuzzer, the tests of the kernel. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../build/files.mjs';
import { nameOf } from './state.mjs';

/**
 * A detector computes for some seconds; a mutant that hangs it is noticed by that. Seconds of a
 * processor, since a busy machine makes no mutant worse, and a backstop for one that sleeps.
 */
const COMPUTED = 30;
const PASSED = 900;

const variables = { core: 'KVLOOM_TEST_WASM', numeric: 'KVLOOM_TEST_NUMERIC_WASM' };

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Runs a Node program to its end; `late` when it was stopped for taking too long. */
function run(args, env = {}) {
  return new Promise((resolve) => {
    const limited = `ulimit -c 0; ulimit -t ${COMPUTED}; exec "$0" "$@"`;
    const options = ['--max-old-space-size=1024', '--disable-warning=ExperimentalWarning'];
    const child = spawn('sh', ['-c', limited, process.execPath, ...options, ...args], {
      cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let output = '';
    const add = (chunk) => { output = (output + chunk).slice(-20_000); };
    child.stdout.on('data', add);
    child.stderr.on('data', add);
    const timer = setTimeout(() => child.kill('SIGKILL'), PASSED * 1000);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code, output, late: signal === 'SIGXCPU' || signal === 'SIGKILL' });
    });
  });
}

/** How a program ended that did not come to its end, in words for the table. */
const endOf = ({ late, code }) => (late ? 'no end' : `crash, exit ${code}`);

async function probe(suite, module, options) {
  const { every, operations, folders } = options;
  const logs = suite.logs?.source ?? null;
  const plan = JSON.stringify({ logs, fuzz: suite.fuzz, operations, folders, every });
  const ended = await run([join(root, 'scripts/mutate/probe.mjs'), module, plan]);
  const lines = ended.output.split('\n');
  // What fails before it has begun says something about the checkout, not about the kernels.
  if (!lines.includes('ready')) throw new Error(`the probe does not start\n${ended.output}`);
  const found = lines.filter((line) => line.startsWith('{"by"')).map((line) => JSON.parse(line));
  if (lines.includes('done')) return found;
  const stage = lines.findLast((line) => line.startsWith('stage '));
  return [...found, { by: stage.slice('stage '.length), why: endOf(ended) }];
}

/** Runs one test file on the module: why it fails, or null. */
async function testsFail(file, suite, module) {
  const report = `${module}.json`;
  rmSync(report, { force: true });
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = ['run', '--bail', '1', '--reporter', 'json', '--outputFile', report, file];
  const ended = await run([vitest, ...args], { [variables[suite.module]]: module });
  if (ended.code === 0) return null;
  if (ended.late) return endOf(ended);
  let suites;
  try {
    suites = JSON.parse(readFileSync(report, 'utf8')).testResults;
  } catch {
    // A test file that takes its process along: no end, or out of memory.
    if (/[Ww]orker .*exited|heap out of memory/.test(ended.output)) return endOf(ended);
    throw new Error(`${file} does not start\n${ended.output.slice(-2000)}`);
  }
  for (const { assertionResults, status, message } of suites) {
    const failed = assertionResults.find((each) => each.status === 'failed');
    if (failed !== undefined) return failed.fullName;
    if (status === 'failed') return message.split('\n')[0].slice(0, 200);
  }
  return endOf(ended);
}

/** Who notices, the quickest first: rows of {by, why}. One row at most unless `every` is set. */
export async function detect(suite, module, options) {
  const probed = suite.logs !== null || suite.fuzz.length > 0;
  const found = probed ? await probe(suite, module, options) : [];
  for (const file of options.quick ? suite.tests.slice(0, 1) : suite.tests) {
    if (found.length > 0 && !options.every) break;
    const why = await testsFail(file, suite, module);
    if (why !== null) found.push({ by: nameOf(file), why });
  }
  return found;
}
