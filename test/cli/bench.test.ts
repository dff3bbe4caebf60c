// SPDX-License-Identifier: Apache-2.0
/** `kvloom bench` on small inputs: what it measures and what it refuses. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { BenchReport } from '../../src/bench/index.js';
import { root } from '../support/source.js';

const folder = mkdtempSync(join(tmpdir(), 'kvloom-bench-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const trace = join(folder, 'small.jsonl');
const lines = [[1, 2, 3], [1, 2, 4, 5], [6, 7], [1, 2, 4, 8]];
writeFileSync(trace, lines.map((ids) => `${JSON.stringify({ hash_ids: ids })}\n`).join(''));

function bench(...args: string[]): { code: number | null; out: string; err: string } {
  const env = { ...process.env, NO_COLOR: '1' };
  const argv = [join(root, 'dist/cli/main.js'), 'bench', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8', env });
  return { code: status, out: stdout, err: stderr };
}

it('router-trace: two forms at two sizes, operations by class', () => {
  const { code, out } = bench('router-trace', '--quick', '--json', '--trace', trace);
  const { routerTrace = [] } = JSON.parse(out) as BenchReport;
  expect(code).toBe(0);
  expect(routerTrace.map(({ form, workers, blocks }) => [form, workers, blocks])).toEqual([
    ['radix', 64, 16_384],
    ['positional', 64, 16_384],
    ['radix', 64, 1024],
    ['positional', 64, 1024],
  ]);
  for (const { counts, found } of routerTrace) {
    expect(counts).toEqual({ stored: 8, removed: 0, queried: 13 });
    expect(found).toBe(5);
  }
});

it('router-trace: a table with the bar', () => {
  const { code, out } = bench('router-trace', '--quick', '--trace', trace);
  expect(code).toBe(0);
  expect(out).toContain('>= 5');
  expect(out).toContain('millions of block operations a second');
});

it('a trace goes with what replays one', () => {
  const { code, err } = bench('hash', '--trace', trace);
  expect(code).toBe(2);
  expect(err).toContain('goes with "kv" or "router-trace"');
});
