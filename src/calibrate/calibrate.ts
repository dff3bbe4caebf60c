// SPDX-License-Identifier: Apache-2.0
import type { Fitted, FittedFamily } from '../cost/op/fitted-family.js';
import { formOf } from '../cost/op/forms.js';
import { groupFamilies, type RowFamily } from './families.js';
import { fitFamily, FIT_OPTIONS, type FitOptions, type MeasuredRow } from './fit.js';
import { crossValidate, FOLD_KINDS, type FoldKind, type Prediction, predictRows } from './folds.js';
import { summarise } from './statistics.js';

/** One family's constants with predictions of rows that each kind of fold left out. */
export interface CalibratedFamily {
  readonly family: RowFamily;
  readonly fitted: FittedFamily;
  readonly fit: readonly Prediction[];
  readonly heldOut: Readonly<Record<FoldKind, readonly Prediction[]>>;
}

/** How much better, in points of mean error, an optional constant must make held-out rows. */
const GAIN = 0.1;

/**
 * Fits every family of the rows and cross-validates it. A generator, so that a caller can show
 * progress and let signals in between families.
 */
export function* calibrate(rows: readonly MeasuredRow[]): Generator<CalibratedFamily, void> {
  for (const family of groupFamilies(rows)) {
    const options = chooseOptions(family);
    const parent = family.parent && fitFamily(family.parent.rows, options);
    const systems = fitFamily(family.rows, options, parent);
    const heldOut = Object.fromEntries(
      FOLD_KINDS.map((kind) => [kind, crossValidate(family, kind, options)] as const),
    ) as Record<FoldKind, Prediction[]>;
    const fit = predictRows(family.rows, systems);
    const percent = (list: readonly Prediction[]): number =>
      list.length === 0 ? -1 : Math.round(summarise(list).mean * 10) / 10;
    const form = formOf(family.rows[0].operation);
    const fitted: FittedFamily = {
      ...family.key,
      rows: family.rows.length,
      held: heldNames(family, form.constants.map(({ name }) => name), options),
      errors: {
        fit: percent(fit),
        rows: percent(heldOut.rows),
        shapes: percent(heldOut.shapes),
        systems: percent(heldOut.systems),
      },
      systems: Object.fromEntries(
        [...systems].map(([name, x]) => [name, Array.from(x, round)] as const),
      ),
    };
    yield { family, fitted, fit, heldOut };
  }
}

/** Constants that a family did not fit. */
function heldNames(family: RowFamily, names: readonly string[], options: FitOptions): string[] {
  if (family.parent !== undefined) return names.filter((name) => name !== 'fixed');
  return options.frozen.map((i) => names[i]);
}

/** Leaves each optional constant at its centre unless rows that were left out gain from it. */
function chooseOptions(family: RowFamily): FitOptions {
  let options = FIT_OPTIONS;
  if (family.parent !== undefined) return options;
  const { constants } = formOf(family.rows[0].operation);
  constants.forEach((constant, i) => {
    if (constant.optional !== true) return;
    const without = { ...options, frozen: [...options.frozen, i] };
    if (heldOutError(family, options) > heldOutError(family, without) - GAIN) options = without;
  });
  return options;
}

/** Mean of the errors on unseen rows and, where there are several, unseen shapes. */
function heldOutError(family: RowFamily, options: FitOptions): number {
  const parts = (['rows', 'shapes'] as const)
    .map((kind) => summarise(crossValidate(family, kind, options)))
    .filter(({ n }) => n > 0);
  return parts.reduce((sum, { mean }) => sum + mean, 0) / Math.max(1, parts.length);
}

/** Four significant digits: the fifth is far below the error of any fit. */
function round(x: number): number {
  return Number(x.toPrecision(4));
}

/** The constants alone, as they are shipped. */
export function fittedOf(
  families: readonly CalibratedFamily[],
  source: string,
  date: string,
): Fitted {
  return { date, source, families: families.map(({ fitted }) => fitted) };
}
