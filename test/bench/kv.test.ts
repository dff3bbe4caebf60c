// SPDX-License-Identifier: Apache-2.0
/**
 * The stream drivers of `kvloom bench kv` come to the totals that other implementations recorded,
 * on all builds. The figures of our own traces are those of an independent C++ pool and tree.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCase, generateSessions, kvRows, kvTotalRows, runKv } from '../../src/bench/index.js';
import { streamCase } from '../../src/bench/index.js';
import type { KvResult, RequestStream, StreamTotals } from '../../src/bench/index.js';
import { loadCore } from '../../src/core/index.js';
import { loadBenchStream } from '../../src/node/bench-stream.js';
import { loadKvStreams } from '../../src/node/kv-streams.js';
import { openNativeBench } from '../../src/node/native-bench.js';
import { sharedData } from '../support/data.js';
import { root } from '../support/source.js';

type Family = 'pool' | 'tree';

function serve(
  stream: RequestStream,
  family: Family,
  blocks: number,
  window: number,
  simd: 'on' | 'off' = 'on',
): StreamTotals {
  const task = streamCase(family, { blocks, window }).prepare(loadCore({ simd }), stream);
  task.setup();
  task.run();
  return task.totals!();
}

const crc = (hex: string): number => parseInt(hex, 16);

describe('stream drivers', () => {
  it.each(['on', 'off'] as const)('serve the built-in session, SIMD %s', async (simd) => {
    const [{ stream, window }] = await loadKvStreams([join(root, 'data/seed-session.jsonl.gz')]);
    for (const family of ['pool', 'tree'] as const) {
      expect(serve(stream, family, family === 'pool' ? 50_001 : 50_000, window, simd)).toEqual({
        requests: 283,
        blocks: 176_633,
        hits: 163_412,
        evicted: 0,
        skipped: 0,
        crc: crc('9e9b22ce'),
      });
    }
  });

  const merged = join(root, 'test/conformance/traces');
  it.skipIf(!existsSync(merged))('agree with each other while nothing is evicted', () => {
    const stream = loadBenchStream(merged);
    const pool = serve(stream, 'pool', 400_001, 8);
    expect(serve(stream, 'tree', 400_000, 8)).toEqual(pool);
    expect(pool).toMatchObject({ evicted: 0, skipped: 0 });
  });

  it('leave out a request that no eviction makes room for', () => {
    const sizes = { sessions: 4, turns: 12, shared: 40, first: 30, added: 12 };
    const stream = generateSessions(5, sizes);
    const blocks = stream.longest - 1;
    const pool = serve(stream, 'pool', blocks + 1, 2);
    const tree = serve(stream, 'tree', blocks, 2);
    expect(pool.skipped).toBeGreaterThan(0);
    expect(tree.skipped).toBe(pool.skipped);
  });

  it('come to the recorded totals of trace 0679', async () => {
    const file = sharedData('traces', 'weka', 'trace_0679.json.gz');
    if (file === null) return;
    const [{ stream }] = await loadKvStreams([file]);
    const golden = { requests: 514, blocks: 779_364, hits: 759_597, evicted: 0, skipped: 0 };
    expect(serve(stream, 'pool', 50_001, 4)).toEqual({ ...golden, crc: crc('9bce4dc1') });
    expect(serve(stream, 'tree', 50_000, 4)).toEqual({ ...golden, crc: crc('9bce4dc1') });
  });

  it('come to the totals of the native prototype on the conversation', async () => {
    const file = sharedData('traces', 'mooncake', 'conversation_first8000.jsonl.gz');
    if (file === null) return;
    const [{ stream, window }] = await loadKvStreams([file]);
    expect(window).toBe(64);
    const facts = { requests: 8000, blocks: 197_462, skipped: 0 };
    const pool = { ...facts, hits: 68_107, evicted: 79_355, crc: crc('f69a859d') };
    const tree = { ...facts, hits: 68_086, evicted: 79_431, crc: crc('8c88586b') };
    expect(serve(stream, 'pool', 50_001, window)).toEqual(pool);
    expect(serve(stream, 'tree', 50_000, window)).toEqual(tree);
    const tight = { ...facts, hits: 50_392, evicted: 130_686, crc: crc('12a3ca78') };
    expect(serve(stream, 'tree', 16_384, window)).toEqual(tight);
  });
});

describe('bench kv', () => {
  it('finds its cases by id, for the worker that measures one', () => {
    expect(findCase('pool.stream-50001-64')).toMatchObject({
      family: 'pool',
      native: 'pool.stream',
      parameters: { blocks: 50_001, window: 64 },
    });
    expect(findCase('tree.lookup')?.streamed).toBe(false);
    expect(findCase('pool.stream-x')).toBeNull();
  });

  it('refuses a file without block ids', async () => {
    const refused = loadKvStreams([join(root, 'package.json')]);
    await expect(refused).rejects.toMatchObject({ name: 'UserError' });
    await expect(loadKvStreams(['no-such-file'])).rejects.toThrow('no such file');
  });

  it('measures all builds on batches and streams', async () => {
    const sizes = { sessions: 6, turns: 20, shared: 40, first: 30, added: 12 };
    const stream = generateSessions(3, sizes);
    const rows: KvResult[] = await runKv({
      streams: [{ stream, window: 4, published: null }],
      ms: 1,
      rounds: 1,
      async native(each) {
        const side = await openNativeBench(each);
        return 'run' in side ? side.run : null;
      },
    });
    expect(rows.map(({ id }) => id)).toContain('tree.stream-16384-4');
    expect(rows.every(({ bar, scalarBar }) => bar === 1.25 && scalarBar === 1.6)).toBe(true);
    const served = rows.filter((each) => each.stream !== null);
    expect(served).toHaveLength(4);
    expect(new Set(served.map(({ totals }) => totals?.crc)).size).toBe(1);
    expect(kvRows(rows)).toHaveLength(rows.length + 1);
    expect(kvTotalRows(rows)).toHaveLength(5);
  }, 120_000);
});
