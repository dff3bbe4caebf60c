// SPDX-License-Identifier: Apache-2.0
import { emptyCost } from '../cost/op/form.js';
import { formOf } from '../cost/op/forms.js';
import type { RowFamily } from './families.js';
import { fitFamily, type FitOptions, type FittedSystems, type MeasuredRow } from './fit.js';

/** A row and what constants that never saw it predict. */
export interface Prediction {
  readonly row: MeasuredRow;
  readonly predictedUs: number;
}

/** What is left out at a time. */
export type FoldKind = 'rows' | 'shapes' | 'models' | 'systems';
export const FOLD_KINDS: readonly FoldKind[] = ['rows', 'shapes', 'models', 'systems'];

const ROW_FOLDS = 10;

/** Label of the fold of each row. */
function labels(rows: readonly MeasuredRow[], kind: FoldKind): string[] {
  return rows.map(({ operation, peaks }, i) => {
    if (kind === 'rows') return String(i % ROW_FOLDS);
    if (kind === 'shapes') return formOf(operation).shapeOf(operation);
    if (kind === 'systems') return peaks.id;
    // The experts' geometry names a model; other rows carry none.
    const { hidden, inter, topk, experts } = operation;
    return inter > 0 ? `${hidden} ${inter} ${topk} ${experts}` : '';
  });
}

/** Constants for a row: its system's, else its generation's; undefined when neither was fitted. */
export function constantsFor(
  fitted: FittedSystems,
  { peaks }: MeasuredRow,
): Float64Array | undefined {
  return fitted.get(peaks.id) ?? fitted.get(peaks.generation);
}

/** Predicts rows with given constants; rows whose generation was not fitted are left out. */
export function predictRows(
  rows: readonly MeasuredRow[],
  fitted: FittedSystems,
): Prediction[] {
  const cost = emptyCost();
  const out: Prediction[] = [];
  for (const row of rows) {
    const constants = constantsFor(fitted, row);
    if (constants === undefined) continue;
    const form = formOf(row.operation);
    const predictedUs = form.evaluate(row.operation, row.peaks, constants, cost);
    out.push({ row, predictedUs });
  }
  return out;
}

/**
 * Refits a family without each fold and predicts the fold. A family with a parent refits the parent
 * without the fold's shapes or systems as well. Empty when there is only one fold.
 */
export function crossValidate(
  family: RowFamily,
  kind: FoldKind,
  options: FitOptions,
): Prediction[] {
  const own = labels(family.rows, kind);
  const folds = [...new Set(own)];
  if (folds.length < 2) return [];
  const parentLabels = family.parent === undefined ? [] : labels(family.parent.rows, kind);
  // Rows of another kernel are no leak of a row, but its shape and system are known there.
  const keepParent = kind === 'rows';
  const whole = family.parent && keepParent ? fitFamily(family.parent.rows, options) : undefined;
  return folds.flatMap((fold) => {
    const train = family.rows.filter((_, i) => own[i] !== fold);
    const test = family.rows.filter((_, i) => own[i] === fold);
    let parent = whole;
    if (family.parent !== undefined && !keepParent) {
      const rows = family.parent.rows.filter((_, i) => parentLabels[i] !== fold);
      parent = fitFamily(rows, options);
    }
    return predictRows(test, fitFamily(train, options, parent));
  });
}
