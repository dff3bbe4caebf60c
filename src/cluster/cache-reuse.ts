// SPDX-License-Identifier: Apache-2.0
import { copyChain } from '../workload/identity.js';
import { Column, int32, uint32 } from '../workload/columns.js';
import { cacheResult } from './cache-result.js';
import type { CacheResult, CacheTrace } from './cache-result.js';

/**
 * When each request's blocks were used before, as runs: the first `length` blocks of a prompt were
 * last used by request `previous`, the next ones by an earlier request, and so on; blocks never
 * seen come last and have no run.
 *
 * Ids name whole prefixes, so whoever used a block used all blocks before it. Hence the last use
 * never becomes later along a prompt, and a prompt has few runs however long it is.
 */
export interface ReuseRuns {
  /** `start[r] .. start[r+1]` are the runs of request r (its place in the order served). */
  readonly start: Uint32Array;
  readonly length: Uint32Array;
  readonly previous: Int32Array;
}

export function findReuse({ workload, order }: CacheTrace): ReuseRuns {
  const { blocks } = workload.turns;
  const lastUse = new Int32Array(workload.uniqueBlocks).fill(-1);
  const start = new Uint32Array(order.length + 1);
  const length = new Column(uint32);
  const previous = new Column(int32);
  let ids = new Uint32Array(1024);
  for (let r = 0; r < order.length; r++) {
    const n = blocks[order[r]];
    if (n > ids.length) ids = new Uint32Array(2 * n);
    copyChain(workload, order[r], 0, n, ids, 0);
    let from = 0;
    while (from < n) {
      const before = lastUse[ids[from]];
      let q = from;
      while (q < n && lastUse[ids[q]] === before) lastUse[ids[q++]] = r;
      if (before >= 0) {
        length.push(q - from);
        previous.push(before);
      }
      from = q;
    }
    start[r + 1] = length.length;
  }
  return { start, length: length.finish(), previous: previous.finish() };
}

/**
 * A cache without a limit that forgets a block when it was not used for longer than `ttl`, in the
 * unit of `trace.starts`. A use refreshes it; a request still hits at exactly `ttl`.
 */
export function replayTtl(trace: CacheTrace, ttl: number, reuse = findReuse(trace)): CacheResult {
  const { order, starts } = trace;
  const hits = new Uint32Array(order.length);
  for (let r = 0; r < order.length; r++) {
    for (let run = reuse.start[r]; run < reuse.start[r + 1]; run++) {
      const age = starts[order[r]] - starts[order[reuse.previous[run]]];
      if (age > ttl) break;
      hits[r] += reuse.length[run];
    }
  }
  return cacheResult('ttl', ttl, trace, hits, null);
}
