// SPDX-License-Identifier: Apache-2.0
/** Recorded totals of request streams, replayed by the drivers of `kvloom bench kv`. */
import { basename } from 'node:path';
import { streamCase } from '../bench/index.js';
import type { RequestStream } from '../bench/index.js';
import type { ConformCheck, Outcome } from '../conform/golden-file.js';
import { compareCounts, rowProblem } from '../conform/stream-table.js';
import type { StreamRow } from '../conform/stream-table.js';
import type { Core } from '../core/core.js';
import { loadKvStreams, mergeWeka } from './kv-streams.js';

const TRACE = /\.(jsonl?|csv)(\.gz)?$/;

/** A check for each row; `files` are those that may be the traces of it, best first. */
export function streamChecks(
  core: Core,
  rows: readonly StreamRow[],
  files: () => readonly string[],
): ConformCheck[] {
  let last: { key: string; stream: RequestStream } | null = null;
  const load = async (paths: readonly string[]): Promise<RequestStream> => {
    const key = paths.join('\n');
    if (last?.key === key) return last.stream;
    const stream = paths.length > 1
      ? mergeWeka(paths)
      : (await loadKvStreams(paths))[0].stream;
    last = { key, stream };
    return stream;
  };
  return rows.map((row) => ({
    part: `${row.stream} ${row.driver} ${row.capacity}`,
    run: async () => {
      const problem = rowProblem(row);
      if (problem !== null) return { status: 'failed', difference: problem };
      if (row.family === null) return skipped(`driver ${row.driver} is not built`);
      const paths = row.traces.map((name) => [name, fileOf(name, files())] as const);
      const missing = paths.filter(([, path]) => path === null).map(([name]) => name);
      if (missing.length > 0) {
        return skipped(`no ${missing.join(', ')} at hand (--streams names a folder)`);
      }
      return serve(core, row, row.family, await load(paths.map(([, path]) => path!)));
    },
  }));
}

const skipped = (note: string): Outcome => ({ status: 'skipped', note });

function fileOf(name: string, files: readonly string[]): string | null {
  const named = files.filter((file) => TRACE.test(file));
  return named.find((file) => basename(file).replace(TRACE, '') === name) ?? null;
}

function serve(
  core: Core,
  row: StreamRow,
  family: 'pool' | 'tree',
  stream: RequestStream,
): Outcome {
  const { capacity: blocks, window } = row;
  const task = streamCase(family, { blocks, window }).prepare(core, stream);
  task.setup();
  task.run();
  const counts = task.totals!();
  const difference = compareCounts(row, counts);
  if (difference !== null) return { status: 'failed', difference };
  const note = `${counts.requests} requests, ${counts.blocks} blocks, ${counts.hits} hits`;
  return { status: 'passed', note };
}
