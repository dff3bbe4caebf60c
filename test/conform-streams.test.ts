// SPDX-License-Identifier: Apache-2.0
/** Stream totals: a table whose figures the twins made, over a trace drawn here. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { generateSessions, type RequestStream, type StreamTotals } from '../src/bench/index.js';
import { crc32OfWords } from '../src/conform/crc32.js';
import { streamTable } from '../src/conform/stream-table.js';
import { loadCore } from '../src/core/index.js';
import { ReferenceBlockPool } from '../src/core/reference/block-pool.js';
import { ReferenceRadixTree } from '../src/core/reference/radix-tree.js';
import { conform } from '../src/node/conform.js';
import { kvloom } from './support/cli.js';

const scratch = mkdtempSync(join(tmpdir(), 'kvloom-streams-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const sizes = { sessions: 5, turns: 16, shared: 12, first: 10, added: 6 };
const stream = generateSessions(11, sizes);
const requests = requestsOf(stream);
const WINDOW = 3;

function requestsOf({ start, ids }: RequestStream): number[][] {
  return Array.from({ length: start.length - 1 }, (_, r) => [...ids.slice(start[r], start[r + 1])]);
}

/** The pool driver of the README, on the twin. */
function poolTotals(blocks: number): StreamTotals {
  const pool = new ReferenceBlockPool({ blocks });
  const alive: number[][] = [];
  const end = (): void => pool.free(alive.shift()!.reverse());
  const hits = requests.map((keys) => {
    const found = [...pool.lookupRun(keys)];
    pool.touch(found);
    const rest = keys.slice(found.length);
    while (rest.length > pool.freeBlocks) end();
    const fresh = [...pool.alloc(rest.length)!];
    pool.cache(fresh, rest);
    alive.push([...found, ...fresh]);
    if (alive.length > WINDOW) end();
    return found.length;
  });
  return totals(hits, pool.hashedBlocks);
}

/** The tree driver of the README, on the twin. */
function treeTotals(capacity: number): StreamTotals {
  const tree = new ReferenceRadixTree({});
  const alive: { node: number; gen: number }[] = [];
  const hits = requests.map((keys) => {
    const { length, ...matched } = tree.match(keys);
    tree.lock(matched);
    for (;;) {
      const over = tree.tokens + keys.length - length - capacity;
      if (over <= 0 || tree.evict(over).length >= over) break;
      tree.unlock(alive.shift()!);
    }
    tree.insert(keys, keys);
    const { node, gen } = tree.end;
    tree.lock({ node, gen });
    alive.push({ node, gen });
    tree.unlock(matched);
    if (alive.length > WINDOW) tree.unlock(alive.shift()!);
    return length;
  });
  return totals(hits, tree.tokens);
}

function totals(hitsOf: number[], resident: number): StreamTotals {
  const hits = hitsOf.reduce((sum, n) => sum + n, 0);
  const blocks = requests.reduce((sum, { length }) => sum + length, 0);
  const evicted = blocks - hits - resident;
  const crc = crc32OfWords(Uint32Array.from(hitsOf));
  return { requests: requests.length, blocks, hits, evicted, skipped: 0, crc };
}

function row(name: string, driver: string, capacity: number, counts: StreamTotals): string {
  const { requests: n, blocks, hits, evicted, crc } = counts;
  const hex = crc.toString(16).padStart(8, '0');
  return `| ${[name, driver, capacity, WINDOW, n, blocks, hits, evicted, hex].join(' | ')} |`;
}

const HEAD = '| stream | driver | capacity | WINDOW | requests | blocks | hit blocks | evicted ' +
  '| hitcrc |\n|---|---|---|---|---|---|---|---|---|';
const chat = requests.map((ids, i) => JSON.stringify({ timestamp: i, hash_ids: ids })).join('\n');

