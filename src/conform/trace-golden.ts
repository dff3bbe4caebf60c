// SPDX-License-Identifier: Apache-2.0
/** Trace goldens: what a cache must count on a trace, computed by an independent program. */
import { sha256 } from '@noble/hashes/sha2.js';
import { findReuse, replayTtl } from '../cluster/cache-reuse.js';
import type { CacheResult, CacheTrace } from '../cluster/cache-result.js';
import { LruCache, replayLru } from '../cluster/cache-replay.js';
import type { Core } from '../core/core.js';
import { readWorkloads } from '../workload/trace/read.js';
import type { Workload } from '../workload/types.js';
import { broken, compare } from './difference.js';
import type { Difference } from './difference.js';
import { recordedIds, recordedTrace } from './recorded-trace.js';
import type { RecordedRequest, RecordedTrace } from './recorded-trace.js';
import type { Fields } from './recorded-log.js';

/** A trace file, decompressed. */
export interface TraceBytes {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** Seconds between the starts of merged sessions, and the distance of their ids. */
const MERGE_STAGGER_S = 600;
const MERGE_ID_STEP = 2 ** 24;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Check = (what: string, expected: unknown, got: () => unknown) => void;

/** Collects the first difference; a field that the golden lacks is not compared. */
class Comparison {
  difference: Difference | null = null;
  constructor(
    private readonly line: number,
    readonly golden: Fields,
  ) {}

  check(key: string, got: () => unknown): void {
    if (this.golden[key] !== undefined) this.value(key, this.golden[key], got);
  }

  value: Check = (what, expected, got) => {
    this.difference ??= compare(this.line, what, expected, got());
  };

  /** Runs `each` for the entries of an object of the golden, by number of the key. */
  table(key: string, each: (limit: number, value: unknown, what: string) => void): void {
    const table = this.golden[key];
    if (table === undefined) return;
    const limits = isFields(table) ? Object.entries(table) : [];
    const bad = limits.find(([limit]) => !/^\d+(\.\d+)?$/.test(limit));
    if (!isFields(table) || bad !== undefined) {
      this.difference ??= broken(this.line, key, 'an object with numbers as keys', bad ?? table);
      return;
    }
    for (const [limit, value] of limits) {
      if (this.difference === null) each(Number(limit), value, `${key}.${limit}`);
    }
  }
}

/** The workload of some traces, read as the goldens define it, with what they need beside it. */
async function read(traces: readonly TraceBytes[]): Promise<{
  workload: Workload;
  recorded: RecordedTrace[];
}> {
  const workload = await readWorkloads(traces.map(({ file, bytes }) => ({
    chunks: [bytes],
    options: { file, nestedTimes: 'relative' as const },
  })));
  return { workload, recorded: traces.map(({ file, bytes }) => recordedTrace(bytes, file)) };
}

/** Turns by key, ties by place in the document. */
function orderBy(keys: Float64Array, tie: (turn: number) => number): Uint32Array {
  const order = Uint32Array.from(keys, (_, turn) => turn);
  return order.sort((a, b) => keys[a] - keys[b] || tie(a) - tie(b) || a - b);
}

/** One trace alone: an entry of golden-weka.json, golden-mooncake.json and the like. */
export async function checkTrace(
  core: Core,
  golden: Fields,
  line: number,
  trace: TraceBytes,
): Promise<Difference | null> {
  const { workload, recorded: [{ requests, order: usual }] } = await read([trace]);
  const comparison = new Comparison(line, golden);
  comparison.check('sha256_uncompressed', () => hex(sha256(trace.bytes)));
  comparison.check('requests', () => requests.length);
  if (comparison.difference !== null) return comparison.difference;
  const document = (golden['order'] ?? usual) === 'document';
  const starts = Float64Array.from(requests, ({ start }) => start);
  const keys = document ? Float64Array.from(requests, ({ place }) => place) : starts;
  const order = orderBy(keys, (turn) => requests[turn].place);
  const ids = recordedIds(workload, requests);
  checkWorkload(comparison, workload);
  checkCaches(core, comparison, { workload, order, starts }, ids);
  return comparison.difference;
}

/** Several traces served by one cache, sessions 600 s apart: golden-merged.json and the like. */
export async function checkMerged(
  core: Core,
  golden: Fields,
  line: number,
  traces: readonly TraceBytes[],
): Promise<Difference | null> {
  const { workload, recorded } = await read(traces);
  const starts: number[] = [];
  const file: number[] = [];
  const all: RecordedRequest[] = [];
  recorded.forEach(({ requests }, i) => {
    for (const request of requests) {
      starts.push(i * MERGE_STAGGER_S + request.start);
      file.push(i);
      all.push({ ...request, ids: request.ids?.map((id) => i * MERGE_ID_STEP + id) ?? null });
    }
  });
  const comparison = new Comparison(line, golden);
  comparison.check('requests', () => starts.length);
  if (comparison.difference !== null) return comparison.difference;
  const keys = Float64Array.from(starts);
  // Fewer than 2^31 requests a file, so file and place fit one double.
  const order = orderBy(keys, (turn) => file[turn] * 2 ** 31 + all[turn].place);
  checkWorkload(comparison, workload);
  checkCaches(core, comparison, { workload, order, starts: keys }, recordedIds(workload, all));
  return comparison.difference;
}

const sum = (column: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < column.length; i++) total += column[i];
  return total;
};

