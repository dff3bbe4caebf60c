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

/** A number, a fact or nothing, or lists of these to any depth. */
export type Value =
  number | bigint | boolean | null | undefined | ArrayLike<number> | readonly Value[];

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
  const { length } = a;
  if (length !== b.length) return false;
  if (length === 0) return true;
  if (a instanceof Uint32Array && b instanceof Uint32Array) return sameWords(a, b);
  for (let i = 0; i < length; i++) if (a[i] !== b[i] && !same(a[i], b[i])) return false;
  return true;
}

/** Most of what is compared; V8 reads arrays of one kind quicker. */
function sameWords(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function show(value: Outcome): string {
  return typeof value === 'object' && value !== null
    ? `[${Array.from(value as readonly Value[], show).join(' ')}]`
    : String(value);
}

export function expectSame(what: string, expected: Outcome, got: Outcome): void {
  if (!same(expected, got)) throw new Mismatch(what, show(expected), show(got));
  if (counting) fold(got);
}

/**
 * Digest of the results since `beginResults`: what operations answered, not what the comparisons
 * between them read. One a thread, because a thread runs one program at a time.
 */
let digest = 0;
let counting = false;
const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

export function beginResults(): void {
  digest = 0;
}

export function countResults(on: boolean): void {
  counting = on;
}

export function resultsDigest(): number {
  return digest >>> 0;
}

function foldWord(word: number): void {
  digest = Math.imul((digest << 5 | digest >>> 27) ^ word, 0x9e3779b1);
}

function fold(value: Outcome): void {
  if (typeof value === 'number') {
    foldWord(value);
    if (value === (value | 0)) return;
    double[0] = value;
    foldWord(halves[0]);
    foldWord(halves[1]);
  } else if (typeof value === 'object' && value !== null) {
    foldWord(value.length);
    if (value instanceof Uint32Array) for (const word of value) foldWord(word);
    else for (let i = 0; i < value.length; i++) fold(value[i]);
  } else if (typeof value === 'string') {
    for (let i = 0; i < value.length; i++) foldWord(value.charCodeAt(i));
  } else if (typeof value === 'bigint') {
    foldWord(Number(BigInt.asIntN(32, value)));
    foldWord(Number(BigInt.asIntN(32, value >> 32n)));
  } else {
    foldWord(value === true ? 3 : value === false ? 5 : 7);
  }
}
