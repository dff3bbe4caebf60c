// SPDX-License-Identifier: Apache-2.0
import { KernelError } from '../core/status.js';

/** Kernel and twin disagree, or an invariant of the kernel is broken. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
  constructor(
    readonly what: string,
    readonly expected: string,
    readonly got: string,
  ) {
    super(`${what}: expected ${expected}, got ${got}`);
  }
}

export type Value = number | boolean | null | ArrayLike<number> | undefined;

/** What a call came back with: a value, or the refusal as text. */
export type Outcome = Value | string;

/** Runs one call; a refusal by a kernel or twin is an outcome like any other. */
export function outcomeOf(call: () => Value): Outcome {
  try {
    return call();
  } catch (error) {
    // Only the status counts. Anything else, a trap for instance, is the kernel's own failure.
    if (error instanceof KernelError) return `refused (${error.status})`;
    throw new Mismatch('call', 'a result or a refusal', String(error));
  }
}

export function same(a: Outcome, b: Outcome): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function show(value: Outcome): string {
  return typeof value === 'object' && value !== null
    ? `[${Array.from(value).join(' ')}]`
    : String(value);
}

export function expectSame(what: string, expected: Outcome, got: Outcome): void {
  if (!same(expected, got)) throw new Mismatch(what, show(expected), show(got));
}
