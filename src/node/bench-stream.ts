// SPDX-License-Identifier: Apache-2.0
/**
 * The request stream of the tree and pool benchmarks: the files of a merged golden, served by one
 * cache. File i starts at i * 600 s and its ids become i * 2^24 + id, so that none collide.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { generateSessions, makeStream } from '../bench/stream.js';
import type { RequestStream } from '../bench/stream.js';
import { UserError } from '../core/user-error.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const GOLDENS = ['golden-merged.json', 'golden-synthetic-merged.json'];
const FILE_OFFSET_S = 600;
const ID_OFFSET = 2 ** 24;

/** What this reads of a Weka trace. A sub-agent entry has requests of its own. */
interface Entry {
  readonly type?: string;
  readonly t: number;
  readonly duration_ms?: number | null;
  readonly hash_ids?: readonly number[];
  readonly requests?: readonly Entry[];
}

interface Timed {
  readonly time: number;
  readonly ids: readonly number[];
}

/** Folders that may hold a merged golden, best first. */
function traceFolders(given: string | undefined): string[] {
  if (given !== undefined) return [given];
  const data = process.env['KVLOOM_DATA'] ?? join(root, '../shared/data');
  return [join(data, 'traces'), join(root, 'test/conformance/traces')];
}

/** The stream of the first merged golden found with all its files, else a generated one. */
export function loadBenchStream(folder?: string): RequestStream {
  for (const each of traceFolders(folder)) {
    for (const golden of GOLDENS) {
      const stream = readMerged(each, golden);
      if (stream !== null) return stream;
    }
  }
  if (folder !== undefined) {
    throw new UserError(`holds none of ${GOLDENS.join(', ')} with its traces`, { file: folder });
  }
  return generateSessions(7, { sessions: 12, turns: 190, shared: 200, first: 100, added: 24 });
}

function readMerged(folder: string, golden: string): RequestStream | null {
  const path = join(folder, golden);
  if (!existsSync(path)) return null;
  const { files } = JSON.parse(readFileSync(path, 'utf8')) as { files: string[] };
  const found = new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((at) => [basename(at), at]),
  );
  if (!files.every((file) => found.has(file))) return null;
  const requests: Timed[] = [];
  files.forEach((file, i) => {
    const bytes = gunzipSync(readFileSync(join(folder, found.get(file)!)));
    const trace = JSON.parse(bytes.toString()) as Entry;
    collect(trace.requests ?? [], 0, i, requests);
  });
  // The sort is stable: ties stay in file order, then document order.
  requests.sort((a, b) => a.time - b.time);
  return makeStream(golden.replace('.json', ''), requests.map(({ ids }) => ids));
}

/** Adds the requests below `entries` in document order. `base` is the start of their agent. */
function collect(entries: readonly Entry[], base: number, file: number, into: Timed[]): void {
  for (const entry of entries) {
    if (entry.type === 'subagent') {
      // Its t is the completion time; of a detached one the start is all there is.
      const duration = entry.duration_ms ?? 0;
      collect(entry.requests ?? [], base + (entry.t - duration / 1000), file, into);
    } else {
      const time = file * FILE_OFFSET_S + (base + entry.t);
      into.push({ time, ids: (entry.hash_ids ?? []).map((id) => file * ID_OFFSET + id) });
    }
  }
}
