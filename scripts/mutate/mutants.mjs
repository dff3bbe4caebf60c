// SPDX-License-Identifier: Apache-2.0
/** All mutants, and how one is planted. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../build/files.mjs';

/** Files of mutants in this folder, in the order of their numbers: a new one goes to the end. */
const files = [
  'pool', 'radix', 'arena', 'heap', 'hash', 'router', 'manager', 'checks', 'tiers', 'spec', 'quant',
  'moe',
];

/**
 * What a file of mutants exports as `suite`, or several of them as `suites`:
 * - kernel: its name in the table,
 * - module: the wasm module that it is in, `core` unless it says `numeric`,
 * - logs: which of the recorded logs are about it (a pattern of file names), null for none,
 * - fuzz: kinds of fuzz programs that reach it,
 * - tests: test files that must hold it, the quickest first,
 * - mutants: rows of [file, what the bug does, reference, text to find, text in its place].
 */
export const suites = (await Promise.all(files.map((name) => import(`./${name}.mjs`))))
  .flatMap(({ suite, suites: several }) => several ?? [suite])
  .map((suite) => ({ module: 'core', logs: null, fuzz: [], ...suite }));

export const mutants = suites
  .flatMap((suite) => suite.mutants.map((row) => ({ suite, row })))
  .map(({ suite, row: [file, what, reference, find, replace] }, i) => (
    { number: i + 1, kernel: suite.kernel, suite, file, what, reference, find, replace }
  ));

/**
 * Text of the file with the bug. Throws unless `find` is there exactly once. Both may be lists, for
 * a bug that takes several places.
 */
export function planted({ number, file, find, replace }) {
  let text = readFileSync(join(root, file), 'utf8');
  const edits = [find].flat().map((each, i) => [each, [replace].flat()[i]]);
  for (const [old, now] of edits) {
    const times = text.split(old).length - 1;
    if (times !== 1) throw new Error(`mutant ${number}: ${file}: "${old}" is there ${times} times`);
    text = text.replace(old, () => now);
  }
  return text;
}

export function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}
