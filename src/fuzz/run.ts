// SPDX-License-Identifier: Apache-2.0
import { resultsDigest } from './compare.js';
import { addProgram, NO_RESULTS } from './digest.js';
import type { Digest } from './digest.js';
import { encodeProgram, operationCount, OPERATION_BYTES, SETUP_BYTES, toHex } from './program.js';
import { fillRandom } from './random.js';
import { shrink } from './shrink.js';
import { ProgramFailed } from './target.js';
import type { FuzzTarget } from './target.js';

export interface FuzzOptions {
  readonly target: FuzzTarget;
  readonly seed: number;
  /** Operations to run in all. */
  readonly operations: number;
  /** Operations an episode: each starts from an empty arena, so that state stays small. */
  readonly episode?: number;
  /** Complete comparison and invariants after each so many operations. */
  readonly every?: number;
}

export interface FuzzFailure {
  readonly episode: number;
  readonly message: string;
  /** Operations before and after shrinking. */
  readonly originalOperations: number;
  readonly operations: number;
  /** The shrunk program, for `kvloom fuzz --replay`. */
  readonly program: string;
  /** The program as it was drawn. */
  readonly original: string;
  /** Complete comparison after each so many operations, as the shrunk program fails. */
  readonly every: number;
}

export interface FuzzResult {
  readonly operations: number;
  readonly failure: FuzzFailure | null;
}

/** Operations a program: each starts from an empty arena, so that state stays small. */
export const PROGRAM_OPERATIONS = 256;
/** Complete comparison after each so many operations, unless said otherwise. */
export const DEFAULT_EVERY = 64;

/**
 * Runs random programs until `operations` are done or one fails. Yields the operations done after
 * each episode, so that the caller shows progress, keeps time and may stop.
 */
export function* fuzz(options: FuzzOptions): Generator<number, FuzzResult> {
  const { target, seed, episode: size = PROGRAM_OPERATIONS, every = DEFAULT_EVERY } = options;
  const body = new Uint8Array(SETUP_BYTES + size * OPERATION_BYTES);
  let done = 0;
  for (let episode = 0; done < options.operations; episode++) {
    drawProgram(target, body, seed, episode);
    const count = Math.min(size, options.operations - done);
    const program = body.subarray(0, SETUP_BYTES + count * OPERATION_BYTES);
    const failed = failureOf(target, program, every);
    if (failed !== null) {
      done += Math.min(failed.operation, count);
      return { operations: done, failure: minimise(target, program.slice(), every, episode) };
    }
    done += count;
    yield done;
  }
  return { operations: done, failure: null };
}

/** What programs have in common. */
export interface SpanSettings {
  readonly seed: number;
  /** Complete comparison after each so many operations ... */
  readonly every: number;
  /** ... but after each one in the programs that hold the first so many of a kind. */
  readonly strictOperations: number;
}

export interface SpanResult {
  readonly operations: number;
  readonly digest: Digest;
  /** Operations of each variant of the target, by name. */
  readonly variants: Readonly<Record<string, number>>;
  /** The first program that failed; what came behind it did not run. */
  readonly failure: FuzzFailure | null;
}

/** Runs the programs `from` .. `to` of a kind. Equal spans give equal results anywhere. */
export function runSpan(
  target: FuzzTarget,
  settings: SpanSettings,
  from: number,
  to: number,
): SpanResult {
  const { seed, strictOperations } = settings;
  const body = new Uint8Array(SETUP_BYTES + PROGRAM_OPERATIONS * OPERATION_BYTES);
  const names = target.variants?.names ?? [];
  const variants: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
  let digest = NO_RESULTS;
  for (let program = from; program < to; program++) {
    drawProgram(target, body, seed, program);
    const every = program * PROGRAM_OPERATIONS < strictOperations ? 1 : settings.every;
    const operations = (program - from) * PROGRAM_OPERATIONS;
    if (failureOf(target, body, every) !== null) {
      return { operations, digest, variants, failure: minimise(target, body, every, program) };
    }
    digest = addProgram(digest, program, resultsDigest());
    if (names.length > 0) variants[names[program % names.length]] += PROGRAM_OPERATIONS;
  }
  const operations = (to - from) * PROGRAM_OPERATIONS;
  return { operations, digest, variants, failure: null };
}

/** Fills `body` with program `index` of a seed. */
export function drawProgram(
  target: FuzzTarget,
  body: Uint8Array,
  seed: number,
  index: number,
): void {
  fillRandom(body, seed, index);
  // In turn, not at random: each variant gets its share of any number of programs.
  const { variants } = target;
  if (variants !== undefined) body[variants.byte] = index % variants.names.length;
}

/** Runs one program, everything compared after every operation; null when all is well. */
export function replay(target: FuzzTarget, body: Uint8Array, every = 1): FuzzFailure | null {
  const failed = failureOf(target, body, every);
  return failed === null ? null : minimise(target, body, every, 0);
}

function failureOf(target: FuzzTarget, body: Uint8Array, every: number): ProgramFailed | null {
  // Refusals are errors, and stacks of errors that are expected cost half of the time (V8).
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    target.run(body, { every });
    return null;
  } catch (error) {
    if (error instanceof ProgramFailed) return error;
    throw error;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function minimise(
  target: FuzzTarget,
  body: Uint8Array,
  every: number,
  episode: number,
): FuzzFailure {
  const original = body.slice();
  // Comparing after each operation finds the failure where it arises; that may hide one that
  // depends on how often the state is read, so fall back to the way it was found.
  const strict = failureOf(target, original, 1) === null ? every : 1;
  const small = shrink(original, (candidate) => failureOf(target, candidate, strict) !== null);
  const failed = failureOf(target, small, strict);
  return {
    episode,
    message: failed?.message ?? 'failed once and not again: it depends on memory never written',
    originalOperations: operationCount(original),
    operations: operationCount(small),
    program: toHex(encodeProgram(target.kind, small)),
    original: toHex(encodeProgram(target.kind, original)),
    every: strict,
  };
}
