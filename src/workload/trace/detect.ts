// SPDX-License-Identifier: Apache-2.0
import { UserError, showValue } from '../../core/user-error.js';

export const TRACE_FORMATS =
  ['weka', 'compact', 'kvloom', 'mooncake', 'agentic-mooncake', 'csv'] as const;
export type TraceFormat = (typeof TRACE_FORMATS)[number];

/** First match wins: schema names before field names that other formats might use as well. */
const SIGNS: readonly (readonly [RegExp, TraceFormat])[] = [
  [/"schema"\s*:\s*"kvloom\.trace"/, 'kvloom'],
  [/"schema"\s*:\s*"dynamo\.agentic_mooncake"/, 'agentic-mooncake'],
  [/"r"\s*:\s*\[/, 'compact'],
  [/"input_(length|tokens)"\s*:/, 'mooncake'],
  [/"(requests|hash_id_scope)"\s*:/, 'weka'],
];

const CSV_HEADER = /(^|,)\s*(arrived_at|num_prefill_tokens|num_decode_tokens)\s*(,|$)/;

/** The format of a file whose first bytes are `head`; throws a `UserError` when none fits. */
export function detectFormat(head: Uint8Array, file: string): TraceFormat {
  if (head[0] === 0x1f && head[1] === 0x8b) {
    throw new UserError('gzip data where a trace was expected: decompress it first', { file });
  }
  // Not fatal: the head may end inside a character.
  const text = new TextDecoder('utf-8').decode(head).trimStart();
  if (text === '') throw new UserError('the file is empty', { file });
  if (text.startsWith('{')) {
    for (const [sign, format] of SIGNS) if (sign.test(text)) return format;
  } else if (CSV_HEADER.test(text.split(/\r?\n/, 1)[0])) {
    return 'csv';
  }
  throw new UserError(
    `unknown trace format, the file begins with ${showValue(text.split(/\r?\n/, 1)[0])}`,
    { file },
    { allowed: TRACE_FORMATS.join(', ') },
  );
}

/** A format name that the user gave. */
export function checkFormat(name: string, place: { file?: string; path?: string }): TraceFormat {
  const known = TRACE_FORMATS.find((format) => format === name);
  if (known !== undefined) return known;
  const allowed = TRACE_FORMATS.join(', ');
  throw new UserError('unknown trace format', place, { got: name, allowed });
}
