// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  compareReports,
  parseReport,
  ratio,
  slowerThan,
  summarize,
} from '../../src/bench/index.js';
import type { BenchReport, Timing } from '../../src/bench/index.js';
import { command } from '../../src/cli/verb/bench.js';

const timing = (p50: number, spread = 0.01): Timing => ({
  p50,
  p99: p50 * 1.5,
  min: p50 * 0.9,
  samples: 100,
  low: p50 * (1 - spread),
  high: p50 * (1 + spread),
});

function report(p50: number, checksum = 1): BenchReport {
  const simd = timing(p50);
  const facts = { id: 'pool.x', title: 'x', unit: 'block', checksum, bar: null };
  const machine = { cpu: 'c', cores: 2, memoryGiB: 4, os: 'o', node: 'n', v8: 'v', date: 'd' };
  return {
    format: 1,
    kvloom: '0.0.0',
    machine,
    stream: null,
    native: null,
    kernels: [{ ...facts, simd, scalar: simd, native: null, overNative: null }],
    sim: [],
    context: [],
  };
}

describe('statistics', () => {
  it('summarises rounds, medians of rounds included', () => {
    const { p50, p99, min, samples, low, high } = summarize([
      [1, 2, 3],
      [5, 6, 7],
    ]);
    expect([min, samples, low, high]).toEqual([1, 6, 1, 7]);
    expect(p50).toBeGreaterThanOrEqual(3);
    expect(p99).toBe(7);
  });

  it('adds relative half-widths in quadrature', () => {
    const { value, low, high } = ratio(timing(20, 0.03), timing(10, 0.04));
    expect(value).toBe(2);
    expect(low).toBeCloseTo(1.9, 12);
    expect(high).toBeCloseTo(2.1, 12);
  });
});

describe('comparison of reports', () => {
  it('calls a case slower only when its whole interval is', () => {
    const changes = compareReports(report(12), report(10));
    expect(changes).toMatchObject([{ id: 'pool.x', value: 1.2, incomparable: false }]);
    expect(slowerThan(changes, 0.1)).toHaveLength(1);
    expect(slowerThan(changes, 0.19)).toHaveLength(0);
  });

  it('does not compare other work', () => {
    const changes = compareReports(report(20, 2), report(10, 1));
    expect(changes).toMatchObject([{ incomparable: true }]);
    expect(slowerThan(changes, 0.1)).toHaveLength(0);
  });

  it.each([
    ['{', 'is no JSON'],
    ['[]', 'is no result of kvloom bench --save'],
    ['{"kernels":[],"format":9}', 'has format 9, expected 1'],
  ])('refuses %s', (text, problem) => {
    expect(parseReport(text)).toEqual({ problem });
  });
});

describe('kvloom bench', () => {
  let folder: string;
  let printed: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kvloom-bench-test-'));
    printed = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
  });

  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = 0;
    rmSync(folder, { recursive: true });
  });

  const bench = (...args: string[]): Promise<unknown> =>
    command().exitOverride().parseAsync(args, { from: 'user' });
  const quick = ['hash', '--quick', '--no-native'];

  it('saves a result and compares with it', async () => {
    const file = join(folder, 'a.json');
    await bench(...quick, '--save', file);
    const saved = parseReport(readFileSync(file, 'utf8')) as BenchReport;
    expect(saved.kernels.map(({ id }) => id)).toEqual(['hash.chain']);
    await bench(...quick, '--against', file);
    expect(printed).toMatch(/hash\.chain +\d+\.\d\dx +\d/);
    expect(process.exitCode).toBe(0);
  }, 60_000);

  it('exits 3 when a case became slower than --fail-if allows', async () => {
    const file = join(folder, 'a.json');
    await bench(...quick, '--save', file);
    const saved = readFileSync(file, 'utf8');
    const faster = JSON.parse(saved) as { kernels: { simd: Record<string, number> }[] };
    for (const key of ['p50', 'low', 'high']) faster.kernels[0].simd[key] /= 1000;
    writeFileSync(file, JSON.stringify(faster));
    await bench(...quick, '--against', file, '--fail-if', 'slower=50%');
    expect(process.exitCode).toBe(3);
    expect(printed).toContain('slower: hash.chain');
  }, 60_000);

  it.each([
    [['nothing'], 'no "nothing" to measure'],
    [[...quick, '--fail-if', 'slower=10%'], 'needs --against'],
    [[...quick, '--against', '/no/such/file'], 'no such file'],
    [[...quick, '--against', 'package.json'], 'is no result of kvloom bench --save'],
    [[...quick, '--against', 'package.json', '--fail-if', 'worse'], 'must read slower=10%'],
  ])('refuses %j', async (args, message) => {
    await expect(bench(...args)).rejects.toThrow(message);
  });

  it('leaves nothing behind where it cannot save', async () => {
    const file = join(folder, 'missing', 'a.json');
    await expect(bench(...quick, '--save', file)).rejects.toThrow(`${file}: cannot write`);
  }, 60_000);
});
