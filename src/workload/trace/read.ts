// SPDX-License-Identifier: Apache-2.0
import { UserError } from '../../core/user-error.js';
import { WorkloadBuilder } from '../builder.js';
import type { SessionDraft } from '../draft.js';
import type { Workload } from '../types.js';
import { AgenticMooncakeParser } from './agentic-mooncake.js';
import { ByteSource, type Chunks, readLines } from './bytes.js';
import { CompactParser } from './compact.js';
import { CsvParser } from './csv.js';
import { type TraceFormat, checkFormat, detectFormat } from './detect.js';
import type { LineParser } from './line-parser.js';
import { MooncakeParser } from './mooncake.js';
import { NativeParser } from './native.js';
import { writeNative } from './native-writer.js';
import { readWeka } from './weka-document.js';
import type { NestedTimes } from './weka.js';

export interface ReadOptions {
  /** Name of the file for errors. */
  readonly file: string;
  /** Told by the first bytes when absent. */
  readonly format?: TraceFormat;
  /** Name of the workload; a native trace carries one, otherwise that of the file. */
  readonly name?: string;
  /** Longest line of a JSONL or CSV file, bytes. Default 256 MiB. */
  readonly maxLineBytes?: number;
  /** Weka documents beyond this many bytes are parsed request by request. Default 32 MiB. */
  readonly wholeDocumentBytes?: number;
  /** Weka: from when nested requests count. Default auto. */
  readonly nestedTimes?: NestedTimes;
  /** Tokens a block for formats that do not tell (Mooncake: 512, CSV: 64). */
  readonly blockSize?: number;
}

const HEAD_BYTES = 2 ** 18;
const MAX_LINE_BYTES = 2 ** 28;
const WHOLE_DOCUMENT_BYTES = 2 ** 25;

const LINE_PARSERS: Readonly<
  Record<Exclude<TraceFormat, 'weka'>, (file: string, blockSize?: number) => LineParser>
> = {
  compact: (file) => new CompactParser(file),
  kvloom: (file) => new NativeParser(file),
  mooncake: (file, blockSize) => new MooncakeParser(file, blockSize),
  'agentic-mooncake': (file) => new AgenticMooncakeParser(file),
  csv: (file, blockSize) => new CsvParser(file, blockSize),
};

/** The sessions of a trace as they are read: memory holds the current one (see the formats). */
export async function* readSessions(
  chunks: Chunks,
  options: ReadOptions,
): AsyncGenerator<SessionDraft> {
  const source = new ByteSource(chunks, options.file);
  try {
    yield* sessionsOf(source, options);
  } finally {
    await source.close();
  }
}

async function* sessionsOf(
  source: ByteSource,
  options: ReadOptions,
): AsyncGenerator<SessionDraft> {
  const { file, blockSize, maxLineBytes = MAX_LINE_BYTES } = options;
  const { bytes } = await source.peekLine(HEAD_BYTES);
  // A pretty-printed document says little on its first line.
  const head = bytes.length >= 64 ? bytes : (await source.peekBytes(HEAD_BYTES)).bytes;
  const format = options.format === undefined
    ? detectFormat(head, file)
    : checkFormat(options.format, { file, path: 'format' });
  if (format === 'weka') {
    const { nestedTimes = 'auto', wholeDocumentBytes = WHOLE_DOCUMENT_BYTES } = options;
    yield* readWeka(source, { nestedTimes, maxLineBytes, wholeDocumentBytes });
    return;
  }
  const parser = LINE_PARSERS[format](file, blockSize);
  for await (const { text, number, terminated } of readLines(source, maxLineBytes)) {
    if (text.trim() === '') continue;
    const session = parser.line(text, number, terminated);
    if (session !== undefined) yield session;
  }
  yield* parser.end();
}

/** Reads a whole trace into columns. */
export async function readWorkload(chunks: Chunks, options: ReadOptions): Promise<Workload> {
  return readWorkloads([{ chunks, options }], options.name);
}

/** Several traces as one workload: sessions in the order given, ids of local scope kept apart. */
export async function readWorkloads(
  traces: Iterable<{ readonly chunks: Chunks; readonly options: ReadOptions }>,
  name?: string,
): Promise<Workload> {
  const builder = new WorkloadBuilder(name);
  const files: string[] = [];
  for (const { chunks, options } of traces) {
    const before = builder.sessionCount;
    const { file } = options;
    builder.startFile();
    for await (const session of readSessions(chunks, options)) {
      builder.addSession(session, { file });
    }
    if (builder.sessionCount === before) throw new UserError('no sessions in this trace', { file });
    files.push(file);
  }
  return builder.finish(nameOf(files));
}

/** File names without folders: a workload's name must not depend on where its files lie. */
function nameOf(files: readonly string[]): string {
  const first = files.length === 0 ? '' : files[0].replace(/^.*[/\\]/, '');
  return files.length < 2 ? first : `${first} and ${files.length - 1} more`;
}

/** Any trace as the lines of the native format; needs the whole workload in memory. */
export async function* convertToNative(
  chunks: Chunks,
  options: ReadOptions,
): AsyncGenerator<string> {
  yield* writeNative(await readWorkload(chunks, options));
}
