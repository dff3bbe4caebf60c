// SPDX-License-Identifier: Apache-2.0
/**
 * The request streams of `kvloom bench kv`: recorded ones where the shared data is at hand, the
 * built-in session and the repository's own where it is not, or the files that the user names.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { makeStream } from '../bench/stream.js';
import type { RequestStream } from '../bench/stream.js';
import type { KvStream } from '../bench/kv.js';
import { UserError } from '../core/user-error.js';
import { copyChain, timeOrder } from '../workload/index.js';
import { loadBenchStream } from './bench-stream.js';
import { readTraceFile } from './files.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const ID_OFFSET = 2 ** 24;
const CHAT_WINDOW = 64;
const AGENT_WINDOW = 8;
const SESSIONS = 10;

/** The complete trace where somebody put it, else its first 8,000 requests. */
const CONVERSATIONS = [
  ['conversation_trace.jsonl', 'Mooncake conversation'],
  ['conversation_trace.jsonl.gz', 'Mooncake conversation'],
  ['conversation_first8000.jsonl.gz', 'Mooncake conversation, first 8000'],
] as const;

/** What this reads of a Weka trace. Nested requests count by their own `t`, as recorded. */
interface Entry {
  readonly t?: number;
  readonly hash_ids?: readonly number[];
  readonly requests?: readonly Entry[];
}

interface Timed {
  readonly time: number;
  readonly ids: readonly number[];
}

/** The streams to measure. */
export async function loadKvStreams(files?: readonly string[]): Promise<KvStream[]> {
  if (files !== undefined && files.length > 0) {
    return Promise.all(files.map((file) => readStream(file)));
  }
  const traces = join(process.env['KVLOOM_DATA'] ?? join(root, '../shared/data'), 'traces');
  const streams: KvStream[] = [];
  streams.push({ stream: loadBenchStream(), window: AGENT_WINDOW, published: null });
  for (const [file, name] of CONVERSATIONS) {
    const path = join(traces, 'mooncake', file);
    if (!existsSync(path)) continue;
    const stream = named(await readStream(path), name);
    streams.push({ stream, window: CHAT_WINDOW, published: 'conversation' });
    break;
  }
  const weka = join(traces, 'weka');
  if (existsSync(weka)) {
    const names = readdirSync(weka).filter((name) => /^trace_\d+\.json(\.gz)?$/.test(name));
    const stream = mergeWeka(names.sort().slice(0, SESSIONS).map((name) => join(weka, name)));
    streams.push({ stream, window: AGENT_WINDOW, published: 'weka10' });
  }
  if (streams.length === 1) {
    streams.push(await readStream(join(root, 'data/seed-session.jsonl.gz')));
  }
  return streams;
}

function named({ stream }: KvStream, name: string): RequestStream {
  return { ...stream, name };
}

function readText(file: string): string {
  try {
    const bytes = readFileSync(file);
    return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(code === 'ENOENT' ? 'no such file' : (code ?? message), { file });
  }
}

/** One file: a Weka session, Mooncake lines, or any other trace that kvloom reads. */
async function readStream(file: string): Promise<KvStream> {
  const text = readText(file);
  const name = basename(file).replace(/\.gz$/, '').replace(/\.jsonl?$/, '');
  const first = firstRecord(text);
  if (first !== null && 'hash_ids' in first) {
    const lines = text.split('\n').filter((line) => line !== '');
    const requests = lines.map((line) => (JSON.parse(line) as Entry).hash_ids ?? []);
    return { stream: streamOf(name, requests), window: CHAT_WINDOW, published: null };
  }
  if (first !== null && Array.isArray(first.requests)) {
    return { stream: mergeWeka([file], name), window: AGENT_WINDOW, published: null };
  }
  const workload = await readTraceFile(file);
  const requests = Array.from(timeOrder(workload), (turn) => {
    const blocks = workload.turns.blocks[turn];
    const ids = new Uint32Array(blocks);
    copyChain(workload, turn, 0, blocks, ids, 0);
    return ids;
  });
  return { stream: streamOf(name, requests), window: AGENT_WINDOW, published: null };
}

/** The first line as JSON, or the whole text where a line is no record. */
function firstRecord(text: string): Entry | null {
  for (const part of [text.slice(0, text.indexOf('\n') + 1 || undefined), text]) {
    try {
      const value = JSON.parse(part) as Entry | null;
      return typeof value === 'object' ? value : null;
    } catch {
      continue;
    }
  }
  return null;
}

/** Sessions served by one cache, requests by recorded time, ties by file, then as they stand. */
export function mergeWeka(files: readonly string[], name = `Weka, ${files.length} sessions`) {
  const requests: Timed[] = [];
  files.forEach((file, i) => {
    const walk = (entries: readonly Entry[]): void => {
      for (const { t = 0, hash_ids: ids = [], requests: nested = [] } of entries) {
        // One session alone keeps its ids.
        const own = files.length > 1 ? ids.map((id) => i * ID_OFFSET + id) : ids;
        if (ids.length > 0) requests.push({ time: t, ids: own });
        walk(nested);
      }
    };
    walk((JSON.parse(readText(file)) as Entry).requests ?? []);
  });
  requests.sort((a, b) => a.time - b.time);
  return streamOf(name, requests.map(({ ids }) => ids));
}

/** Requests without blocks ask nothing of a cache. Ids that do not fit u32 are numbered anew. */
function streamOf(name: string, requests: readonly ArrayLike<number>[]): RequestStream {
  const some = requests.filter(({ length }) => length > 0);
  if (some.length === 0) throw new UserError('has no block ids', { file: name });
  const fits = some.every((ids) => Array.prototype.every.call(ids, (id) => id < 2 ** 32));
  if (fits) return makeStream(name, some);
  const dense = new Map<number, number>();
  const number = (id: number): number => {
    const known = dense.get(id) ?? dense.size + 1;
    dense.set(id, known);
    return known;
  };
  return makeStream(name, some.map((ids) => Array.from(ids, number)));
}
