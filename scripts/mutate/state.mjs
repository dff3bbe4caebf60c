// SPDX-License-Identifier: Apache-2.0
/** What earlier calls found out, so that a run that was stopped goes on where it was. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hashInputs } from '../build/stamp.mjs';
import { readText, root, writeAtomic } from '../build/files.mjs';
import { sha256 } from './mutants.mjs';

/** What results depend on, whoever noticed: logs and the fuzzer look at the core only. */
const shared = ['arena', 'hash', 'math', 'rng', 'status'];
const files = readdirSync(join(root, 'assembly'));
const assembly = (test) => files.filter(test).map((name) => `assembly/${name}`);
const numeric = /^(quant|spec|moe|numeric\.ts)$/;
const bases = {
  core: [
    ...assembly((name) => !numeric.test(name)),
    ...['asconfig.json', 'src/core', 'src/fuzz', 'src/conform', 'test/conformance/golden-kv'],
  ],
  numeric: [
    ...assembly((name) => numeric.test(name) || shared.includes(name.replace(/\.ts$/, ''))),
    ...['asconfig.json', 'src/core/instance.ts', 'src/numeric'],
  ],
};

/**
 * Results in a file, null: nowhere. What logs or the fuzzer noticed is good until the kernels,
 * their twins or these change; what a test file noticed, until that file changes too.
 */
export class State {
  #file;
  #results;
  #bases;
  #tests = new Map();

  constructor(file, { operations, folders, fresh }) {
    this.#file = file;
    const own = folders.map((folder) => folder.replace(root, ''));
    const asked = JSON.stringify({ operations, folders: own });
    const entries = Object.entries(bases).map(([m, base]) => [m, sha256(hashInputs(base), asked)]);
    this.#bases = Object.fromEntries(entries);
    try {
      const text = fresh || file === null ? null : readText(file);
      this.#results = JSON.parse(text ?? '{}');
    } catch {
      this.#results = {};
    }
  }

  #testsOf(suite, names) {
    const files = suite.tests.filter((file) => names === null || names.includes(nameOf(file)));
    const key = files.join();
    let hash = this.#tests.get(key);
    if (hash === undefined) {
      hash = hashInputs([...files, 'test/support']);
      this.#tests.set(key, hash);
    }
    return hash;
  }

  #keyOf(suite, mutant) {
    const none = { file: 'none', find: [suite.kernel, ...suite.fuzz], replace: `${suite.logs}` };
    const { file, find, replace } = mutant ?? none;
    return sha256(this.#bases[suite.module], file, JSON.stringify([find, replace]));
  }

  /** Hash of the test files that a result depends on: who noticed, or all if nobody did. */
  #basis(suite, { found = [] }) {
    return this.#testsOf(suite, found.length > 0 ? found.map(({ by }) => by) : null);
  }

  /** Result of a mutant, or of the kernels as they are (null); undefined if there is none. */
  get(suite, mutant) {
    const result = this.#results[this.#keyOf(suite, mutant)];
    return result && result.basis === this.#basis(suite, result) ? result : undefined;
  }

  set(suite, mutant, result) {
    const entry = { ...result, basis: this.#basis(suite, result) };
    this.#results[this.#keyOf(suite, mutant)] = entry;
    if (this.#file !== null) writeAtomic(this.#file, `${JSON.stringify(this.#results, null, 1)}\n`);
  }
}

/** A test file is called by its name in the tables. */
export function nameOf(file) {
  return file.slice(file.lastIndexOf('/') + 1).replace(/\.test\.ts$/, '');
}

export const defaultState = join(root, '.cache/mutants/state.json');
