// SPDX-License-Identifier: Apache-2.0
import type { OperationEstimator } from '../cost/op/estimator.js';
import { type CalibratedFamily, calibrate } from './calibrate.js';
import { errorClass } from './classes.js';
import type { MeasuredRow } from './fit.js';
import { type FoldKind, FOLD_KINDS, type Prediction } from './folds.js';
import { type ErrorSummary, errorPercent, summarise } from './statistics.js';

/** Errors of one class of rows. */
export interface ErrorGroup extends ErrorSummary {
  readonly name: string;
}

/** A row that was predicted badly. */
export interface WorstRow {
  readonly line: number;
  readonly what: string;
  readonly measuredMs: number;
  readonly predictedMs: number;
  readonly errorPercent: number;
}

/** Shipped or given constants against measured rows. */
export interface Validation {
  /** Rows inside of the checked ranges, with constants of their own kernel and system, by class. */
  readonly groups: readonly ErrorGroup[];
  /** Rows outside of them, by what lies outside. */
  readonly beyond: readonly ErrorGroup[];
  /** Rows that had to borrow constants, by what was borrowed. */
  readonly borrowed: readonly ErrorGroup[];
  readonly all: ErrorSummary;
  readonly worst: readonly WorstRow[];
}

/** Predicts every row; `worst` limits the list of bad ones. */
export function validateRows(
  rows: readonly MeasuredRow[],
  estimator: OperationEstimator,
  worst: number,
): Validation {
  const own = new Buckets();
  const beyond = new Buckets();
  const borrowed = new Buckets();
  const all: Prediction[] = [];
  for (const row of rows) {
    const estimate = estimator.estimate(row.operation, row.peaks);
    const prediction = { row, predictedUs: estimate.us };
    const { name } = errorClass(row.operation);
    all.push(prediction);
    if (estimate.beyond !== '') beyond.add(`${name}: ${estimate.beyond}`, prediction);
    if (estimate.borrowed !== '') borrowed.add(`${name}: ${estimate.borrowed}`, prediction);
    if (estimate.beyond === '' && isOwn(estimate.borrowed)) own.add(name, prediction);
  }
  return {
    groups: own.groups(),
    beyond: beyond.groups(),
    borrowed: borrowed.groups(),
    all: summarise(all),
    worst: worstOf(all, worst),
  };
}

/** Constants of another version of the same kernel count as its own; they are listed as well. */
function isOwn(borrowed: string): boolean {
  return borrowed === '' || /^version [^,]*$/.test(borrowed);
}

class Buckets {
  private readonly lists = new Map<string, Prediction[]>();

  add(name: string, prediction: Prediction): void {
    const list = this.lists.get(name);
    if (list === undefined) this.lists.set(name, [prediction]);
    else list.push(prediction);
  }

  groups(): ErrorGroup[] {
    return [...this.lists]
      .map(([name, list]) => ({ name, ...summarise(list) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

function worstOf(predictions: readonly Prediction[], limit: number): WorstRow[] {
  const distance = (p: Prediction): number => {
    const ratio = p.predictedUs / p.row.measuredUs;
    return Math.max(ratio, 1 / ratio);
  };
  return [...predictions]
    .sort((a, b) => distance(b) - distance(a) || a.row.line - b.row.line)
    .slice(0, limit)
    .map((p) => ({
      line: p.row.line,
      what: describe(p.row),
      measuredMs: p.row.measuredUs / 1000,
      predictedMs: p.predictedUs / 1000,
      errorPercent: errorPercent(p),
    }));
}

/** Operation, format, system and the sizes that are set, in short. */
function describe({ operation, peaks }: MeasuredRow): string {
  const sizes = Object.entries(operation)
    .filter(([, value]) => typeof value === 'number' && value > 0)
    .map(([name, value]) => `${name} ${String(value)}`);
  const words = [operation.op, operation.dtype, peaks.id, ...sizes];
  return words.filter((word) => word !== '').join(' ');
}

/** Held-out errors of one class beside its bars. */
export interface CrossValidated {
  readonly name: string;
  readonly bars?: readonly [rows: number, shapes: number];
  readonly n: number;
  /** Mean absolute error on rows that were fitted, in percent. */
  readonly fit: ErrorSummary;
  /** What each kind of fold left out; n is 0 where there was only one fold. */
  readonly heldOut: Readonly<Record<FoldKind, ErrorSummary>>;
}

export interface CrossValidation {
  readonly classes: readonly CrossValidated[];
  /** The same pooled over operations that share their bars, over all of their rows. */
  readonly kinds: readonly CrossValidated[];
  /** Kernels whose few rows borrow all but the fixed time: not covered by the bars. */
  readonly apart: readonly CrossValidated[];
}

/** Pools families by class; families that borrow constants stand apart, by kernel. */
export function poolFamilies(families: readonly CalibratedFamily[]): CrossValidation {
  const classes = new Map<string, CalibratedFamily[]>();
  const apart: CrossValidated[] = [];
  for (const calibrated of families) {
    const { key, parent } = calibrated.family;
    const { name } = errorClass(key);
    if (parent !== undefined) {
      apart.push(pool(`${name} ${key.framework} ${key.kernelSource}`, [calibrated]));
      continue;
    }
    const list = classes.get(name);
    if (list === undefined) classes.set(name, [calibrated]);
    else list.push(calibrated);
  }
  const kinds = new Map<string, CalibratedFamily[]>();
  for (const list of classes.values()) {
    const { kind } = errorClass(list[0].family.key);
    if (kind !== undefined) kinds.set(kind, [...(kinds.get(kind) ?? []), ...list]);
  }
  return { classes: withBars(classes), kinds: withBars(kinds), apart };
}

/** Errors of each list beside its bars, by name. */
function withBars(lists: ReadonlyMap<string, readonly CalibratedFamily[]>): CrossValidated[] {
  const pooled = [...lists].map(([name, list]) => {
    const { bars } = errorClass(list[0].family.key);
    const errors = pool(name, list);
    return bars === undefined ? errors : { ...errors, bars };
  });
  return pooled.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function pool(name: string, list: readonly CalibratedFamily[]): CrossValidated {
  const heldOut = Object.fromEntries(
    FOLD_KINDS.map((kind) => [kind, summarise(list.flatMap((c) => c.heldOut[kind]))] as const),
  ) as Record<FoldKind, ErrorSummary>;
  const fit = summarise(list.flatMap((c) => c.fit));
  return { name, n: fit.n, fit, heldOut };
}

/** Refits all families with folds. */
export function crossValidateRows(rows: readonly MeasuredRow[]): CrossValidation {
  return poolFamilies([...calibrate(rows)]);
}
