// SPDX-License-Identifier: Apache-2.0
import { emptyCost, type Form } from '../cost/op/form.js';
import { formOf } from '../cost/op/forms.js';
import { naturalLog } from '../cost/op/numbers.js';
import type { Operation } from '../cost/op/operation.js';
import type { Peaks } from '../cost/op/peaks.js';
import { fitBounded } from './least-squares.js';

/** One measured operation. */
export interface MeasuredRow {
  readonly operation: Operation;
  readonly peaks: Peaks;
  readonly measuredUs: number;
  /** Line in its file, from 1. */
  readonly line: number;
}

/** Constants by system, and pooled by generation of GPU under the generation's name. */
export type FittedSystems = Map<string, Float64Array>;

/** How strongly constants are pulled to where they start from. */
export interface FitOptions {
  /** Pooled fit of a generation to the neutral centres; a factor on the form's `pull`. */
  readonly poolRidge: number;
  /** Fit of a system to its generation's pool; a factor on the form's `systemPull`. */
  readonly systemRidge: number;
  /** Constants left at their centre. */
  readonly frozen: readonly number[];
}

export const FIT_OPTIONS: FitOptions = { poolRidge: 1, systemRidge: 1, frozen: [] };

/** Rows that a system must have for a fit of all constants, and of its fixed time alone. */
const ROWS_FOR_ALL = 5;
const ROWS_FOR_FIXED = 3;
/** How firmly a system is held to its generation where the form does not say. */
const SYSTEM_PULL = 2;

/** Index of the fixed time among a form's constants. */
export function fixedAt(form: Form): number {
  return form.constants.findIndex(({ name }) => name === 'fixed');
}

/**
 * Fits the rows of one family (an operation, format and kernel) in two stages: all systems of a
 * generation together (those that the form pools), weakly pulled to neutral centres, or to
 * `parent`, then each system pulled to the pool. Systems with few rows get their own fixed time
 * only, systems of a form with constants of their own those.
 */
export function fitFamily(
  rows: readonly MeasuredRow[],
  options: FitOptions,
  parent?: FittedSystems,
): FittedSystems {
  const fitted: FittedSystems = new Map();
  const generations = new Set(rows.map(({ peaks }) => peaks.generation));
  for (const generation of [...generations].sort()) {
    const pool = rows.filter(({ peaks }) => peaks.generation === generation);
    const systems = [...new Set(pool.map(({ peaks }) => peaks.id))].sort();
    if (parent !== undefined && parent.size > 0) {
      fitChildren(fitted, pool, generation, systems, parent);
      continue;
    }
    const form = formOf(pool[0].operation);
    const pooled = fitPool(form, witnesses(form, pool), options);
    fitted.set(generation, pooled);
    for (const system of systems) {
      const own = pool.filter(({ peaks }) => peaks.id === system);
      fitted.set(system, fitSystem(form, own, pooled, options));
    }
  }
  return fitted;
}

/** Rows that a generation's constants are fitted to; all where those of the form are too few. */
function witnesses(form: Form, pool: readonly MeasuredRow[]): readonly MeasuredRow[] {
  const { pools } = form;
  const kept = pools === undefined ? pool : pool.filter(({ peaks }) => pools(peaks));
  return kept.length < ROWS_FOR_ALL ? pool : kept;
}

/** Families of few rows: the parent's constants with a fixed time of their own. */
function fitChildren(
  fitted: FittedSystems,
  pool: readonly MeasuredRow[],
  generation: string,
  systems: readonly string[],
  parent: FittedSystems,
): void {
  const form = formOf(pool[0].operation);
  const fallback = parent.get(generation) ?? [...parent.values()][0];
  const only = { ridge: 1e-6, free: [fixedAt(form)] };
  fitted.set(generation, run(form, pool, fallback, only));
  for (const system of systems) {
    const own = pool.filter(({ peaks }) => peaks.id === system);
    fitted.set(system, run(form, own, parent.get(system) ?? fallback, only));
  }
}

function fitPool(form: Form, pool: readonly MeasuredRow[], options: FitOptions): Float64Array {
  const fastest = Math.min(...pool.map(({ measuredUs }) => measuredUs));
  const fixed = fixedAt(form);
  const centre = form.constants.map(({ centre: c }, i) =>
    i === fixed ? Math.min(c, 0.6 * fastest) : c,
  );
  const all = freeOf(form, options).filter((i) => form.constants[i].perSystem !== true);
  const optional = (i: number): boolean => form.constants[i].optional === true;
  // Two rows a constant at least: what is optional stays where it is first.
  const enough = pool.length >= 2 * all.length;
  const free = enough ? all : all.filter((i) => !optional(i)).slice(0, pool.length >> 1);
  if (!free.includes(fixedAt(form))) free.push(fixedAt(form));
  return run(form, pool, centre, { ridge: options.poolRidge * form.pull, free });
}

function fitSystem(
  form: Form,
  rows: readonly MeasuredRow[],
  pooled: Float64Array,
  options: FitOptions,
): Float64Array {
  if (rows.length < ROWS_FOR_FIXED) return pooled;
  const ridge = options.systemRidge * (form.systemPull ?? SYSTEM_PULL);
  if (rows.length < ROWS_FOR_ALL) {
    return run(form, rows, pooled, { ridge, free: [fixedAt(form)] });
  }
  const all = freeOf(form, options);
  const own = all.filter((i) => form.constants[i].perSystem === true);
  return run(form, rows, pooled, { ridge, free: own.length > 0 ? own : all });
}

/** Constants that the options let move. */
function freeOf(form: Form, options: FitOptions): number[] {
  return form.constants.map((_, i) => i).filter((i) => !options.frozen.includes(i));
}

function run(
  form: Form,
  rows: readonly MeasuredRow[],
  centre: ArrayLike<number>,
  { ridge, free }: { readonly ridge: number; readonly free: readonly number[] },
): Float64Array {
  const fastest = Math.min(...rows.map(({ measuredUs }) => measuredUs));
  const fixed = fixedAt(form);
  const low = form.constants.map((c) => c.low);
  const high = form.constants.map((c, i) => (i === fixed ? 0.97 * fastest : c.high));
  const middle = Array.from(centre);
  middle[fixed] = Math.min(middle[fixed], high[fixed]);
  // The ridge counts a fixed time by its centre, not by a bound that slow rows push far away.
  const scale = low.map((l, i) => (i === fixed ? Math.max(2, middle[i]) : high[i] - l));
  const logs = rows.map(({ measuredUs }) => naturalLog(measuredUs));
  const cost = emptyCost();
  const problem = {
    free, low, high, scale, ridge, centre: middle, residuals: rows.length,
    evaluate(x: Float64Array, out: Float64Array): void {
      for (let r = 0; r < rows.length; r++) {
        const us = form.evaluate(rows[r].operation, rows[r].peaks, x, cost);
        out[r] = naturalLog(us) - logs[r];
      }
    },
  };
  // Three fixed starts: the centre, and a little below and above it.
  const starts = [0, -0.25, 0.25].map((shift) =>
    middle.map((m, i) => (free.includes(i) ? m + shift * Math.max(0, high[i] - low[i]) : m)),
  );
  const fits = starts.map((start) => fitBounded(problem, start));
  return fits.reduce((best, next) => (next.loss < best.loss ? next : best)).x;
}
