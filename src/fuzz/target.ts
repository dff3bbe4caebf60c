// SPDX-License-Identifier: Apache-2.0
import { beginResults, countResults, Mismatch } from './compare.js';
import { OPERATION_BYTES, SETUP_BYTES, operationCount } from './program.js';
import type { FuzzKind } from './program.js';

export interface RunOptions {
  /** Compare everything and check every invariant after each so many operations. */
  readonly every: number;
}

/** Forms of a kernel that a byte of the setup chooses: programs take them in turn. */
export interface Variants {
  readonly byte: number;
  readonly names: readonly string[];
}

/** Something that can be fuzzed. */
export interface FuzzTarget {
  readonly kind: FuzzKind;
  readonly variants?: Variants;
  /** Runs one program body from an empty arena. Throws `Mismatch`. */
  run(body: Uint8Array, options: RunOptions): void;
}

/** Kernel and twin under one program. */
export interface TwinRun {
  /** The bytes are those of this operation only until it returns: keep numbers, not the array. */
  apply(operation: Uint8Array): void;
  /** What O(1) tells, after every operation. */
  compareSizes(): void;
  /** Complete comparison and the invariants. */
  compareAll(): void;
  dispose(): void;
}

/** Where in a program a mismatch showed. */
export class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed';
  constructor(
    /** Counted from 1; one beyond the last operation for the comparison at the end. */
    readonly operation: number,
    readonly mismatch: Mismatch,
  ) {
    super(`operation ${operation}: ${mismatch.message}`);
  }
}

/** Decodes a body and runs it, comparing as it goes. */
export function runOperations(
  body: Uint8Array,
  { every }: RunOptions,
  start: (setup: Uint8Array) => TwinRun,
): void {
  const count = operationCount(body);
  const operation = new Uint8Array(OPERATION_BYTES);
  let i = 0;
  beginResults();
  try {
    const run = start(Uint8Array.from({ length: SETUP_BYTES }, (_, at) => body[at] ?? 0));
    for (let at = SETUP_BYTES; i < count; i++, at += OPERATION_BYTES) {
      // What a short body lacks reads as 0.
      for (let byte = 0; byte < OPERATION_BYTES; byte++) operation[byte] = body[at + byte] ?? 0;
      countResults(true);
      run.apply(operation);
      countResults(false);
      run.compareSizes();
      if ((i + 1) % every === 0 && i + 1 < count) run.compareAll();
    }
    run.compareAll();
    run.dispose();
  } catch (error) {
    const mismatch = error instanceof Mismatch
      ? error
      : new Mismatch('program', 'no exception', String(error));
    throw new ProgramFailed(i + 1, mismatch);
  } finally {
    countResults(false);
  }
}
