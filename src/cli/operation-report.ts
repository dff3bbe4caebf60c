// SPDX-License-Identifier: Apache-2.0
/** Tables of `kvloom calibrate` and `kvloom validate`. */
import type {
  CrossValidated, CrossValidation, ErrorGroup, Validation,
} from '../calibrate/index.js';
import { type Align, formatTable } from './table.js';

type Rows = string[][];
type Mean = Pick<ErrorGroup, 'n' | 'mean'>;

const one = (value: number): string => value.toFixed(1);
const percent = ({ n, mean }: Mean): string => (n === 0 ? '-' : one(mean));

function numbers(rows: Rows): Align[] {
  return rows[0].map((_, i) => (i === 0 ? 'left' : 'right'));
}

function table(rows: Rows): string {
  return formatTable(rows, numbers(rows));
}

function groupRows(head: string, groups: readonly ErrorGroup[]): Rows {
  return [
    [head, 'n', 'mean %', 'median', 'p90', 'bias'],
    ...groups.map(({ name, n, mean, median, p90, bias }) => [
      name, String(n), one(mean), one(median), one(p90), one(bias),
    ]),
  ];
}

/** Errors of given constants by class; what lies beyond or was borrowed; the worst rows. */
export function validationText(result: Validation): string {
  const parts: string[] = [];
  const all = { name: 'all rows', ...result.all };
  parts.push(table([...groupRows('operation', [...result.groups, all])]));
  if (result.beyond.length > 0) {
    parts.push(table(groupRows('beyond the checked range', result.beyond)));
  }
  if (result.borrowed.length > 0) {
    parts.push(table(groupRows('constants borrowed', result.borrowed)));
  }
  if (result.worst.length > 0) {
    const rows = result.worst.map((row) => [
      row.what, String(row.line), row.measuredMs.toPrecision(4), row.predictedMs.toPrecision(4),
      one(row.errorPercent),
    ]);
    parts.push(table([['worst rows', 'line', 'measured ms', 'predicted', 'error %'], ...rows]));
  }
  return parts.join('\n\n');
}

const HEAD = ['n', 'fit', 'rows', 'bar', '', 'shapes', 'bar', '', 'models', 'systems'];

function mark({ n, mean }: Mean, bar: number | undefined): string {
  if (bar === undefined || n === 0) return '';
  return mean <= bar ? '✓' : '✗';
}

function crossRows(head: string, list: readonly CrossValidated[]): Rows {
  const rows = list.map(({ name, n, fit, heldOut, bars }) => {
    const { rows: r, shapes, models, systems } = heldOut;
    const bar = (i: 0 | 1): string => (bars === undefined ? '' : String(bars[i]));
    return [
      name, String(n), percent(fit), percent(r), bar(0), mark(r, bars?.[0]), percent(shapes),
      bar(1), mark(shapes, bars?.[1]), percent(models), percent(systems),
    ];
  });
  return [[head, ...HEAD], ...rows];
}

/** Mean absolute errors in percent on what each kind of fold left out, beside the bars. */
export function crossValidationText({ classes, kinds, apart }: CrossValidation): string {
  const note = 'mean absolute error in %; left out: rows in ten folds, each shape, model, system';
  const parts = [`${note}\n\n${table(crossRows('operation', classes))}`];
  if (kinds.length > 0) parts.push(table(crossRows('pooled', kinds)));
  if (apart.length > 0) {
    parts.push(table(crossRows('few rows: fixed time fitted, the rest borrowed', apart)));
  }
  return parts.join('\n\n');
}
