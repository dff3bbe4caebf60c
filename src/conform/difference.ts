// SPDX-License-Identifier: Apache-2.0

/** Recorded and replayed behaviour disagree, or the record itself is broken. */
export interface Difference {
  /** Line of the recorded file, counted from 1; 0 when it is not about one line. */
  readonly line: number;
  /** What differs: an operation and its field, or a path of keys. */
  readonly what: string;
  readonly expected: string;
  readonly got: string;
}

const SHOWN = 160;

/** A value as a difference shows it: JSON, long lists cut. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}...`;
}

/** Where two lists part, so that a cut text still shows the difference. */
function firstUnequal(expected: unknown, got: unknown): string {
  if (!Array.isArray(expected) || !Array.isArray(got)) return '';
  const at = expected.findIndex((value, i) => !equal(value, got[i]));
  return at < 0 ? `[${expected.length}]` : `[${at}]`;
}

/** Null when the values are equal as JSON. */
export function compare(
  line: number,
  what: string,
  expected: unknown,
  got: unknown,
): Difference | null {
  if (equal(expected, got)) return null;
  const long = shown(expected).endsWith('...') || shown(got).endsWith('...');
  const at = long ? firstUnequal(expected, got) : '';
  if (at === '') return { line, what, expected: shown(expected), got: shown(got) };
  const index = Number(at.slice(1, -1));
  const [e, g] = [(expected as unknown[])[index], (got as unknown[])[index]];
  return { line, what: what + at, expected: shown(e), got: shown(g) };
}

export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) =>
    equal((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}

export function broken(line: number, what: string, expected: string, got: unknown): Difference {
  return { line, what, expected, got: shown(got) };
}
