// SPDX-License-Identifier: Apache-2.0
/**
 * Whole simulations in one warm process: requests per CPU second, memory, and proof that repeats
 * give the same digest. What runs a scenario is passed in; the names are presets.
 */
import { summarize } from './statistics.js';
import type { Timing } from './statistics.js';

export interface SimScenario {
  /** Preset of the same name. */
  readonly name: string;
  readonly title: string;
  /** Requests per CPU second that a release must reach, where there is a bar. */
  readonly bar?: number;
  /** CPU seconds before its runs count, where the usual ones are too few for the compiler. */
  readonly warmCpuSeconds?: number;
  /** Trace that replaces the one of the preset, below the shared trace folder. */
  readonly trace?: string;
}

export const simScenarios: readonly SimScenario[] = [
  {
    name: 'chat-1k', title: '1,000 requests, 1,024 in, 128 out, 16 in flight', warmCpuSeconds: 4,
  },
  { name: 'chat-5k', title: '5,000 chat requests, 4 replicas', bar: 17_000 },
  { name: 'agentic', title: '113 sessions x 30 rounds, cache thrashes', bar: 1_300 },
  { name: 'agentic-roomy', title: 'the same with room for every context' },
  { name: 'corpus', title: '527 sessions on 64 lanes, 8 replicas', trace: 'weka_compact.jsonl.gz' },
];

/** MiB that no scenario may exceed. */
export const PEAK_RSS_BAR_MIB = 150;

/** What a simulation came to. */
export interface SimOutcome {
  readonly requests: number;
  readonly digest: string;
  /** Cached share of the prompt tokens looked up, over all admissions (as engines count). */
  readonly hitRate: number | null;
  readonly preemptions: number;
}

/** One complete simulation, all outputs collected. */
export type SimRunner = (name: string) => Promise<SimOutcome>;

/** The process that the simulation runs in. */
export interface Meter {
  /** User + system time since it started. */
  cpuSeconds(): number;
  /** Most memory it ever held. */
  peakRssMiB(): number;
}

export interface SimResult extends SimOutcome {
  readonly name: string;
  readonly repeats: number;
  /** CPU seconds of a run, warm-up excluded. */
  readonly cpuSeconds: Timing;
  readonly requestsPerCpuSecond: number;
  readonly peakRssMiB: number;
  readonly bar: number | null;
}

/** CPU seconds that a process spends before its runs count. */
const WARM_CPU_SECONDS = 1.5;

/** Two runs of one scenario differ. */
export class DigestMismatch extends Error {
  override readonly name = 'InvariantBroken';
}

/** Warms up, then runs `repeats` times. Meant for a process of its own: memory is its peak. */
export async function runSim(
  scenario: SimScenario,
  runner: SimRunner,
  meter: Meter,
  repeats: number,
): Promise<SimResult> {
  const { name, warmCpuSeconds = WARM_CPU_SECONDS } = scenario;
  const outcome = await runner(name);
  const { requests, digest } = outcome;
  // A short scenario needs more than one run until the compiler is done with it.
  while (meter.cpuSeconds() < warmCpuSeconds) await runner(name);
  const samples: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const from = meter.cpuSeconds();
    const result = await runner(name);
    samples.push(meter.cpuSeconds() - from);
    if (result.digest !== digest || result.requests !== requests) {
      throw new DigestMismatch(`${name}: repeat ${i + 1} gave ${result.digest}, not ${digest}`);
    }
  }
  const cpuSeconds = summarize([samples]);
  return {
    ...outcome,
    name,
    repeats,
    cpuSeconds,
    requestsPerCpuSecond: requests / cpuSeconds.p50,
    peakRssMiB: meter.peakRssMiB(),
    bar: scenario.bar ?? null,
  };
}
