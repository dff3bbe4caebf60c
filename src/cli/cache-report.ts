// SPDX-License-Identifier: Apache-2.0
/** Results of `kvloom cache` as a table and as JSON. */
import { basename } from 'node:path';
import { sha256 } from '@noble/hashes/sha2.js';
import { withBlockSize } from '../cluster/cache-block-size.js';
import type { CacheResult } from '../cluster/cache-result.js';
import { cacheTrace, studyCache, type CacheStudyOptions } from '../cluster/cache-study.js';
import { loadCore } from '../core/load.js';
import type { Workload } from '../workload/types.js';
import { formatTable, type Align } from './table.js';

export interface CacheReport {
  /** Base names: the report must not depend on where the files lie. */
  readonly traces: readonly string[];
  readonly blockSize: number;
  readonly uniqueBlocks: number;
  readonly results: readonly CacheResult[];
}

export function runCacheStudy(
  files: readonly string[],
  read: Workload,
  blockSize: number | undefined,
  staggerS: number,
  options: CacheStudyOptions,
): CacheReport {
  const workload = blockSize === undefined ? read : withBlockSize(read, blockSize);
  return {
    traces: files.map((file) => basename(file)),
    blockSize: workload.blockSize,
    uniqueBlocks: workload.uniqueBlocks,
    results: studyCache(loadCore(), cacheTrace(workload, staggerS), options),
  };
}

export function cacheJson(reports: readonly CacheReport[]): object {
  const caches = reports.map(({ results, ...head }) => ({
    ...head,
    results: results.map(({ hits: _hits, readsPerWrite, ...result }) => ({
      ...result,
      // JSON has no Infinity: nothing was written.
      readsPerWrite: readsPerWrite === Infinity ? null : readsPerWrite,
    })),
  }));
  const bytes = sha256(new TextEncoder().encode(JSON.stringify(caches)));
  const digest = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { digest, caches };
}

const HEADER =
  'cache|capacity|tokens|hit %|read:write|hit blocks|missed|evicted|full hits|hit tokens';

function row(result: CacheResult, blockSize: number): string[] {
  const { policy, limit, evictedBlocks } = result;
  const blocks = policy === 'lru' || policy === 'belady' ? limit : null;
  const capacity = policy === 'ttl' ? `${limit} s` : blocks === null ? '-' : String(blocks);
  return [
    policy,
    capacity,
    blocks === null ? '-' : String(blocks * blockSize),
    (100 * result.hitRate).toFixed(2),
    Number.isFinite(result.readsPerWrite) ? `${result.readsPerWrite.toFixed(2)}:1` : '-',
    String(result.hitBlocks),
    String(result.missBlocks),
    evictedBlocks === null ? '-' : String(evictedBlocks),
    String(result.fullHits),
    String(result.hitTokens),
  ];
}

export function cacheText({ traces, blockSize, uniqueBlocks, results }: CacheReport): string {
  const [{ requests, blocks, inputTokens }] = results;
  const name = traces.length <= 3 ? traces.join(' + ') : `${traces.length} traces in one cache`;
  const right = Array<Align>(9).fill('right');
  const rows = [HEADER.split('|'), ...results.map((result) => row(result, blockSize))];
  return [
    `${name}: ${requests} requests, ${inputTokens} input tokens, ${blocks} blocks of ` +
      `${blockSize} (${uniqueBlocks} distinct)`,
    formatTable(rows, ['left', ...right]),
  ].join('\n');
}
