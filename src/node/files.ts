// SPDX-License-Identifier: Apache-2.0
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createGunzip, gunzipSync } from 'node:zlib';
import { UserError } from '../core/user-error.js';
import { type ReadOptions, readWorkloads } from '../workload/trace/read.js';
import type { Workload } from '../workload/types.js';

const CHUNK_BYTES = 2 ** 20;
const SMALL_BYTES = 2 ** 16;
const TRACE_NAME = /\.(json|jsonl|csv)(\.gz)?$/;

/** The bytes of a file, decompressed if they are gzip (told by content, not by name). */
export async function* openChunks(path: string): AsyncGenerator<Uint8Array> {
  const small = smallFile(path);
  if (small !== undefined) {
    yield small;
    return;
  }
  const raw = rawChunks(path);
  const first = await raw.next();
  if (first.done === true) return;
  const rest = resume(first.value, raw);
  if (first.value[0] === 0x1f && first.value[1] === 0x8b) yield* gunzip(rest, path);
  else yield* rest;
}

/**
 * A small file in one piece: the streams below take 9 ms to set up. Undefined for any other, and
 * for one that cannot be read: the streams say why.
 */
function smallFile(path: string): Uint8Array | undefined {
  try {
    const { size } = statSync(path);
    if (size === 0 || size > SMALL_BYTES) return undefined;
    const bytes = readFileSync(path);
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
    return gunzipSync(bytes, { maxOutputLength: CHUNK_BYTES });
  } catch {
    return undefined;
  }
}

async function* rawChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: CHUNK_BYTES });
  } catch (error) {
    throw fileError(error, path);
  }
}

async function* resume(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<Uint8Array> {
  const stream = createGunzip({ chunkSize: CHUNK_BYTES });
  const feeding = feed(chunks, stream);
  // Awaited below; a reader that stops early must not leave an unhandled rejection behind.
  feeding.catch(() => undefined);
  try {
    yield* stream;
    await feeding;
  } catch (error) {
    if (error instanceof UserError) throw error;
    const cut = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    throw new UserError(cut ? 'truncated gzip' : `broken gzip: ${String(error)}`, { file });
  } finally {
    stream.destroy();
  }
}

async function feed(
  chunks: AsyncIterable<Uint8Array>,
  stream: ReturnType<typeof createGunzip>,
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (stream.destroyed) return;
      if (!stream.write(chunk)) await drained(stream);
    }
    stream.end();
  } catch (error) {
    stream.destroy(error as Error);
  }
}

function drained(stream: ReturnType<typeof createGunzip>): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

/** A file as itself; of a folder the trace files in it, sorted by name. */
export async function listTraceFiles(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => TRACE_NAME.test(name)).sort();
    if (names.length > 0) return names.map((name) => join(path, name));
  } catch (error) {
    throw fileError(error, path);
  }
  throw new UserError('no trace files in this folder', { file: path }, {
    allowed: '*.json, *.jsonl, *.csv, each with or without .gz',
  });
}

/**
 * A file, a folder or several of them as one workload. Files are ordered by name, so that the
 * order on the command line changes nothing.
 */
export async function readTraceFile(
  path: string | readonly string[],
  options: Omit<ReadOptions, 'file'> = {},
): Promise<Workload> {
  const paths = typeof path === 'string' ? [path] : path;
  const files = [...new Set((await Promise.all(paths.map(listTraceFiles))).flat())];
  files.sort((a, b) => compare(basename(a), basename(b)) || compare(a, b));
  const traces = files.map((file) => ({ chunks: openChunks(file), options: { ...options, file } }));
  return readWorkloads(traces, options.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function fileError(error: unknown, file: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return new UserError('no such file', { file });
  if (code === 'EISDIR') return new UserError('is a folder, not a file', { file });
  if (code === 'EACCES') return new UserError('cannot be read: permission denied', { file });
  return error;
}
