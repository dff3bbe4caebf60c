// SPDX-License-Identifier: Apache-2.0
/** docs/cli.md lists the fields of the output files. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../support/source.js';
import { tableRows } from './markdown.js';

type Fields = Readonly<Record<string, unknown>>;

const folder = mkdtempSync(join(tmpdir(), 'kvloom-docs-'));
const rows = tableRows('docs/cli.md');

beforeAll(() => {
  const args = ['dist/cli/main.js', 'run', 'chat-1k', '-o', join(folder, 'out'), '--quiet'];
  execFileSync(process.execPath, args, { cwd: root });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const codes = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code);

/** Names in the first column of the table under a heading. */
function listed(heading: string): string[] {
  return rows.filter((row) => row.heading === heading).flatMap(({ cells }) => codes(cells[0]));
}

const output = (name: string): string => readFileSync(join(folder, 'out', name), 'utf8');

test('the output files', () => {
  expect(readdirSync(join(folder, 'out')).sort()).toEqual(listed('Output files').sort());
});

test('the fields of requests.jsonl', () => {
  const [line] = output('requests.jsonl').split('\n');
  expect(Object.keys(JSON.parse(line) as Fields).sort()).toEqual(listed('requests.jsonl').sort());
});

test('the fields of run.json', () => {
  const { summary, ...others } = JSON.parse(output('run.json')) as { summary: Fields };
  const inner = Object.keys(summary).map((key) => `summary.${key}`);
  expect([...Object.keys(others), ...inner].sort()).toEqual(listed('run.json').sort());
});

/** Objects whose row names all of their keys and nothing else. */
const complete = ['kvloom', 'workload', 'summary.requests', 'summary.sessions', 'summary.tokens',
  'summary.cache', 'summary.steps', 'meta'];

test.each(complete)('the keys of %s', (path) => {
  const document = JSON.parse(output('run.json')) as Fields;
  const found = path.split('.').reduce<unknown>((at, key) => (at as Fields)[key], document);
  const own = rows.filter(({ heading }) => heading === 'run.json');
  const row = own.find(({ cells }) => cells[0] === `\`${path}\``);
  expect(codes(row!.cells[1]).sort()).toEqual(Object.keys(found as Fields).sort());
});
