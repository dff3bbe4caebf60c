// SPDX-License-Identifier: Apache-2.0
/** `kvloom cache` and `conform` as a shell sees them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { kvloom } from '../support/cli.js';

const recorded = (name: string): string =>
  fileURLToPath(new URL(`../conformance/${name}`, import.meta.url));
const session = recorded('traces/synthetic/seed_session.json.gz');
const folder = mkdtempSync(join(tmpdir(), 'kvloom-verbs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe('cache', () => {
  it('prints a line a cache', () => {
    const { code, out } = kvloom('cache', session, '--lru', '1024,4096', '--ttl', '300');
    expect(code).toBe(0);
    expect(out).toContain('283 requests, 11313791 input tokens, 176633 blocks of 64');
    expect(out).toMatch(/infinite +- +- +92\.5\d +12\.36:1 +163412 +13221/);
    expect(out).toMatch(/lru +4096 +262144 /);
    expect(out).toMatch(/ttl +300 s /);
    expect(out).not.toContain('belady');
  });

  it('puts the optimum beside each capacity', () => {
    const { out } = kvloom('cache', session, '--lru', '1024', '--belady', '--json');
    const { caches, digest } = JSON.parse(out) as {
      digest: string;
      caches: { results: { policy: string; limit: number | null; hitBlocks: number }[] }[];
    };
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    const [infinite, lru, belady] = caches[0].results;
    expect([infinite.policy, lru.policy, belady.policy]).toEqual(['infinite', 'lru', 'belady']);
    expect(belady.hitBlocks).toBeGreaterThan(lru.hitBlocks);
    expect(belady.hitBlocks).toBeLessThan(infinite.hitBlocks);
  });

  it('serves several traces from one cache, in the order given', () => {
    const names = ['seed_session', 'synthetic_001', 'synthetic_002', 'synthetic_003'];
    const traces = names.map((name) => recorded(`traces/synthetic/${name}.json.gz`));
    const merged = ['--merge', '--stagger', '600', '--lru', '4096', '--ttl', '300', '--json'];
    const { out } = kvloom('cache', ...traces, ...merged);
    const { caches } = JSON.parse(out) as {
      caches: { results: { hitBlocks: number; evictedBlocks: number }[] }[];
    };
    // golden-synthetic-merged.json
    expect(caches[0].results.map(({ hitBlocks }) => hitBlocks)).toEqual([377728, 354650, 374943]);
    expect(caches[0].results[1].evictedBlocks).toBe(64236);
  });

  it.each([
    [['--lru', '0'], 'lru: must be a comma separated list, got "0"'],
    [['--lru', '1.5'], 'lru: must be a comma separated list'],
    [['--ttl', 'x'], 'ttl: must be a comma separated list'],
    [['--block-size', '48'], 'block-size: block size does not fit the trace, got 48'],
    [['--merge', '--stagger', '-1'], 'stagger: must be'],
    [['--stagger', '600'], 'stagger: has a meaning only together with --merge'],
    [['--format', 'wekka'], 'unknown trace format'],
  ])('refuses %s', (args, message) => {
    const { code, out, err } = kvloom('cache', session, ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });

  it('refuses a trace that is not there', () => {
    const { code, err } = kvloom('cache', join(folder, 'absent.json'));
    expect(code).toBe(2);
    expect(err).toContain('absent.json: no such file');
  });
});

describe('conform', () => {
  it('ends with the totals', () => {
    const { code, out } = kvloom('conform', recorded('golden-kv'));
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n').at(-1)).toMatch(/^\d+ passed, 0 failed, \d+ skipped$/);
  });

  it('names file, line, expected and got, and exits with 4', () => {
    const header = '{"op":"header","family":"blockpool","num_blocks":4,"enable_caching":true}';
    const log = file('blockpool-x.jsonl', `${header}\n{"op":"alloc","n":1,"r":[2]}\n`);
    const { code, out } = kvloom('conform', folder);
    expect(code).toBe(4);
    expect(out).toContain(`${log}:2: alloc.r: expected [2], got [1]`);
    expect(out).toMatch(/\n0 passed, 1 failed, 0 skipped\n$/);
  });

  it('does not succeed without a pass', () => {
    const { code, out } = kvloom('conform', fileURLToPath(new URL('.', import.meta.url)));
    expect({ code, out }).toEqual({ code: 1, out: '0 passed, 0 failed, 0 skipped\n' });
  });

  it('refuses a folder that is not there', () => {
    expect(kvloom('conform', join(folder, 'absent')).code).toBe(2);
  });
});
