// SPDX-License-Identifier: Apache-2.0
import { UserError } from '../core/user-error.js';

/** One line below the header, by column. */
export interface CsvLine {
  readonly cells: ReadonlyMap<string, string>;
  /** Line in the file, from 1. */
  readonly line: number;
}

/** Cells of a line; a cell may be quoted, a quote inside is doubled. */
export function splitCsv(line: string, file: string, at: number): string[] {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const match = pattern.exec(line);
    if (match === null) throw new UserError('broken quotes', { file, line: at });
    cells.push(match[1] === undefined ? match[2] : match[1].replaceAll('""', '"'));
    if (match[3] === '') return cells;
  }
}

/**
 * Lines of a CSV with one header line; columns in any order, more columns allowed.
 * @throws UserError for a missing or doubled column, a line of another length, no lines at all.
 */
export function parseCsv(text: string, file: string, needed: readonly string[]): CsvLine[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = splitCsv(lines[0], file, 1).map((name) => name.trim());
  const missing = needed.find((name) => !header.includes(name));
  if (missing !== undefined) {
    const detail = { allowed: `a header with ${needed.join(', ')}` };
    throw new UserError('missing column', { file, line: 1, path: missing }, detail);
  }
  const twice = header.find((name, at) => header.indexOf(name) !== at);
  if (twice !== undefined) throw new UserError('column twice', { file, line: 1, path: twice });
  const out: CsvLine[] = [];
  for (let i = 1; i < lines.length; i++) {
    if (lines[i].trim() === '') continue;
    const cells = splitCsv(lines[i], file, i + 1);
    if (cells.length !== header.length) {
      const what = cells.length < header.length ? 'truncated line' : 'too many cells';
      const detail = { got: `${cells.length} cells`, allowed: `${header.length}, as the header` };
      throw new UserError(what, { file, line: i + 1 }, detail);
    }
    const named = new Map(header.map((name, at) => [name, cells[at].trim()] as const));
    out.push({ cells: named, line: i + 1 });
  }
  if (out.length === 0) throw new UserError('no rows below the header', { file });
  return out;
}
