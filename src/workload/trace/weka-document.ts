// SPDX-License-Identifier: Apache-2.0
import type { SessionDraft } from '../draft.js';
import { type ByteSource, decode, readLines } from './bytes.js';
import { Place, list, object, parseJson } from './fields.js';
import { type NestedTimes, type WekaItem, wekaHead, wekaItem, wekaSession } from './weka.js';

export interface WekaOptions {
  readonly nestedTimes: NestedTimes;
  readonly maxLineBytes: number;
  /** Documents beyond this many bytes are parsed request by request. */
  readonly wholeDocumentBytes: number;
}

/**
 * Sessions of a Weka file: one document (on one line or many), or one document a line. A single
 * document of any size costs its block ids in memory, not its text.
 */
export async function* readWeka(
  source: ByteSource,
  options: WekaOptions,
): AsyncGenerator<SessionDraft> {
  const place = new Place(source.file);
  const limit = options.wholeDocumentBytes;
  const head = await source.peekLine(limit);
  const first = head.wholeLine ? documentOf(head.bytes) : undefined;
  if (first !== undefined) {
    yield* readDocumentLines(source, first, place, options);
    return;
  }
  const all = await source.peekBytes(limit);
  yield all.wholeFile && all.bytes.length <= limit
    ? parseDocument(parseJson(decode(all.bytes, source.file), place, true), place, options)
    : await streamDocument(source, place, options);
}

async function* readDocumentLines(
  source: ByteSource,
  first: unknown,
  place: Place,
  options: WekaOptions,
): AsyncGenerator<SessionDraft> {
  const seen = new Set<string>();
  for await (const { text, number, terminated } of readLines(source, options.maxLineBytes)) {
    if (text.trim() === '') continue;
    place.line = number;
    place.path = '';
    const document = number === 1 ? first : parseJson(text, place, !terminated);
    const session = parseDocument(document, place, options);
    if (seen.has(session.id)) {
      place.path = '';
      place.fail('id', 'session appears twice in this file', { got: session.id });
    }
    seen.add(session.id);
    yield session;
  }
}

/** The first line as JSON if it is a whole document, undefined if it only begins one. */
function documentOf(line: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(decode(line, ''));
    return value === null ? undefined : value;
  } catch {
    return undefined;
  }
}

function parseDocument(document: unknown, place: Place, options: WekaOptions): SessionDraft {
  const fields = object(document, place);
  const head = wekaHead(fields, place);
  const requests = list(fields['requests'], place, 'requests');
  const items = requests.map((value, i) => wekaItem(value, place, `requests[${i}]`));
  place.path = '';
  return wekaSession(head, items, place, options.nestedTimes);
}

const HEAD_FIELDS = ['id', 'block_size', 'hash_id_scope', 'models'];

async function streamDocument(
  source: ByteSource,
  place: Place,
  options: WekaOptions,
): Promise<SessionDraft> {
  const fields: Record<string, unknown> = {};
  const items: WekaItem[] = [];
  let failure: unknown;
  const paths = [...HEAD_FIELDS.map((key) => `$.${key}`), '$.requests.*'];
  // A parser for documents that hardly anybody has: not part of a start.
  const { JSONParser } = await import('@streamparser/json');
  const parser = new JSONParser({ paths, keepStack: false });
  parser.onError = (error) => (failure ??= error);
  parser.onValue = ({ value, key, stack }) => {
    if (failure !== undefined) return;
    try {
      if (stack.length === 1) fields[key as string] = value;
      else items.push(wekaItem(value, place, `requests[${items.length}]`));
    } catch (error) {
      failure = error;
    }
  };
  for await (const chunk of source) {
    const rest = parser.isEnded ? chunk : undefined;
    if (rest === undefined) parser.write(chunk);
    else if (decode(rest, source.file).trim() !== '') failure ??= new Error('more text follows');
    if (failure !== undefined) break;
  }
  place.path = '';
  checkStream(failure, parser.isEnded, place);
  return wekaSession(wekaHead(fields, place), items, place, options.nestedTimes);
}

/** Our own errors pass as they are; those of the JSON library get the file's name. */
function checkStream(failure: unknown, ended: boolean, place: Place): void {
  if (failure instanceof Error) {
    if (failure.name === 'UserError') throw failure;
    place.fail('', `not one valid JSON document: ${failure.message}`);
  }
  if (!ended) {
    place.fail('', 'not valid JSON: the file ends in the middle of a record (truncated?)');
  }
}