function folderWith(name: string, files: Record<string, string | Uint8Array>): string {
  const folder = join(scratch, name);
  mkdirSync(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  return folder;
}

async function run(folder: string, streams: string | null = null): Promise<string[]> {
  const lines: string[] = [];
  for await (const { part, outcome } of conform([folder], loadCore(), streams)) {
    const { status } = outcome;
    const note = status === 'failed'
      ? `${outcome.difference.line} ${outcome.difference.what} ${outcome.difference.got}`
      : outcome.note;
    lines.push(`${part}: ${status} ${note}`);
  }
  return lines;
}

describe('stream totals', () => {
  const pool = poolTotals(121);
  const tree = treeTotals(120);
  const rows = [row('chat', 'pool', 121, pool), row('chat', 'radix lru', 120, tree)];
  const page = `# Totals\n\n${HEAD}\n${rows.join('\n')}\n\nTraces: chat = some/where/talk.jsonl.\n`;
  const traces = folderWith('elsewhere', { 'talk.jsonl.gz': gzipSync(chat) });

  it('are those of the twins', async () => {
    expect(pool.evicted).toBeGreaterThan(0);
    const folder = folderWith('page', { 'README.md': page });
    const note = ({ hits }: StreamTotals): string =>
      `passed ${requests.length} requests, ${pool.blocks} blocks, ${hits} hits`;
    const expected = [`chat pool 121: ${note(pool)}`, `chat radix lru 120: ${note(tree)}`];
    expect(await run(folder, traces)).toEqual(expected);
    // Beside the recordings nothing has to be said.
    folderWith('traces', { 'talk.jsonl': chat });
    expect(await run(folder)).toEqual(expected);
    expect(kvloom('conform', folder, '--streams', traces).out).toContain('2 passed, 0 failed');
  });

  it('name the count that differs, and the trace that is missing', async () => {
    const wrong = page
      .replace(rows[0], row('chat', 'pool', 121, { ...pool, evicted: pool.evicted + 1 }))
      .replace(rows[1], row('absent', 'radix lru', 120, tree));
    const more = row('0042 only', 'pool', 100, pool) + '\n' + row('chat', 'trie', 10, tree) + '\n' +
      row('chat', 'pool', 0, pool);
    const folder = folderWith('wrong', { 'README.md': wrong.replace('\n\nTr', `\n${more}\n\nTr`) });
    const missing = 'at hand (--streams names a folder)';
    expect(await run(folder, traces)).toEqual([
      `chat pool 121: failed 5 evicted ${pool.evicted}`,
      `absent radix lru 120: skipped no absent ${missing}`,
      `0042 only pool 100: skipped no trace_0042 ${missing}`,
      'chat trie 10: skipped driver trie is not built',
      'chat pool 0: failed 9 capacity 0',
    ]);
  });

  it('stand in a streams.json as well', async () => {
    const { hits } = pool;
    const list = [{ stream: 'x', traces: ['talk.jsonl.gz'], driver: 'pool', capacity: 121,
      window: WINDOW, hit_blocks: hits }];
    const folder = folderWith('list', { 'streams.json': JSON.stringify(list) });
    expect((await run(folder, traces))[0]).toMatch(/^x pool 121: passed/);
    const cut = folderWith('cut', { 'streams.json': '[{' });
    expect((await run(cut))[0]).toMatch(/: failed 0 file .*cut or broken file/);
  });

  it('know the traces that a page tells of', () => {
    const text = `${HEAD}\n| ten | pool | 9 (incl. null) | 8 | 1 | 1 | 1 | 1 | 00 |\n` +
      '| chat | pool | 9 | 8 | 1 | 1 | 1 | 1 | 00 |\n\n' +
      'Traces: chat = a/b/c_trace.jsonl (x); ten = d/e traces 0001 0003 0679 (y), as recorded.\n';
    expect(streamTable(text).map(({ traces: names, capacity }) => [capacity, ...names])).toEqual([
      [9, 'trace_0001', 'trace_0003', 'trace_0679'],
      [9, 'c_trace'],
    ]);
    expect(streamTable('| stream | what |\n|---|---|\n| a | b |\n')).toEqual([]);
  });
});
