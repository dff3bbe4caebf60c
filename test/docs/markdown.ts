// SPDX-License-Identifier: Apache-2.0
/** The documentation as its tests read it: pages, fenced blocks, tables, links. */
import { existsSync } from 'node:fs';
import { projectFiles, read } from '../support/source.js';

export interface Fence {
  readonly file: string;
  /** Line of the opening fence, counted from 1. */
  readonly line: number;
  /** Words of the info string: `js run` -> ['js', 'run']. */
  readonly info: readonly string[];
  readonly text: string;
}

/** Markdown files of the project that are there. */
export function pages(): string[] {
  return projectFiles().filter((file) => /^(docs\/.*|[A-Z]+)\.md$/.test(file) && existsSync(file));
}

export function fencesOf(file: string): Fence[] {
  const fences: Fence[] = [];
  let open: { line: number; info: string[]; body: string[] } | null = null;
  read(file)
    .split('\n')
    .forEach((text, i) => {
      if (open === null && /^```\w/.test(text)) {
        open = { line: i + 1, info: text.slice(3).trim().split(/\s+/), body: [] };
      } else if (open !== null && text.startsWith('```')) {
        fences.push({ file, line: open.line, info: open.info, text: open.body.join('\n') });
        open = null;
      } else {
        open?.body.push(text);
      }
    });
  return fences;
}

/** Text of a page with the contents of its fenced blocks taken out; lines keep their numbers. */
export function prose(file: string): string {
  let fenced = false;
  const lines = read(file).split('\n').map((text) => {
    if (text.startsWith('```')) fenced = !fenced;
    return fenced || text.startsWith('```') ? '' : text;
  });
  return lines.join('\n');
}

export interface TableRow {
  /** The nearest heading above, without its hashes. */
  readonly heading: string;
  readonly cells: readonly string[];
}

/** Rows of all tables of a page, heads and rulers left out. */
export function tableRows(file: string): TableRow[] {
  const rows: TableRow[] = [];
  let heading = '';
  let body = false;
  for (const text of prose(file).split('\n')) {
    if (text.startsWith('#')) heading = text.replace(/^#+\s*/, '');
    if (!text.startsWith('|')) body = false;
    else if (/^\|[\s:|-]+\|$/.test(text)) body = true;
    else if (body) {
      const cells = text.slice(1, -1).split(/(?<!\\)\|/);
      rows.push({ heading, cells: cells.map((cell) => cell.trim()) });
    }
  }
  return rows;
}

export interface Link {
  readonly file: string;
  readonly line: number;
  readonly target: string;
}

export function linksOf(file: string): Link[] {
  return prose(file)
    .split('\n')
    .flatMap((text, i) =>
      [...text.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => ({
        file,
        line: i + 1,
        target,
      })),
    );
}

/** Fragments that headings of a page answer to, as GitHub makes them. */
export function anchorsOf(file: string): Set<string> {
  const headings = prose(file).split('\n').filter((text) => /^#+ /.test(text));
  const plain = headings.map((text) => text.replace(/^#+ /, '').toLowerCase());
  return new Set(plain.map((text) => text.replace(/[^\w\- ]/g, '').replace(/ /g, '-')));
}

/** The text between the first pair of backticks. */
export function codeIn(cell: string): string | null {
  return /`([^`]+)`/.exec(cell)?.[1] ?? null;
}
