// SPDX-License-Identifier: Apache-2.0
import { KernelError } from '../core/status.js';
import { broken } from './difference.js';
import type { Difference } from './difference.js';

export type Fields = Readonly<Record<string, unknown>>;

/** One line of a log: an operation, its arguments and what came of it. */
export interface Entry {
  readonly line: number;
  readonly op: string;
  readonly fields: Fields;
}

/** A recorded run: JSON Lines, the first of which is the header. */
export interface RecordedLog {
  readonly family: string;
  readonly header: Entry;
  readonly entries: readonly Entry[];
}

/** A log that cannot be replayed, as the difference to report. */
export class BrokenLog extends Error {
  override readonly name = 'BrokenLog';
  constructor(readonly difference: Difference) {
    super(`line ${difference.line}: ${difference.what}`);
  }
}

/** Page hashes are bare 64-bit integers: quoted, they survive JSON.parse. */
function parseLine(text: string): unknown {
  const safe = /\d{16}/.test(text) ? text.replace(/([[,:]\s*)(-?\d{16,})/g, '$1"$2"') : text;
  return JSON.parse(safe);
}

function parseEntry(text: string, line: number): Entry {
  let value: unknown;
  try {
    value = parseLine(text);
  } catch {
    const got = text.length > 60 ? `...${text.slice(-60)}` : text;
    throw new BrokenLog(broken(line, 'cut or broken line', 'a JSON object', got));
  }
  const fields = value as Fields | null;
  if (typeof fields !== 'object' || fields === null || typeof fields['op'] !== 'string') {
    throw new BrokenLog(broken(line, 'op', 'the name of an operation', value));
  }
  return { line, op: fields['op'], fields };
}

/** True when a text begins with the header of a recorded log, whole or not. */
export function looksRecorded(head: string): boolean {
  return /^\s*\{\s*"op"\s*:\s*"header"/.test(head);
}

/** Parses a whole log; throws `BrokenLog`. */
export function parseLog(text: string): RecordedLog {
  const entries: Entry[] = [];
  text.split('\n').forEach((line, i) => {
    if (line.trim() !== '') entries.push(parseEntry(line, i + 1));
  });
  const header = entries.shift();
  const family = header?.fields['family'];
  if (header?.op !== 'header' || typeof family !== 'string') {
    const expected = '{"op":"header","family":...}';
    throw new BrokenLog(broken(header?.line ?? 1, 'header', expected, header));
  }
  return { family, header, entries };
}

/** A field that must be a whole number from `least` on. */
export function whole({ line, op, fields }: Entry, key: string, least = 0): number {
  const value = fields[key];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw new BrokenLog(broken(line, `${op}.${key}`, `a whole number from ${least} on`, value));
}

/** A field that must be a list of whole numbers. */
export function wholes({ line, op, fields }: Entry, key: string): number[] {
  const value = fields[key];
  const ok = Array.isArray(value) && value.every((v) => Number.isSafeInteger(v) && v >= 0);
  if (ok) return value as number[];
  throw new BrokenLog(broken(line, `${op}.${key}`, 'a list of whole numbers', value));
}

/** Replays entry by entry until the first difference; refusals and broken entries are ones. */
export function replayEntries(
  entries: readonly Entry[],
  step: (entry: Entry) => Difference | null,
): Difference | null {
  for (const entry of entries) {
    try {
      const difference = step(entry);
      if (difference !== null) return difference;
    } catch (error) {
      if (error instanceof BrokenLog) return error.difference;
      if (!(error instanceof KernelError) && !(error instanceof RangeError)) throw error;
      return broken(entry.line, entry.op, shownResult(entry), error.message);
    }
  }
  return null;
}

function shownResult({ fields }: Entry): string {
  return 'r' in fields ? JSON.stringify(fields['r']) : 'no refusal';
}
