// SPDX-License-Identifier: Apache-2.0
/** What earlier calls found out, so that a run that was stopped goes on where it was. */
import { join } from 'node:path';
import { hashInputs } from '../build/stamp.mjs';
import { readText, root, writeAtomic } from '../build/files.mjs';
import { sha256 } from './mutants.mjs';

const inputs = ['assembly', 'asconfig.json', 'src/core', 'src/fuzz', 'src/conform', 'test/support'];

/** Results in a file, null: nowhere. Each is good until something changes that it depends on. */
export class State {
  #file;
  #results;
  #hashes = new Map();
  #options;

  constructor(file, { operations, folders, fresh }) {
    this.#file = file;
    this.#options = JSON.stringify({ operations, folders });
    try {
      const text = fresh || file === null ? null : readText(file);
      this.#results = JSON.parse(text ?? '{}');
    } catch {
      this.#results = {};
    }
  }

  #hashOf(suite) {
    let hash = this.#hashes.get(suite);
    if (hash === undefined) {
      const all = [...inputs, ...suite.tests, 'test/conformance/golden-kv'];
      hash = sha256(hashInputs(all), this.#options, JSON.stringify([suite.fuzz, `${suite.logs}`]));
      this.#hashes.set(suite, hash);
    }
    return hash;
  }

  #keyOf(suite, mutant) {
    const own = mutant === null ? ['none'] : [mutant.file, JSON.stringify([mutant.find, mutant.replace])];
    return sha256(this.#hashOf(suite), ...own);
  }

  /** Result of a mutant, or of the kernels as they are (null); undefined if there is none. */
  get(suite, mutant) {
    return this.#results[this.#keyOf(suite, mutant)];
  }

  set(suite, mutant, result) {
    this.#results[this.#keyOf(suite, mutant)] = result;
    if (this.#file !== null) writeAtomic(this.#file, `${JSON.stringify(this.#results, null, 1)}\n`);
  }
}

export const defaultState = join(root, '.cache/mutants/state.json');
