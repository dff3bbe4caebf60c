// SPDX-License-Identifier: Apache-2.0
/** Tables of `kvloom bench kv`. */
import { ENGINES_MEASURED } from './kv.js';
import type { KvResult } from './kv.js';

const ns = (value: number): string => value.toFixed(value < 10 ? 2 : 1);

/** Ratio and whether it keeps the bar. */
function against(value: number | null | undefined, bar: number | null): string[] {
  if (value === null || value === undefined) return ['-', ''];
  return [`${value.toFixed(2)}x`, bar === null ? '' : value <= bar ? '✓' : '✗'];
}

/** Medians in ns a block, ratios of paired rounds, and what the Python engine takes. */
export function kvRows(results: readonly KvResult[]): string[][] {
  const [first] = results;
  const bars = first === undefined ? '' : `${first.bar}x`;
  const scalarBars = first === undefined ? '' : `${first.scalarBar}x`;
  const head = ['case', 'stream', 'wasm', 'scalar', 'native', 'wasm/native', bars];
  head.push('scalar/native', scalarBars, 'Python');
  const rows = results.map((each) => [
    each.id,
    each.stream ?? 'batches of 16',
    ns(each.simd.p50),
    ns(each.scalar.p50),
    each.native === null ? '-' : ns(each.native.p50),
    ...against(each.overNative, each.bar),
    ...against(each.scalarOverNative, each.scalarBar),
    each.engine === null ? '' : each.engine.join('-'),
  ]);
  return [head, ...rows];
}

/** What stands below the table. */
export const KV_NOTE = `ns a block. Python: vLLM (pool), SGLang (tree); ${ENGINES_MEASURED}`;

/** What the streams came to: the same hits in all builds, or the run would have stopped. */
export function kvTotalRows(results: readonly KvResult[]): string[][] {
  const head = ['case', 'stream', 'requests', 'blocks', 'hits', 'hit', 'evicted', 'skipped'];
  const rows = results.flatMap(({ id, stream, totals }) => {
    if (totals === null || totals === undefined || stream === null) return [];
    const { requests, blocks, hits, evicted, skipped, crc } = totals;
    const share = `${((100 * hits) / blocks).toFixed(1)} %`;
    const counts = [requests, blocks, hits, share, evicted, skipped].map(String);
    return [[id, stream, ...counts, crc.toString(16).padStart(8, '0')]];
  });
  return [[...head, 'hitcrc'], ...rows];
}
