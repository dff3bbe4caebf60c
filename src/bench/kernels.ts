// SPDX-License-Identifier: Apache-2.0
/**
 * Runs the kernel benchmarks. SIMD build, native and scalar build take turns, so that they share
 * whatever else the machine is doing, and must leave the same checksum behind.
 */
import type { BenchCase, Family } from './case.js';
import { blockPoolCases } from './cases/block-pool.js';
import { eventHeapCases } from './cases/event-heap.js';
import { hashCases } from './cases/hash.js';
import { radixTreeCases } from './cases/radix-tree.js';
import { localLane } from './lane.js';
import type { Lane, OpenLane } from './lane.js';
import { pairedRatio, summarize } from './statistics.js';
import type { Timing } from './statistics.js';
import type { RequestStream } from './stream.js';

export const benchCases: readonly BenchCase[] = [
  ...blockPoolCases,
  ...radixTreeCases,
  ...eventHeapCases,
  ...hashCases,
];

export const FAMILIES: readonly Family[] = ['pool', 'tree', 'heap', 'hash'];

/** One run of the native side: ns per unit, and the checksum of the same work. */
export interface NativeRun {
  readonly samples: readonly number[];
  readonly checksum: number;
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
  /** wasm / native that a release must keep, where there is one. */
  readonly bar: number | null;
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
  const { native, ms, rounds, onRound } = options;
  const simdRounds: (readonly number[])[] = [];
  const scalarRounds: (readonly number[])[] = [];
  const nativeRounds: (readonly number[])[] = [];
  for (let round = 0; round < rounds; round++) {
    simdRounds.push(await simd.measure(ms));
    if (native) {
      const { samples, checksum } = await native(item, ms);
      expectSame(item, 'native', checksum, simd.checksum);
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
    bar: item.bar ?? null,
  };
}

function expectSame(item: BenchCase, build: string, got: number, want: number): void {
  if (got === want) return;
  const message = `${item.id}: the ${build} build left checksum ${got}, the SIMD build ${want}`;
  throw new ChecksumMismatch(message);
}
