// SPDX-License-Identifier: Apache-2.0
/** One of several processes that try mutants: takes numbers, 0 for none, and answers results. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from './compile.mjs';
import { detect } from './detectors.mjs';
import { mutants, sha256, suites } from './mutants.mjs';

const folder = mkdtempSync(join(tmpdir(), 'kvloom-mutants-'));
const done = () => rmSync(folder, { recursive: true, force: true });
process.on('exit', done);
process.on('disconnect', () => process.exit(0));

const modules = new Map();

/** A module without a bug. */
async function rightOf(module) {
  if (!modules.has(module)) modules.set(module, await compile(null, module));
  const right = modules.get(module);
  if (right.complaint) throw new Error(`the kernels do not compile\n${right.complaint}`);
  return right;
}

async function tryOne({ number, kernel, tests, options }) {
  const mutant = number === 0 ? null : mutants[number - 1];
  const own = mutant?.suite ?? suites.find((each) => each.kernel === kernel);
  const right = await rightOf(own.module);
  const began = Date.now();
  const { bytes, complaint } = mutant === null ? right : await compile(mutant, own.module);
  if (complaint) return { broken: `does not compile: ${complaint}` };
  if (mutant !== null && Buffer.compare(bytes, right.bytes) === 0) {
    return { broken: 'compiles to the same module as without it' };
  }
  const file = join(folder, `${number}.wasm`);
  writeFileSync(file, bytes);
  const suite = mutant === null ? { ...own, tests } : own;
  const found = await detect(suite, file, options);
  rmSync(file);
  const seconds = Math.round((Date.now() - began) / 100) / 10;
  return { found, seconds, module: sha256(bytes) };
}

process.on('message', async (job) => {
  try {
    process.send({ result: await tryOne(job) });
  } catch (error) {
    process.send({ error: error.message });
  }
});
