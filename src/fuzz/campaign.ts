// SPDX-License-Identifier: Apache-2.0
/**
 * A long run of the fuzzer over one or all kinds: what is to be done, what is done, what came out.
 * Programs are addressed by (seed, kind, number), so whoever runs them, in whatever order and with
 * however many breaks, comes to the same results.
 */
import { addDigests, digestText, NO_RESULTS } from './digest.js';
import type { Digest } from './digest.js';
import type { FuzzKind } from './program.js';
import { firstMissing, sizeOf, withRange } from './ranges.js';
import type { Range } from './ranges.js';
import { PROGRAM_OPERATIONS } from './run.js';
import type { FuzzFailure, SpanResult, SpanSettings } from './run.js';

/** What a campaign was begun with; going on with anything else would mean nothing. */
export interface CampaignSettings extends SpanSettings {
  readonly kind: FuzzKind | 'all';
  readonly build: 'simd' | 'scalar';
  /** Digest of the wasm module. */
  readonly kernels: string;
}

/** Programs `from` .. `to` of a kind: what a thread is given at a time. */
export interface Job {
  readonly kind: FuzzKind;
  readonly from: number;
  readonly to: number;
}

/** What is known of a kind. */
export interface KindRecord {
  /** Programs that ran without a failure. */
  done: readonly Range[];
  digest: Digest;
  variants: Record<string, number>;
  /** Time of all threads. */
  seconds: number;
}

export interface KindResult {
  readonly kind: FuzzKind;
  readonly seed: number;
  /** Since the campaign began, and in this call. */
  readonly operations: number;
  readonly operationsNow: number;
  readonly seconds: number;
  readonly secondsNow: number;
  readonly digest: string;
  readonly variants: Readonly<Record<string, number>>;
  readonly failure: FuzzFailure | null;
}

interface Row extends KindRecord {
  readonly kind: FuzzKind;
  readonly share: number;
  /** Programs to run. */
  programs: number;
  /** Programs that are done or with somebody. */
  given: readonly Range[];
  readonly before: { readonly programs: number; readonly seconds: number };
  failure: FuzzFailure | null;
}

/** Few enough that an interrupt is heard soon, many enough that handing them out costs nothing. */
const JOB_PROGRAMS = 64;

const none = (): KindRecord => ({ done: [], digest: NO_RESULTS, variants: {}, seconds: 0 });

export class Campaign {
  readonly #rows: Row[];
  #operations: number;

  constructor(
    readonly settings: CampaignSettings,
    /** Kinds with the parts of the operations that they get. */
    shares: Readonly<Partial<Record<FuzzKind, number>>>,
    /** Operations in all; may be infinite. */
    operations: number,
    records: Readonly<Partial<Record<FuzzKind, KindRecord>>> = {},
  ) {
    this.#rows = (Object.entries(shares) as [FuzzKind, number][]).map(([kind, share]) => {
      const record = records[kind] ?? none();
      const before = { programs: sizeOf(record.done), seconds: record.seconds };
      return {
        ...record, kind, share, programs: 0, given: record.done, before, failure: null,
      };
    });
    this.#operations = operations;
    this.#divide(Math.ceil(operations / PROGRAM_OPERATIONS));
  }

  /** Operations in all, in whole programs. */
  get operations(): number {
    return this.#rows.reduce((sum, { programs }) => sum + programs, 0) * PROGRAM_OPERATIONS;
  }

  get done(): number {
    return this.#rows.reduce((sum, { done }) => sum + sizeOf(done), 0) * PROGRAM_OPERATIONS;
  }

  /** Done in this call. */
  get doneNow(): number {
    return this.results().reduce((sum, { operationsNow }) => sum + operationsNow, 0);
  }

  /** The next programs to run: those of the kind that lags most; null when all are given out. */
  next(): Job | null {
    let best: { row: Row; range: Range; lag: number } | null = null;
    for (const row of this.#rows) {
      if (row.failure !== null) continue;
      const range = firstMissing(row.given, 0, row.programs, JOB_PROGRAMS);
      const lag = sizeOf(row.given) / row.share;
      if (range !== null && (best === null || lag < best.lag)) best = { row, range, lag };
    }
    if (best === null) return null;
    const { row, range } = best;
    row.given = withRange(row.given, range);
    return { kind: row.kind, from: range[0], to: range[1] };
  }

  /** A job is back. Of several failures of a kind the one of the earliest program stays. */
  record({ kind, from, to }: Job, result: SpanResult, seconds: number): void {
    const row = this.#rows.find((each) => each.kind === kind)!;
    row.seconds += seconds;
    const { failure } = result;
    if (failure !== null && failure.episode < (row.failure?.episode ?? Infinity)) {
      row.failure = failure;
    }
    const end = failure === null ? to : failure.episode;
    if (end > from) row.done = withRange(row.done, [from, end]);
    row.digest = addDigests(row.digest, result.digest);
    for (const [name, operations] of Object.entries(result.variants)) {
      row.variants[name] = (row.variants[name] ?? 0) + operations;
    }
  }

  results(): KindResult[] {
    return this.#rows.map((row) => {
      const { kind, done, before, seconds, variants, failure } = row;
      const programs = sizeOf(done);
      return {
        kind,
        seed: this.settings.seed,
        operations: programs * PROGRAM_OPERATIONS,
        operationsNow: (programs - before.programs) * PROGRAM_OPERATIONS,
        seconds,
        secondsNow: seconds - before.seconds,
        digest: digestText(row.digest),
        variants: { ...variants },
        failure,
      };
    });
  }

  /** Digest of the results of all kinds. */
  get digest(): string {
    return digestText(this.#rows.reduce((sum, { digest }) => addDigests(sum, digest), NO_RESULTS));
  }

  records(): Record<string, KindRecord> {
    return Object.fromEntries(this.#rows.map(({ kind, done, digest, variants, seconds }) =>
      [kind, { done, digest, variants, seconds }]));
  }

  /** Operations asked for, as they were given. */
  get asked(): number {
    return this.#operations;
  }

  /** By shares, what is left over to the largest fractions; one program at least. */
  #divide(total: number): void {
    const sum = this.#rows.reduce((all, { share }) => all + share, 0);
    const exact = (row: Row): number => (total * row.share) / sum;
    for (const row of this.#rows) row.programs = Math.floor(exact(row));
    if (!Number.isFinite(total)) return;
    let left = total - this.#rows.reduce((all, { programs }) => all + programs, 0);
    const byFraction = [...this.#rows].sort((a, b) =>
      exact(b) - Math.floor(exact(b)) - (exact(a) - Math.floor(exact(a))));
    for (const row of byFraction) if (left-- > 0) row.programs++;
    if (total > 0) for (const row of this.#rows) row.programs ||= 1;
  }
}