function checkWorkload(comparison: Comparison, workload: Workload): void {
  const { turns } = workload;
  comparison.check('block_size', () => workload.blockSize);
  comparison.check('requests', () => turns.count);
  comparison.check('agents', () => agentsOf(workload));
  comparison.check('input_tokens', () => sum(turns.inputTokens));
  comparison.check('output_tokens', () => sum(turns.outputTokens));
  comparison.check('max_input_tokens', () => turns.inputTokens.reduce((a, b) => Math.max(a, b), 0));
  comparison.check('blocks', () => sum(turns.blocks));
  comparison.check('unique_blocks', () => workload.uniqueBlocks);
}

/** Agents by their number within a session: formats without agents have one. */
function agentsOf({ agents, sessions, turns }: Workload): number {
  const numbers = new Set<number>();
  for (const agent of turns.agent) numbers.add(agent - sessions.agentStart[agents.session[agent]]);
  return numbers.size;
}

function checkCaches(
  core: Core,
  comparison: Comparison,
  trace: CacheTrace,
  ids: Float64Array | null,
): void {
  const { infinite } = comparison.golden;
  if (isFields(infinite)) {
    checkCounts(comparison, 'infinite', infinite, replayLru(core, trace, Infinity).result);
  }
  comparison.table('lru', (capacity, golden, what) => {
    const { result, resident } = replayLru(core, trace, capacity);
    if (!isFields(golden)) return comparison.value(what, golden, () => result.hitBlocks);
    checkCounts(comparison, what, golden, result);
    const { resident_at_end: held, lru_order_sha256_16: digest } = golden;
    if (held !== undefined) {
      comparison.value(`${what}.resident_at_end`, held, () => resident.length);
    }
    if (digest === undefined || ids === null) return;
    comparison.value(`${what}.lru_order_sha256_16`, digest, () =>
      orderDigest(Array.from(resident, (dense) => ids[dense])));
  });
  const reuse = findReuse(trace);
  comparison.table('ttl_seconds', (ttl, golden, what) =>
    comparison.value(what, golden, () => replayTtl(trace, ttl, reuse).hitBlocks));
}

function checkCounts(
  comparison: Comparison,
  at: string,
  golden: Fields,
  result: CacheResult,
): void {
  const counts: Readonly<Record<string, () => unknown>> = {
    hit_blocks: () => result.hitBlocks,
    miss_blocks: () => result.missBlocks,
    evicted_blocks: () => result.evictedBlocks,
    full_hits: () => result.fullHits,
    per_request_hits: () => [...result.hits],
  };
  for (const [key, count] of Object.entries(counts)) {
    if (golden[key] !== undefined) comparison.value(`${at}.${key}`, golden[key], count);
  }
  const rate = golden['hit_rate'];
  // Recorded with six decimals.
  if (typeof rate === 'number' && !(Math.abs(rate - result.hitRate) <= 5.000001e-7)) {
    comparison.value(`${at}.hit_rate`, rate, () => result.hitRate);
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function orderDigest(ids: readonly number[]): string {
  return hex(sha256(new TextEncoder().encode(ids.join()))).slice(0, 16);
}

/** Totals over the sessions of a file, a cache for each: golden-compact.json and the like. */
export async function checkTotals(
  core: Core,
  golden: Fields,
  line: number,
  trace: TraceBytes,
): Promise<Difference | null> {
  const { workload, recorded: [{ requests }] } = await read([trace]);
  const comparison = new Comparison(line, golden);
  const starts = Float64Array.from(requests, ({ start }) => start);
  // Rows stand session by session; ids are a session's own, so one pass serves them all.
  const order = Uint32Array.from(starts, (_, turn) => turn);
  const all = { workload, order, starts };
  comparison.check('sessions', () => workload.sessions.count);
  checkWorkload(comparison, workload);
  if (comparison.difference !== null) return comparison.difference;
  comparison.check('infinite_hit_blocks', () => privateLruHits(core, workload, Infinity));
  comparison.table('lru_hit_blocks', (capacity, expected, what) =>
    comparison.value(what, expected, () => privateLruHits(core, workload, capacity)));
  const reuse = findReuse(all);
  comparison.table('ttl_hit_blocks', (ttl, expected, what) =>
    comparison.value(what, expected, () => replayTtl(all, ttl, reuse).hitBlocks));
  return comparison.difference;
}

function privateLruHits(core: Core, workload: Workload, capacity: number): number {
  const { sessions } = workload;
  const cache = new LruCache(core, workload, capacity);
  let hits = 0;
  for (let session = 0; session < sessions.count; session++) {
    const end = sessions.turnStart[session + 1];
    for (let turn = sessions.turnStart[session]; turn < end; turn++) hits += cache.serve(turn);
    cache.clear();
  }
  cache.dispose();
  return hits;
}
