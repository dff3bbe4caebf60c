// SPDX-License-Identifier: Apache-2.0
/** What earlier calls found out, so that a run that was stopped goes on where it was. */
import { join } from 'node:path';
import { hashInputs } from '../build/stamp.mjs';
import { readText, root, writeAtomic } from '../build/files.mjs';
import { sha256 } from './mutants.mjs';

/** What logs and the fuzzer depend on. */
const base = [
  'assembly', 'asconfig.json', 'src/core', 'src/numeric', 'src/fuzz', 'src/conform',
  'test/conformance/golden-kv',
];

/**
 * Results in a file, null: nowhere. What logs or the fuzzer noticed is good until the kernels,
 * their twins or these change; what a test file noticed, until that file changes too.
 */
export class State {
  #file;
  #results;
  #base;
  #tests = new Map();

  constructor(file, { operations, folders, fresh }) {
    this.#file = file;
    const own = folders.map((folder) => folder.replace(root, ''));
    this.#base = sha256(hashInputs(base), JSON.stringify({ operations, folders: own }));
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
    return sha256(this.#base, file, JSON.stringify([find, replace]));
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
