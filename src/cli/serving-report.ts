// SPDX-License-Identifier: Apache-2.0
/** Tables of `kvloom validate` for serving rows and forward steps. */
import type {
  ServingGroupErrors, ServingPrediction, ServingReport, ServingRows, StepValidation,
} from '../calibrate/index.js';
import { formatTable } from './table.js';

const one = (value: number): string => value.toFixed(1);

function table(rows: readonly string[][]): string {
  return formatTable(rows, rows[0].map((_, i) => (i === 0 ? 'left' : 'right')));
}

function groupTable(head: string, groups: readonly ServingGroupErrors[]): string {
  return table([
    [head, 'n', 'median %', 'mean', 'p90', 'bias'],
    ...groups.map(({ name, n, median, mean, p90, bias }) => [
      name, String(n), one(median), one(mean), one(p90), one(bias),
    ]),
  ]);
}

/** Bars on median and mean of a table's total, in percent. */
export interface ServingBars {
  readonly median: number;
  readonly mean: number;
}

/** One table of TPOT errors, the total last. */
export function servingText(title: string, report: ServingReport, bars?: ServingBars): string {
  const { total, groups, systems } = report;
  const parts = [`${title}\n\n${groupTable('TPOT error', [...groups, total])}`];
  if (bars !== undefined) {
    const met = total.median <= bars.median && total.mean <= bars.mean;
    parts.push(`bar: median ${bars.median}, mean ${bars.mean}: ${met ? '✓' : '✗'}`);
  }
  if (systems.length > 0) parts.push(groupTable('other systems', systems));
  return parts.join('\n\n');
}

/** TTFT, then rows set apart by rules on inputs, and what others may hide. */
export function apartText({ ttft, suspects, defects }: ServingReport): string {
  const parts: string[] = [];
  if (ttft.length > 0) parts.push(groupTable('TTFT, order of magnitude', ttft));
  if (suspects.length > 0) parts.push(groupTable('suspects, counted above', suspects));
  if (defects.length > 0) parts.push(groupTable('inputs cannot be meant, not counted', defects));
  return parts.join('\n\n');
}

/** How many rows were never predicted, and why. */
export function countsText({ rows, disaggregated, tooWide, repeated }: ServingRows): string {
  return `${rows.length} rows; not predicted: ${disaggregated} of separate prefill and decode `
    + `pools, ${tooWide} with tp_size or attention_dp_size above 16, ${repeated} repeated by value`;
}

/** Rows furthest off, worst first. */
export function worstServingText(
  predictions: readonly ServingPrediction[],
  error: (prediction: ServingPrediction) => number,
  limit: number,
): string {
  const sound = predictions.filter(({ row }) => row.defect === '');
  const worst = [...sound].sort((a, b) => Math.abs(error(b)) - Math.abs(error(a))).slice(0, limit);
  if (worst.length === 0) return '';
  const rows = worst.map((prediction) => {
    const { row, predictedMs } = prediction;
    const { model, device, engine, precision, isl, osl, batch } = row.point;
    const { tp, dp, moeEp } = row.parts.reading.layout;
    return [
      `${model.id} ${device.id} ${engine} ${precision}, ${isl}/${osl}`, String(row.line),
      `${tp}/${dp}/${moeEp}`, String(batch), row.tpotMs.toPrecision(4), predictedMs.toPrecision(4),
      one(error(prediction)),
    ];
  });
  const head = ['worst rows', 'line', 'tp/dp/ep', 'batch', 'measured ms', 'predicted', 'error %'];
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
