// SPDX-License-Identifier: Apache-2.0
import type { ServingEffects } from './scales.js';

/** Absolute errors of TPOT in percent. */
export interface ServingErrors {
  readonly n: number;
  readonly median: number;
  readonly mean: number;
}

/** Fitted effects with what they were fitted to and how far they carry. */
export interface FittedServing {
  /** Day of the fit, as YYYY-MM-DD. */
  readonly date: string;
  readonly source: string;
  /** On the fitted rows. */
  readonly fit: ServingErrors;
  /** On rows left out in ten folds. */
  readonly rows: ServingErrors;
  /** On whole (model, system, engine) groups left out. */
  readonly groups: ServingErrors;
  /** Fitted rows by `servingCell`: where there are none, effects come from rows of other loads. */
  readonly cells: Readonly<Record<string, number>>;
  readonly effects: ServingEffects;
}
