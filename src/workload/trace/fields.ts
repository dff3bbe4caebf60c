// SPDX-License-Identifier: Apache-2.0
/**
 * Checks of single trace fields. Hand-written, because a row loop over millions of rows has no
 * time for a schema library; error paths are built only when something is wrong.
 */
import { UserError, type InputDetail } from '../../core/user-error.js';

const MAX_TOKENS = 2 ** 32 - 1;
/** Simulated time is integer ns in a double: 2^53 ns are 104 days. */
const MAX_NS = 2 ** 53;

/** A JSON object whose fields are not checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** Where the reader stands: one mutable object a file, moved from row to row. */
export class Place {
  readonly file: string;
  /** Line, counted from 1; 0 when the format has no lines. */
  line = 0;
  /** Path of the row, as in `requests[12]`; empty for the document itself. */
  path = '';

  constructor(file: string) {
    this.file = file;
  }

  fail(key: string, what: string, detail: InputDetail = {}): never {
    const dot = this.path !== '' && key !== '' && !key.startsWith('[') ? '.' : '';
    const path = this.path + dot + key;
    throw new UserError(what, {
      file: this.file,
      ...(this.line > 0 ? { line: this.line } : {}),
      ...(path === '' ? {} : { path }),
    }, detail);
  }
}

export function object(value: unknown, place: Place, key = ''): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  return place.fail(key, 'must be an object', { got: value });
}

export function list(value: unknown, place: Place, key: string): readonly unknown[] {
  return Array.isArray(value) ? value : place.fail(key, 'must be a list', { got: value });
}

export function text(value: unknown, place: Place, key: string): string {
  if (typeof value === 'string' && value !== '') return value;
  return place.fail(key, 'must be a text that is not empty', { got: value });
}

/** Ids that some tools write as numbers: both spellings mean the same session. */
export function label(value: unknown, place: Place, key: string): string {
  return Number.isSafeInteger(value) ? String(value) : text(value, place, key);
}

export function whole(
  value: unknown,
  place: Place,
  key: string,
  least: number,
  most = MAX_TOKENS,
): number {
  const ok = typeof value === 'number' && Number.isInteger(value) && value >= least;
  if (ok && value <= most) return value;
  return place.fail(key, 'must be a whole number', { got: value, allowed: `${least} to ${most}` });
}

/** A prompt has at least one token. */
export const promptTokens = (value: unknown, place: Place, key: string): number =>
  whole(value, place, key, 1);

/** Recorded requests may have been cut off before their first token. */
export const answerTokens = (value: unknown, place: Place, key: string): number =>
  whole(value, place, key, 0);

/** Time or duration in the trace's own unit: a finite number, not negative. */
export function duration(value: unknown, place: Place, key: string): number {
  if (typeof value === 'number' && value >= 0 && value < Infinity) return value;
  return place.fail(key, 'must be a time', { got: value, allowed: '0 or more' });
}

/** A duration that may be absent or null: -1 then. */
export function optionalDuration(value: unknown, place: Place, key: string): number {
  return value === undefined || value === null ? -1 : duration(value, place, key);
}

/** Seconds to integer ns. */
export function secondsToNs(seconds: number, place: Place, key: string): number {
  return checkedNs(Math.round(seconds * 1e9), place, key);
}

/** Milliseconds to integer ns. */
export function msToNs(ms: number, place: Place, key: string): number {
  return checkedNs(Math.round(ms * 1e6), place, key);
}

function checkedNs(ns: number, place: Place, key: string): number {
  if (ns <= MAX_NS) return ns;
  return place.fail(key, 'must count from the start of the trace', {
    got: ns / 1e9,
    allowed: 'up to 9007199 s, 104 days',
  });
}

/** JSON.parse with the place in the error. `cut` says that the input ends without a line end. */
export function parseJson(json: string, place: Place, cut = false): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    const hint = cut ? ': the file ends in the middle of a record (truncated?)' : '';
    return place.fail('', `not valid JSON${hint}`, { got: json.trim() });
  }
}
