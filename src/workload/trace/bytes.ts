// SPDX-License-Identifier: Apache-2.0
import { UserError } from '../../core/user-error.js';

/** Bytes of a trace in any cut. */
export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** One line without its line end. */
export interface Line {
  readonly text: string;
  /** Counted from 1. */
  readonly number: number;
  /** False for a last line that has no line end. */
  readonly terminated: boolean;
}

const LINE_FEED = 10;
/** Strict, and drops a byte order mark. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes that can be looked at before they are consumed. */
export class ByteSource implements AsyncIterable<Uint8Array> {
  readonly file: string;
  private readonly chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  private held: Uint8Array[] = [];
  private heldBytes = 0;
  private ended = false;

  constructor(chunks: Chunks, file: string) {
    this.file = file;
    this.chunks = Symbol.asyncIterator in chunks
      ? chunks[Symbol.asyncIterator]()
      : chunks[Symbol.iterator]();
  }

  /** The first line, or the first `limit` bytes and some, or all there is; consumes nothing. */
  async peekLine(limit: number): Promise<Peek> {
    return this.peek(limit, true);
  }

  /** The first `limit` bytes and some, or all there is; consumes nothing. */
  async peekBytes(limit: number): Promise<Peek> {
    return this.peek(limit, false);
  }

  /** Lets go of the source: an open file is closed. */
  async close(): Promise<void> {
    await this.chunks.return?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.held.shift();
      if (chunk !== undefined) yield chunk;
      else if (!(await this.pull())) return;
    }
  }

  private async peek(limit: number, oneLine: boolean): Promise<Peek> {
    let lines = this.held.some((chunk) => chunk.includes(LINE_FEED));
    while (!this.ended && this.heldBytes <= limit && !(oneLine && lines)) {
      if (await this.pull()) lines ||= this.held[this.held.length - 1].includes(LINE_FEED);
    }
    const bytes = concatenate(this.held);
    this.held = bytes.length > 0 ? [bytes] : [];
    const lineEnd = oneLine ? bytes.indexOf(LINE_FEED) : -1;
    return {
      bytes: lineEnd < 0 ? bytes : bytes.subarray(0, lineEnd),
      wholeLine: lineEnd >= 0,
      wholeFile: this.ended && lineEnd < 0,
    };
  }

  private async pull(): Promise<boolean> {
    const { value, done } = await this.chunks.next();
    if (done === true) {
      this.ended = true;
      return false;
    }
    this.held.push(value);
    this.heldBytes += value.length;
    return true;
  }
}

/** What `peekLine` and `peekBytes` saw. */
export interface Peek {
  readonly bytes: Uint8Array;
  /** The bytes are a whole line. */
  readonly wholeLine: boolean;
  /** The bytes are the whole file. */
  readonly wholeFile: boolean;
}

/** The lines of a file; a line beyond `maxBytes` is an error, not an ever growing buffer. */
export async function* readLines(source: ByteSource, maxBytes: number): AsyncGenerator<Line> {
  const file = source.file;
  let parts: Uint8Array[] = [];
  let size = 0;
  let number = 1;
  for await (const chunk of source) {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, from);
      const part = chunk.subarray(from, end < 0 ? chunk.length : end);
      parts.push(part);
      size += part.length;
      if (size > maxBytes) {
        const detail = { got: size, allowed: `up to ${maxBytes} bytes` };
        throw new UserError('line too long', { file, line: number }, detail);
      }
      if (end < 0) break;
      yield { text: decode(concatenate(parts), file, number), number, terminated: true };
      parts = [];
      size = 0;
      number++;
      from = end + 1;
    }
  }
  if (size > 0) yield { text: decode(concatenate(parts), file, number), number, terminated: false };
}

/** UTF-8 to text; `line` 0 means that the format has no lines. */
export function decode(bytes: Uint8Array, file: string, line = 0): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new UserError('not UTF-8 text', line > 0 ? { file, line } : { file });
  }
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  let size = 0;
  for (const part of parts) size += part.length;
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
