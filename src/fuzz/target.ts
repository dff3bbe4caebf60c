// SPDX-License-Identifier: Apache-2.0
import { Mismatch } from './compare.js';
import { OPERATION_BYTES, SETUP_BYTES, operationCount } from './program.js';
import type { FuzzKind } from './program.js';

export interface RunOptions {
  /** Compare everything and check every invariant after each so many operations. */
  readonly every: number;
}

/** Something that can be fuzzed. */
export interface FuzzTarget {
  readonly kind: FuzzKind;
  /** Runs one program body from an empty arena. Throws `Mismatch`. */
  run(body: Uint8Array, options: RunOptions): void;
}

/** Kernel and twin under one program. */
export interface TwinRun {
  apply(operation: Uint8Array): void;
  /** Cheap comparison, after every operation. */
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
  const bytes = new Uint8Array(SETUP_BYTES + count * OPERATION_BYTES);
  bytes.set(body.subarray(0, bytes.length));
  let i = 0;
  try {
    const run = start(bytes.subarray(0, SETUP_BYTES));
    for (; i < count; i++) {
      const at = SETUP_BYTES + i * OPERATION_BYTES;
      run.apply(bytes.subarray(at, at + OPERATION_BYTES));
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
  }
}
