// SPDX-License-Identifier: Apache-2.0
/**
 * What a workload does not keep of its trace but trace goldens are defined by: the recorded ids,
 * the starts in seconds as IEEE doubles, and the order in the document.
 *
 * Read anew from the document, following the definitions of the goldens word by word. The columns
 * that are replayed come from the workload readers; the two must agree on the number of requests.
 */
import { UserError } from '../core/user-error.js';
import { detectFormat } from '../workload/trace/detect.js';
import type { Workload } from '../workload/types.js';

export interface RecordedRequest {
  /** Seconds from the start of the trace. */
  readonly start: number;
  /** Null where the format has none. */
  readonly ids: readonly number[] | null;
  /** Place in the document, depth first. */
  readonly place: number;
}

export interface RecordedTrace {
  /** By the turns of the workload. */
  readonly requests: readonly RecordedRequest[];
  /** Order of the goldens of this format unless they say otherwise. */
  readonly order: 'time' | 'document';
}

interface WekaRequest {
  readonly type?: string;
  readonly t: number;
  readonly duration_ms?: number | null;
  readonly hash_ids: readonly number[];
  readonly requests?: readonly WekaRequest[];
}

/** Same operations in the same order as the definition: equal doubles, equal ties. */
function wekaRequests(items: readonly WekaRequest[]): RecordedRequest[] {
  const out: RecordedRequest[] = [];
  const walk = (list: readonly WekaRequest[], base: number): void => {
    for (const item of list) {
      if (item.type !== 'subagent') {
        const start = base === 0 ? item.t : base + item.t;
        out.push({ start, ids: item.hash_ids, place: out.length });
        continue;
      }
      const duration = item.duration_ms ?? null;
      const launch = duration === null ? item.t : item.t - duration / 1000;
      walk(item.requests ?? [], base === 0 ? launch : base + launch);
    }
  };
  walk(items, 0);
  return out.sort((a, b) => a.start - b.start);
}

function linesOf(text: string): Record<string, unknown>[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

function mooncakeRequests(text: string): RecordedRequest[] {
  return linesOf(text).map((line, place) => ({
    start: (line['timestamp'] as number) / 1000,
    ids: (line['hash_ids'] as number[] | undefined) ?? null,
    place,
  }));
}

function compactRequests(text: string): RecordedRequest[] {
  return linesOf(text).flatMap((line) =>
    (line['r'] as number[][]).map(([ms], place) => ({ start: ms / 1000, ids: null, place })));
}

/** Reads a document that the workload readers accepted already. */
export function recordedTrace(bytes: Uint8Array, file: string): RecordedTrace {
  const format = detectFormat(bytes.subarray(0, 2 ** 18), file);
  const text = new TextDecoder().decode(bytes);
  if (format === 'weka') {
    const { requests } = JSON.parse(text) as { requests: WekaRequest[] };
    return { requests: wekaRequests(requests), order: 'time' };
  }
  if (format === 'compact') return { requests: compactRequests(text), order: 'document' };
  if (format === 'mooncake') return { requests: mooncakeRequests(text), order: 'document' };
  throw new UserError(`goldens are not defined for ${format} traces`, { file });
}

/** Recorded id of each dense block id; null when the format has none. */
export function recordedIds(
  workload: Workload,
  requests: readonly RecordedRequest[],
): Float64Array | null {
  const { prefixBlocks, firstBlock, blocks } = workload.turns;
  const out = new Float64Array(workload.uniqueBlocks);
  for (let turn = 0; turn < requests.length; turn++) {
    const { ids } = requests[turn];
    if (ids === null) return null;
    for (let q = prefixBlocks[turn]; q < blocks[turn]; q++) {
      out[firstBlock[turn] + q - prefixBlocks[turn]] = ids[q];
    }
  }
  return out;
}
