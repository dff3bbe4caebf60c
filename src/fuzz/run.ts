// SPDX-License-Identifier: Apache-2.0
import { encodeProgram, OPERATION_BYTES, SETUP_BYTES, toHex } from './program.js';
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
}

export interface FuzzResult {
  readonly operations: number;
  readonly failure: FuzzFailure | null;
}

const EPISODE = 256;
const EVERY = 256;

/**
 * Runs random programs until `operations` are done or one fails. Yields the operations done after
 * each episode, so that the caller shows progress, keeps time and may stop.
 */
export function* fuzz(options: FuzzOptions): Generator<number, FuzzResult> {
  const { target, seed, episode: size = EPISODE, every = EVERY } = options;
  const body = new Uint8Array(SETUP_BYTES + size * OPERATION_BYTES);
  let done = 0;
  for (let episode = 0; done < options.operations; episode++) {
    fillRandom(body, seed, episode);
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

/** Runs one program, everything compared after every operation; null when all is well. */
export function replay(target: FuzzTarget, body: Uint8Array): FuzzFailure | null {
  const failed = failureOf(target, body, 1);
  return failed === null ? null : minimise(target, body, 1, 0);
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
  const originalOperations = operationsIn(body);
  // Comparing after each operation finds the failure where it arises; that may hide one that
  // depends on how often the state is read, so fall back to the way it was found.
  const strict = failureOf(target, body, 1) === null ? every : 1;
  const small = shrink(body, (candidate) => failureOf(target, candidate, strict) !== null);
  const failed = failureOf(target, small, strict);
  return {
    episode,
    message: failed?.message ?? 'failed once and not again: it depends on memory never written',
    originalOperations,
    operations: operationsIn(small),
    program: toHex(encodeProgram(target.kind, small)),
  };
}

function operationsIn(body: Uint8Array): number {
  return Math.max(0, Math.ceil((body.length - SETUP_BYTES) / OPERATION_BYTES));
}
