// SPDX-License-Identifier: Apache-2.0
import type { OperationEstimator } from '../cost/op/estimator.js';
import {
  pointParts, servingCell, type ServingEffects, type ServingErrors,
} from '../cost/serving/index.js';
import { fitServing, predictTimes, type PricedRow } from './serving-fit.js';
import type { ServingRow } from './serving-rows.js';

/** A row and its TPOT as constants predict it that may or may not have seen it. */
export interface ServingPrediction {
  readonly row: PricedRow;
  readonly predictedMs: number;
  /** Time to the first token, an order of magnitude. */
  readonly ttftMs: number;
}

/** What is left out at a time. */
export type ServingFold = 'rows' | 'groups' | 'systems';

const ROW_FOLDS = 10;
/** Systems whose rows are too few and too contradictory to fit. */
const NOT_FITTED: readonly string[] = ['gb200', 'gb300'];

/** Prices decode and prefill of rows once. */
export function priceRows(
  rows: readonly ServingRow[],
  estimator: OperationEstimator,
): PricedRow[] {
  return rows.map((row) => ({ ...row, parts: pointParts(row.point, estimator) }));
}

/** Whether inputs allow a row to be fitted: no defect, and not GB200 or GB300. */
export function fits({ defect, point }: ServingRow): boolean {
  return defect === '' && !NOT_FITTED.includes(point.device.id);
}

/** (model, system, engine), held out as a whole. */
export function servingGroup({ point }: ServingRow): string {
  return `${point.model.id} ${point.device.id} ${point.engine}`;
}

/** Rows by `servingCell`, in the order of names. */
export function countCells(rows: readonly PricedRow[]): Record<string, number> {
  const cells = new Map<string, number>();
  for (const { parts } of rows) {
    const cell = servingCell(parts);
    cells.set(cell, (cells.get(cell) ?? 0) + 1);
  }
  return Object.fromEntries([...cells].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function foldOf(row: ServingRow, i: number, fold: ServingFold): string {
  if (fold === 'groups') return servingGroup(row);
  if (fold === 'systems') return row.point.device.id;
  // Multiplicative hash of the position: neighbours in a file are one sweep.
  return String(((Math.imul(i, 0x9e3779b1) >>> 0) >>> 8) % ROW_FOLDS);
}

/** Predicts rows with given effects. */
export function predictServing(
  rows: readonly PricedRow[],
  effects: ServingEffects,
): ServingPrediction[] {
  return rows.map((row) => {
    const { tpotMs, ttftMs } = predictTimes(effects, row);
    return { row, predictedMs: tpotMs, ttftMs };
  });
}

/** Constants, and rows to predict with them. */
export interface ServingFit {
  readonly effects: ServingEffects;
  readonly rows: readonly PricedRow[];
}

/** Refits without each fold, one fold at a time, so that a caller may breathe. */
export function* refitServing(
  rows: readonly PricedRow[],
  fold: ServingFold,
): Generator<ServingFit> {
  const labels = rows.map((row, i) => foldOf(row, i, fold));
  for (const label of new Set(labels)) {
    const effects = fitServing(rows.filter((_, i) => labels[i] !== label));
    yield { effects, rows: rows.filter((_, i) => labels[i] === label) };
  }
}

/** Predicts each fold with constants that did not see it. */
export function crossValidateServing(
  rows: readonly PricedRow[],
  fold: ServingFold,
): ServingPrediction[] {
  return [...refitServing(rows, fold)].flatMap((fit) => predictServing(fit.rows, fit.effects));
}

/** Errors in percent; bias is the mean of predicted / measured - 1. */
export interface ServingGroupErrors extends ServingErrors {
  readonly name: string;
  readonly p90: number;
  readonly bias: number;
}

/** predicted / measured - 1, in percent. */
export function servingError({ row, predictedMs }: ServingPrediction): number {
  return (predictedMs / row.tpotMs - 1) * 100;
}

/** Statistics of predictions; all 0 for none. */
export function servingErrors(
  name: string,
  predictions: readonly ServingPrediction[],
): ServingGroupErrors {
  return statistics(name, predictions.map(servingError));
}

function statistics(name: string, signed: readonly number[]): ServingGroupErrors {
  const n = signed.length;
  if (n === 0) return { name, n, median: 0, mean: 0, p90: 0, bias: 0 };
  const sorted = signed.map(Math.abs).sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(n - 1, Math.ceil(share * n) - 1)];
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const median = (at(0.5) + sorted[Math.floor(n / 2)]) / 2;
  return { name, n, median, mean: sum(sorted) / n, p90: at(0.9), bias: sum(signed) / n };
}

/** Users a replica, in the classes that TTFT is reported by. */
function crowd({ row }: ServingPrediction): string {
  const { wanted } = row.parts;
  return wanted <= 8 ? 'up to 8 users' : wanted <= 64 ? 'up to 64 users' : 'more users';
}

/** Errors of TTFT of rows that state it, by engine and users a replica. */
export function ttftErrors(predictions: readonly ServingPrediction[]): ServingGroupErrors[] {
  const stated = predictions.filter(({ row }) => row.ttftMs > 0);
  const groups = new Map<string, number[]>();
  for (const prediction of stated) {
    const error = (prediction.ttftMs / prediction.row.ttftMs - 1) * 100;
    for (const name of [`${prediction.row.point.engine}, ${crowd(prediction)}`, 'all rows']) {
      groups.set(name, [...groups.get(name) ?? [], error]);
    }
  }
  const names = [...groups.keys()].sort((a, b) =>
    Number(a === 'all rows') - Number(b === 'all rows') || (a < b ? -1 : 1));
  return names.map((name) => statistics(name, groups.get(name)!));
}

/** Errors by key, in order of the keys. */
export function errorsBy(
  predictions: readonly ServingPrediction[],
  key: (prediction: ServingPrediction) => string,
): ServingGroupErrors[] {
  const groups = new Map<string, ServingPrediction[]>();
  for (const prediction of predictions) {
    const name = key(prediction);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [prediction]);
    else group.push(prediction);
  }
  return [...groups.keys()].sort().map((name) => servingErrors(name, groups.get(name)!));
}

