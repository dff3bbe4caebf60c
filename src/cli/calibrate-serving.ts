// SPDX-License-Identifier: Apache-2.0
/** `kvloom calibrate --serving`: constants on top of operation costs. */
import { basename } from 'node:path';
import type { ServingFold, ServingReport } from '../calibrate/index.js';
import type { FittedServing, ServingErrors } from '../cost/serving/index.js';
import { predictBoth } from './compare-serving.js';
import { type GlobalOptions, printNote, printResult } from './context.js';

function summary({ total }: ServingReport): ServingErrors {
  const round = (value: number): number => Math.round(value * 10) / 10;
  return { n: total.n, median: round(total.median), mean: round(total.mean) };
}

/** Fits effects, cross-validates them and prints or writes both. */
export async function calibrateServing(
  file: string,
  options: { readonly out?: string; readonly source?: string },
  globals: GlobalOptions,
): Promise<void> {
  const { readServingFile } = await import('../node/serving-rows.js');
  const {
    countCells, fits, fitServing, predictServing, priceRows, refitServing, servingReport,
    writeServingConstants,
  } = await import('../calibrate/index.js');
  const { FITTED, OperationEstimator } = await import('../cost/op/index.js');
  const read = readServingFile(file);
  const rows = priceRows(read.rows, new OperationEstimator(FITTED, true)).filter(fits);
  const effects = fitServing(rows);
  const onFitted = servingReport(predictServing(rows, effects));
  const without = async (fold: ServingFold): Promise<ServingReport> => {
    const label = `fitting without ${fold}`;
    const refits = refitServing(rows, fold);
    const { formula } = await predictBoth(refits, rows.length, label, undefined, globals);
    return servingReport(formula);
  };
  const onRows = await without('rows');
  const onGroups = await without('groups');
  const fitted: FittedServing = {
    date: new Date().toISOString().slice(0, 10),
    source: options.source ?? `${basename(file)}: ${rows.length} rows`,
    fit: summary(onFitted), rows: summary(onRows), groups: summary(onGroups),
    cells: countCells(rows), effects,
  };
  if (options.out !== undefined) {
    const { writeFileWhole } = await import('../node/atomic.js');
    writeFileWhole(options.out, `${writeServingConstants(fitted)}\n`);
  }
  if (globals.json) {
    printResult(JSON.stringify(fitted, null, 2));
    return;
  }
  const { countsText, servingText } = await import('./serving-report.js');
  printResult([
    countsText(read), servingText('on the fitted rows', { formula: onFitted }),
    servingText('rows left out in ten folds', { formula: onRows }),
    servingText('whole (model, system, engine) groups left out', { formula: onGroups }),
  ].join('\n\n'));
  const where = options.out === undefined ? 'not written: add --out FILE' : options.out;
  printNote(`${rows.length} rows fitted; constants: ${where}`, globals);
}
