// SPDX-License-Identifier: Apache-2.0
/** Columns of text without borders: they paste well, and `awk` reads them. */
import Table from 'cli-table3';

const frame = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
  'left',
  'left-mid',
  'mid',
  'mid-mid',
  'right',
  'right-mid',
] as const;
const noFrame = Object.fromEntries(frame.map((name) => [name, '']));

export type Align = 'left' | 'right';

/** Rows of cells (the first may be a header) -> lines; columns are left aligned unless told. */
export function formatTable(rows: readonly (readonly string[])[], align: readonly Align[] = []) {
  const width = Math.max(0, ...rows.map((row) => row.length));
  const table = new Table({
    chars: { ...noFrame, middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: Array.from({ length: width }, (_, i) => align[i] ?? 'left'),
  });
  for (const row of rows) table.push([...row, ...Array<string>(width - row.length).fill('')]);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
