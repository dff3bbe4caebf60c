// SPDX-License-Identifier: Apache-2.0
/** `kvloom validate --serving` and `--steps`: what the verb does once options are read. */
import type { ServingReport } from '../calibrate/index.js';
import type { Layout, Precision } from '../cost/serving/index.js';
import type { Both } from './compare-serving.js';
import { type GlobalOptions, printNote, printResult } from './context.js';

/** Bars of the project on rows left out and on whole groups left out, in percent. */
const BARS = { rows: { median: 8, mean: 12 }, groups: { median: 12, mean: 17 } } as const;
const TITLES = {
  rows: 'rows left out in ten folds',
  groups: 'whole (model, system, engine) groups left out',
  systems: 'whole systems left out',
} as const;
type Fold = keyof typeof TITLES;
type BothReports = Both<ServingReport>;

export interface ServingOptions {
  readonly crossValidate: boolean;
  /** Bad rows to list. */
  readonly worst: number;
  /** A file of constants instead of those shipped. */
  readonly constants?: string | undefined;
  /** Leave the simulator out. */
  readonly formulaAlone: boolean;
}

/** Predicts the rows of a file of serving measurements by formula and by simulator. */
export async function validateServing(
  file: string,
  options: ServingOptions,
  globals: GlobalOptions,
): Promise<void> {
  const { readServingConstantsFile, readServingFile } = await import('../node/serving-rows.js');
  const { fits, priceRows, refitServing } = await import('../calibrate/index.js');
  const { FITTED, OperationEstimator } = await import('../cost/op/index.js');
  const { FITTED_SERVING } = await import('../cost/serving/index.js');
  const { predictBoth, reportBoth } = await import('./compare-serving.js');
  const { ServingSimulator } = await import('../load-test/index.js');
  const text = await import('./serving-report.js');
  const read = readServingFile(file);
  const rows = priceRows(read.rows, new OperationEstimator(FITTED, true));
  const own = options.constants;
  const constants = own === undefined ? FITTED_SERVING : readServingConstantsFile(own);
  const simulator = options.formulaAlone ? undefined : new ServingSimulator();
  const fit = { effects: constants.effects, rows };
  const predictions = await predictBoth([fit], rows.length, 'simulating', simulator, globals);
  const report = reportBoth(predictions);
  const crossed: Partial<Record<Fold, BothReports>> = {};
  if (options.crossValidate) {
    const fitted = rows.filter(fits);
    for (const fold of Object.keys(TITLES) as Fold[]) {
      const refits = refitServing(fitted, fold);
      const label = `without ${fold}`;
      crossed[fold] =
        reportBoth(await predictBoth(refits, fitted.length, label, simulator, globals));
    }
  }
  const { disaggregated, tooWide, repeated } = read;
  if (globals.json) {
    const counts = { rows: rows.length, disaggregated, tooWide, repeated };
    const about = { date: constants.date, source: constants.source };
    printResult(JSON.stringify({ constants: about, counts, ...report, crossed }, null, 2));
    return;
  }
  const parts = [text.countsText(read)];
  parts.push(text.servingText('constants as they are (some rows were fitted)', report));
  for (const fold of Object.keys(crossed) as Fold[]) {
    const bars = fold === 'systems' ? undefined : BARS[fold];
    parts.push(text.servingText(TITLES[fold], crossed[fold]!, bars));
  }
  parts.push(text.apartText(report));
  parts.push(text.worstServingText(predictions, options.worst));
  printResult(parts.filter((part) => part !== '').join('\n\n'));
  printNote(`constants of ${constants.date} from ${constants.source}`, globals);
}

/** What forward steps ran on, as options name it. */
export interface StepOptions {
  readonly model: string;
  readonly system: string;
  readonly precision: string;
  readonly tp: string;
  readonly ep: string;
}

async function named<T>(what: string, name: string, found: T | undefined, allowed: string) {
  if (found !== undefined) return found;
  const { UserError } = await import('../core/user-error.js');
  throw new UserError(`unknown ${what}`, { path: what }, { got: name, allowed });
}

async function sizeOf(option: string, value: string): Promise<number> {
  const size = Number(value);
  if (Number.isInteger(size) && size > 0) return size;
  const { UserError } = await import('../core/user-error.js');
  throw new UserError('must be a whole number', { path: option }, { got: value, allowed: '1 up' });
}

/** Predicts the forward steps of a file, with constants fitted on every second one. */
export async function validateStepFile(
  file: string,
  options: StepOptions,
  globals: GlobalOptions,
): Promise<void> {
  const { readStepFile } = await import('../node/serving-rows.js');
  const { validateSteps } = await import('../calibrate/index.js');
  const { FITTED, OperationEstimator } = await import('../cost/op/index.js');
  const {
    devicePeaks, findServingDevice, findServingModel, PRECISIONS, stepFormats,
  } = await import('../cost/serving/index.js');
  const { rows, others } = readStepFile(file);
  const model = await named('model', options.model, findServingModel(options.model),
    'kvloom catalog models');
  const device = await named('system', options.system, findServingDevice(options.system),
    'kvloom catalog hardware');
  const precision = await named<Precision>('precision', options.precision,
    PRECISIONS.find((p) => p === options.precision), PRECISIONS.join(', '));
  const tp = await sizeOf('tp', options.tp);
  const ep = await sizeOf('ep', options.ep);
  const layout: Layout = { tp, dp: 1, moeTp: Math.max(1, tp / ep), moeEp: ep };
  const { peaks, borrowed } = devicePeaks(device);
  const formats = stepFormats({ model, engine: 'vllm', precision }, peaks.generation);
  const setting = { model, peaks, layout, formats };
  const result = validateSteps(rows, setting, new OperationEstimator(FITTED, true));
  if (globals.json) {
    printResult(JSON.stringify({ ...result, others, borrowed }, null, 2));
    return;
  }
  const { stepsText } = await import('./serving-report.js');
  printResult(stepsText(result));
  const where = `${model.id} ${precision} on ${tp} ${device.id}`;
  const stood = borrowed === '' ? '' : `; stands in: ${borrowed}`;
  printNote(`${where}, ${others} rows of single kernels not predicted${stood}`, globals);
}
