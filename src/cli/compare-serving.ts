// SPDX-License-Identifier: Apache-2.0
/** Serving rows predicted by formula and by simulator, with a progress line. */
import {
  predictServing, type ServingFit, type ServingPrediction, type ServingReport, servingReport,
} from '../calibrate/index.js';
import type { ServingSimulator } from '../load-test/index.js';
import { breathe, type GlobalOptions } from './context.js';
import { startProgress } from './progress.js';

/** What the two models say; the simulator may be left out. */
export interface Both<T> {
  readonly formula: T;
  readonly simulator?: T;
}

/** Predicts the rows of each fit with its constants; stays open to signals. */
export async function predictBoth(
  fits: Iterable<ServingFit>,
  total: number,
  label: string,
  simulator: ServingSimulator | undefined,
  globals: GlobalOptions,
): Promise<Both<ServingPrediction[]>> {
  const progress = startProgress(label, globals);
  const formula: ServingPrediction[] = [];
  const simulated: ServingPrediction[] = [];
  try {
    for (const { effects, rows } of fits) {
      formula.push(...predictServing(rows, effects));
      for (const row of simulator === undefined ? [] : rows) {
        progress.update(simulated.length, total, row.point.model.id);
        simulated.push(simulator!.predict(row, effects));
        await breathe();
      }
      progress.update(formula.length, total);
      await breathe();
    }
  } finally {
    progress.stop();
  }
  return simulator === undefined ? { formula } : { formula, simulator: simulated };
}

export function reportBoth(
  { formula, simulator }: Both<readonly ServingPrediction[]>,
): Both<ServingReport> {
  const first = { formula: servingReport(formula) };
  return simulator === undefined ? first : { ...first, simulator: servingReport(simulator) };
}
