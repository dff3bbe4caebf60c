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
  /** The bytes are those of this operation until it returns: keep numbers, not the array. */
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
    /** Counted from 1; one beyond the last operation for disposal. */
    readonly operation: number,
    readonly mismatch: Mismatch,
  ) {
    super(`operation ${operation}: ${mismatch.message}`);
  }
}

/** The program that runs, padded to whole operations, and a view of each: one a thread. */
let bytes = new Uint8Array(0);
let operations: Uint8Array[] = [];

/** Copies a body; what a short one lacks reads as 0. */
function load(body: Uint8Array): { setup: Uint8Array; count: number } {
  const count = operationCount(body);
  const length = SETUP_BYTES + count * OPERATION_BYTES;
  if (bytes.length < length) {
    bytes = new Uint8Array(length);
    operations = Array.from({ length: count }, (_, i) => {
      const at = SETUP_BYTES + i * OPERATION_BYTES;
      return bytes.subarray(at, at + OPERATION_BYTES);
    });
  }
  bytes.fill(0, body.length, length);
  bytes.set(body.length > length ? body.subarray(0, length) : body);
  return { setup: bytes.subarray(0, SETUP_BYTES), count };
}

/** Decodes a body and runs it, comparing as it goes. */
export function runOperations(
  body: Uint8Array,
  { every }: RunOptions,
  start: (setup: Uint8Array) => TwinRun,
): void {
  const { setup, count } = load(body);
  let i = 0;
  beginResults();
  try {
    const run = start(setup);
    for (; i < count; i++) {
      countResults(true);
      run.apply(operations[i]);
      countResults(false);
      run.compareSizes();
      if ((i + 1) % every === 0 || i + 1 === count) run.compareAll();
    }
    if (count === 0) run.compareAll();
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
