// SPDX-License-Identifier: Apache-2.0
/**
 * Runs the kernel benchmarks. SIMD build, native and scalar build take turns, so that they share
 * whatever else the machine is doing, and must leave the same checksum behind.
 */
import type { BenchCase, Family, StreamTotals } from './case.js';
import { blockPoolCases } from './cases/block-pool.js';
import { eventHeapCases } from './cases/event-heap.js';
import { hashCases } from './cases/hash.js';
import { kvManagerCases } from './cases/kv-manager.js';
import { radixTreeCases } from './cases/radix-tree.js';
import { routerIndexCases } from './cases/router-index.js';
import { tierStoreCases } from './cases/tier-store.js';
import { treeMicroCases } from './cases/tree-micro.js';
import { localLane } from './lane.js';
import type { Lane, OpenLane } from './lane.js';
import { pairedRatio, summarize } from './statistics.js';
import type { Timing } from './statistics.js';
import type { RequestStream } from './stream.js';

export const benchCases: readonly BenchCase[] = [
  ...blockPoolCases,
  ...radixTreeCases,
  ...treeMicroCases,
  ...eventHeapCases,
  ...hashCases,
  ...kvManagerCases,
  ...routerIndexCases,
  ...tierStoreCases,
];

export const FAMILIES: readonly Family[] = [
  'pool', 'tree', 'heap', 'hash', 'manager', 'router', 'tier',
];

/** One run of the native side: ns per unit, and the checksum of the same work. */
export interface NativeRun {
  readonly samples: readonly number[];
  readonly checksum: number;
  /** hits, evicted, skipped, crc of a served stream. */
  readonly totals?: readonly number[];
}

export type NativeRunner = (item: BenchCase, ms: number) => Promise<NativeRun>;

export interface KernelOptions {
  readonly stream: RequestStream;
  /** Null where there is no native build. */
  readonly native: NativeRunner | null;
  /** Timed milliseconds of a build in a round, and rounds. */
  readonly ms: number;
  readonly rounds: number;
  /** Where the builds run; default: this thread. */
  readonly openLane?: OpenLane;
  /** After each round: progress, and a chance to stop by throwing. */
  readonly onRound?: (item: BenchCase, round: number) => Promise<void>;
}

export interface KernelResult {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly checksum: number;
  readonly simd: Timing;
  readonly scalar: Timing;
  readonly native: Timing | null;
  /** SIMD build / native: median over rounds, null without native. */
  readonly overNative: number | null;
  /** The same of the scalar build. */
  readonly scalarOverNative?: number | null;
  /** wasm / native that a release must keep, where there is one. */
  readonly bar: number | null;
  /** What the stream came to, equal on all builds; null where none is served. */
  readonly totals?: StreamTotals | null;
}

/** Builds disagree about what the same work leaves behind: a bug in one of them. */
export class ChecksumMismatch extends Error {
  override readonly name = 'InvariantBroken';
}

/** Results in ns per unit, one for each case. */
export async function runKernels(
  cases: readonly BenchCase[],
  options: KernelOptions,
): Promise<KernelResult[]> {
  const results: KernelResult[] = [];
  for (const item of cases) results.push(await runCase(item, options));
  return results;
}

async function runCase(item: BenchCase, options: KernelOptions): Promise<KernelResult> {
  const { stream, openLane = localLane } = options;
  const simd = await openLane(item, 'simd', stream);
  const scalar = await openLane(item, 'scalar', stream);
  try {
    expectSame(item, 'scalar', scalar.checksum, simd.checksum);
    expectTotals(item, 'scalar', listed(scalar.totals), simd.totals);
    return await race(item, simd, scalar, options);
  } finally {
    await simd.close();
    await scalar.close();
  }
}

async function race(
  item: BenchCase,
  simd: Lane,
  scalar: Lane,
  options: KernelOptions,
): Promise<KernelResult> {
  const { ms, rounds, onRound } = options;
  const native = item.native === undefined ? null : options.native;
  const simdRounds: (readonly number[])[] = [];
  const scalarRounds: (readonly number[])[] = [];
  const nativeRounds: (readonly number[])[] = [];
  for (let round = 0; round < rounds; round++) {
    simdRounds.push(await simd.measure(ms));
    if (native) {
      const { samples, checksum, totals } = await native(item, ms);
      expectSame(item, 'native', checksum, simd.checksum);
      expectTotals(item, 'native', totals, simd.totals);
      nativeRounds.push(samples);
    }
    scalarRounds.push(await scalar.measure(ms));
    await onRound?.(item, round);
  }
  return {
    id: item.id,
    title: item.title,
    unit: item.unit,
    checksum: simd.checksum,
    simd: summarize(simdRounds),
    scalar: summarize(scalarRounds),
    native: native ? summarize(nativeRounds) : null,
    overNative: native ? pairedRatio(simdRounds, nativeRounds) : null,
    scalarOverNative: native ? pairedRatio(scalarRounds, nativeRounds) : null,
    bar: item.bar ?? null,
    totals: simd.totals,
  };
}

function expectSame(item: BenchCase, build: string, got: number, want: number): void {
  if (got === want) return;
  const message = `${item.id}: the ${build} build left checksum ${got}, the SIMD build ${want}`;
  throw new ChecksumMismatch(message);
}

/** Totals in the order that the native side prints them. */
function listed(totals: StreamTotals | null): number[] | undefined {
  return totals === null ? undefined : [totals.hits, totals.evicted, totals.skipped, totals.crc];
}

function expectTotals(
  item: BenchCase,
  build: string,
  got: readonly number[] | undefined,
  want: StreamTotals | null,
): void {
  const wanted = listed(want);
  if (String(got) === String(wanted)) return;
  const message =
    `${item.id}: the ${build} build came to hits, evicted, skipped, crc ${String(got)}, ` +
    `the SIMD build to ${String(wanted)}`;
  throw new ChecksumMismatch(message);
}
