// SPDX-License-Identifier: Apache-2.0
/**
 * `kvloom bench numeric`: SIMD and scalar build, plain JavaScript and our own C++ do the same work
 * in turn, round by round, and must leave the same checksum behind.
 */
import { loadNumeric } from '../../numeric/index.js';
import type { NumericCore } from '../../numeric/index.js';
import { ChecksumMismatch } from '../kernels.js';
import type { NativeRun } from '../kernels.js';
import { taskLane } from '../lane.js';
import type { Lane } from '../lane.js';
import { pairedRatio, summarize } from '../statistics.js';
import type { Timing } from '../statistics.js';
import { GROWTH_BAR, NATIVE_SIDES } from './case.js';
import type { NativeSide, NumericCase, Side } from './case.js';
import { moeCases } from './moe-cases.js';
import { quantCases } from './quant-cases.js';
import { specCases } from './spec-cases.js';

export const numericCases: readonly NumericCase[] = [...quantCases, ...specCases, ...moeCases];

/** What runs in JavaScript. */
export type NumericBuild = 'simd' | 'scalar' | 'js';

/** The native side of a case, compiled for a side; null where it is not there. */
export type NumericNative = (
  item: NumericCase,
  side: NativeSide,
) => ((ms: number) => Promise<NativeRun>) | null;

export interface NumericOptions {
  readonly native: NumericNative;
  /** Timed milliseconds of a side in a round, and rounds. */
  readonly ms: number;
  readonly rounds: number;
  readonly openLane?: (item: NumericCase, build: NumericBuild) => Promise<Lane> | Lane;
  readonly onRound?: (item: NumericCase, round: number) => Promise<void>;
}

export interface NumericBarResult {
  readonly against: Side;
  readonly least: number;
  /** Speed of the SIMD build over that of the side; null without it. */
  readonly value: number | null;
}

export interface NumericResult {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** Bytes a unit, where speed is told in GB/s. */
  readonly bytes: number | null;
  readonly checksum: number;
  /** ns a unit. */
  readonly simd: Timing;
  readonly sides: Readonly<Partial<Record<Side, Timing>>>;
  /** Speed of the SIMD build over that of each side: medians over paired rounds. */
  readonly faster: Readonly<Partial<Record<Side, number>>>;
  readonly bars: readonly NumericBarResult[];
  /** Time of a unit over that of the first case of the group, and what it may be. */
  readonly growth?: { readonly value: number; readonly most: number };
  readonly quoted?: string;
}

/** Long calls without a loop around them: the engine compiles them well only after a while. */
const WARM_MS = 250;
const WARM_RUNS = 12;

/** The lane of a case in this thread, warm when `warmMs` says so. */
export function numericLane(item: NumericCase, build: NumericBuild, warmMs = WARM_MS): Lane {
  const task = build === 'js' ? item.plain!() : item.prepare(loadBuild(build));
  const lane = taskLane(task);
  const end = performance.now() + warmMs;
  for (let runs = 0; warmMs > 0 && (runs < WARM_RUNS || performance.now() < end); runs++) {
    task.setup();
    task.run();
  }
  return lane;
}

const loadBuild = (build: 'simd' | 'scalar'): NumericCore =>
  loadNumeric({ simd: build === 'simd' ? 'on' : 'off' });

/** A case under way: who takes part, and their samples of each round. */
interface Race {
  readonly item: NumericCase;
  readonly lanes: ReadonlyMap<NumericBuild, Lane>;
  readonly natives: ReadonlyMap<NativeSide, (ms: number) => Promise<NativeRun>>;
  readonly rounds: Map<NumericBuild | NativeSide, (readonly number[])[]>;
}

/** Cases in groups of those that must run beside each other. */
function grouped(cases: readonly NumericCase[]): NumericCase[][] {
  const groups: NumericCase[][] = [];
  for (const item of cases) {
    const last = groups.at(-1);
    if (item.group !== undefined && last?.[0].group === item.group) last.push(item);
    else groups.push([item]);
  }
  return groups;
}

export async function runNumeric(
  cases: readonly NumericCase[],
  options: NumericOptions,
): Promise<NumericResult[]> {
  const results: NumericResult[] = [];
  for (const group of grouped(cases)) results.push(...(await runGroup(group, options)));
  return results;
}

async function runGroup(
  group: readonly NumericCase[],
  options: NumericOptions,
): Promise<NumericResult[]> {
  const races: Race[] = [];
  try {
    for (const item of group) races.push(await openRace(item, options));
    for (let round = 0; round < options.rounds; round++) {
      for (const race of races) {
        await runRound(race, options.ms);
        await options.onRound?.(race.item, round);
      }
    }
    return races.map((race) => resultOf(race, races[0]));
  } finally {
    for (const { lanes } of races) for (const lane of lanes.values()) await lane.close();
  }
}

async function openRace(item: NumericCase, options: NumericOptions): Promise<Race> {
  const { openLane = numericLane, native } = options;
  const builds: NumericBuild[] = ['simd', 'scalar'];
  if (item.plain !== undefined) builds.push('js');
  const lanes = new Map<NumericBuild, Lane>();
  for (const build of builds) lanes.set(build, await openLane(item, build));
  const natives = new Map<NativeSide, (ms: number) => Promise<NativeRun>>();
  for (const side of NATIVE_SIDES) {
    const run = item.native?.sides.includes(side) === true ? native(item, side) : null;
    if (run !== null) natives.set(side, run);
  }
  const want = lanes.get('simd')!.checksum;
  for (const [build, { checksum }] of lanes) expectSame(item, build, checksum, want);
  const sides = [...lanes.keys(), ...natives.keys()];
  return { item, lanes, natives, rounds: new Map(sides.map((side) => [side, []])) };
}

async function runRound({ item, lanes, natives, rounds }: Race, ms: number): Promise<void> {
  const want = lanes.get('simd')!.checksum;
  for (const [build, lane] of lanes) {
    rounds.get(build)!.push(await lane.measure(ms));
    if (build !== 'simd') continue;
    // Native right behind the build it is compared with.
    for (const [side, run] of natives) {
      const { samples, checksum } = await run(ms);
      expectSame(item, side, checksum, want);
      rounds.get(side)!.push(samples);
    }
  }
}

function expectSame(item: NumericCase, side: string, got: number, want: number): void {
  if (got === want) return;
  throw new ChecksumMismatch(`${item.id}: ${side} left checksum ${got}, the SIMD build ${want}`);
}

function resultOf({ item, lanes, rounds }: Race, first: Race): NumericResult {
  const simd = rounds.get('simd')!;
  const sides: Partial<Record<Side, Timing>> = {};
  const faster: Partial<Record<Side, number>> = {};
  for (const [side, samples] of rounds) {
    if (side === 'simd') continue;
    sides[side] = summarize(samples);
    faster[side] = pairedRatio(samples, simd);
  }
  const { id, title, unit, bytes, bars, quoted } = item;
  const growth = { value: pairedRatio(simd, first.rounds.get('simd')!), most: GROWTH_BAR };
  return {
    id, title, unit, bytes,
    checksum: lanes.get('simd')!.checksum,
    simd: summarize(simd),
    sides,
    faster,
    bars: bars.map((bar) => ({ ...bar, value: faster[bar.against] ?? null })),
    ...(item.group === undefined ? {} : { growth }),
    ...(quoted === undefined ? {} : { quoted }),
  };
}
