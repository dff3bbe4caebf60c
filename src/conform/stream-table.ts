// SPDX-License-Identifier: Apache-2.0
/**
 * Totals of request streams, as the README of the recordings or a `streams.json` lists them: which
 * trace, through which driver, with how much room, came to how many hits.
 */
import { broken, compare } from './difference.js';
import type { Difference } from './difference.js';

/** What a driver counts; a column that the table lacks is not compared. */
export interface StreamCounts {
  readonly requests: number;
  readonly blocks: number;
  readonly hits: number;
  readonly evicted: number;
  /** CRC-32 of the hits of each request. */
  readonly crc: number;
}

export interface StreamRow {
  readonly line: number;
  readonly stream: string;
  readonly driver: string;
  /** Kernel behind the driver; null for one that is not built. */
  readonly family: 'pool' | 'tree' | null;
  /** Blocks; those of a pool include its null block. */
  readonly capacity: number;
  readonly window: number;
  /** Base names of the traces without ending, in the order in which they are merged. */
  readonly traces: readonly string[];
  readonly expected: Readonly<Record<string, string>>;
}

type Cells = Readonly<Record<string, string>>;

const COUNTS: Readonly<Record<string, (counts: StreamCounts) => string>> = {
  requests: ({ requests }) => String(requests),
  blocks: ({ blocks }) => String(blocks),
  'hit blocks': ({ hits }) => String(hits),
  evicted: ({ evicted }) => String(evicted),
  hitcrc: ({ crc }) => crc.toString(16).padStart(8, '0'),
};
const NEEDED = ['stream', 'driver', 'capacity', 'window'];
const FAMILIES: Readonly<Record<string, 'pool' | 'tree'>> = {
  pool: 'pool', radix: 'tree', 'radix lru': 'tree',
};

const cellsOf = (line: string): string[] =>
  line.trim().replace(/^\||\|$/g, '').split('|').map((cell) => cell.trim());

/** Rows of the tables of a page that have the columns of stream totals. */
export function streamTable(page: string): StreamRow[] {
  const rows: StreamRow[] = [];
  let columns: string[] | null = null;
  page.split('\n').forEach((line, i) => {
    if (!line.trimStart().startsWith('|')) {
      columns = null;
    } else if (columns === null) {
      const names = cellsOf(line).map((cell) => cell.toLowerCase());
      columns = NEEDED.every((name) => names.includes(name)) ? names : [];
    } else if (columns.length > 0 && !/^[\s|:-]+$/.test(line)) {
      const values = cellsOf(line);
      const cells = Object.fromEntries(columns.map((name, at) => [name, values[at] ?? '']));
      rows.push(rowOf(cells, i + 1, tracesOf(cells['stream'], page)));
    }
  });
  return rows;
}

/** The same from a list of objects by the names of the columns; `traces` may name the files. */
export function streamList(value: unknown): StreamRow[] {
  const list = Array.isArray(value) ? value : (value as { streams?: unknown } | null)?.streams;
  if (!Array.isArray(list)) return [];
  return list.map((entry: Readonly<Record<string, unknown>>) => {
    const cells = Object.fromEntries(
      Object.entries(entry).map(([name, cell]) => [name.replace(/_/g, ' '), String(cell)]),
    );
    const { traces } = entry;
    const named = Array.isArray(traces) ? traces.map((name) => baseName(String(name))) : null;
    return rowOf(cells, 1, named ?? tracesOf(cells['stream'] ?? '', ''));
  });
}

function rowOf(cells: Cells, line: number, traces: readonly string[]): StreamRow {
  const { stream = '', driver = '', capacity = '', window = '' } = cells;
  // "50001 (incl. null)": what stands behind the number is a remark.
  const number = (text: string): number => Number(/^\d+/.exec(text)?.[0] ?? NaN);
  const names = Object.keys(COUNTS).filter((name) => cells[name] !== undefined);
  const expected = Object.fromEntries(names.map((name) => [name, cells[name]]));
  const family = FAMILIES[driver] ?? null;
  const sizes = { capacity: number(capacity), window: number(window) };
  return { line, stream, driver, family, ...sizes, traces, expected };
}

const baseName = (path: string): string =>
  path.replace(/^.*\//, '').replace(/\.gz$/, '').replace(/\.(jsonl?|csv)$/, '');

/**
 * The traces of a stream: "0679 only" is trace 0679, "weka10 = ... traces 0001 0003 ..." and
 * "conv = .../conversation_trace.jsonl" are said somewhere on the page; else the name is a file's.
 */
function tracesOf(stream: string, page: string): string[] {
  const alone = /^(\d{4})( only)?$/.exec(stream);
  if (alone !== null) return [`trace_${alone[1]}`];
  const start = stream === '' ? -1 : page.search(new RegExp(`\\b${escaped(stream)} = `));
  const said = start < 0 ? '' : page.slice(start + stream.length).split(/[;\n]/)[0];
  const numbers = /traces ((?:\d{4}[ ,]*)+)/.exec(said);
  if (numbers !== null) return numbers[1].match(/\d{4}/g)!.map((digits) => `trace_${digits}`);
  const file = /[\w./-]+\.(?:jsonl?|csv)\b/.exec(said);
  return [baseName(file?.[0] ?? stream)];
}

const escaped = (text: string): string => text.replace(/[^\w ]/g, '\\$&');

/** What is wrong with the row itself. */
export function rowProblem({ line, capacity, window }: StreamRow): Difference | null {
  if (!(capacity >= 2)) return broken(line, 'capacity', 'a number of blocks', capacity);
  if (!(window >= 1)) return broken(line, 'window', 'a number of requests', window);
  return null;
}

/** The first count that differs from the row's. */
export function compareCounts(row: StreamRow, counts: StreamCounts): Difference | null {
  for (const [name, expected] of Object.entries(row.expected)) {
    const difference = compare(row.line, name, expected, COUNTS[name](counts));
    if (difference !== null) return difference;
  }
  return null;
}
