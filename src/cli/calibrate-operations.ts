// SPDX-License-Identifier: Apache-2.0
import type { CalibratedFamily, MeasuredRow } from '../calibrate/index.js';
import { breathe, type GlobalOptions } from './context.js';
import { startProgress } from './progress.js';

/** Fits and cross-validates all families, with a progress line; stays open to signals. */
export async function calibrateAll(
  rows: readonly MeasuredRow[],
  globals: GlobalOptions,
): Promise<CalibratedFamily[]> {
  const { calibrate, groupFamilies } = await import('../calibrate/index.js');
  const total = groupFamilies(rows).length;
  const progress = startProgress('fitting', globals);
  const families: CalibratedFamily[] = [];
  try {
    for (const family of calibrate(rows)) {
      families.push(family);
      progress.update(families.length, total, family.fitted.op);
      await breathe();
    }
  } finally {
    progress.stop();
  }
  return families;
}