/** Systems that the bars count together; others are reported apart. */
export const BAR_SYSTEMS: readonly string[] = ['h100_sxm', 'h200_sxm', 'b200_sxm'];

/** Predictions by what is claimed: systems of the bars, other systems, inputs with defects. */
export interface ServingReport {
  readonly total: ServingGroupErrors;
  /** Engine, generation and family on the systems of the bars. */
  readonly groups: readonly ServingGroupErrors[];
  /** Systems outside of the bars. */
  readonly systems: readonly ServingGroupErrors[];
  /** TTFT of sound rows, systems of the bars and others: an order of magnitude. */
  readonly ttft: readonly ServingGroupErrors[];
  /** Rows whose inputs may hide something, by what; counted above as well. */
  readonly suspects: readonly ServingGroupErrors[];
  /** Rows whose inputs cannot be meant, by why; in no other figure. */
  readonly defects: readonly ServingGroupErrors[];
}

export function servingReport(predictions: readonly ServingPrediction[]): ServingReport {
  const sound = predictions.filter(({ row }) => row.defect === '');
  const inBars = ({ row }: ServingPrediction): boolean =>
    BAR_SYSTEMS.includes(row.point.device.id);
  const main = sound.filter(inBars);
  return {
    total: servingErrors('H100, H200, B200', main),
    groups: errorsBy(main, ({ row }) => servingCell(row.parts)),
    systems: errorsBy(sound.filter((p) => !inBars(p)), ({ row }) => row.point.device.id),
    ttft: ttftErrors(sound),
    suspects: errorsBy(sound.filter(({ row }) => row.suspicion !== ''), ({ row }) => row.suspicion),
    defects: errorsBy(predictions.filter(({ row }) => row.defect !== ''), ({ row }) => row.defect),
  };
}
