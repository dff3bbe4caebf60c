// SPDX-License-Identifier: Apache-2.0
/** The tables of docs/mutation.md, between two marks. */
import { join } from 'node:path';
import { readText, root, writeAtomic } from '../build/files.mjs';

const page = join(root, 'docs/mutation.md');
const marks = ['<!-- written by npm run mutate -- --markdown -->', '<!-- end -->'];

const cell = (text) => text.replace(/\|/g, '\\|').replace(/</g, '&lt;');
const line = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [line(head), line(head.map(() => '---')), ...rows.map(line)];

/** `logs`, `fuzz`, or `tests` for any test file. */
const kindOf = ({ by }) => (by === 'logs' || by === 'fuzz' ? by : 'tests');

/** Which log, or which test: what a fuzzer found differs with every change of it. */
function noticed({ by, why }) {
  if (by === 'fuzz') return 'fuzz';
  if (by === 'logs') return `logs: ${cell(/^\S+( \S+)? line \d+|/.exec(why)[0] || why)}`;
  return `${by}: ${cell(why)}`;
}

function summary(results) {
  const kernels = [...new Set(results.map(({ kernel }) => kernel))];
  const row = (name, those) => {
    const by = (kind) => those.filter(({ found: [first] }) => kindOf(first) === kind).length;
    const seconds = those.reduce((sum, each) => sum + each.seconds, 0);
    const counts = [those.length, by('logs'), by('fuzz'), by('tests'), Math.round(seconds)];
    return [name, ...counts.map(String)];
  };
  return table(
    ['kernel', 'mutants, all killed', 'by logs', 'by the fuzzer', 'by tests', 'seconds'],
    [...kernels.map((name) => row(name, results.filter((each) => each.kernel === name))),
      row('all', results)],
  );
}

function details(results) {
  return table(
    ['number', 'kernel', 'bug planted', 'class', 'noticed first by', 'seconds'],
    results.map(({ number, kernel, what, reference, found: [first], seconds }) => (
      [String(number), kernel, cell(what), cell(reference), noticed(first), seconds.toFixed(1)]
    )),
  );
}

/** Writes the tables of a run that killed all. */
export function writePage(results) {
  const text = readText(page) ?? '';
  const [before, after] = [text.split(marks[0])[0], text.split(marks[1])[1]];
  if (after === undefined) throw new Error(`docs/mutation.md: no "${marks.join('" and "')}"`);
  const body = [marks[0], '', ...summary(results), '', ...details(results), '', marks[1]];
  writeAtomic(page, before + body.join('\n') + after);
}
