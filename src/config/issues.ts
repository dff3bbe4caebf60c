// SPDX-License-Identifier: Apache-2.0
/** A failed check in kvloom's words: what is allowed, and what was found instead. */
import type { z } from 'zod';
import { allowedKeys } from './keys.js';
import { didYouMean } from './suggest.js';

type Issue = z.core.$ZodIssue;
export interface Problem {
  readonly path: string;
  readonly message: string;
}

const nouns: Record<string, string> = {
  int: 'an integer',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

export function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function bound(issue: Issue, sign: '<' | '>', limit: number | bigint, inclusive: boolean): string {
  const origin = 'origin' in issue ? issue.origin : '';
  const noun = limit === 1 ? 'entry' : 'entries';
  if (origin === 'array') return `must have at least ${limit} ${noun}`;
  return `must be ${sign}${inclusive ? '=' : ''} ${limit}`;
}

function oneOf(values: readonly unknown[], found: unknown): string {
  const names = values.map(String);
  const hint = typeof found === 'string' ? didYouMean(found, names) : '';
  const list = names.length === 1 ? names[0] : `one of ${names.join(', ')}`;
  return `must be ${list}, got ${show(found)}${hint}`;
}

/** The sentence after the path. */
function sentence(issue: Issue, found: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      if (found === undefined) return `is required: ${nouns[issue.expected] ?? issue.expected}`;
      return `must be ${nouns[issue.expected] ?? issue.expected}, got ${show(found)}`;
    case 'too_small':
      if (found === '') return 'must not be empty';
      return `${bound(issue, '>', issue.minimum, issue.inclusive ?? false)}, got ${show(found)}`;
    case 'too_big':
      return `${bound(issue, '<', issue.maximum, issue.inclusive ?? false)}, got ${show(found)}`;
    case 'invalid_value':
      return oneOf(issue.values, found);
    case 'invalid_union':
      return oneOf('options' in issue ? (issue.options) : [], found);
    default:
      return issue.message;
  }
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map(String)
    .map((key) => (key.includes('.') ? `"${key}"` : key))
    .join('.');
}

/** One problem a sentence; unknown keys first, because they explain the missing ones. */
export function problems(
  schema: z.core.$ZodType,
  issues: readonly Issue[],
  data: unknown,
): Problem[] {
  const unknown: Problem[] = [];
  const rest: Problem[] = [];
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') {
      const found = valueAt(data, issue.path);
      rest.push({ path: pathText(issue.path), message: sentence(issue, found) });
      continue;
    }
    const allowed = allowedKeys(schema, data, issue.path);
    for (const key of issue.keys) {
      const hint = didYouMean(key, allowed) || `, allowed: ${allowed.join(', ')}`;
      unknown.push({ path: pathText([...issue.path, key]), message: `unknown key${hint}` });
    }
  }
  return [...unknown, ...rest];
}
