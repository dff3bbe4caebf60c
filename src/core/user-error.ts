// SPDX-License-Identifier: Apache-2.0
/** Where in the user's input the mistake stands; every part is optional. */
export interface InputPlace {
  readonly file?: string;
  /** Counted from 1. */
  readonly line?: number;
  /** Path of the field, as in `requests[12].hash_ids`. */
  readonly path?: string;
}

/** What stood there and what may stand there. */
export interface InputDetail {
  /** The offending value; printed when the key is present, even if it is undefined. */
  readonly got?: unknown;
  readonly allowed?: string;
}

const SHOWN_CHARACTERS = 60;

/**
 * Bad input from the user: a trace, a config or an argument. The message is complete, so a caller
 * prints it without a stack:
 *
 * ```
 *   trace.jsonl:7: input_length: must be a whole number of tokens, got -3 (allowed: 1 or more)
 * ```
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly path: string | undefined;

  constructor(what: string, place: InputPlace = {}, detail: InputDetail = {}) {
    super(placePrefix(place) + what + detailSuffix(detail));
    this.file = place.file;
    this.line = place.line;
    this.path = place.path;
  }
}

function placePrefix({ file, line, path }: InputPlace): string {
  const where = [file, line === undefined ? undefined : String(line)];
  const head = where.filter((part) => part !== undefined && part !== '').join(':');
  return [head, path].map((part) => (part ? `${part}: ` : '')).join('');
}

function detailSuffix(detail: InputDetail): string {
  const got = 'got' in detail ? `, got ${showValue(detail.got)}` : '';
  return got + (detail.allowed === undefined ? '' : ` (allowed: ${detail.allowed})`);
}

/** A value as an error message shows it: short, and never a whole object. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  const long = value.length > SHOWN_CHARACTERS;
  return JSON.stringify(long ? `${value.slice(0, SHOWN_CHARACTERS)}...` : value);
}
