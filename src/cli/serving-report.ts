// SPDX-License-Identifier: Apache-2.0
/** Tables of `kvloom validate` for serving rows and forward steps. */
import {
  servingError, type ServingGroupErrors, type ServingPrediction, type ServingReport,
  type ServingRows, type StepValidation,
} from '../calibrate/index.js';
import type { Both } from './compare-serving.js';
import { formatTable } from './table.js';

const one = (value: number): string => value.toFixed(1);

function table(rows: readonly string[][]): string {
  return formatTable(rows, rows[0].map((_, i) => (i === 0 ? 'left' : 'right')));
}

const errorCells = ({ median, mean, p90, bias }: ServingGroupErrors): string[] =>
  [median, mean, p90, bias].map(one);

/** Errors in percent of both models; rows of a group are the same for both. */
function groupTable(
  head: string,
  { formula, simulator }: Both<readonly ServingGroupErrors[]>,
): string {
  const names = (first: string): string[] => [first, 'mean', 'p90', 'bias'];
  return table([
    [
      head, 'n', ...names(simulator === undefined ? 'median %' : 'formula: median %'),
      ...simulator === undefined ? [] : names('simulator: median %'),
    ],
    ...formula.map((group, i) => [
      group.name, String(group.n), ...errorCells(group),
      ...simulator === undefined ? [] : errorCells(simulator[i]),
    ]),
  ]);
}

/** The same part of both reports. */
function part(
  { formula, simulator }: Both<ServingReport>,
  of: (report: ServingReport) => readonly ServingGroupErrors[],
): Both<readonly ServingGroupErrors[]> {
  const first = { formula: of(formula) };
  return simulator === undefined ? first : { ...first, simulator: of(simulator) };
}

/** Bars on median and mean of a table's total, in percent. */
export interface ServingBars {
  readonly median: number;
  readonly mean: number;
}

/** One table of TPOT errors, the total last. */
export function servingText(
  title: string,
  reports: Both<ServingReport>,
  bars?: ServingBars,
): string {
  const all = part(reports, ({ groups, total }) => [...groups, total]);
  const parts = [`${title}\n\n${groupTable('TPOT error', all)}`];
  if (bars !== undefined) {
    const mark = ({ total }: ServingReport): string =>
      total.median <= bars.median && total.mean <= bars.mean ? '✓' : '✗';
    const simulated = reports.simulator;
    const second = simulated === undefined ? '' : `, simulator ${mark(simulated)}`;
    const met = `formula ${mark(reports.formula)}${second}`;
    parts.push(`bar: median ${bars.median}, mean ${bars.mean}: ${met}`);
  }
  const systems = part(reports, (report) => report.systems);
  if (systems.formula.length > 0) parts.push(groupTable('other systems', systems));
  return parts.join('\n\n');
}

/** TTFT, then rows set apart by rules on inputs, and what others may hide. */
export function apartText(reports: Both<ServingReport>): string {
  const tables = [
    ['TTFT, order of magnitude', part(reports, ({ ttft }) => ttft)],
    ['suspects, counted above', part(reports, ({ suspects }) => suspects)],
    ['inputs cannot be meant, not counted', part(reports, ({ defects }) => defects)],
  ] as const;
  return tables.filter(([, both]) => both.formula.length > 0)
    .map(([head, both]) => groupTable(head, both)).join('\n\n');
}

/** How many rows were never predicted, and why. */
export function countsText({ rows, disaggregated, tooWide, repeated }: ServingRows): string {
  return `${rows.length} rows; not predicted: ${disaggregated} of separate prefill and decode `
    + `pools, ${tooWide} with tp_size or attention_dp_size above 16, ${repeated} repeated by value`;
}

/** Rows that the simulator, or without it the formula, is furthest off on, worst first. */
export function worstServingText(
  { formula, simulator }: Both<readonly ServingPrediction[]>,
  limit: number,
): string {
  const judged = simulator ?? formula;
  const order = judged.map((_, i) => i).filter((i) => judged[i].row.defect === '');
  const error = (i: number): number => servingError(judged[i]);
  const worst = order.sort((a, b) => Math.abs(error(b)) - Math.abs(error(a))).slice(0, limit);
  if (worst.length === 0) return '';
  const rows = worst.map((i) => {
    const { row, predictedMs } = judged[i];
    const { model, device, engine, precision, isl, osl, batch } = row.point;
    const { tp, dp, moeEp } = row.parts.reading.layout;
    return [
      `${model.id} ${device.id} ${engine} ${precision}, ${isl}/${osl}`, String(row.line),
      `${tp}/${dp}/${moeEp}`, String(batch), row.tpotMs.toPrecision(4),
      ...simulator === undefined ? [] : [formula[i].predictedMs.toPrecision(4)],
      predictedMs.toPrecision(4), one(error(i)),
    ];
  });
  const predicted = simulator === undefined ? ['predicted'] : ['formula', 'simulator'];
  const head = [
    'worst rows', 'line', 'tp/dp/ep', 'batch', 'measured ms', ...predicted, 'error %',
  ];
  return table([head, ...rows]);
}

/** Forward steps: every step, then errors of all, of those left out, and without any fit. */
export function stepsText({ steps, all, heldOut, neutral, constants }: StepValidation): string {
  const rows = steps.map(({ shape, measuredMs, predictedMs, fitted }) => [
    shape.kind, String(shape.sequences), String(shape.newTokens), String(shape.past),
    measuredMs.toPrecision(4), predictedMs.toPrecision(4),
    one((predictedMs / measuredMs - 1) * 100), fitted ? 'fitted' : 'left out',
  ]);
  const head = ['step', 'batch', 'new', 'past', 'measured ms', 'predicted', 'error %', ''];
  const summary = [['constants', 'n', 'mean %', 'worst'],
    ...([['fitted on every second row: all', all], ['the rows left out', heldOut],
      ['never fitted to steps', neutral]] as const)
      .map(([name, e]) => [name, String(e.n), one(e.mean), one(e.worst)])];
  const values = Object.entries(constants).map(([name, x]) => `${name} ${x.toPrecision(3)}`);
  return `${table([head, ...rows])}\n\n${table(summary)}\n\nconstants: ${values.join(', ')}`;
}
