// SPDX-License-Identifier: Apache-2.0
/** `kvloom calibrate` and `kvloom validate` as a shell sees them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { oneLine, syntheticCsv } from '../calibrate/support.js';
import { kvloom } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'kvloom-operations-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const csv = file('made.csv', syntheticCsv(0.1));

describe('calibrate', () => {
  it('prints held-out errors and writes constants that validate reads', () => {
    const out = join(folder, 'constants.json');
    const { code, out: text, err } = kvloom('calibrate', '--ops', csv, '--out', out);
    expect([code, err]).toEqual([0, expect.stringContaining('1 kernels, 48 rows')]);
    expect(text).toMatch(/^gemm bfloat16 +48 +\d\.\d +\d\.\d +7 +✓ +\d\.\d +9 +✓ +- +\d\.\d/m);
    const written = JSON.parse(readFileSync(out, 'utf8')) as { source: string };
    expect(written.source).toBe('made.csv: 48 rows');
    const checked = kvloom('validate', '--ops', csv, '--constants', out, '--json');
    const { all, borrowed } = JSON.parse(checked.out) as { all: { mean: number }; borrowed: [] };
    expect(all.mean).toBeLessThan(6);
    expect(borrowed).toEqual([]);
  });
});

describe('validate', () => {
  it('says what stood in for a kernel without constants', () => {
    const { code, out } = kvloom('validate', '--ops', csv, '--worst', '1');
    expect(code).toBe(0);
    expect(out).toContain('kernel torch_flow for up, framework trtllm for made');
    expect(out.split('worst rows')[1].trim().split('\n')).toHaveLength(2);
  });

  it('cross-validates without writing anything', () => {
    const { code, out } = kvloom('validate', '--ops', csv, '--cross-validate', '--json');
    expect(code).toBe(0);
    const { classes } = JSON.parse(out) as { classes: { name: string }[] };
    expect(classes.map(({ name }) => name)).toEqual(['gemm bfloat16']);
  });

  it('names file, line and column of a mistake', () => {
    const bad = file('bad.csv', oneLine({ k: '-1' }));
    const { code, err } = kvloom('validate', '--ops', bad);
    expect(code).toBe(2);
    expect(err).toContain('bad.csv:2: k: must be a size of gemm, got "-1" (allowed: 1 to 2^40)');
  });

  it('refuses a count of rows that is none', () => {
    const { code, err } = kvloom('validate', '--ops', csv, '--worst', 'all');
    expect(code).toBe(2);
    expect(err).toContain('worst: must be a whole number, got "all" (allowed: 0 or more)');
  });
});
